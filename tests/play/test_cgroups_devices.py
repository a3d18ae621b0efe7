"""The lesson devices as somebody plays it: by other commands than its own, and with a learner's mistakes."""

import os
from pathlib import Path

import pytest

from nsplay.kernel.cgroups import variant
from tests.play.learner import learner

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: rules for devices are root's alone")

READY = r"# $"
FIRST = variant(["devices"]) == 1
TOP = "/sys/fs/cgroup/devices" if FIRST else "/sys/fs/cgroup"
START = f"{TOP}/cgroup.procs" if FIRST else f"{TOP}/shell/cgroup.procs"
DENY = f"echo 'c 1:5 r' > {TOP}/notes/devices.deny" if FIRST else "nsplay devices deny notes c 1:5 r"


def test_alone_it_is_the_lesson_and_a_group_with_the_shell_outside_isnt_enough(tmp_path: Path) -> None:
    with learner(tmp_path, "devices", "--yes") as person:
        person.until(r"A number, not a name.*READY# $").type(f"mkdir {TOP}/notes", r"what changed.*# $")
        person.type(":check", r"your\s+shell isn.t in notes").until(READY)
        person.type(f"echo $$ > {TOP}/notes/cgroup.procs", "step 1 of")


def test_a_rule_too_wide_and_a_read_from_outside(tmp_path: Path) -> None:
    with learner(tmp_path, "devices/deny") as person:
        person.until(r"Refused to root.*READY# $").type(f"echo $$ > {START}", READY)
        person.type(DENY, READY).type("head -c1 /dev/zero > /tmp/got.zero", READY)
        person.type(":check", r"has\s+to\s+be\s+there,\s+and\s+empty|no\s+longer\s+in\s+notes").until(READY)
        person.type(f"echo $$ > {TOP}/notes/cgroup.procs", READY)
        person.type("cat < /dev/zero > /tmp/got.zero", "not permitted").until(READY)
        person.type("head -c1 /dev/zero > /tmp/got.zero", "not permitted").until(READY)
        person.type("dd if=/dev/urandom of=/tmp/got.random bs=1 count=1", "step 2 of")


def test_another_device_by_that_name(tmp_path: Path) -> None:
    with learner(tmp_path, "devices/node") as person:
        person.until(r"A new name for it.*READY# $").type("mknod /dev/mine c 1 8", READY)
        person.type("head -c1 /dev/mine > /tmp/got.mine", READY)
        person.type(":check", r"no\s+/dev/mine\s+with\s+the\s+number").until(READY)
        person.type("rm /dev/mine; mknod /dev/mine c 1 5", READY)
        person.type("head -c1 /dev/mine > /tmp/got.mine", "step 3 of")
