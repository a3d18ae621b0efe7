"""Facts of the groups that a learner makes on a stage: the same names on both versions, and the kernel's own counters."""

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

from nsplay.facts import Value, facts
from nsplay.kernel.group import files
from nsplay.snapshot import PARTS, take
from nsplay.stage.stage import Stage

from .conftest import OpenStage
from .house import run

HOG = "x = bytearray(64 << 20)"
FORKS = "import os, time\nfor _ in range(9):\n    os.fork() or time.sleep(0.2)"


def look(stage: Stage, *parts: str) -> Mapping[str, Value]:
    return facts(take(os.getpid(), stage.pid, stage.pid, PARTS | set(parts), warden_pid=stage.warden))


def folder(stage: Stage, controller: str, name: str = "it") -> str:
    """Makes a group with that controller, as its path inside; skips where the machine doesn't have it."""
    trees = files.trees(stage.pid)
    own = [tree for tree in trees if tree.version == 1 and controller in tree.controllers]
    given = [tree for tree in trees if tree.version == 2 and controller in tree.controllers]
    if not own and not given:
        pytest.skip(f"needs the {controller} controller")
    found = (own or given)[0]
    if found.version == 2:
        run(stage, f"echo +{controller} > /sys/fs/cgroup/cgroup.subtree_control")
    path = found.folder.removeprefix(f"/proc/{stage.pid}/root") + f"/{name}"
    assert run(stage, f"mkdir {path} && echo made").output.strip().endswith("made")
    return path


def inside(stage: Stage, path: str, code: str) -> None:
    """Runs Python in the group."""
    run(
        stage,
        f"(echo $BASHPID > {path}/cgroup.procs; exec timeout 20 {sys.executable} -S -c '{code}' 2>/dev/null)",
    )


def test_made_and_removed(stage: Stage) -> None:
    path = folder(stage, "memory")
    found = look(stage, "group:/nobody")
    assert (found["host.group./it.exists"], found["host.group./nobody.exists"]) == (True, False)
    assert (found["host.group./it.members"], found["host.group./it.populated"]) == (0, False)
    assert "memory" in found["host.group./it.controllers"]  # type: ignore[operator]
    assert found["host.group./it.memory.limit"] == "max"
    assert "inside.group./it.exists" not in found
    run(stage, f"mkdir {path}/inner")
    found = look(stage)
    assert found["host.group./it.children"] == ("inner",)
    assert found["host.group./it/inner.exists"] is True
    run(stage, f"rmdir {path}/inner {path}")
    assert look(stage, "group:/it")["host.group./it.exists"] is False
    assert "host.group./it.exists" not in look(stage)  # nobody asked for it, and it isn't there


def test_the_oom_killer(stage: Stage) -> None:
    path = folder(stage, "memory")
    for name in ("memory.limit_in_bytes", "memory.max"):
        run(stage, f"test -e {path}/{name} && echo 10000000 > {path}/{name}")
    before = look(stage)
    inside(stage, path, HOG)
    after = look(stage)
    assert after["host.group./it.memory.limit"] == 9998336
    assert (before["host.group./it.memory.killed"], after["host.group./it.memory.killed"]) == (0, 1)
    assert after["host.group./it.memory.reached"] > before["host.group./it.memory.reached"]  # type: ignore[operator]


def test_forks_that_are_refused(stage: Stage) -> None:
    path = folder(stage, "pids")
    run(stage, f"echo 3 > {path}/pids.max")
    inside(stage, path, FORKS)
    found = look(stage)
    assert found["host.group./it.pids.limit"] == 3
    assert found["host.group./it.pids.refused"] > 0  # type: ignore[operator]


def test_ones_own_group(stage: Stage) -> None:
    path = folder(stage, "pids")
    with subprocess.Popen(["sleep", "60"]) as child:
        try:
            outer = f"/proc/{stage.pid}/root{path}/cgroup.procs"
            with open(outer, "w") as file:
                file.write(str(child.pid))
            found = facts(take(os.getpid(), stage.pid, child.pid, PARTS, warden_pid=stage.warden))
            assert found["inside.group.pids.used"] == found["host.group./it.pids.used"] == 1
            assert found["host.group./it.members"] == 1
        finally:
            child.kill()


def test_pressure_of_the_machine(stage: Stage) -> None:
    if not os.path.exists("/proc/pressure/cpu"):
        pytest.skip("needs a kernel with pressure stall information")
    found = look(stage)
    assert isinstance(found["host.pressure.cpu.some.total"], int)
    assert "inside.pressure.cpu.some.total" not in found


def test_the_machines_groups_are_nobodys_on_a_stage_without_its_own(
    root: None, open_stage: OpenStage
) -> None:
    """There the machine's trees are seen, in which groups come and go that aren't the learner's."""
    stage = open_stage(off={"cgroup"})
    assert files.trees(stage.pid), "nothing is seen at all: this proves nothing"
    assert not [name for name in look(stage) if ".group./" in name]
