"""The PID lesson as somebody plays it: what the views say in every case, and a learner's mistakes."""

import os
from pathlib import Path

import pytest

from tests.play.learner import Learner, learner

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, as most learners have it")

READY = r"# $"
START = "unshare --mount-proc -p --fork sleep 600 &"
STRAIGHT = [
    ("unshare -p bash --norc", r"next child +\d+ +~ no number yet +first child: pid 1"),
    ("date", r"pid 1 gone: no fork.*step 1 of 14 done"),
    ("", "Nobody is born any more"),
    ("date", "Cannot allocate memory"),
    ("exit", "step 2 of 14 done"),
    ("", "Number 1"),
    (
        "unshare -p --fork bash --norc",
        r"unshare .*its parent, outside.*\d+ = 1 +you are here.*would list.*step 3 of",
    ),
    ("echo $$", "\n1\n"),
    ("", "One process, three numbers"),
    ("unshare -p --fork bash --norc", r"between.*\d+ = +\d+ = 1 +you are here.*step 4 of 14 done"),
    ("grep NSpid /proc/self/status", r"NSpid:\s+\d+\s+\d+\s+\d+\n"),
    ("", "Now ps is right"),
    ("exit", READY),
    ("exit", READY),
    ("unshare --mount-proc -p --fork /bin/bash --norc", r"\[pid\]\[mnt\].*step 5 of 14 done"),
    ("grep NSpid /proc/self/status", r"NSpid:\s+\d+\n"),
    ("", "A zombie"),
    ("sh -c 'sleep 601 & exec sleep 600' &", READY),
    ("ps axf", "sleep 601"),
    ("pkill -P $!", READY),
    ("ps axf", "defunct"),
    ("", "Number 1 takes in orphans"),
    ("kill $!", READY),
    ("ps ax", READY),
    ("", "Nobody kills number 1"),
    ("sleep 600 &", READY),
    ("kill -9 $$", READY),
    ("exit", r"- +sleep|bash +\d+ +- +ended.*step 8 of 14 done"),
    ("", "Seen from outside"),
    (START, READY),
    ("lsns -t pid", r"= 1 further in.*lsns -t pid|= 1 further in.*step 9 of 14 done"),
    ("", "Join it"),
    ("nsenter -p -t $(pgrep -P $!) bash --norc", r"would list.*\[pid\] mnt"),
    ("exit", READY),
    ("nsenter -p -m -t $(pgrep -P $!) bash --norc", r"sleep +\d+ +\d+ = 1\n.*step 10 of 14 done"),
    ("", "doesn't do its job"),
    ("(sleep 601 &)", READY),
    ("pkill sleep", READY),
    ("ps axf", "defunct"),
    ("", "From outside it is"),
    ("exit", READY),
    ("kill $(pgrep -P $!)", READY),
    ("kill -9 $(pgrep -P $!)", "zombie no more"),  # an older unshare(1) then writes behind the prompt
    ("lsns -t pid", "step 12 of 14 done"),
    ("", "A number 1 that listens"),
    ("unshare -pf bash -c 'trap exit TERM; sleep 600 & wait' &", READY),
    ("grep SigCgt /proc/$(pgrep -P $!)/status", "step 13 of 14 done"),
    ("", "TERM is heard"),
    ("kill $(pgrep -P $!)", READY),
    ("lsns -t pid", "step 14 of 14 done"),
]


def test_from_the_first_line_to_the_receipt(tmp_path: Path) -> None:
    person = Learner(tmp_path, "pid", "--yes", size=(80, 50), shell="/bin/bash")
    try:
        person.until(r"The children, not you.*# $")
        for line, pattern in STRAIGHT:
            person.type(line, pattern) if line else person.key("\r").until(pattern)
            if pattern != "zombie no more":
                person.until(READY)
        person.key("\r")
        assert person.gone() == 0
        text = person.text()
    finally:
        person.close()
    assert text.count("zombie: nobody waits for it") >= 2 and "zombie no more" in text
    assert "left behind" in text and "card: pid" in text


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("unshare -p bash --norc", "ps ax"), "not yet: your shell is still in the host's PID namespace"),
        (("unshare --fork bash --norc", "ps ax"), "not yet: your shell is still in the host's PID namespace"),
        (("unshare --mount-proc -pf bash --norc", "ps ax"), "not yet: /proc is this namespace's own"),
    ],
)
def test_a_forgotten_or_an_added_flag_is_named(tmp_path: Path, lines: tuple[str, ...], says: str) -> None:
    with learner(tmp_path, "pid/fork") as person:
        person.until(r"Number 1.*READY# $")
        for line in lines:
            person.type(line, "what changed.*# $")
        person.until(says.replace(" ", r"\s+")).until(READY)


def test_the_wrong_process_killed_is_named_and_the_step_can_still_be_done(tmp_path: Path) -> None:
    with learner(tmp_path, "pid/end") as person:
        person.until(r"From outside it is.*# $").type("exit", READY).type("kill -9 $!", READY)
        person.type(":check", r"number 1 of your namespace is\s+still alive").until(READY)
        person.type("kill -9 $(lsns -t pid -n -o PID,COMMAND | sed -n 's/ sleep 600//p')", READY)
        person.type(":check", "step 12 of 14 done")


def test_what_was_left_out_is_suggested_once_all_was_typed(tmp_path: Path) -> None:
    with learner(tmp_path, "uts/name") as person:
        person.until(r"Give it a name.*# $").type("uname -n", r"not yet.*# $")
        person.key("\t").until(r"hostname my-new-hostname$").key("\r").until("step 2 of 10 done")


def test_what_was_all_typed_in_vain_is_not_typed_again_by_skip(tmp_path: Path) -> None:
    with learner(tmp_path, "uts/mend") as person:
        person.until(r"Put it back.*# $").type("unshare -u sh", READY)
        person.key("\t").until(r"hostname \S+$").key("\r").until(READY).key("\t").until(r"uname -n$").key(
            "\r"
        )
        person.until(r"not yet.*# $").type("date", READY).type(":skip", "All of it was typed")


def test_what_a_step_has_left_to_look_at_stays_suggested(tmp_path: Path) -> None:
    with learner(tmp_path, "pid/fork") as person:
        person.until(r"Number 1.*READY# $").key("\t").until("bash --norc$").key("\r")
        person.until("Tab the rest.*# $").key("\t").until(r"echo \$\$$").key("\r").until("\n1\n")
    with learner(tmp_path, "pid/fork") as person:
        person.until(r"Number 1.*READY# $").type("unshare -pf sh", "step 3 of 14 done")
        assert "Tab the rest" not in person.text()
