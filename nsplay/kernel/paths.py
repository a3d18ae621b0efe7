"""What is at a path as a process sees it: below its root, through its mounts. openat2(2), capabilities(7) "File capabilities"."""

import ctypes
import os
import stat
import struct
from typing import Final, NamedTuple

from nsplay.kernel import identity, syscalls
from nsplay.kernel.files import text

SYS_OPENAT2: Final = 437  # the same number on every architecture; Linux 5.6
RESOLVE_IN_ROOT: Final = 0x10
BEGIN: Final = 256  # bytes of a file that are read
_XATTR: Final = "security.capability"
_KINDS: Final = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "folder",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
}


class File(NamedTuple):
    """What stat(2) says of it, links followed."""

    kind: str  # "file", "folder", "device", "pipe", "socket"
    uid: int  # as the reader's user namespace has it
    gid: int
    mode: int
    device: str  # "major:minor" of its file system
    inode: int
    size: int  # bytes
    capabilities: frozenset[str]  # that a program gets by it: its permitted set
    text: str = ""  # how a plain file begins
    number: str = ""  # of a device file: "c 1:5"
    entries: int | None = None  # how many names a folder has; None: it is none, or not for us to read


def read(pid: int, path: str, proc: str = "/proc") -> File | None:
    """None: nothing is there. Raises ProcessLookupError if pid is gone, PermissionError if it isn't ours."""
    try:
        root = os.open(f"{proc}/{pid}/root", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise ProcessLookupError(f"process {pid} is gone") from None
    try:
        # An absolute link in there leads to a place below that root, not below ours.
        how = (ctypes.c_uint64 * 3)(os.O_PATH | os.O_CLOEXEC, 0, RESOLVE_IN_ROOT)
        size = ctypes.c_size_t(ctypes.sizeof(how))
        number = syscalls.syscall(SYS_OPENAT2, ctypes.c_int(root), os.fsencode(path), ctypes.byref(how), size)
        fd = syscalls.check(number, path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    finally:
        os.close(root)
    try:
        found = os.fstat(fd)
        return File(
            _KINDS.get(stat.S_IFMT(found.st_mode), ""),
            found.st_uid,
            found.st_gid,
            stat.S_IMODE(found.st_mode),
            f"{os.major(found.st_dev)}:{os.minor(found.st_dev)}",
            found.st_ino,
            found.st_size,
            _capabilities(fd),
            _begins(fd) if stat.S_ISREG(found.st_mode) else "",
            _number(found),
            _entries(fd) if stat.S_ISDIR(found.st_mode) else None,
        )
    finally:
        os.close(fd)


def _number(found: os.stat_result) -> str:
    letter = {stat.S_IFCHR: "c", stat.S_IFBLK: "b"}.get(stat.S_IFMT(found.st_mode))
    return f"{letter} {os.major(found.st_rdev)}:{os.minor(found.st_rdev)}" if letter else ""


def _begins(fd: int) -> str:
    try:
        with open(f"/proc/self/fd/{fd}", "rb", buffering=0) as file:
            return text(file.read(BEGIN).strip())
    except OSError:  # not for us to read
        return ""


def _entries(fd: int) -> int | None:
    try:
        with os.scandir(f"/proc/self/fd/{fd}") as names:
            return sum(1 for _ in names)
    except OSError:  # not for us to read
        return None


def _capabilities(fd: int) -> frozenset[str]:
    try:
        return capabilities(os.getxattr(f"/proc/self/fd/{fd}", _XATTR))
    except OSError:  # ENODATA: none; ENOTSUP: a file system without any
        return frozenset()


def capabilities(raw: bytes) -> frozenset[str]:
    """The permitted set of a struct vfs_cap_data (linux/capability.h), versions 2 and 3; nothing of another one."""
    if len(raw) < 20:
        return frozenset()
    _, low, _, high, _ = struct.unpack_from("<5I", raw)
    return identity.words(high << 32 | low)
