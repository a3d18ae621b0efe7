"""What travels into the machine: a tar, which it gets as a raw disk. No file system, no mount, no network.

`nsplay/` is this project, `site/` the libraries that it and its tests need, `job` what is to be done.
"""

import importlib.metadata
import io
import re
import shlex
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

from tests.vm.image import PROJECT

NEEDED: Final = ("nsplay", "pytest", "pytest-xdist", "pytest-rerunfailures", "pyte")
NAME: Final = re.compile(r"[A-Za-z0-9._-]+")


def write(file: IO[bytes], user: str, command: Sequence[str], project: Path = PROJECT) -> None:
    """Writes the disk. The command is run by `user` in the copy of the project, after a real login (PAM, logind).

    user: "" for the system itself, which alone can log in more than once: a login in a login has no session.
    """
    line = f"cd /srv/nsplay && exec {shlex.join(command)}"
    script = f"#!/bin/sh\n{f'exec su -l {user} -c {shlex.quote(line)}' if user else line}\n"
    with tarfile.open(fileobj=file, mode="w") as tar:
        _job(tar, script)
        tar.add(project, "nsplay", filter=_source)
        for path in site():
            tar.add(path, f"site/{path.name}", filter=_library)


def write_job(file: IO[bytes], script: str) -> None:
    """Writes a disk with nothing but what is to be done: a script, with its first line."""
    with tarfile.open(fileobj=file, mode="w") as tar:
        _job(tar, script)


def _job(tar: tarfile.TarFile, script: str) -> None:
    data = script.encode()
    info = tarfile.TarInfo("job")
    info.size, info.mode = len(data), 0o755
    tar.addfile(info, io.BytesIO(data))


def site() -> list[Path]:
    """What the needed libraries have put beside each other in this environment's site-packages."""
    found: set[Path] = set()
    for name in _closure(NEEDED):
        package = importlib.metadata.distribution(name)
        for file in package.files or () if name != "nsplay" else ():
            if file.parts[0] not in ("..", "__pycache__"):  # programs; compiled modules
                found.add(Path(str(package.locate_file(file.parts[0]))))
    return sorted(path for path in found if path.exists())


def _closure(names: Sequence[str]) -> Iterator[str]:
    """These and all that they require, as far as it is installed: other requirements are for other Pythons."""
    seen, todo = set[str](), list(names)
    while todo:
        name = todo.pop().lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            wanted = importlib.metadata.distribution(name).requires or ()
        except importlib.metadata.PackageNotFoundError:
            continue
        yield name
        todo += [found[0] for line in wanted if "extra ==" not in line and (found := NAME.match(line))]


def _source(info: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """No environment, no history, no caches."""
    name = info.name.rpartition("/")[2]
    return None if name.startswith(".") or name == "__pycache__" else _everybodys(info)


def _library(info: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Pure Python only: a compiled part is for another Python, and has to be optional."""
    return None if info.name.endswith(".so") else _everybodys(info)


def _everybodys(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Root's, for everybody to read."""
    info.uid = info.gid = 0
    info.uname = info.gname = "root"
    info.mode = 0o755 if info.isdir() or info.mode & 0o100 else 0o644
    return info
