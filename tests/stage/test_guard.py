"""The seccomp filters, run by a small interpreter: every architecture's numbers, and calls that no test may
make.
"""

import errno
import struct
from collections.abc import Callable

import pytest

from nsplay.kernel import seccomp, syscalls
from nsplay.stage import guard
from tests.filters import execute

EPERM = 0x00050000 | errno.EPERM
ENOSYS = 0x00050000 | errno.ENOSYS
REMOUNT, BIND, RDONLY = syscalls.MS_REMOUNT, syscalls.MS_BIND, syscalls.MS_RDONLY

Ask = Callable[..., int]


@pytest.fixture(params=["x86_64", "aarch64"])
def ask(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """ask("mount", 0, 0, 0, flags): the verdict of the filter of refused calls."""
    machine = request.param
    numbers = syscalls.numbers(machine)
    caught: list[bytes] = []

    def install(code: list[bytes], flags: int = 0) -> int:
        caught.append(b"".join(code))
        return 0

    monkeypatch.setattr(syscalls, "MACHINE", machine)
    monkeypatch.setattr(syscalls, "numbers", lambda: numbers)
    monkeypatch.setattr(seccomp, "install", install)
    guard.refuse_calls()

    def verdict(name: str, *arguments: int, arch: int = seccomp.ARCHITECTURES[machine]) -> int:
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
        assert ask(name) == seccomp.ALLOW, name


def test_a_foreign_architecture_has_no_calls(ask: Ask) -> None:
    assert ask("kill", arch=0x40000003) == ENOSYS  # i386


def test_x32_has_no_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same architecture to a filter, and other numbers for what it refuses."""
    monkeypatch.setattr(syscalls, "MACHINE", "x86_64")
    program = b"".join([*seccomp.prologue(), seccomp.stop(seccomp.ALLOW)])
    native = seccomp.ARCHITECTURES["x86_64"]
    asked = [struct.pack("<IIQ6Q", number, native, 0, *[0] * 6) for number in (62, seccomp.X32 | 62)]
    assert [execute(program, each) for each in asked] == [seccomp.ALLOW, ENOSYS]


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
    assert ask("mount", 0, 0, 0, flags) == (seccomp.ALLOW if allowed else EPERM)


def test_numbers_are_the_kernels() -> None:
    """Known by heart from asm/unistd_64.h and asm-generic/unistd.h."""
    x86, arm = syscalls.numbers("x86_64"), syscalls.numbers("aarch64")
    assert (x86["mount"], arm["mount"]) == (165, 40)
    assert (x86["kill"], arm["kill"]) == (62, 129)
    assert "iopl" not in arm
    assert len(set(x86.values())) == len(x86)
    assert len(set(arm.values())) == len(arm)
    assert syscalls.numbers("riscv64") == {}
