"""The stage's control groups look like the tops of their trees, hold their limits, and go."""

import os
from pathlib import Path

import pytest

from nsplay.kernel import processes
from nsplay.stage import family, groups, ungroup
from nsplay.stage.groups import Hierarchy
from nsplay.stage.options import label
from nsplay.stage.stage import Stage

from .conftest import OpenStage
from .house import Terminal, lives, outsider, run

# Both end by themselves where nothing bounds them.
FORKER = """
import os, signal, time
for _ in range(100):
    try:
        if os.fork() == 0:
            signal.pause()
    except OSError:
        print("full", flush=True)
        time.sleep(0.2)
print("never full", flush=True)
"""
HOG = """
held = []
while len(held) < 512:
    held.append(bytearray(1 << 20))
    print(len(held), flush=True)
"""


def bounded(stage: Stage, *names: str) -> None:
    """Skips where the kernel has no controller for these."""
    (limits,) = (found for found in stage.report.mechanisms if found.name == "limits")
    if not limits.works or any(name in limits.why for name in names):
        pytest.skip(f"needs controllers for {', '.join(names)}")


def places(stage: Stage) -> list[Hierarchy]:
    if not stage.report.works("cgroup"):
        pytest.skip("needs control groups that can be written to")
    lines = Path(f"/proc/{stage.pid}/cgroup").read_text().splitlines()
    second = next((line[3:] for line in lines if line.startswith("0::")), "")
    return groups.hierarchies(True, own=second.partition(f"/{label(stage.options.ident)}/")[0])


def test_the_tree_begins_at_the_stage(stage: Stage) -> None:
    assert places(stage)
    lines = run(stage, "cat /proc/self/cgroup").output.splitlines()
    assert {line.split(":")[2] for line in lines} <= {"/", "/shell"}


def test_what_is_made_at_the_top_lands_on_the_stage(stage: Stage) -> None:
    for place in places(stage):
        mine = f"{place.mountpoint}/mine"
        result = run(stage, f"mkdir {mine} && echo $$ > {mine}/cgroup.procs")
        path = f"{place.group(stage.options.ident)}/stage/mine"
        assert os.path.isdir(path), result.output
        assert not os.path.exists(mine)


def test_cgcreate_works_unmodified(stage: Stage, need: OpenStage) -> None:
    need("cgcreate", "cgexec")
    bounded(stage, "pids")
    result = run(stage, "cgcreate -g pids:mine && cgexec -g pids:mine cat /proc/self/cgroup")
    assert "/mine" in result.output


def test_limits_are_above_what_the_learner_sees(root: None, open_stage: OpenStage) -> None:
    stage = open_stage(pids=64, memory=128 << 20)
    bounded(stage, "pids", "memory", "cpu")
    values = set()
    for place in places(stage):
        for name in ("pids.max", "memory.max", "memory.limit_in_bytes", "cpu.weight", "cpu.shares"):
            values.add(
                (name.partition(".")[0], family.read(f"{place.group(stage.options.ident)}/{name}").strip())
            )
    assert {("pids", "64"), ("memory", str(128 << 20))} <= values
    assert values & {("cpu", "256"), ("cpu", "25")}


def test_a_fork_bomb_stays_small_and_goes(root: None, open_stage: OpenStage) -> None:
    stage = open_stage(pids=64)
    bounded(stage, "pids")
    with Terminal(stage, '"$PYTHON" -c "$FORKER"', FORKER=FORKER) as terminal:
        terminal.read_until("full")
        assert 10 < len(processes.descendants(stage.pid)) <= 64
        assert stage.close() == ()


def test_a_memory_hog_ends_and_the_stage_does_not(root: None, open_stage: OpenStage) -> None:
    stage = open_stage(memory=256 << 20)  # the stage is a fork of pytest's, and may have 100 MB by itself
    bounded(stage, "memory")
    result = run(stage, '"$PYTHON" -c "$HOG" > /tmp/log; tail -n1 /tmp/log', HOG=HOG)
    assert int(result.output.splitlines()[-1]) < 256
    assert lives(stage.pid)


def test_a_stranger_is_put_back(stage: Stage) -> None:
    with outsider() as pid:
        moved = 0
        for place in places(stage):
            if place.options != "memory":  # whoever runs these tests may bound them by it
                moved += run(stage, f"echo {pid} > {place.mountpoint}/cgroup.procs").status == 0
                moved += run(stage, f"echo {pid} > {place.mountpoint}/shell/cgroup.procs").status == 0
        # (systemd mounts version 2 with nsdelegate: there the kernel itself lets no stranger in, cgroups(7).)
        assert moved or "nsdelegate" in Path("/proc/self/mounts").read_text()
        assert stage.close() == ()
        assert lives(pid)
        assert "nsplay" not in Path(f"/proc/{pid}/cgroup").read_text()


@pytest.mark.parametrize(
    ("options", "again"),
    [
        ("rw,cpu,cpuacct", "cpu,cpuacct"),
        ("rw,xattr,release_agent=/lib/systemd/systemd-cgroups-agent,name=systemd", "name=systemd"),
        ("ro,clone_children,cpuset", "cpuset"),
    ],
)
def test_how_a_hierarchy_is_mounted_again(options: str, again: str) -> None:
    assert groups.again(options) == again


def test_a_busy_group_is_waited_for_but_not_for_ever(tmp_path: Path) -> None:
    group = tmp_path / "group"
    (group / "inner").mkdir(parents=True)
    (group / "inner" / "file").write_text("in the way, as a process would be")
    assert not ungroup.remove(str(group), 0.0)
    (group / "inner" / "file").unlink()
    assert ungroup.remove(str(group), 0.0)
    assert not group.exists()
