"""The few system calls that Python 3.11 has no function for, by libc; each raises OSError with its name."""

import ctypes
import functools
import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from nsplay.kernel import call_numbers

# clone(2), unshare(2), setns(2)
CLONE_NEWTIME: Final = 0x80
CLONE_NEWNS: Final = 0x20000
CLONE_NEWCGROUP: Final = 0x02000000
CLONE_NEWUTS: Final = 0x04000000
CLONE_NEWIPC: Final = 0x08000000
CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWPID: Final = 0x20000000
CLONE_NEWNET: Final = 0x40000000

# mount(2)
MS_RDONLY: Final = 1
MS_NOSUID: Final = 2
MS_NODEV: Final = 4
MS_NOEXEC: Final = 8
MS_REMOUNT: Final = 32
MS_BIND: Final = 4096
MS_MOVE: Final = 8192
MS_REC: Final = 16384
MS_PRIVATE: Final = 1 << 18
MS_SLAVE: Final = 1 << 19
MS_SHARED: Final = 1 << 20

# umount(2)
MNT_DETACH: Final = 2

# mount_setattr(2)
MOUNT_ATTR_RDONLY: Final = 1
AT_RECURSIVE: Final = 0x8000
AT_FDCWD: Final = -100

# prctl(2)
PR_SET_PDEATHSIG: Final = 1
PR_SET_NAME: Final = 15
PR_CAPBSET_DROP: Final = 24
PR_SET_CHILD_SUBREAPER: Final = 36
PR_CAP_AMBIENT: Final = 47
PR_CAP_AMBIENT_RAISE: Final = 2
CAPABILITY_VERSION: Final = 0x20080522  # _LINUX_CAPABILITY_VERSION_3

# inotify(7)
IN_CLOSE_WRITE: Final = 0x8
IN_MOVED_FROM: Final = 0x40
IN_MOVED_TO: Final = 0x80
IN_CREATE: Final = 0x100
IN_DELETE: Final = 0x200

# Numbers for syscall(2). From 424 on they are the same on every architecture (arch/*/entry/syscalls).
SYS_PIDFD_OPEN: Final = 434
SYS_MOUNT_SETATTR: Final = 442
SYS_LANDLOCK_CREATE_RULESET: Final = 444
SYS_LANDLOCK_RESTRICT_SELF: Final = 446

MACHINE: Final = os.uname().machine


@functools.cache
def numbers(machine: str = MACHINE) -> Mapping[str, int]:
    """System call numbers by name on `machine` (uname -m); empty where we have no table."""
    return MappingProxyType(call_numbers.of(machine))


_libc = ctypes.CDLL(None, use_errno=True)
_libc.mount.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p]
_libc.umount2.argtypes = [ctypes.c_char_p, ctypes.c_int]
_libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
_libc.syscall.restype = ctypes.c_long


def check(result: int, what: str) -> int:
    """result, or an OSError of errno that names `what`."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def syscall(number: int, *args: object) -> int:
    """syscall(2), unchecked: -1 leaves the reason in errno (`check` reads it)."""
    return int(_libc.syscall(ctypes.c_long(number), *args))


def unshare(flags: int) -> None:
    """unshare(2)."""
    names = [name for name, value in globals().items() if name.startswith("CLONE_NEW") and value & flags]
    check(_libc.unshare(ctypes.c_int(flags)), f"unshare({' | '.join(names)})")


def setns(fd: int, flags: int = 0) -> None:
    """setns(2): fd is an open /proc/PID/ns/KIND, or a pidfd with flags."""
    check(_libc.setns(ctypes.c_int(fd), ctypes.c_int(flags)), "setns")


def mount(
    source: str | None, target: str, fstype: str | None, flags: int = 0, data: str | None = None
) -> None:
    """mount(2)."""
    source_, fstype_, data_ = (
        os.fsencode(text) if text is not None else None for text in (source, fstype, data)
    )
    result = _libc.mount(source_, os.fsencode(target), fstype_, flags, data_)
    check(result, f"mount {fstype or source or 'flags'} on {target}")


def umount(target: str, flags: int = MNT_DETACH) -> None:
    """umount2(2)."""
    check(_libc.umount2(os.fsencode(target), flags), f"umount {target}")


def mount_setattr(path: str, *, on: int = 0, off: int = 0, recursive: bool = False) -> None:
    """mount_setattr(2), Linux 5.12: MOUNT_ATTR_* bits to set and to clear."""
    attr = (ctypes.c_uint64 * 4)(on, off, 0, 0)
    flags = AT_RECURSIVE if recursive else 0
    result = syscall(
        SYS_MOUNT_SETATTR,
        ctypes.c_int(AT_FDCWD),
        os.fsencode(path),
        ctypes.c_uint(flags),
        ctypes.byref(attr),
        ctypes.c_size_t(ctypes.sizeof(attr)),
    )
    check(result, f"mount_setattr {path}")


def inotify() -> int:
    """inotify_init1(2): a descriptor that is readable after an event, non-blocking and closed by an exec."""
    return check(_libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC), "inotify_init1")


def inotify_watch(fd: int, path: str, mask: int) -> int:
    """inotify_add_watch(2): IN_* events of a folder or file; asking twice for the same one is one watch."""
    result = _libc.inotify_add_watch(fd, os.fsencode(path), ctypes.c_uint32(mask))
    return check(result, f"inotify_add_watch {path}")


def prctl(option: int, value: int) -> None:
    """prctl(2) with one argument."""
    check(_libc.prctl(option, value, 0, 0, 0), f"prctl({option})")


def keep_over_exec(capabilities: int) -> None:
    """These, as a mask, stay with a user other than 0 when it executes a program: ambient, which they can't be without
    being inheritable. Raises OSError. capabilities(7), capget(2).
    """
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable of the lower half; of the upper one
    check(_libc.capget(header, sets), "capget")
    sets[2], sets[5] = capabilities & 0xFFFFFFFF, capabilities >> 32
    check(_libc.capset(header, sets), "capset")
    for bit in range(capabilities.bit_length()):
        if capabilities >> bit & 1:
            check(_libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, bit, 0, 0), "prctl(PR_CAP_AMBIENT)")


def set_name(name: str) -> None:
    """The calling thread's name in /proc/PID/comm; at most 15 bytes (PR_SET_NAME in prctl(2))."""
    buffer = ctypes.create_string_buffer(name.encode()[:15])
    check(_libc.prctl(PR_SET_NAME, ctypes.addressof(buffer), 0, 0, 0), "prctl(PR_SET_NAME)")
