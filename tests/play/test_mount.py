"""The mount lesson as somebody plays it, with both terminals: what the views say, and a learner's mistakes."""

import os
from pathlib import Path

import pytest

from tests.play.learner import Learner, learner

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, as most learners have it")

READY = r"# $"
LOOP = "for d in /bin /lib* /sbin /usr; do mkdir -p /tmp/box$d; mount --rbind $d /tmp/box$d; done"
PIVOT = "pivot_root /tmp/box /tmp/box/old"
# What is typed, and what the screen says then. "": Enter, to the next step. A digit: over to that terminal.
STRAIGHT: list[tuple[str, str]] = [
    ("unshare -m bash --norc", r"\[mnt\]"),
    ("mkdir /tmp/hub", READY),
    ("mount -t tmpfs mine /tmp/hub", r"\+ +/tmp/hub +tmpfs +- +not there +\| +private"),
    ("touch /tmp/hub/note", "step 1 of 17 done"),
    ("", "The table, not the files"),
    ("echo inside > /tmp/note", READY),
    ("2", ""),
    ("echo host >> /tmp/note", "step 2 of 17 done"),
    ("", "A copy without strings"),
    ("1", ""),
    ("exit", READY),
    ("mount -t tmpfs hub /tmp/hub", READY),
    ("mount --make-shared /tmp/hub", r"~ +/tmp/hub +tmpfs +private +shared"),
    ("mkdir /tmp/hub/a /tmp/hub/b /tmp/hub/c /tmp/hub/d", READY),
    ("unshare -m bash --norc", r"/tmp/hub +tmpfs +shared +shared:\d+ +\| +private"),
    ("2", ""),
    ("mount -t tmpfs a /tmp/hub/a", r"\+ +/tmp/hub/a +tmpfs.*step 3 of 17 done"),
    ("", "A slave listens"),
    ("1", ""),
    ("exit", READY),
    ("unshare -m --propagation slave bash --norc", r"shared:\d+ +----> +slave, master:\d+"),
    ("2", ""),
    ("mount -t tmpfs b /tmp/hub/b", r"/tmp/hub/b +tmpfs"),
    ("1", ""),
    ("mount -t tmpfs c /tmp/hub/c", r"not there +\| +\w+.*step 4 of 17 done"),
    ("", "A peer talks back"),
    ("exit", READY),
    ("unshare -m --propagation unchanged bash --norc", r"shared:\d+ +<---> +shared:\d+"),
    ("mount -t tmpfs d /tmp/hub/d", r"\+ +/tmp/hub/d +tmpfs +- +shared:\d+ +<---> +shared:\d+"),
    ("umount /tmp/hub/b", r"- +/tmp/hub/b.*step 5 of 17 done"),
    ("", "A table with nobody in it"),
    ("exit", READY),
    ("touch /tmp/hub/kept", READY),
    ("unshare --mount=/tmp/hub/kept true", r"Invalid argument"),
    (":why", r"EINVAL.*private parent.*lies on\s+/tmp/hub,\s+shared:\d+"),
    ("mount --make-private /tmp/hub", READY),
    ("unshare --mount=/tmp/hub/kept true", r"nsfs.*step 6 of 17 done"),
    ("", "Go in and look"),
    ("nsenter --mount=/tmp/hub/kept bash --norc", "step 7 of 17 done"),
    ("", "Let it go"),
    ("exit", READY),
    ("umount /tmp/hub", "target is busy"),
    ("umount -R /tmp/hub", r"- +/tmp/hub.*step 8 of 17 done"),
    ("", "One folder, two places"),
    ("unshare -m bash --norc", READY),
    ("mkdir /tmp/one /tmp/two", READY),
    ("mount -t tmpfs one /tmp/one", READY),
    ("mount --bind /tmp/one /tmp/two", r"\+ +/tmp/two"),
    ("echo bound > /tmp/two/x", "step 9 of 17 done"),
    ("", "Read-only, seen from here"),
    ("mount -o remount,bind,ro /tmp/two", r"~ +/tmp/two.*rw -> ro"),
    ("echo y > /tmp/two/y", "Read-only file system"),
    ("echo y > /tmp/one/y", "step 10 of 17 done"),
    ("", "A root of your own"),
    ("unshare -pf bash --norc", READY),
    (LOOP, READY),
    ("chroot /tmp/box /bin/sh", r"step 11 of 17 done"),
    ("cat /etc/passwd", "No such file or directory"),
    ("", "Root walks out"),
    ("mkdir /door", READY),
    ("mount --rbind / /door", READY),
    ("nsenter --root=/door /bin/sh", READY),
    ("chroot ../../.. /bin/sh", "step 12 of 17 done"),
    ("head -c 5 /etc/passwd", "root:"),
    ("", "Two folders, two refusals"),
    ("exit", READY),
    ("exit", READY),
    ("exit", READY),
    ("pivot_root /bin /bin", "Device or resource busy"),
    ("mkdir /tmp/box/old /tmp/box/proc", "step 13 of 17 done"),
    (PIVOT, "Invalid argument"),
    (":why", r"pivot_root.*EINVAL"),
    ("", "A mount, but shared"),
    ("mount --rbind /tmp/box /tmp/box", READY),
    ("mount --make-shared /tmp/box", READY),
    (PIVOT, "Invalid argument"),
    ("mount --make-private /tmp/box", "step 14 of 17 done"),
    ("", "A new root for all in here"),
    ("mount -t proc proc /tmp/box/proc", READY),
    ("cd /", READY),
    (PIVOT, "step 15 of 17 done"),
    ("", "No way back"),
    ("umount /old", "target is busy"),
    ("umount -l /old", READY),
    ("nsenter --root=/door /bin/sh", READY),
    ("chroot ../../.. /bin/sh", "step 16 of 17 done"),
    ("cat /etc/passwd", "No such file or directory"),
    ("", "All gone"),
    ("exit", READY),
    ("exit", READY),
    ("exit", READY),
    ("exit", "step 17 of 17 done"),
]  # fmt: skip


def over(person: Learner, number: int) -> Learner:
    """Ctrl-] and the digit."""
    return person.key("\x1d").until("q leave").key(str(number)).until(rf"terminal {number} .*{READY}")


def test_from_the_first_line_to_the_receipt(tmp_path: Path) -> None:
    person = Learner(tmp_path, "mount", "--yes", size=(120, 50), shell="/bin/bash")
    try:
        person.until(r"Seen only in here.*# $")
        for line, pattern in STRAIGHT:
            if line in ("1", "2"):
                over(person, int(line))
            elif line:
                person.type(line, pattern).until(READY)
            else:
                person.key("\r").until(pattern).until(READY)
        person.key("\r")
        assert person.gone() == 0
        text = person.text()
    finally:
        person.close()
    assert "left behind" in text and "card: mount" in text


@pytest.mark.parametrize(
    ("step", "lines", "says"),
    [
        ("make", ("mkdir /tmp/hub", "mount -t tmpfs x /tmp/hub"), "it is mounted on the host's side"),
        ("slave", ("exit", "unshare -m sh", "mount -t tmpfs c /tmp/hub/c"), "your copy of hub is no slave"),
        ("shared", ("mount -t tmpfs d /tmp/hub/d",), "nothing gets from your hub to the host's"),
        ("keep", ("exit", "unshare --mount=/tmp/hub/kept true"), "hub is still shared on the host's side"),
        (
            "read-only",
            ("mount -o remount,ro /tmp/two",),  # of the whole file system: the stage refuses that
            "the mount on /tmp/two can still be written to",
        ),
        ("walk-out", ("exit",), "you left the box by `?exit`?: this step goes out of it"),
        ("third", ("mount --bind /tmp/box /tmp/box",), "the box is empty"),
        ("detach", ("umount -l /old",), "you haven't tried to walk out"),
        ("end", ("exit",), "you are still in a mount namespace of your own"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, step: str, lines: tuple[str, ...], says: str) -> None:
    with learner(tmp_path, f"mount/{step}") as person:
        person.until(r"step \d+ of 17.*# $")
        if person.shows(r"> terminal 2 [^>]*$"):
            over(person, 1)
        for line in lines:
            person.type(line, READY)
        person.type(":check", says.replace(" ", r"\s+")).until(READY)
