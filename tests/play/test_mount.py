"""A learner's mistakes in the mount lesson, and what is said of them."""

import os
from pathlib import Path

import pytest

from tests.play.learner import Learner, learner

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, as most learners have it")

READY = r"# $"


def over(person: Learner, number: int) -> Learner:
    """Ctrl-] and the digit."""
    return person.key("\x1d").until("q leave").key(str(number)).until(rf"terminal {number} .*{READY}")


@pytest.mark.parametrize(
    ("step", "lines", "says"),
    [
        ("make", ("mkdir /tmp/hub", "mount -t tmpfs x /tmp/hub"), "it is mounted on the host's side"),
        ("slave", ("exit", "unshare -m sh", "mount -t tmpfs c /tmp/hub/c"), "your copy of hub is no slave"),
        ("shared", ("mount -t tmpfs d /tmp/hub/d",), "nothing gets from your hub to the host's"),
        ("keep", ("exit", "unshare --mount=/tmp/hub/kept true"), "hub is still shared on the host's side"),
        (
            "read-only",
            ("mount -o remount,ro /tmp/two",),
            "the mount on /tmp/one is read-only, too|no /tmp/one/y",
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
