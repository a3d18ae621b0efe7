"""A stage asks systemd for control groups, root's that of the machine, and has limits of its own in them."""

import os
import time
from pathlib import Path

import pytest

from nsplay.stage.stage import Stage
from tests.patience import patience
from tests.stage.conftest import OpenStage
from tests.stage.house import run

TOP = "/sys/fs/cgroup"


@pytest.fixture
def stage(open_stage: OpenStage) -> Stage:
    runtime = os.environ["XDG_RUNTIME_DIR"] if os.getuid() else "/run"
    assert os.path.exists(f"{runtime}/systemd/private")
    return open_stage(pids=64)


def above(stage: Stage, prefix: str, suffix: str = "") -> Path:
    """The group above the stage's shells with such a name."""
    own = Path(TOP + Path(f"/proc/{stage.pid}/cgroup").read_text().strip()[3:])
    return next(
        folder for folder in own.parents if folder.name.startswith(prefix) and folder.name.endswith(suffix)
    )


def test_it_has_a_scope_of_its_own(stage: Stage) -> None:
    """Even root's isn't made at the top of the tree, where all that is there is systemd's."""
    assert above(stage, "nsplay-", ".scope").parent.name.endswith(".slice")


def test_it_is_bounded(stage: Stage) -> None:
    found = {mechanism.name: mechanism for mechanism in stage.report.mechanisms}
    assert found["cgroup"].works, found["cgroup"].why
    assert (found["limits"].works, found["limits"].why) == (True, "")
    outer = above(stage, "nsplay-")
    assert (outer / "pids.max").read_text() == "64\n"
    assert (outer / "cpu.weight").read_text() == "25\n"


def test_a_group_can_be_made_and_bounded(stage: Stage) -> None:
    mine = f"""
cd {TOP} && echo +pids > cgroup.subtree_control && mkdir mine && echo 32 > mine/pids.max
echo $$ > mine/cgroup.procs && cat /proc/self/cgroup mine/pids.max"""
    assert run(stage, mine).output == "0::/mine\n32"


def test_nothing_of_it_stays(stage: Stage) -> None:
    unit = above(stage, "nsplay-", ".scope")
    assert stage.close() == ()
    until = time.monotonic() + patience(5)
    while unit.exists():  # systemd takes it away when it is empty
        assert time.monotonic() < until
        time.sleep(0.01)
