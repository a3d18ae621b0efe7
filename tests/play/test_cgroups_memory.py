"""The lesson memory as somebody plays it: by other commands than its own, and with a learner's mistakes."""

import os
from pathlib import Path

import pytest

from nsplay.kernel.cgroups import variant
from tests.play.learner import learner

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, as most learners have it")

READY = r"# $"
FIRST = variant(["memory"]) == 1
TOP = "/sys/fs/cgroup/memory" if FIRST else "/sys/fs/cgroup"
LIMIT = f"{TOP}/notes/memory.{'limit_in_bytes' if FIRST else 'max'}"
START = f"{TOP}/cgroup.procs" if FIRST else f"{TOP}/shell/cgroup.procs"


def test_a_limit_that_counts_by_1024_is_too_high(tmp_path: Path) -> None:
    with learner(tmp_path, "memory", "--yes") as person:
        person.until(r"Ten million bytes.*READY# $")
        if not FIRST:
            person.type(f"echo +memory > {TOP}/cgroup.subtree_control", READY)
        person.type(f"mkdir {TOP}/notes", READY).type(f"echo 10M > {LIMIT}", READY)
        person.type(":check", r"notes may\s+have more").until(READY)
        person.type(f"echo 10000000 > {LIMIT}", "step 1 of")


def test_a_hog_outside_of_the_group_lives(tmp_path: Path) -> None:
    with learner(tmp_path, "memory/kill") as person:
        person.until(r"More than there is.*READY# $")
        person.type(f"echo $$ > {START}", READY).type("nsplay load memory 20M", "had all 20.0 MiB").until(
            READY
        )
        person.type(":check", r"no\s+longer\s+in\s+notes").until(READY)
        person.type(f"echo $$ > {TOP}/notes/cgroup.procs", READY)
        person.type("python3 -c 'b\"x\" * 50000000'", "step 4 of")
