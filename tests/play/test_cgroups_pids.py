"""The lesson pids as somebody plays it: by other commands than its own, and with a learner's mistakes."""

import os
from pathlib import Path

import pytest

from nsplay.kernel.cgroups import variant
from tests.play.learner import learner

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, as most learners have it")

READY = r"# $"
FIRST = variant(["pids"]) == 1
TOP = "/sys/fs/cgroup/pids" if FIRST else "/sys/fs/cgroup"
FEW = f"{TOP}/few"
START = f"{TOP}/cgroup.procs" if FIRST else f"{TOP}/shell/cgroup.procs"


def test_sleeps_in_the_group_are_as_good_as_the_load(tmp_path: Path) -> None:
    with learner(tmp_path, "pids/bomb") as person:
        person.until(r"The bomb.*READY# $").type("nsplay load pids 12 --hold 0", "12 of 12").until(READY)
        person.type(":check", r"no fork in few\s+has been refused").until(READY)
        line = f"sh -c 'echo $$ > {FEW}/cgroup.procs; for n in 0 1 2 3 4 5 6 7 8 9; do sleep 1 & done'"
        person.key(f"{line}\r").until("step 2 of")


def test_the_first_shell_that_went_in_itself_comes_back_and_ends_the_threads(tmp_path: Path) -> None:
    with learner(tmp_path, "pids/felt") as person:
        person.until(r"A shell that can.t fork.*READY# $")
        person.type(f"echo $$ > {FEW}/cgroup.procs", READY).type("ls", "Cannot fork").until(READY)
        person.type(":check", r"that is your\s+first shell").until(READY)
        person.type(f"echo $$ > {START}", READY).type("sh", r"sh\n.*# $")
        person.type(f"echo $$ > {FEW}/cgroup.procs", r"# $").type("id", "step 5 of")
        person.until(r"# $").type(":why", r"a fork: EAGAIN.*few has 6 of 2.*# $")
        person.until(r"# $").key("\r").until("Out without a fork.*# $").type("exit", r"READY# $")
        person.type(":check", r"still alive").until(READY)
        # The load's last words may come behind the prompt, and its end behind the look at the step.
        person.type(f"kill $(cat {FEW}/cgroup.procs)", "stopped by SIGTERM").type(":check", "step 6 of")


def test_a_greater_number_below_doesnt_help(tmp_path: Path) -> None:
    with learner(tmp_path, "pids/nested") as person:
        person.until(r"The smaller one above.*READY# $")
        if not FIRST:
            person.type(f"echo +pids > {FEW}/cgroup.subtree_control", READY)
        person.type(f"mkdir {FEW}/inner", READY).type(f"echo 50 > {FEW}/inner/pids.max", READY)
        person.type(f"echo 6 > {FEW}/pids.max", r"2 -> 6.*READY# $")
        person.type(":check", r"no fork has\s+been\s+refused").until(READY)
        line = f"sh -c 'echo $$ > {FEW}/inner/cgroup.procs; exec nsplay load pids 9 --hold 0'"
        person.key(f"{line}\r").until("4 refused: EAGAIN.*step 7 of")
