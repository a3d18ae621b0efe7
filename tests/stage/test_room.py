"""A group of version 2 that was delegated to an ordinary user: nsplay steps aside in it, and back."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nsplay.kernel import cgroups
from nsplay.stage import journal
from nsplay.stage.options import Options, fresh_ident
from nsplay.stage.stage import Stage

from .conftest import PROJECT
from .house import USER, become_user, run
from .surroundings import in_child


@pytest.fixture
def delegated(root: None) -> Iterator[Path]:
    """A group that belongs to the ordinary user, as systemd makes them."""
    trees = [Path(tree.mountpoint) for tree in cgroups.hierarchies() if tree.version == 2]
    if not trees or not os.access(trees[0], os.W_OK):
        pytest.skip("needs a version 2 tree that can be written to")
    group = trees[0] / f"nsplay-{os.getpid()}.delegated"
    group.mkdir()
    for name in ("", "cgroup.procs", "cgroup.subtree_control", "cgroup.threads"):
        os.chown(group / name, USER, USER)
    yield group
    group.rmdir()


def place() -> str:
    """Where this process is on version 2."""
    return next(row.path for row in cgroups.paths(os.getpid()) if not row.hierarchy_id)


def played(group: Path, state: Path, crowd: bool) -> dict[str, Any]:
    """What a user's nsplay in that group says. crowd: with somebody else in it."""

    def play() -> dict[str, Any]:
        (group / "cgroup.procs").write_text(str(os.getpid()))
        become_user()
        os.environ["HOME"] = "/home"
        before = place()
        with Stage.start(Options(fresh_ident(), keep=(PROJECT,)), state) as stage:
            report = stage.wait()
            during = place()
            shell = run(stage, "cat /proc/self/cgroup | grep ^0::", HOME="/home").output
            left = stage.close()
        return {
            "steps": [before, during, place()],
            "shell": shell,
            "cgroup": report.works("cgroup"),
            "left": left,
            "inside": sorted(path.name for path in group.iterdir() if path.is_dir()),
        }

    if not crowd:
        return in_child(play)
    go, ready = os.pipe()
    other = os.fork()
    if other == 0:
        os.close(ready)
        os.read(go, 1)  # till the other end is closed
        os._exit(0)
    try:
        (group / "cgroup.procs").write_text(str(other))
        return in_child(play)
    finally:
        os.close(ready)
        os.close(go)
        os.waitpid(other, 0)


def test_nsplay_alone_steps_aside_and_comes_back(delegated: Path, state: Path) -> None:
    found = played(delegated, state, crowd=False)
    before, during, after = found["steps"]
    assert (before, after) == (f"/{delegated.name}",) * 2
    assert during.startswith(f"{before}/nsplay-") and during.endswith(".room")
    assert found["shell"] == "0::/shell"
    assert (found["cgroup"], found["left"], found["inside"]) == (True, [], [])


def test_where_others_stand_too_nobody_is_moved(delegated: Path, state: Path) -> None:
    found = played(delegated, state, crowd=True)
    assert set(found["steps"]) == {f"/{delegated.name}"}
    assert (found["left"], found["inside"]) == ([], [])


def test_what_two_kills_left_is_mended(delegated: Path, state: Path) -> None:
    """The warden's journal names the room before it is made."""
    ident = "999999-1"
    room = delegated / f"nsplay-{ident}.room"
    room.mkdir()
    trace = journal.Trace(ident, journal.boot(), 999999, 1, [], {}, [str(room)])
    (state / journal.FOLDER).mkdir()
    journal.path(state, ident).write_text(json.dumps(trace._asdict()))
    assert journal.clean(state) == (f"Stage {ident} was cut off: all of it is gone now",)
    assert not room.exists()
