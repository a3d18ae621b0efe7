"""Terminals on the stage: the shell as after a login, more than one, errors that say why."""

import os
import select
import signal
import time
from pathlib import Path

import pytest

from nsplay.errors import MachineError
from nsplay.stage.stage import Stage
from tests.patience import patience

from .conftest import OpenStage
from .house import Terminal, run


def test_the_shell_leads_a_session_and_has_the_terminal(stage: Stage) -> None:
    with Terminal(stage, "ps -o pid=,sid=,tpgid= -p $$; tty") as terminal:
        numbers, name = terminal.read_all().splitlines()
    assert set(map(int, numbers.split())) == {terminal.pid}
    assert name == terminal.name


def test_two_terminals_at_a_time(stage: Stage) -> None:
    with Terminal(stage, "tty; read; hostname second-sees-it; echo done") as first:
        first.read_until("pts/")
        assert run(stage, "tty").output != first.name
        os.write(first.master, b"\n")
        first.read_until("done")
    assert run(stage, "uname -n").output == "second-sees-it"


def test_signals_are_as_after_a_login(stage: Stage) -> None:
    before = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    try:
        status = run(stage, "cat /proc/self/status").output
    finally:
        signal.signal(signal.SIGUSR1, before)
    for line in ("SigBlk", "SigIgn", "SigCgt"):
        assert f"{line}:\t0000000000000000" in status


def test_only_the_terminal_is_open(stage: Stage) -> None:
    assert run(stage, "ls /proc/$$/fd").output.split() in (
        ["0", "1", "2"],
        ["0", "1", "2", "255"],
    )


def test_it_starts_where_it_was_asked_to_or_at_home(stage: Stage, tmp_path: Path) -> None:
    assert run(stage, "pwd", cwd="/usr/lib").output == "/usr/lib"
    assert run(stage, "pwd", cwd=str(tmp_path), HOME="/usr").output == "/usr"  # /tmp is the stage's own
    assert run(stage, "pwd", cwd="/nowhere", HOME="/nowhere").output == "/"


def test_a_huge_environment_arrives(stage: Stage) -> None:
    big = {f"V{number}": "x" * 100_000 for number in range(10)}
    assert run(stage, "env | wc -c", **big).output > "1000000"


def test_bytes_that_are_no_text_arrive(stage: Stage) -> None:
    assert run(stage, "printf %s $ODD | od -An -tx1", ODD="a\udcff").output.split() == ["61", "ff"]


def test_a_program_that_is_not_there(stage: Stage) -> None:
    master, slave = os.openpty()
    with pytest.raises(MachineError) as caught:
        stage.open_terminal(slave, ["/nowhere/sh"], {}, "/")
    assert "No such file" in caught.value.why
    os.close(master)
    os.close(slave)
    assert run(stage, "echo goes on").output == "goes on"


def test_a_stage_that_is_gone(stage: Stage) -> None:
    os.kill(stage.pid, signal.SIGKILL)
    with pytest.raises(MachineError) as caught:
        run(stage, "true")
    assert "gone" in caught.value.why
    assert stage.close() == ()


def test_no_zombies_stay(stage: Stage) -> None:
    run(stage, "true")
    run(stage, "(sleep 0.01 &)")
    until = time.monotonic() + patience(5.0)
    while "Z" in run(stage, f"ps -eo stat=,ppid= | grep -E ' ({stage.pid}|{stage.warden})$'").output:
        assert time.monotonic() < until  # whoever ended last may not have been reaped yet


def test_without_a_fence_there_is_still_a_warden(open_stage: OpenStage) -> None:
    stage = open_stage(fence=False)
    assert stage.report.mechanisms == ()
    here = os.readlink("/proc/self/ns/mnt")
    assert run(stage, "readlink /proc/self/ns/mnt").output == here
    with Terminal(stage, "setsid sleep 100 & echo on; wait") as terminal:
        terminal.read_until("on")
        assert stage.close() == ()


def test_the_status_of_a_shell_that_ended(open_stage: OpenStage) -> None:
    stage = open_stage()
    for script, status in (("exit 3", 3 << 8), ("kill -9 $$", 9), ("true", 0)):
        master, slave = os.openpty()
        pid = stage.open_terminal(slave, ["sh", "-c", script], dict(os.environ), "/")
        os.close(slave)
        ended = os.pidfd_open(pid)
        assert select.select([ended], [], [], 10)[0]
        os.close(ended)
        assert stage.status(pid) == status
        assert stage.status(pid) is None
        os.close(master)
