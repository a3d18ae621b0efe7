"""A small interpreter of classic BPF: what a seccomp filter says, without a call being made."""

import struct


def execute(program: bytes, data: bytes) -> int:
    """What a program says to this struct seccomp_data (linux/filter.h)."""
    code = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    accumulator = at = 0
    while True:
        op, yes, no, value = code[at]
        at += 1
        if op == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif op == 0x35:
            at += yes if accumulator >= value else no
        elif op == 0x15:
            at += yes if accumulator == value else no
        elif op == 0x45:
            at += yes if accumulator & value else no
        elif op == 0x06:
            return int(value)
        else:
            raise AssertionError(f"unknown instruction {op:#x}")
