"""A file to write to, which is nobody else's."""

import fcntl
import os

PIECE = 1 << 16  # bytes written at once


def make(path: str, keep: bool) -> int:
    """A new file, open for writing; without `keep` it loses its name at once, so that nothing of it is left whatever ends
    us. Raises OSError that names it; EEXIST: nothing is overwritten.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    if not keep:
        os.unlink(path)
    return fd


def go_direct(fd: int, path: str) -> None:
    """Past the page cache from now on (O_DIRECT in open(2)). Raises OSError; EINVAL: not on this file system."""
    try:
        fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_DIRECT)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None
