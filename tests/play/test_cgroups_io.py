"""The lesson io as somebody plays it: by other commands than its own, and with a learner's mistakes."""

import os
import re
from pathlib import Path

import pytest

from nsplay.kernel.cgroups import variant
from nsplay.needs import lacks
from tests.play.learner import Learner, learner

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: the stage lends a disk to root alone")

READY = r"# $"
FIRST = variant(["io"]) == 1
TOP = "/sys/fs/cgroup/blkio" if FIRST else "/sys/fs/cgroup"
LIMIT = "blkio.throttle.write_bps_device" if FIRST else "io.max"  # in the folder of the group


@pytest.fixture(autouse=True)
def disk() -> None:
    if found := lacks({"controllers": ["io"], "features": ["disk"]}):
        pytest.skip(found[0].why)


def number(person: Learner) -> str:
    """Of the disk, as the step on the screen names it."""
    (found, *_) = re.findall(r"on the device\s+(\d+:\d+)", person.text())
    return str(found)


def test_reading_limited_instead_of_writing(tmp_path: Path) -> None:
    with learner(tmp_path, "io/limit") as person:
        person.until(r"A megabyte a second.*READY# $")
        device = number(person)
        wrong = (
            f"{device} 1048576 > {LIMIT.replace('write', 'read')}"
            if FIRST
            else f"{device} rbps=1048576 > {LIMIT}"
        )
        right = f"{device} 1048576 > {LIMIT}" if FIRST else f"{device} wbps=1048576 > {LIMIT}"
        person.type(f"cd {TOP}/notes", READY).type(f"echo {wrong}", r"what changed.*# $")
        person.type("nsplay load io --write /mnt/disk/a --size 1M", r"wrote 1.0 MiB.*# $")
        person.type(":check", r"no\s+limit\s+of\s+1048576\s+bytes\s+a\s+second\s+for\s+writing").until(READY)
        person.type(f"echo {right}", r"step 3 of|what changed.*# $")
        person.type("dd if=/dev/zero of=/mnt/disk/a bs=64K count=16 oflag=direct", "step 3 of")


def test_a_device_that_is_none_is_refused_and_why_is_told(tmp_path: Path) -> None:
    with learner(tmp_path, "io/device") as person:
        person.until(r"Which device\?.*READY# $")
        person.type(
            f"echo {'1:5 1048576' if FIRST else '1:5 wbps=1048576'} > {LIMIT}", "(No such device|I/O error)"
        )
        person.until(READY).type(":why", r"no block device").until(READY)
        person.type("head -c 4M /dev/zero > /tmp/fast", "step 4 of")


def test_any_program_fills_the_page_cache_and_nobody_dies(tmp_path: Path) -> None:
    tree, file = (
        ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
        if variant(["memory"]) == 1
        else (TOP, "memory.max")
    )
    with learner(tmp_path, "io/cache") as person:
        person.until(r"Files in memory.*READY# $").type(f"mkdir {tree}/cached", READY)
        person.type(f"echo 10M > {tree}/cached/{file}", READY)
        write = "dd if=/dev/zero of=/mnt/disk/c bs=1M count=20"
        person.type(write, READY).type("cgexec -g memory:cached cat /mnt/disk/c > /dev/null", READY)
        person.type(":check", r"no\s+file\s+is\s+charged").until(READY)  # in memory already: the writer's
        person.type(f"{write} oflag=direct", READY)
        person.type("cgexec -g memory:cached cat /mnt/disk/c > /dev/null", "step 2 of")
