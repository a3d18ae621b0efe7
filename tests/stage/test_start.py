"""How a stage comes up where the kernel refuses something, and what is said where it can't."""

import errno
import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from nsplay.errors import MachineError, limit
from nsplay.stage import bpf, family, fence, groups, guard, net, places
from nsplay.stage.options import Options, fresh_ident
from nsplay.stage.stage import Stage

from .conftest import OpenStage
from .house import run


def refuses(*_: object) -> None:
    """What the kernel does."""
    raise OSError(errno.EPERM, "a refusal")


@pytest.mark.parametrize(
    ("module", "function", "mechanism"),
    [
        (groups, "make", "cgroup"),
        (groups, "limit", "limits"),
        (bpf, "guard_devices", "devices"),
        (bpf, "guard_sysctls", "sysctls"),
        (places, "read_only", "mounts"),
        (places, "homes", "homes"),
        (places, "proc", "proc"),
        (places, "sysrq", "sysrq"),
        (net, "enter", "net"),
        (places, "sys", "sys"),
        (places, "dev", "dev"),
        (guard, "refuse_calls", "system calls"),
    ],
)
def test_a_refusal_is_reported_and_the_rest_goes_on(
    root: None,
    open_stage: OpenStage,
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    function: str,
    mechanism: str,
) -> None:
    monkeypatch.setattr(module, function, refuses)  # the warden and the stage are forks of this process
    stage = open_stage()
    (found,) = (found for found in stage.report.mechanisms if found.name == mechanism)
    assert (found.works, found.why) == (False, "a refusal")
    assert run(stage, "echo there").output == "there"
    assert stage.close() == ()


@pytest.mark.parametrize("last", [0, 1, 2])
def test_no_more_processes(root: None, state: Path, monkeypatch: pytest.MonkeyPatch, last: int) -> None:
    """Whichever fork is one too many, that of the warden, of the stage or of a shell: why, and what to do."""
    forks, fork = iter(range(10)), os.fork

    def limited() -> int:
        if next(forks) >= last:
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return fork()

    monkeypatch.setattr(
        os, "fork", limited
    )  # the warden and the stage are forks of this process, and go on counting
    said = []
    try:
        with Stage.start(Options(fresh_ident()), state) as stage:
            stage.wait()
            run(stage, "true")
    except OSError as error:
        said.append(limit(error))
    except MachineError as error:
        said.append((error.why, error.do))
    ((why, do),) = said
    assert why == "you may have no more processes"
    assert "ulimit -u" in do
    assert list(state.rglob("*.json")) == []


def test_little_room(monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
    """A stage that could be made, but on which nothing could be started, isn't made."""
    monkeypatch.setattr(fence, "has_root", lambda: False)
    monkeypatch.setattr(family, "count_of", lambda uid: 90)
    monkeypatch.setattr(resource, "getrlimit", lambda which: (100, 200))
    with pytest.raises(MachineError, match="than the 90 that you run, and you may have 100") as caught:
        Stage.start(Options(fresh_ident()), state)
    assert "ulimit -u" in caught.value.do


@pytest.mark.parametrize(
    ("now", "wanted"), [((-1, -1), (500, 500)), ((400, -1), (400, 500)), ((300, 400), (300, 400))]
)
def test_a_limit_is_never_raised(
    monkeypatch: pytest.MonkeyPatch, now: tuple[int, int], wanted: tuple[int, int]
) -> None:
    made: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda which: now)
    monkeypatch.setattr(resource, "setrlimit", lambda which, limits: made.append(limits))
    fence.bound_processes(500)
    assert made == [wanted]


def test_without_veth_there_is_lo(root: None, open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net, "plug_in", refuses)
    stage = open_stage()
    (found,) = (found for found in stage.report.mechanisms if found.name == "net")
    assert (found.works, found.why) == (True, "without eth0: a refusal")
    assert run(stage, "ls /sys/class/net").output == "lo"


@pytest.mark.parametrize("name", ["cgroup", "homes", "uts", "net", "sys", "dev", "system calls", "mounts"])
def test_mechanisms_can_be_switched_off(root: None, open_stage: OpenStage, name: str) -> None:
    stage = open_stage(off={name})
    (found,) = (found for found in stage.report.mechanisms if found.name == name)
    assert (found.works, found.why) == (False, "switched off")
    assert run(stage, "echo there").output == "there"


@pytest.mark.parametrize("must", ["own_mounts", "scratch"])
def test_what_a_stage_cannot_do_without(
    root: None, state: Path, monkeypatch: pytest.MonkeyPatch, must: str
) -> None:
    monkeypatch.setattr(places, must, refuses)
    assert_fails(state, "refuses", "a refusal")


def test_a_bug_is_told_too(root: None, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fence, "put_up", lambda *_: 1 / 0)
    assert_fails(state, "came down", "ZeroDivisionError")


def test_a_state_folder_that_is_a_file(root: None, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert_fails(tmp_path / "file", "journal", "file")


def assert_fails(state: Path, what: str, why: str) -> None:
    with Stage.start(Options(fresh_ident()), state) as stage:
        with pytest.raises(MachineError) as caught:
            stage.wait()
        assert what in caught.value.what
        assert why in caught.value.why
        assert stage.close() == ()


def test_closing_twice_is_fine(open_stage: OpenStage) -> None:
    stage = open_stage()
    assert stage.close() == ()
    assert stage.close() == ()


def test_a_stage_can_be_closed_before_it_stands(state: Path) -> None:
    assert Stage.start(Options(fresh_ident()), state).close() == ()


def test_descriptors_are_given_back(open_stage: OpenStage, need: Callable[..., None]) -> None:
    before = os.listdir("/proc/self/fd")
    stage = open_stage()
    run(stage, "true")
    stage.close()
    assert os.listdir("/proc/self/fd") == before


def test_names_of_the_two_processes(open_stage: OpenStage) -> None:
    stage = open_stage()
    assert Path(f"/proc/{stage.warden}/comm").read_text() == "nsplay-warden\n"
    assert Path(f"/proc/{stage.pid}/comm").read_text() == "nsplay-stage\n"
    assert os.getsid(stage.warden) == stage.warden
