"""Two small BPF programs on the stage's version 2 group (bpf(2), Linux 4.15 and 5.2): which devices may be
opened, and which sysctls may be written, whatever /proc or /dev they are reached through.

Written in a tiny assembler: a program is a list of instructions, each made by a named function.
"""

import ctypes
import os
import struct
from typing import Final

from nsplay.kernel import bpf
from nsplay.kernel.bpf import ATTACH_CGROUP_DEVICE

PROG_LOAD: Final = 5
PROG_ATTACH: Final = 8
PROG_DETACH: Final = 9
PROG_GET_FD_BY_ID: Final = 13
PROG_TYPE_CGROUP_DEVICE: Final = 15
PROG_TYPE_CGROUP_SYSCTL: Final = 23
ATTACH_CGROUP_SYSCTL: Final = 18
ALLOW_MULTI: Final = 2
GET_SYSCTL_NAME: Final = 101  # the helper bpf_sysctl_get_name (bpf-helpers(7))

BLOCK: Final = 1
READ_OR_WRITE: Final = 6
# Character devices that reach the machine itself: mem, kmem, port; watchdog; nvram; device mapper; loop-control.
FORBIDDEN: Final = ((1, 1), (1, 2), (1, 4), (10, 130), (10, 144), (10, 236), (10, 237))

# What belongs to one network, UTS or IPC namespace, and so to the stage.
OWN_SYSCTLS: Final = (
    "net/",
    "kernel/hostname",
    "kernel/domainname",
    "kernel/shm",
    "kernel/sem",
    "kernel/msg",
    "fs/mqueue/",
)

R0, R1, R2, R3, R4, R6, STACK = 0, 1, 2, 3, 4, 6, 10
REFUSE, ALLOW = 0, 1

Code = list[bytes]


def _instruction(op: int, to: int = 0, source: int = 0, offset: int = 0, value: int = 0) -> bytes:
    return struct.pack("=BBhi", op, source << 4 | to, offset, value)


def load_word(to: int, base: int, offset: int) -> bytes:
    """to = the 32 bits at base + offset."""
    return _instruction(0x61, to, base, offset)


def load_byte(to: int, base: int, offset: int) -> bytes:
    """to = the byte at base + offset."""
    return _instruction(0x71, to, base, offset)


def store_zero(base: int, offset: int) -> bytes:
    """The 64 bits at base + offset = 0."""
    return _instruction(0x7A, base, 0, offset)


def move(to: int, value: int) -> bytes:
    """to = value."""
    return _instruction(0xB7, to, value=value)


def copy(to: int, source: int) -> bytes:
    """to = source."""
    return _instruction(0xBF, to, source)


def add(to: int, value: int) -> bytes:
    """to += value."""
    return _instruction(0x07, to, value=value)


def mask(to: int, value: int) -> bytes:
    """to &= value."""
    return _instruction(0x57, to, value=value)


def shift_right(to: int, bits: int) -> bytes:
    """to >>= bits."""
    return _instruction(0x77, to, value=bits)


def skip_unless(register: int, value: int, count: int) -> bytes:
    """Jumps over the next `count` instructions when register != value."""
    return _instruction(0x55, register, offset=count, value=value)


def skip_if(register: int, value: int, count: int) -> bytes:
    """Jumps over the next `count` instructions when register == value."""
    return _instruction(0x15, register, offset=count, value=value)


def call(helper: int) -> bytes:
    """R0 = helper(R1, R2, R3, R4)."""
    return _instruction(0x85, value=helper)


def answer(verdict: int) -> Code:
    """Ends the program."""
    return [move(R0, verdict), _instruction(0x95)]


def devices() -> Code:
    """struct bpf_cgroup_dev_ctx: access << 16 | type, major, minor. mknod alone is harmless: opening is
    what counts.
    """
    code = [load_word(R2, R1, 0), load_word(R3, R1, 4), load_word(R4, R1, 8)]
    code += [
        copy(R0, R2),
        shift_right(R0, 16),
        mask(R0, READ_OR_WRITE),
        skip_unless(R0, 0, 2),
        *answer(ALLOW),
    ]
    code += [mask(R2, 0xFFFF), skip_unless(R2, BLOCK, 2), *answer(REFUSE)]
    for major, minor in FORBIDDEN:
        code += [skip_unless(R3, major, 3), skip_unless(R4, minor, 2), *answer(REFUSE)]
    return code + answer(ALLOW)


def sysctls(names: tuple[str, ...] = OWN_SYSCTLS) -> Code:
    """struct bpf_sysctl begins with `write`. A write is allowed to names that begin with one of `names`."""
    length = 32
    code = [load_word(R2, R1, 0), skip_unless(R2, 0, 2), *answer(ALLOW)]
    code += [store_zero(STACK, -offset) for offset in range(8, length + 1, 8)]
    code += [copy(R2, STACK), add(R2, -length), move(R3, length), move(R4, 0), call(GET_SYSCTL_NAME)]
    for name in names:
        test: Code = answer(ALLOW)
        for place, letter in reversed(list(enumerate(name.encode()))):
            test = [load_byte(R6, STACK, place - length), skip_unless(R6, letter, len(test)), *test]
        code += test
    return code + answer(REFUSE)


def attach(group: str, program_type: int, attach_type: int, code: Code) -> None:
    """Loads a program and ties it to a version 2 group, with which it goes. Raises OSError."""
    program = _load(program_type, attach_type, code)
    folder = os.open(group, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _bpf(PROG_ATTACH, struct.pack("=IIII", folder, program, attach_type, ALLOW_MULTI), "attach")
    finally:
        os.close(folder)
        os.close(program)


def detach(group: str, ident: int) -> None:
    """Unties the device program with this id from the group. Raises OSError."""
    folder = os.open(group, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        program = _bpf(PROG_GET_FD_BY_ID, struct.pack("=III", ident, 0, 0), "get")
        try:
            _bpf(PROG_DETACH, struct.pack("=III", folder, program, ATTACH_CGROUP_DEVICE), "detach")
        finally:
            os.close(program)
    finally:
        os.close(folder)


def _load(program_type: int, attach_type: int, code: Code) -> int:
    instructions = ctypes.create_string_buffer(b"".join(code))
    licence = ctypes.create_string_buffer(b"MIT")
    # union bpf_attr of BPF_PROG_LOAD, up to expected_attach_type; no log, flags 0
    head = struct.pack(
        "=IIQQ", program_type, len(code), ctypes.addressof(instructions), ctypes.addressof(licence)
    )
    rest = struct.pack("=IIQII16sII", 0, 0, 0, 0, 0, b"nsplay", 0, attach_type)
    return _bpf(PROG_LOAD, head + rest, "load")


def _bpf(command: int, attributes: bytes, what: str) -> int:
    return bpf.call(command, ctypes.create_string_buffer(attributes, len(attributes)), what)


def guard_devices(group: str) -> None:
    """Block devices and memory can't be opened in this group and below. Raises OSError."""
    attach(group, PROG_TYPE_CGROUP_DEVICE, ATTACH_CGROUP_DEVICE, devices())


def guard_sysctls(group: str) -> None:
    """Only the stage's own sysctls can be written in this group and below. Raises OSError."""
    attach(group, PROG_TYPE_CGROUP_SYSCTL, ATTACH_CGROUP_SYSCTL, sysctls())
