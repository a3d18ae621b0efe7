"""The lesson of A and B as somebody plays it, in two terminals, and with a learner's mistakes."""

import os
from pathlib import Path

import pytest

from tests.play.learner import Learner, learner

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, as most learners have it")

READY = r"# $"
ONE, TWO = "\x1d1", "\x1d2"
CABLE = "ip link add b0 type veth peer name b1"
MOUNT = "mount -t tmpfs b /tmp/b && echo precious > /tmp/b/data"
PROGRAM = "sleep 1000 & echo $! > /tmp/b.pid"
# A key that changes over, a line and what is seen after it; "" is Enter, and goes on.
STRAIGHT: list[tuple[str, str]] = [
    (TWO, "terminal 2.*host's side"),
    (PROGRAM, READY),
    ("mkdir /tmp/b", READY),
    ("mount -t tmpfs b /tmp/b", r"\+ +/tmp/b +tmpfs"),
    ("echo precious > /tmp/b/data", READY),
    ("hostname b", r"name \S+ -> b"),
    (CABLE, r"\+ down +<--> b1.*step 1 of 13 done"),
    ("", "A unmounts"),
    (ONE, "terminal 1"),
    ("umount /tmp/b", r"- +/tmp/b .*not there.*step 2 of 13 done"),
    (TWO, "terminal 2"),
    ("ls /tmp/b", r"ls /tmp/b\n[^\n]*# $"),
    ("", "A renames"),
    (ONE, "terminal 1"),
    ("hostname fallen", r"b +~ fallen.*step 3 of 13 done"),
    ("", "A deletes"),
    ("ip link del b0", r"b1 +down +- gone.*step 4 of 13 done"),
    ("", "A sees, and ends"),
    ("kill $(cat /tmp/b.pid)", r"- +sleep .*ended.*step 5 of 13 done"),
    ("", "A wall: mounts"),
    (TWO, "terminal 2"),
    (MOUNT, r"\+ +/tmp/b +tmpfs"),
    (ONE, "terminal 1"),
    ("unshare -m /bin/sh", r"nothing crosses.*terminal 1 +uts +pid \[mnt\]"),
    ("umount /tmp/b; ls /tmp/b", r"35 in here|not there.*step 6 of 13 done"),
    (TWO, "terminal 2"),
    ("ls /tmp/b", "\ndata\n"),
    ("", "A wall: the name"),
    ("hostname b", r"fallen +~ b"),
    (ONE, "terminal 1"),
    ("unshare -u /bin/sh", READY),
    ("hostname a", r"in here +fallen +~ a.*the host +fallen +~ b.*step 7 of 13 done"),
    ("", "A wall: the network"),
    (TWO, "terminal 2"),
    (CABLE, READY),
    (ONE, "terminal 1"),
    ("unshare -n /bin/sh", "step 8 of 13 done"),
    ("ip link del b0", 'Cannot find device "b0"'),
    ("", "A wall: processes"),
    (TWO, "terminal 2"),
    (PROGRAM, READY),
    (ONE, "terminal 1"),
    ("unshare --mount-proc -pf /bin/sh", "step 9 of 13 done"),
    ("ps ax; kill $(cat /tmp/b.pid)", r"1 pts.*No such process"),
    (TWO, "terminal 2"),
    ("jobs", r"Running +sleep 1000|sleep 1000"),
    ("", "What is still open"),
    (ONE, "terminal 1"),
    ("ipcmk -M 1000", r"1 IPC object \(was 0\)"),
    ("echo lies > /tmp/b.pid", r"file: \d+ +~ file: lies.*step 10 of 13 done"),
    ("", "Out again"),
    ("exit", READY),
    ("exit", READY),
    ("exit", READY),
    ("exit", "step 11 of 13 done"),
    ("", "All walls at once"),
    ("unshare -muinpf --mount-proc /bin/sh", r"\[uts\]\[pid\]\[mnt\]\[net\]\[ipc\]"),
    ("umount /tmp/b; hostname a; ip link del b0; ipcmk -M 2000", "step 12 of 13 done"),
    ("", "B moves out"),
    ("exit", READY),
    (TWO, "terminal 2"),
    ("kill $!", READY),
    ("umount /tmp/b", READY),
    ("ip link del b0", READY),
    ("ipcrm --all=shm", READY),
    ("hostname $(cat /proc/sys/kernel/hostname | tr b x)", READY),
]


def test_from_the_first_line_to_the_last_wall(tmp_path: Path) -> None:
    person = Learner(tmp_path, "together", "--yes", size=(80, 50), shell="/bin/bash")
    try:
        person.until(r"B moves in.*# $")
        for line, pattern in STRAIGHT[:-1]:
            if line in (ONE, TWO):
                person.key(line).until(pattern + r"[^\n]*\n.*# $")
            elif line:
                person.type(line, pattern).until(READY)
            else:
                person.key("\r").until(pattern + ".*# $")
        person.key("\t").until(r"hostname \S+$").key("\r").until(r"name b -> \S+")
        person.type("rm -r /tmp/b /tmp/b.pid", "step 13 of 13 done").key("\r")
        assert person.gone() == 0
        text = person.text()
    finally:
        person.close()
    assert "what changed\n" not in text, "nothing changed, or nothing that a view shows: nothing is said"
    assert "left behind" in text and "card: together" in text


def test_a_wall_too_early_and_a_deed_on_the_wrong_side_are_named(tmp_path: Path) -> None:
    with learner(tmp_path, "together/unmount") as person:
        person.until(r"A unmounts.*READY# $").key(ONE).until(r"terminal 1  [^\n]*\n.*# $")
        person.type("unshare -m sh", READY)
        person.type("umount /tmp/b", r"not yet: A has a mount namespace of its own.*READY# $")
        person.type("exit", READY).type("umount /tmp/b", "step 2 of 13 done")
    with learner(tmp_path, "together/all") as person:
        person.until(r"All walls at once.*READY# $")
        person.type("umount /tmp/b", r"not yet: B has lost its file system.*:reset.*READY# $")


def test_what_stays_seen_from_the_inside_is_told_why(tmp_path: Path) -> None:
    with learner(tmp_path, "together/pid") as person:
        person.until(r"A wall: processes.*READY# $").key(ONE).until(r"terminal 1  [^\n]*\n.*# $")
        person.type("ip link del b0", "Cannot find device").type(
            ":why", r"ENODEV.*No link of that name.*READY# $"
        )
        person.type("unshare -pf --mount-proc sh", READY)
        person.type("kill 4194303", "No such process").until(READY)
        person.type(":why", r"kill.*ESRCH.*READY# $")
