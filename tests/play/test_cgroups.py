"""The lessons on groups as somebody plays them: by other commands than theirs, and with a learner's mistakes."""

import os
from pathlib import Path

import pytest

from nsplay.kernel.cgroups import variant
from tests.play.learner import learner

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, as most learners have it")

READY = r"# $"


def folder(controller: str) -> str:
    """Where a learner makes groups with that controller on this machine."""
    return f"/sys/fs/cgroup/{controller}" if variant([controller]) == 1 else "/sys/fs/cgroup"


def test_a_group_by_python_and_a_number_by_printf(tmp_path: Path) -> None:
    top = folder("memory")
    with learner(tmp_path, "groups", "--yes") as person:
        person.until(r"A folder that fills itself.*READY# $")
        person.type(f"python3 -c 'import os; os.mkdir(\"{top}/lab\")'", "step 1 of")
        person.until(READY).key("\r").until("Put somebody in.*READY# $")
        person.type("sleep 600 &", READY).type(f"printf %d $! > {top}/lab/cgroup.procs", "step 2 of")


def test_the_tools_are_as_good_as_the_files(tmp_path: Path) -> None:
    top = "/" if variant(["memory"]) == 1 else "shell"
    with learner(tmp_path, "groups/attach") as person:
        person.until(r"Put somebody in.*READY# $").type("cgexec -g memory:lab sleep 600 &", "step 2 of")
        person.until(READY).key("\r").until("Children are born inside.*READY# $")
        person.type("cgclassify -g memory:lab $$", READY).type("sleep 600 &", "step 3 of")
        person.until(READY).key("\r").until("A group that can.t be removed.*READY# $")
        person.type(f"cgclassify -g memory:{top} $$", "step 4 of")
        person.until(READY).key("\r").until("Away with it.*READY# $").type("kill %1 %2; wait", READY)
        person.type("cgdelete -g memory:lab", "step 5 of")


def test_whose_tree_it_is_is_told_by_process_1_not_by_the_shell(tmp_path: Path) -> None:
    with learner(tmp_path, "groups/whose") as person:
        person.until(r"Whose tree is it.*READY# $").type("cp /proc/$$/cgroup /tmp/above", READY)
        person.type(":check", r"has\s+to\s+say\s+where\s+process\s+1\s+is").until(READY)
        person.type("head /proc/1/cgroup > /tmp/above", "At home, ask systemd")


def test_the_group_in_another_place_is_no_group_in_the_tree(tmp_path: Path) -> None:
    with learner(tmp_path, "groups", "--yes") as person:
        person.until(r"A folder that fills itself.*READY# $")
        person.type("mkdir /tmp/lab", READY).type(":check", r"there is no\s+group lab yet").until(READY)
        person.type(f"mkdir {folder('memory')}/lab", "step 1 of")


def test_an_emptied_group_that_stays_isnt_away(tmp_path: Path) -> None:
    top = folder("memory")
    with learner(tmp_path, "groups/gone") as person:
        person.until(r"Away with it.*READY# $").type(f"rmdir {top}/lab", "[Bb]usy").until(READY)
        person.type("kill %1 %2", READY).type("wait", r"wait\n.*READY# $")
        person.until(READY).type(f"rmdir {top}/lab", "step 5 of")


def test_a_frozen_group_that_is_thawed_too_early_and_killed_by_hand(tmp_path: Path) -> None:
    first = variant(["freezer"]) == 1
    ice = f"{folder('freezer')}/ice"
    freeze, thaw = (
        (f"echo FROZEN > {ice}/freezer.state", f"echo THAWED > {ice}/freezer.state")
        if first
        else (f"echo 1 > {ice}/cgroup.freeze", f"echo 0 > {ice}/cgroup.freeze")
    )
    with learner(tmp_path, "freezer/freeze") as person:
        person.until(r"Stop the clock.*READY# $").type(":check", r"ice isn.t\s+frozen").until(READY)
        person.type(freeze, "step 2 of").until(READY).key("\r").until("Kill what is frozen.*READY# $")
        person.type(f"xargs kill -9 < {ice}/cgroup.procs", READY)
        if first:
            person.type(":check", r"somebody is\s+still in ice").until(READY).type(thaw, READY)
        person.type("wait", "step 3 of")
