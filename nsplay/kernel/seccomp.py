"""A seccomp filter: classic BPF, one function an instruction, and loading it. seccomp(2), linux/filter.h, linux/audit.h.

The kernel runs it at every system call, and gives it struct seccomp_data: the call's number, the architecture, the
instruction pointer, and six arguments as they stand in the registers.
"""

import ctypes
import errno
import os
import struct
from typing import Final

from nsplay.kernel import syscalls

SET_MODE_FILTER: Final = 1
FLAG_NEW_LISTENER: Final = 8
FLAG_WAIT_KILLABLE_RECV: Final = 32  # Linux 5.19
KILL: Final = 0x80000000  # the whole process, Linux 4.14
NOTIFY: Final = 0x7FC00000
ALLOW: Final = 0x7FFF0000
ARCHITECTURES: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
NR, ARCH, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
X32: Final = 0x40000000  # from this number on, calls of x86_64's other set of numbers

Filter = list[bytes]


def _instruction(op: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", op, yes, no, value)


def load(offset: int) -> bytes:
    """The low 32 bits at this offset of struct seccomp_data (both architectures are little-endian)."""
    return _instruction(0x20, offset)


def skip_unless(value: int, count: int) -> bytes:
    """Jumps over `count` instructions unless what was loaded equals value."""
    return _instruction(0x15, value, no=count)


def skip_if(value: int, count: int) -> bytes:
    """Jumps over `count` instructions if what was loaded equals value."""
    return _instruction(0x15, value, yes=count)


def skip_if_below(value: int, count: int) -> bytes:
    """Jumps over `count` instructions if what was loaded is less than value, both without a sign."""
    return _instruction(0x35, value, no=count)


def skip_unless_any(bits: int, count: int) -> bytes:
    """Jumps over `count` instructions unless one of the bits is set."""
    return _instruction(0x45, bits, no=count)


def skip_if_any(bits: int, count: int) -> bytes:
    """Jumps over `count` instructions if one of the bits is set."""
    return _instruction(0x45, bits, yes=count)


def stop(verdict: int) -> bytes:
    """Ends the filter."""
    return _instruction(0x06, verdict)


def error(number: int) -> int:
    """The verdict: the call isn't made, and fails with this errno."""
    return 0x00050000 | number


def numbers() -> dict[str, int]:
    """This machine's system calls by name. Raises OSError (ENOSYS) where we have no table."""
    if not (found := syscalls.numbers()):
        raise OSError(errno.ENOSYS, f"no table of system calls for {syscalls.MACHINE}")
    return dict(found)


def prologue() -> Filter:
    """Programs of another architecture (32 bit), and x86_64's x32, have other numbers: they are told that there are no
    system calls.
    """
    foreign = stop(error(errno.ENOSYS))
    code = [load(ARCH), skip_if(ARCHITECTURES[syscalls.MACHINE], 1), foreign, load(NR)]
    return [*code, skip_if_below(X32, 1), foreign] if syscalls.MACHINE == "x86_64" else code


def install(code: Filter, flags: int = 0) -> int:
    """Under the filter from here on, with all that it forks. It takes CAP_SYS_ADMIN in the own user namespace, or
    no_new_privs. With NEW_LISTENER: the listener's descriptor. Raises OSError.
    """
    program = ctypes.create_string_buffer(b"".join(code))
    head = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code), ctypes.addressof(program)), 16)
    result = syscalls.syscall(
        numbers()["seccomp"], ctypes.c_uint(SET_MODE_FILTER), ctypes.c_uint(flags), ctypes.byref(head)
    )
    return syscalls.check(result, "seccomp")


def os_name(number: int) -> str:
    """EPERM (Operation not permitted)."""
    return f"{errno.errorcode.get(number, number)} ({os.strerror(number)})"
