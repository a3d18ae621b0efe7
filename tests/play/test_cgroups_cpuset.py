"""The lesson cpuset as somebody plays it: by other commands than its own, and with a learner's mistakes."""

import os
from pathlib import Path

import pytest

from nsplay.kernel.cgroups import variant
from tests.play.learner import learner

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, as most learners have it")

READY = r"# $"
FIRST = variant(["cpuset"]) == 1
TOP = "/sys/fs/cgroup/cpuset" if FIRST else "/sys/fs/cgroup"
PIN = f"{TOP}/pin"
START = f"{TOP}/cgroup.procs" if FIRST else f"{TOP}/shell/cgroup.procs"


def test_a_group_left_too_early_and_an_inner_one_that_is_in_the_way(tmp_path: Path) -> None:
    with learner(tmp_path, "cpuset/enter") as person:
        person.until(r"Two on one.*READY# $").type("nproc", READY)
        person.type(":check", r"your shell\s+isn.t in pin").until(READY)
        person.type(f"printf %d $$ > {PIN}/cgroup.procs", "step 3 of").until(READY).key("\r")
        person.until(r"No way out.*READY# $")
        if not FIRST:
            person.type(f"echo +cpuset > {PIN}/cgroup.subtree_control", READY)
        person.type(f"mkdir {PIN}/in", r"what changed.*READY# $")
        everything = Path(f"/proc/{os.getpid()}/status").read_text().split("Cpus_allowed_list:")[1].split()[0]
        person.type(f"echo {everything} > {PIN}/in/cpuset.cpus", "READY# $" if FIRST else "step 4 of")
        if FIRST:
            person.until(READY).type(f"echo 0 > {PIN}/in/cpuset.cpus", "step 4 of")
        person.until(READY).key("\r").until(r"Back to all.*READY# $")
        person.type(f"echo $$ > {START}", READY).type(f"rmdir {PIN}", "[Bb]usy").until(READY)
        person.type(f"rmdir {PIN}/in {PIN}", "step 5 of")
