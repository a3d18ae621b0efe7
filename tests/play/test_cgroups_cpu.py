"""The lessons cpu and pressure as somebody plays them: by other commands than theirs, and with a learner's mistakes."""

import os
from pathlib import Path

import pytest

from nsplay.kernel.cgroups import variant
from tests.play.learner import learner

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, as most learners have it")

READY = r"# $"
FIRST = variant(["cpu"]) == 1
CPU = "/sys/fs/cgroup/cpu" if FIRST else "/sys/fs/cgroup"
SECOND = "/sys/fs/cgroup/unified" if variant() == 1 else "/sys/fs/cgroup"


def test_a_load_outside_of_the_group_is_throttled_by_nothing(tmp_path: Path) -> None:
    with learner(tmp_path, "cpu/throttle") as person:
        person.until(r"Run into the wall.*READY# $")
        person.type("nsplay load cpu --seconds 1", "of processor time").until(READY)
        person.type(":check", r"nobody in notes\s+has met the quota").until(READY)
        line = f"sh -c 'echo $$ > {CPU}/notes/cgroup.procs; exec timeout 3 sh -c \"while :; do :; done\"'"
        person.key(f"{line}\r").until("step 2 of")


def test_who_runs_alone_has_not_waited(tmp_path: Path) -> None:
    with learner(tmp_path, "pressure", "--yes") as person:
        person.until(r"Nobody waits.*READY# $")
        if SECOND.endswith("unified"):
            person.type(f"mkdir {CPU}/jam", READY).until(READY)
            person.type(":check", r"jam isn.t in the\s+tree of version 2").until(READY)
        person.type(f"mkdir {SECOND}/jam", "step 1 of").until(READY).key("\r")
        person.until(r"Three on one processor.*READY# $")
        line = f"sh -c 'echo $$ > {SECOND}/jam/cgroup.procs; exec nsplay load cpu --on 0 --seconds {{}} --workers {{}}'"
        person.key(f"{line.format(0.2, 1)}\r").until(r"\d processors\n.*READY# $")
        person.type(":check", r"nobody in jam\s+has waited").until(READY)
        person.key(f"{line.format(4, 4)}\r").until("step 2 of")
