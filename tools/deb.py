"""`python3 tools/deb.py [FOLDER]`: nsplay's Debian package, built in FOLDER (the current one); prints its path.

It takes what every Debian and Ubuntu has, python3 and dpkg-deb, and a second. What nsplay needs are Debian's own
packages: Debian 12, Ubuntu 24.04 and newer have them.
"""

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Mapping
from email.utils import formatdate
from pathlib import Path
from typing import Any, Final

PROJECT: Final = Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True  # the checkout may be a folder of another machine's, and read-only
sys.path.insert(0, str(PROJECT))

from nsplay import __version__  # noqa: E402
from nsplay.completions import SHELLS  # noqa: E402
from nsplay.manual import page  # noqa: E402

MAINTAINER: Final = "The nsplay authors <nsplay@nsplay.invalid>"
PYTHON: Final = "usr/lib/python3/dist-packages"
# Beyond Debian's essential packages: what most lessons type; then what some do. doctor says what a lesson lacks.
TOOLS: Final = ("procps", "iproute2")
MORE: Final = (
    "busybox-static | busybox",
    "libcap2-bin",
    "cgroup-tools",
    "nftables",
    "runc",
    "e2fsprogs",
    "man-db",
)
COMPLETIONS: Final = {
    "bash": "usr/share/bash-completion/completions/nsplay",
    "zsh": "usr/share/zsh/vendor-completions/_nsplay",
    "fish": "usr/share/fish/vendor_completions.d/nsplay.fish",
}
START: Final = """\
#!/usr/bin/python3
import sys

from nsplay.__main__ import main

sys.exit(main())
"""
# Compiled when it is installed, by and for the Python that is there; gone with it (Debian Python Policy).
SCRIPTS: Final = {
    "postinst": '#!/bin/sh\nset -e\nif [ "$1" = configure ]; then py3compile -p nsplay; fi\n',
    "prerm": "#!/bin/sh\nset -e\npy3clean -p nsplay\n",
}


def main(argv: list[str]) -> int:
    """The exit status."""
    if len(argv) > 1 or argv[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0 if len(argv) == 1 else 2
    target = Path(argv[0] if argv else ".") / f"nsplay_{__version__}_all.deb"
    if not shutil.which("dpkg-deb"):
        print(
            "deb: needs dpkg-deb, which comes with Debian and Ubuntu (elsewhere: package dpkg)",
            file=sys.stderr,
        )
        return 3
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "root")  # the folder itself is for its owner alone
        fill(root, int(os.environ.get("SOURCE_DATE_EPOCH") or time.time()))
        done = subprocess.run(
            ["dpkg-deb", "--root-owner-group", "--build", root, target], stdout=subprocess.DEVNULL
        )
    if done.returncode == 0:
        print(target)
    return done.returncode


def fill(root: Path, date: int) -> None:
    """Everything that is in the package, under root. date: of the build, in seconds."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    no_caches = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PROJECT / "nsplay", root / PYTHON / "nsplay", ignore=no_caches)
    shutil.copytree(PROJECT / "lessons", root / PYTHON / "nsplay/lessons", ignore=no_caches)
    _write(root / "usr/bin/nsplay", START)
    for shell, path in COMPLETIONS.items():
        _write(root / path, SHELLS[shell])
    _write(root / "usr/share/man/man1/nsplay.1.gz", page())
    _write(root / "usr/share/doc/nsplay/copyright", _copyright())
    _write(root / "usr/share/doc/nsplay/changelog.gz", _changelog(date))
    for path in root.rglob("*"):  # whatever the checkout's own modes are
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    files = sorted(path for path in root.rglob("*") if path.is_file())
    _write(root / "DEBIAN/control", control(project, sum(path.stat().st_size for path in files) // 1024))
    sums = (f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(root)}\n" for path in files)
    _write(root / "DEBIAN/md5sums", "".join(sums))  # what dpkg --verify goes by
    for name, text in SCRIPTS.items():
        _write(root / "DEBIAN" / name, text)
        (root / "DEBIAN" / name).chmod(0o755)


def control(project: Mapping[str, Any], size: int) -> str:
    """The package's control file (deb-control(5)). project: pyproject.toml's table; size: of all files, in KiB."""
    libraries = [f"python3 ({_relation(project['requires-python'])})"]
    for line in project["dependencies"]:
        name, minimum = re.fullmatch(r"([\w-]+)(>=.*)", line).groups()  # type: ignore[union-attr]
        libraries.append(f"python3-{name.replace('_', '-')} ({_relation(minimum)})")
    short, _, rest = project["description"].partition(": ")
    return f"""\
Package: nsplay
Version: {__version__}
Architecture: all
Maintainer: {MAINTAINER}
Installed-Size: {size}
Section: education
Priority: optional
Depends: {", ".join([*libraries, *TOOLS])}
Recommends: {", ".join(MORE)}
Suggests: bash-completion, tmux
Description: {short.removeprefix("A ")}
 {rest[0].upper()}{rest[1:]}: real commands
 on a real kernel, before and after beside each other, on a stage that leaves
 the machine as it was. Lessons in English and Japanese.
"""


def _relation(minimum: str) -> str:
    """Python's ">=3.11" as Debian writes it."""
    return f">= {minimum.removeprefix('>=')}"


def _copyright() -> str:
    licence = (PROJECT / "LICENSE").read_text()
    holder = re.search(r"^Copyright \(c\) (.*)$", licence, re.MULTILINE)
    words = licence.split("\n\n", 2)[2]
    return (
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
        f"Files: *\nCopyright: {holder[1] if holder else 'the nsplay authors'}\nLicense: Expat\n"
        + "".join(f" {line.strip() or '.'}\n" for line in words.strip().splitlines())
    )


def _changelog(date: int) -> str:
    """One entry: what changed is the project's history."""
    return (
        f"nsplay ({__version__}) unstable; urgency=medium\n\n  * Built from the project's sources.\n\n"
        f" -- {MAINTAINER}  {formatdate(date)}\n"
    )


def _write(path: Path, text: str) -> None:
    """As it is, or packed where the name says so: the same text gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
