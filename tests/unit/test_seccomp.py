"""`nsplay seccomp`: what it writes, judged by a small interpreter, and what the kernel does with it."""

import errno
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nsplay import seccomp as command
from nsplay.errors import UsageError
from nsplay.kernel import call_numbers, seccomp, syscalls
from tests.filters import execute


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    name: str = request.param
    numbers = syscalls.numbers
    monkeypatch.setattr(syscalls, "MACHINE", name)
    monkeypatch.setattr(syscalls, "numbers", lambda machine=name: numbers(machine))
    return name


def asked(words: list[str], machine: str) -> Callable[[str], int]:
    code = b"".join(row for row, _ in command.program(command.parsed(words)))

    def answer(name: str) -> int:
        call = call_numbers.of(machine)[name]
        return execute(code, struct.pack("<iIQ6Q", call, seccomp.ARCHITECTURES[machine], 0, *[0] * 6))

    return answer


def test_only_the_named_calls_are_refused(machine: str) -> None:
    answer = asked(["deny", "unshare,mount,clone3", "--", "sh"], machine)
    refused = [name for name in call_numbers.of(machine) if answer(name) != seccomp.ALLOW]
    assert sorted(refused) == ["clone3", "mount", "unshare"]
    assert {answer(name) for name in refused} == {seccomp.error(errno.EPERM)}


def test_answers(machine: str) -> None:
    assert asked(["deny", "mount", "--kill", "--", "sh"], machine)("mount") == seccomp.KILL
    unknown = asked(["deny", "mount", "--errno", "ENOSYS", "sh"], machine)
    assert unknown("mount") == seccomp.error(errno.ENOSYS)


def test_as_many_calls_as_there_can_be(machine: str) -> None:
    """A jump is a byte."""
    names = list(call_numbers.of(machine))[: command.MOST]
    answer = asked(["deny", ",".join(names), "--", "sh"], machine)
    assert {answer(name) for name in names} == {seccomp.error(errno.EPERM)}
    with pytest.raises(UsageError):
        command.parsed(["deny", ",".join(list(call_numbers.of(machine))[: command.MOST + 1]), "--", "sh"])


def test_a_line_says_where_it_jumps_to(machine: str) -> None:
    words = [what for _, what in command.program(command.parsed(["deny", "unshare,mount", "--", "sh"]))]
    jumps = [line for line in words if line.startswith("if a ==")][1:]
    assert [words[int(line.split()[5])] for line in jumps] == ["return ERRNO EPERM"] * 2
    assert words[int(words[1].split()[5])] == "a = the call's number"


def test_a_call_of_another_architecture_is_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = syscalls.numbers
    monkeypatch.setattr(syscalls, "MACHINE", "aarch64")
    monkeypatch.setattr(syscalls, "numbers", lambda machine="aarch64": numbers(machine))
    wish = command.parsed(["deny", "open,openat", "--", "sh"])
    command.show(wish, command.program(wish))
    told = capsys.readouterr().err
    assert "aarch64 has no open" in told
    assert "# openat" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "wants deny"),
        (["allow", "mount", "sh"], "wants deny"),
        (["deny"], "wants deny"),
        (["deny", "mount"], "there is none"),
        (["deny", "mount", "--"], "there is none"),
        (["deny", "", "--", "sh"], "1 to"),
        (["deny", "umount", "--", "sh"], "called umount"),
        (["deny", "mount", "--errno", "BAD", "sh"], "called BAD"),
        (["deny", "mount", "--errno"], "knows no --errno"),
        (["deny", "mount", "--what", "sh"], "knows no --what"),
    ],
)
def test_wrong_words(words: list[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        command.parsed(words)
    assert said in str(caught.value)


def test_numbers_are_one_each() -> None:
    for machine in seccomp.ARCHITECTURES:
        numbers = call_numbers.of(machine)
        assert len(set(numbers.values())) == len(numbers)
        assert (numbers["file_setattr"], numbers["seccomp"]) == (469, 317 if machine == "x86_64" else 277)


# ---- the real kernel; no_new_privs, so that everybody may


@pytest.fixture(autouse=True)
def _known() -> None:
    if not syscalls.numbers(os.uname().machine):
        pytest.skip("no table of system calls for this machine")


def under(*words: str) -> "subprocess.CompletedProcess[str]":
    line = ["setpriv", "--no-new-privs", sys.executable, "-m", "nsplay", "seccomp", *words]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def test_the_kernel_refuses() -> None:
    done = under("deny", "uname", "--", "sh", "-c", "uname || grep Seccomp: /proc/self/status")
    assert (done.returncode, done.stdout.split()) == (0, ["Seccomp:", "2"])
    assert "# uname" in done.stderr


def test_the_kernel_kills() -> None:
    done = under("deny", "uname", "--kill", "--", "sh", "-c", "uname; echo $?")
    assert done.stdout == "159\n"


def test_a_command_that_cannot_start() -> None:
    done = under("deny", "execve", "--", "true")
    assert done.returncode == 126
    assert "nothing else" in done.stderr
    assert under("deny", "uname", "--", "nosuchprogram").returncode == 127


def test_pipes_break_as_usual() -> None:
    """Python ignores SIGPIPE; what it becomes is not to."""
    done = under("deny", "uname", "--", "grep", "SigIgn", "/proc/self/status")
    assert not int(done.stdout.split()[1], 16) & 1 << signal.SIGPIPE - 1


def test_without_the_right() -> None:
    """No no_new_privs, no CAP_SYS_ADMIN."""
    lacking = ["capsh", "--drop=cap_sys_admin", "--"] if os.geteuid() == 0 else ["sh"]
    line = f"{sys.executable} -m nsplay seccomp deny uname -- true"
    done = subprocess.run([*lacking, "-c", line], capture_output=True, text=True, check=False)
    if "NoNewPrivs:\t1" in Path("/proc/self/status").read_text():
        pytest.skip("whoever runs the tests has promised it already")
    assert done.returncode == 3
    assert "EACCES" in done.stderr
    assert "setpriv --no-new-privs" in done.stderr
