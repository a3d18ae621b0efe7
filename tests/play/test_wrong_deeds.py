"""What looks like a step's deed and isn't: the message that a learner reads, in lessons without a file of their own here."""

import os
from pathlib import Path

import pytest

from tests.play.learner import learner

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, as most learners have it")

READY = r"[#$] $"
HERE = "\x1d1"


@pytest.mark.parametrize(
    ("step", "lines", "says"),
    [
        ("look/alike", ("unshare -uin sleep 700 &",), "one process has all three kinds"),
        ("look/no-wall", ("hostname a",), "the disk is still there"),
        (
            "uts/keep",
            ("exit", "touch /run/kept", "unshare --uts=/run/kept sleep 60 &"),
            "somebody is still in there",
        ),
        (
            "pid/mount-proc",
            ("exit", "exit", "unshare -pf bash --norc", "mount -t proc proc /proc"),
            "the host's /proc shows the new namespace now",
        ),
        (
            "mount/bind",  # each tmpfs begins with the same inodes
            (
                "unshare -m bash --norc",
                "mkdir /tmp/one /tmp/two",
                "mount -t tmpfs one /tmp/one; mount -t tmpfs two /tmp/two",
                "touch /tmp/one/x /tmp/two/x",
            ),
            "/tmp/one/x and /tmp/two/x aren't one file",
        ),
        (
            "mount/pivot",
            ("mount --rbind / /tmp/box/old", "mount -t proc p /tmp/box/proc", "chroot /tmp/box sh"),
            "you are in a chroot",
        ),
        (
            "ipc/mqueue",
            ("exit", "unshare -im bash --norc", "mount -t mqueue q /dev/mqueue"),
            "without your queue",
        ),
        ("user/nobody", ("unshare -U --keep-caps bash --norc",), "your shell has capabilities"),
        (
            "network/switch",
            ("ip -n red addr add 10.0.0.2/24 dev eth0", "ip netns exec red sh"),
            "red hasn't heard of blue yet",
        ),
    ],
)
def test_it_is_refused_in_words(tmp_path: Path, step: str, lines: tuple[str, ...], says: str) -> None:
    with learner(tmp_path, step, shell="/bin/bash", size=(80, 50)) as person:
        person.until(rf"step \d+ of \d+.*{READY}")
        if person.shows(r"> terminal 2 [^>]*$"):
            person.key(HERE).until(rf"terminal 1 .*{READY}")
        for line in lines:
            person.type(line, READY)
        person.type(":check", says.replace(" ", r"\s+")).until(READY)
