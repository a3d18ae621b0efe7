"""The seccomp filters, run by a small interpreter: every architecture's numbers, and calls that no test may
make.
"""

import errno
import struct
from collections.abc import Callable

import pytest

from nsplay.kernel import syscalls
from nsplay.stage import guard

EPERM = 0x00050000 | errno.EPERM
ENOSYS = 0x00050000 | errno.ENOSYS
REMOUNT, BIND, RDONLY = syscalls.MS_REMOUNT, syscalls.MS_BIND, syscalls.MS_RDONLY

Ask = Callable[..., int]


def execute(program: bytes, data: bytes) -> int:
    """What a classic BPF program says to this struct seccomp_data (linux/filter.h)."""
    code = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    accumulator = at = 0
    while True:
        op, yes, no, value = code[at]
        at += 1
        if op == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif op == 0x15:
            at += yes if accumulator == value else no
        elif op == 0x45:
            at += yes if accumulator & value else no
        elif op == 0x06:
            return int(value)
        else:
            raise AssertionError(f"unknown instruction {op:#x}")


@pytest.fixture(params=["x86_64", "aarch64"])
def ask(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """ask("mount", 0, 0, 0, flags): the verdict of the filter of refused calls."""
    machine = request.param
    numbers = syscalls.numbers(machine)
    caught: list[bytes] = []

    def install(code: list[bytes], flags: int) -> int:
        caught.append(b"".join(code))
        return 0

    monkeypatch.setattr(syscalls, "MACHINE", machine)
    monkeypatch.setattr(syscalls, "numbers", lambda: numbers)
    monkeypatch.setattr(guard, "_install", install)
    guard.refuse_calls()

    def verdict(name: str, *arguments: int, arch: int = guard.ARCHITECTURES[machine]) -> int:
        padded = [*arguments, *[0] * (6 - len(arguments))]
        return execute(caught[0], struct.pack("<iIQ6Q", numbers.get(name, 0), arch, 0, *padded))

    return verdict


def test_refused_calls(ask: Ask) -> None:
    names = ["reboot", "kexec_load", "init_module", "finit_module", "delete_module", "swapon", "swapoff"]
    for name in [*names, "settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "acct", "quotactl"]:
        assert ask(name) == EPERM, name
    assert ask("mount_setattr") == ENOSYS
    assert ask("fspick") == ENOSYS


def test_ordinary_calls(ask: Ask) -> None:
    for name in ("kill", "capset", "bpf", "seccomp", "pidfd_open"):
        assert ask(name) == guard.ALLOW, name


def test_a_foreign_architecture_has_no_calls(ask: Ask) -> None:
    assert ask("kill", arch=0x40000003) == ENOSYS  # i386


def test_the_log_can_be_read_but_not_cleared(ask: Ask) -> None:
    assert [action for action in range(11) if ask("syslog", action) == EPERM] == [4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("flags", "allowed"),
    [
        (0, True),
        (BIND, True),
        (RDONLY, True),
        (REMOUNT, False),
        (REMOUNT | RDONLY, False),
        (REMOUNT | BIND, False),
        (REMOUNT | BIND | RDONLY, True),
        (syscalls.MS_PRIVATE | syscalls.MS_REC, True),
    ],
)
def test_remounts(ask: Ask, flags: int, allowed: bool) -> None:
    assert ask("mount", 0, 0, 0, flags) == (guard.ALLOW if allowed else EPERM)


def test_numbers_are_the_kernels() -> None:
    """Known by heart from asm/unistd_64.h and asm-generic/unistd.h."""
    x86, arm = syscalls.numbers("x86_64"), syscalls.numbers("aarch64")
    assert (x86["mount"], arm["mount"]) == (165, 40)
    assert (x86["kill"], arm["kill"]) == (62, 129)
    assert "iopl" not in arm
    assert len(set(x86.values())) == len(x86)
    assert len(set(arm.values())) == len(arm)
    assert syscalls.numbers("riscv64") == {}
