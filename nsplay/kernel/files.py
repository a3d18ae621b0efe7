"""Reading /proc: whole files, a dead process told from a forbidden one, bytes made fit to be shown."""

import os
from collections.abc import Iterator
from typing import Final

_CHUNK: Final = 1 << 16
_PAGE: Final = 4096  # bytes at least (getpagesize(2))
_ROW: Final = 512  # bytes: longer than any row of /proc/net/tcp6
_CONTROLS: Final = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}


def content(path: str) -> bytes:
    """The whole of a small kernel file.

    ProcessLookupError when it is not there or its process ended meanwhile (the kernel says ENOENT or ESRCH
    for that), PermissionError when it may not be read, OSError otherwise.
    """
    return b"".join(_pieces(path))


def table(path: str) -> bytes:
    """The same of a table whose end is dear to find: /proc/net/tcp is a walk through all the machine's connections, and to
    ask what follows the last row is another one. The kernel fills a page as long as rows fit in (seq_read): what has room
    for one more is the end.
    """
    pieces = []
    for piece in _pieces(path):
        pieces.append(piece)
        if len(piece) < _PAGE - _ROW:
            break
    return b"".join(pieces)


def _pieces(path: str) -> Iterator[bytes]:
    try:
        fd = os.open(path, os.O_RDONLY)
    except FileNotFoundError as error:
        raise ProcessLookupError(error.errno, error.strerror, path) from None
    try:
        while piece := os.read(fd, _CHUNK):
            yield piece
    finally:
        os.close(fd)


def text(raw: bytes) -> str:
    r"""What the kernel wrote, fit to be printed: bytes that are no UTF-8, and controls, become `\xNN`."""
    decoded = raw.decode("utf-8", "backslashreplace")
    return decoded if decoded.isprintable() else decoded.translate(_CONTROLS)


def fields(raw: bytes) -> dict[str, str]:
    """The `Name:<tab>value` lines of a file such as /proc/PID/status; a line cut short is left out."""
    found = {}
    for line in raw.split(b"\n"):
        name, colon, value = line.partition(b":")
        if colon:
            found[text(name)] = text(value.strip().replace(b"\t", b" "))
    return found
