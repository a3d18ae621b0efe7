"""Asking bpf(2): which programs judge the devices of a control group. Only root is answered."""

import ctypes
import os
import struct
from typing import Final

from nsplay.kernel import syscalls

ATTACH_CGROUP_DEVICE: Final = 6
_PROG_QUERY: Final = 16
_MOST_PROGRAMS: Final = 64  # that one group can have (BPF_CGROUP_MAX_PROGS)

Attributes = ctypes.Array[ctypes.c_char]  # a union bpf_attr; the kernel's answer is in it, too


def attached(group: str) -> tuple[int, ...]:
    """The ids of the device programs tied to this very group of version 2, oldest first. group: its folder. Raises OSError."""
    ids = (ctypes.c_uint32 * _MOST_PROGRAMS)()
    folder = os.open(group, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # target_fd, attach_type, query_flags, attach_flags, prog_ids, prog_cnt
        ask = struct.pack(
            "=IIIIQII", folder, ATTACH_CGROUP_DEVICE, 0, 0, ctypes.addressof(ids), _MOST_PROGRAMS, 0
        )
        answer = ctypes.create_string_buffer(ask, len(ask))
        call(_PROG_QUERY, answer, "query")
        (count,) = struct.unpack_from("=I", answer.raw, 24)
        return tuple(ids[:count])
    finally:
        os.close(folder)


def call(command: int, attributes: "Attributes", what: str) -> int:
    """What bpf(2) returns. what: for whoever reads of its OSError."""
    number = syscalls.numbers().get("bpf", -1)
    size = ctypes.c_size_t(len(attributes))
    return syscalls.check(
        syscalls.syscall(number, ctypes.c_int(command), ctypes.byref(attributes), size), f"bpf {what}"
    )
