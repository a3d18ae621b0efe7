"""Layers, an image, a stack as a root, as somebody plays it: by other ways than the lesson's, and with a learner's mistakes."""

import os
from pathlib import Path

import pytest

from nsplay.needs import missing
from tests.play.learner import learner

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, as most learners have it"),
    pytest.mark.skipif(bool(missing({"tools": ["busybox", "mknod"]})[0]), reason="needs busybox-static"),
]

READY = r"READY# $"
SH = r"# $"
LAYERS = "mount -t overlay -o lowerdir="


def test_a_stack_the_wrong_way_round_and_one_over_the_other(tmp_path: Path) -> None:
    with learner(tmp_path, "rootfs/stack") as person:
        person.until("find root -name").until(f"Not copied.*{READY}")
        person.type("mkdir all; unshare -m sh", SH)
        person.type(f"{LAYERS}base:more image all", "file: one").until(SH)
        person.type(":check", r"the first layer covers the\s+second").until(SH)
        person.type(f"{LAYERS}more:base image all", "file: two").until(SH)
        person.type(":check", r"the wrong stack lies below the\s+right one").until(SH)
        person.type("umount all; umount all", SH)
        person.type(f"{LAYERS}/tmp/os/more:/tmp/os/base x /tmp/os/all", "step 11 of").until(SH)


def test_a_whiteout_for_tar_is_none_for_the_kernel_and_a_layer_is_written_to(tmp_path: Path) -> None:
    with learner(tmp_path, "rootfs/whiteout") as person:
        person.until(f"Its own whiteout.*{SH}")
        person.type("umount all; mkdir ro", SH)
        person.type(f"{LAYERS}more:base image ro", SH)
        person.type(":check", r"vi is still seen on\s+/tmp/os/ro").until(SH)
        person.type("umount ro; mv more/usr/bin/.wh.vi /tmp/os/away", SH)
        person.type("mknod more/usr/bin/vi c 0 0", SH)
        person.type(f"{LAYERS}more:base image ro", "step 12 of").until(SH)
    with learner(tmp_path, "rootfs/copy-up") as person:
        person.until("umount -R ro").until(f"Copied up.*{SH}")
        person.type("echo end >> base/srv/data", r"you wrote into base,\s+not c1").until(SH)


def test_the_stack_as_a_root_and_one_exit_leaves_it(tmp_path: Path) -> None:
    with learner(tmp_path, "rootfs/pivot") as person:
        person.until("unshare -mpf bash").until(rf"The stack is the root.*{SH}")
        person.type("cd /tmp/os/box; pivot_root . .", SH)
        person.type(":check", r"the old root is still\s+mounted").until(SH)
        person.type("umount -l .", SH)
        person.type(":check", r"the shell is still the\s+host.s bash").until(SH)
        assert (
            "bash: /dev/null" not in person.text()
        )  # by nsplay's own prompt hook: there is none in this root
        person.type("exec /bin/sh", "step 20 of").until(SH)
        person.type("ls /", r"bin +etc +proc +srv +tmp +usr").until(SH)
