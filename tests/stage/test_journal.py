"""The journal: what it says of the machine, and who may mend what."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from nsplay.stage import journal, ungroup
from nsplay.stage.groups import Hierarchy
from nsplay.stage.options import Options, fresh_ident
from nsplay.stage.stage import Stage

from .conftest import OpenStage


def hierarchy(folder: Path, given: str = "") -> Hierarchy:
    """Something that looks like a version 2 tree."""
    folder.mkdir()
    (folder / "cgroup.controllers").write_text("cpu memory pids\n")
    (folder / "cgroup.subtree_control").write_text(given)
    return Hierarchy(str(folder), 2, "", str(folder))


def test_it_says_what_will_be_turned_on(tmp_path: Path) -> None:
    place = hierarchy(tmp_path / "tree", given="memory\n")
    trace = journal.begin(tmp_path, "a", [place])
    assert trace.enabled == {place.base: ["cpu", "pids"]}
    assert trace.groups == [f"{place.base}/nsplay-a"]
    assert journal.read(tmp_path, "a") == trace
    assert trace.living()


def test_who_ends_last_turns_off_what_the_first_turned_on(tmp_path: Path) -> None:
    """Even with a state folder of its own, as another user's nsplay has."""
    place = hierarchy(tmp_path / "tree")
    control = tmp_path / "tree" / "cgroup.subtree_control"
    first = journal.begin(tmp_path / "one", "first", [place])
    if not os.listxattr(f"{place.base}/nsplay-first"):
        pytest.skip("needs a file system with user attributes (user_xattr)")
    control.write_text("cpu memory pids\n")
    second = journal.begin(tmp_path / "two", "second", [place])
    assert second.enabled == {place.base: ["cpu", "memory", "pids"]}
    assert journal.sweep(tmp_path / "one", first, set[int]) == ()
    assert control.read_text() == "cpu memory pids\n"  # the second needs them all
    assert journal.sweep(tmp_path / "two", second, set[int]) == ()
    assert control.read_text().startswith("-")


def test_two_stages_that_overlap_leave_the_controllers_as_they_were(root: None, tmp_path: Path) -> None:
    first = Stage.start(Options(fresh_ident()), tmp_path / "one")
    first.wait()
    second = Stage.start(Options(fresh_ident()), tmp_path / "two")
    second.wait()
    assert first.close() == ()
    assert second.close() == ()  # and the fixture around every test looks at subtree_control


def test_what_was_on_before_stays_on(tmp_path: Path) -> None:
    place = hierarchy(tmp_path / "tree", given="cpu memory pids\n")
    assert journal.begin(tmp_path, "a", [place]).enabled == {place.base: []}


def test_taking_back_writes_minus(tmp_path: Path) -> None:
    place = hierarchy(tmp_path / "tree")
    ungroup.take_back({place.base: ["cpu"]})
    assert (tmp_path / "tree" / "cgroup.subtree_control").read_text() == "-cpu"


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"ident": 1}'])
def test_a_damaged_journal_is_set_aside(tmp_path: Path, text: str) -> None:
    journal.path(tmp_path, "x").parent.mkdir()
    journal.path(tmp_path, "x").write_text(text)
    assert journal.clean(tmp_path) == ()
    assert [file.name for file in (tmp_path / journal.FOLDER).iterdir()] == ["x.damaged"]


def test_a_journal_of_another_boot_is_void(tmp_path: Path) -> None:
    trace = journal.begin(tmp_path, "x", [])
    old = trace._replace(boot="another", warden=os.getpid())
    journal.path(tmp_path, "x").write_text(json.dumps(old._asdict()))
    assert journal.clean(tmp_path) == ()
    assert list((tmp_path / journal.FOLDER).iterdir()) == []


def test_a_pid_that_is_used_again_is_not_the_warden(tmp_path: Path) -> None:
    trace = journal.begin(tmp_path, "x", [])
    journal.path(tmp_path, "x").write_text(json.dumps(trace._replace(start=trace.start + 1)._asdict()))
    (said,) = journal.clean(tmp_path)
    assert "Stage x was cut off" in said


def test_a_living_stage_is_left_alone(open_stage: OpenStage, state: Path) -> None:
    stage = open_stage()
    assert journal.clean(state) == ()
    assert os.path.exists(f"/proc/{stage.pid}")


def test_nothing_to_clean(tmp_path: Path) -> None:
    assert journal.clean(tmp_path / "none") == ()


@pytest.mark.parametrize(
    "what", [lambda state: journal.begin(state, "y", []), journal.clean], ids=["the next stage", "clean"]
)
def test_half_a_journal_goes(tmp_path: Path, what: Callable[[Path], object]) -> None:
    torn = journal.path(tmp_path, "x").with_suffix(".new")
    torn.parent.mkdir()
    torn.write_text("{")
    what(tmp_path)
    assert not torn.exists()
