"""Signals stay on the stage, by Landlock and, on older kernels, by asking the warden."""

import os

import pytest

from nsplay.stage.stage import Stage

from .conftest import OpenStage
from .house import lives, outsider, run

WAYS = {"landlock": frozenset[str](), "notify": frozenset({"landlock"})}


@pytest.fixture(params=list(WAYS))
def held(request: pytest.FixtureRequest, root: None, open_stage: OpenStage) -> Stage:
    stage = open_stage(off=WAYS[request.param])
    (signals,) = (found for found in stage.report.mechanisms if found.name == "signals")
    if request.param == "landlock" and "by Landlock" not in signals.why:
        pytest.skip("needs Landlock with signals (Linux 6.12)")
    assert signals.works, signals.why
    return stage


def test_init_and_the_warden_cannot_be_named(held: Stage) -> None:
    for pid in (1, held.warden):
        result = run(held, f"kill -0 {pid}")
        assert result.status == 1
        assert "Operation not permitted" in result.output


def test_a_process_outside_lives_on(held: Stage) -> None:
    with outsider() as pid:
        result = run(held, f"kill -9 {pid}; kill -TERM {pid}; $PYTHON -c 'import os; os.pidfd_open({pid})'")
        assert result.output.count("Operation not permitted") >= 2
        assert lives(pid)


def test_a_process_outside_cannot_be_named_by_its_folder(held: Stage) -> None:
    """pidfd_send_signal(2) takes an open /proc/PID, too: killall does it so."""
    send = "import os, signal, sys; signal.pidfd_send_signal(os.open(f'/proc/{sys.argv[1]}', os.O_DIRECTORY), int(sys.argv[2]))"
    with outsider() as pid:
        assert "PermissionError" in run(held, f'$PYTHON -c "{send}" {pid} 0').output
    assert run(held, f'sleep 100 & $PYTHON -c "{send}" $! 15; wait $!').status == 143


def test_without_either_it_would_not(root: None, open_stage: OpenStage) -> None:
    """So that the test above is known to be able to fail."""
    stage = open_stage(off={"signals"})
    with outsider() as pid:
        assert run(stage, f"kill -0 {pid}").status == 0
        assert not stage.report.works("signals")


def test_nobody_outside_can_be_entered_or_looked_into(held: Stage) -> None:
    with outsider() as pid:
        assert run(held, f"nsenter -t {pid} -u true").status == 1
        assert run(held, f"ls /proc/{pid}/root/").status == 2


def test_signals_inside_work(held: Stage) -> None:
    assert run(held, "sleep 100 & kill -TERM $!; wait $!").status == 143
    assert (
        run(held, "set -m; sleep 100 | sleep 100 & kill -KILL -- -$(ps -o pgid= $! | tr -d ' '); wait").status
        == 0
    )
    assert (
        run(held, "unshare -Urpf --mount-proc sh -c 'sleep 9 & kill -9 $!; wait $!; kill -0 1'").status == 0
    )
    assert "No such process" in run(held, "kill -0 4194303").output
    assert run(held, "kill -0 $PPID").status == 0  # the stage process itself


def test_a_group_outside_cannot_be_named(held: Stage) -> None:
    with outsider() as pid:  # it shares our process group
        assert run(held, f"kill -0 -- -{os.getpgid(pid)}").status == 1
        assert lives(pid)
