"""Where a book lies: a folder that is there as a whole or not at all, and in which nothing of anybody else's is lost.

A folder of nsplay's holds `.nsplay-book`: JSON with `nsplay-book` (1) and `files`, name -> CRC-32 of what was written.
A PDF of nsplay's ends with the line MADE, a comment behind its end.
"""

import contextlib
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from nsplay.errors import MachineError, UsageError
from nsplay.lesson.text import printable
from nsplay.repl.actors import here
from nsplay.settings import give_to_sudo_user

MARKER: Final = ".nsplay-book"
FORMAT: Final = 1
ASIDE: Final = ".nsplay-book-"  # how a folder begins in which a book is being written
MADE: Final = b"% made by nsplay export\n"
ELSEWHERE: Final = "nsplay export --to ANOTHER"


def check_folder(path: Path) -> None:
    """UsageError where something lies there that isn't a book of nsplay's as it was made; MachineError where none can lie."""
    there = _check_place(path)
    if there and Path(here()).is_relative_to(path):
        raise UsageError("this is the book's own folder", "it would be replaced as a whole", "cd ..")
    if not there:
        return
    name = printable(str(path))
    if not path.is_dir():
        raise UsageError(f"{name} is there, and it is no folder", "nothing is overwritten", ELSEWHERE)
    try:
        files = {str(one.relative_to(path)) for one in path.rglob("*") if not one.is_dir()}
        if not files and not any(path.iterdir()):
            return
        made = _made(path)
        if made is None:
            raise UsageError(f"{name} is there, and no book of nsplay's", "nothing is overwritten", ELSEWHERE)
        foreign = sorted(files - made.keys() - {MARKER})
        changed = sorted(one for one in files & made.keys() if _sum(path / one) != made[one])
    except OSError as error:
        raise MachineError(f"{name} can't be read", error.strerror or "") from None
    if foreign or changed:
        what = "isn't the book's" if foreign else "was changed since the book was made"
        raise UsageError(
            f"{printable((foreign or changed)[0])} in {name} {what}", "a new book would replace it", ELSEWHERE
        )


def check_file(path: Path) -> None:
    """The same for a PDF."""
    there = _check_place(path)
    name = printable(str(path))
    if path.is_dir():
        raise UsageError(
            f"{name} is a folder", "a PDF is one file", f"nsplay export --pdf --to {name}/book.pdf"
        )
    if not there:
        return
    try:
        ours = path.is_file() and path.read_bytes().endswith(MADE)
    except OSError as error:
        raise MachineError(f"{name} can't be read", error.strerror or "") from None
    if not ours:
        raise UsageError(f"{name} is there, and no book of nsplay's", "nothing is overwritten", ELSEWHERE)


def _check_place(path: Path) -> bool:
    """Is anything there? Asked, like all of this, before anything is played, which takes minutes."""
    parent = path.parent
    name = printable(str(parent))
    if not parent.is_dir():
        raise UsageError(f"there is no folder {name}", "the book would lie in it", f"mkdir -p {name}")
    try:
        os.rmdir(tempfile.mkdtemp(prefix=ASIDE, dir=parent))  # access(2): root may write anywhere
    except OSError as error:
        raise MachineError(f"nothing can be written into {name}", error.strerror or "", ELSEWHERE) from None
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except OSError as error:  # a name that is too long
        says = f"the book can't be called {printable(path.name)[:40]}"
        raise UsageError(says, error.strerror or "", ELSEWHERE) from None
    return True


def _made(folder: Path) -> dict[str, str] | None:
    """What nsplay wrote into it; None for a folder of somebody else's."""
    if not (folder / MARKER).is_file():  # a fifo would hold us up
        return None
    try:
        told = json.loads((folder / MARKER).read_bytes())
        files = told["files"] if told["nsplay-book"] == FORMAT else None
    except (ValueError, RecursionError, TypeError, KeyError):
        return None
    return {str(name): str(crc) for name, crc in files.items()} if isinstance(files, dict) else None


def _sum(file: Path) -> str:
    """Of what is in it; "" for what is no file."""
    return _crc(file.read_bytes()) if file.is_file() else ""


def _crc(data: bytes) -> str:
    return f"{zlib.crc32(data):08x}"


def put_folder(path: Path, files: Mapping[str, str]) -> None:
    """Writes the book: name of a file -> its text. MachineError when it can't be written; then nothing has changed."""
    data = {name: text.encode(errors="replace") for name, text in files.items()}
    marker = {"nsplay-book": FORMAT, "files": {name: _crc(one) for name, one in data.items()}}
    data[MARKER] = json.dumps(marker, indent=1).encode() + b"\n"

    def write(aside: Path) -> None:
        new, old = aside / "new", aside / "old"
        new.mkdir(0o755)
        for name, one in data.items():
            (new / name).write_bytes(one)
            give_to_sudo_user(str(new / name))
        give_to_sudo_user(str(new))
        if path.exists():
            path.rename(old)
        try:
            new.rename(path)
        except BaseException:
            if old.exists():
                old.rename(path)
            raise

    _beside(path, write)


def put_file(path: Path, data: bytes) -> None:
    """Writes the PDF, all of it or nothing. MachineError when it can't be written."""

    def write(aside: Path) -> None:
        new = aside / "new"
        new.write_bytes(data + MADE)
        give_to_sudo_user(str(new))
        new.rename(path)

    _beside(path, write)


def _beside(path: Path, write: Callable[[Path], None]) -> None:
    """Writes in a folder of its own on the same disk, which goes in any case."""
    try:
        aside = Path(tempfile.mkdtemp(prefix=ASIDE, dir=path.parent))
        try:
            write(aside)
        finally:
            with contextlib.suppress(OSError):
                shutil.rmtree(aside)
    except OSError as error:
        says = f"the book can't be written to {printable(str(path))}"
        raise MachineError(says, error.strerror or "", ELSEWHERE) from None
