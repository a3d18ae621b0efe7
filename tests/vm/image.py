"""The machine's disk, kernel and initrd: made from Debian's packages once, then kept until the recipe changes."""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

PROJECT: Final = Path(__file__).parents[2]
RECIPE: Final = Path(__file__).parent / "recipe"
CACHE: Final = PROJECT / ".vm"
SUITES: Final = ("bookworm", "trixie")
LESSONS, CLOUD = "lessons", "cloud"  # machines: folders of RECIPE
SUITE: Final = re.compile(r"[a-z]+(-[a-z]+)?")
TOOLS: Final = {  # program: Debian's package
    "qemu-system-x86_64": "qemu-system-x86",
    "mmdebstrap": "mmdebstrap",
    "mke2fs": "e2fsprogs",
    "setpriv": "util-linux",
}


class Image(NamedTuple):
    """suite: Debian's. machine: a folder of RECIPE. kernel: the suite whose kernel it has; "": its own."""

    suite: str = SUITES[0]
    machine: str = LESSONS
    kernel: str = ""

    @property
    def name(self) -> str:
        """Of its folder: "bookworm", "bookworm-cloud", "bookworm-on-bullseye"."""
        words = [self.suite, *([self.machine] if self.machine != LESSONS else [])]
        return "-".join([*words, *(["on", self.kernel] if self.kernel else [])])


class VmError(Exception):
    """The machine can't be made or doesn't run; the message is for the reader."""


def lacking() -> list[str]:
    """Packages that it takes to make and run the machine, and that aren't here."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return [package for tool, package in TOOLS.items() if not shutil.which(tool, path=path)]


def ready(image: Image) -> Path:
    """The folder with vmlinuz, initrd and root.ext4; made first where it has to be (about a minute). Raises VmError."""
    if packages := lacking():
        raise VmError(
            f"the machine needs {', '.join(packages)}\nTry: apt-get install --no-install-recommends {' '.join(packages)}"
        )
    folder, wanted = CACHE / image.name, recipe(image)
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        stamp = folder / "stamp"
        if not stamp.exists() or stamp.read_text() != wanted:
            stamp.unlink(missing_ok=True)
            _build(image, folder)
            stamp.write_text(wanted)
    return folder


def recipe(image: Image) -> str:
    """Changes whenever the image has to be made anew."""
    folders = RECIPE, RECIPE / image.machine
    files = [path for folder in folders for path in sorted(folder.iterdir()) if path.is_file()]
    parts = [
        image.name.encode(),
        *(part for path in files for part in (path.name.encode(), path.read_bytes())),
    ]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _build(image: Image, folder: Path) -> None:
    """Runs the recipe; says that it is alive. Its children end with it."""
    began = time.monotonic()
    print(f"vm: making {image.name} in {folder} ", end="", file=sys.stderr, flush=True)
    with open(folder / "build.log", "w+b") as log:
        command = [str(RECIPE / "build"), image.suite, image.machine, str(folder), image.kernel]
        build = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    build.wait(5)
                    break
                print(".", end="", file=sys.stderr, flush=True)
        finally:
            if build.poll() is None:
                os.killpg(build.pid, signal.SIGTERM)
                build.wait()
            print(f" {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        if build.returncode:
            log.seek(0)
            said = log.read().decode(errors="replace")[-3000:]
            raise VmError(f"{image.name} could not be made:\n{said}")


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One builds, the others wait for it (flock(2))."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
