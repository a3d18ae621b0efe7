"""The lesson on user namespaces as somebody plays it, as root and as an ordinary user, and a learner's mistakes."""

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.play.learner import Learner, learner
from tests.stage.house import USER

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be an ordinary user as well")

READY = r"[#$] $"
REFUSED = "Operation not permitted"
FIRST, SECOND = "\x1d1", "\x1d2"
# The last change of terminals on the screen was to this one.
THERE = {
    FIRST: rf"\n terminal 1 +the lesson's\n(?!.*\n terminal 2 +on the host's).*{READY}",
    SECOND: rf"\n terminal 2 +on the host's side\n(?!.*\n terminal 1 +the lesson's).*{READY}",
}
# A key that changes over, a line and what is seen after it; "" is Enter, and the title of the next step.
STRAIGHT = [
    ("unshare -U bash --norc", "step 1 of 13 done"),
    ("id -u", "\n65534\n"),
    ("", "The file knows better"),
    (SECOND, THERE[SECOND]),
    ("touch /tmp/mine; chmod 600 /tmp/mine", READY),
    ("ls -ln /tmp/mine", r"1 0 +0 +0 "),
    (FIRST, THERE[FIRST]),
    ("ls -ln /tmp/mine", "65534 65534"),
    ("echo hello > /tmp/mine", "step 2 of 13 done"),
    ("", "Root"),
    ("exit", READY),
    ("unshare -Ur bash --norc", "step 3 of 13 done"),
    ("cat /proc/self/uid_map", r"\n +0 +0 +1\n"),
    ("", "Of what"),
    ("hostname box", "you must be root"),
    ("exec unshare -u bash --norc", READY),
    ("hostname box", "step 4 of 13 done"),
    ("", "The same with mounts"),
    ("mount -t tmpfs mine /mnt", "permission denied"),
    ("exec unshare -m bash --norc", READY),
    ("mount -t tmpfs mine /mnt", "step 5 of 13 done"),
    ("", "And with /proc"),
    ("mount -t proc proc /proc", "permission denied"),
    ("exec unshare -pf bash --norc", READY),
    ("mount -t proc proc /proc", "step 6 of 13 done"),
    ("", "What this root can't do"),
    ("mknod /tmp/null c 1 3", REFUSED),
    ("chown 12345 /tmp/mine", "Invalid argument"),
    ("nice -n -5 true", "Permission denied"),
    ("touch /tmp/null", READY),
    ("mount --bind /dev/null /tmp/null", "step 7 of 13 done"),
    ("", "The table by hand"),
    ("exit", READY),
    ("unshare -U --keep-caps bash --norc", READY),
    ("echo 7 0 2 > /proc/$$/uid_map", REFUSED),
    ("echo 7 0 1 > /proc/$$/uid_map", "step 8 of 13 done"),
    ("echo 0 0 1 > /proc/$$/uid_map", REFUSED),
    ("", "Groups are another matter"),
    ("echo deny > /proc/$$/setgroups; echo 7 0 1 > /proc/$$/gid_map", "step 9 of 13 done"),
    ("", "Given from outside"),
    ("exit", READY),
    ("unshare -U bash --norc", READY),
    ("echo 1000 0 1 > /proc/$$/uid_map", REFUSED),
    ("echo pid=$$", READY),
    (SECOND, THERE[SECOND]),
    ("echo 1000 0 1 > /proc/PID/uid_map", READY),
    ("echo 1000 0 1 > /proc/PID/gid_map", "step 10 of 13 done"),
    (FIRST, THERE[FIRST]),
    ("id", "uid=1000"),
    ("", "Root in an ordinary user"),
    ("unshare -u bash --norc", REFUSED),
    ("unshare -Ur bash --norc", "step 11 of 13 done"),
    ("", "Rootless"),
    ("exit", READY),
    ("unshare -Urupm --fork --mount-proc bash --norc", READY),
    ("hostname box", "step 12 of 13 done"),
    ("", "Back"),
    ("exit", READY),
    ("exit", READY),
    ("rm /tmp/mine", "step 13 of 13 done"),
]


@pytest.fixture
def home() -> Iterator[Path]:
    """One that an ordinary user can use, too."""
    with tempfile.TemporaryDirectory(prefix="user-", dir="/tmp") as name:
        os.chown(name, USER, USER)
        yield Path(name)


@pytest.mark.parametrize("module", ["nsplay", "tests.input.user"], ids=["root", "ordinary"])
def test_from_the_first_line_to_the_receipt(home: Path, module: str) -> None:
    if module == "nsplay":
        os.chown(home, 0, 0)
    person = Learner(home, "user", "--yes", size=(80, 50), shell="/bin/bash", module=module)
    try:
        person.until(r"Nobody.*# $")
        step = 1
        for line, pattern in STRAIGHT:
            if line in THERE:
                person.key(line).until(pattern)
            elif not line:
                step += 1
                person.key("\r").until(rf"step {step} of 13 +\[.*{pattern}")
            else:
                person.type(line.replace("PID", "".join(re.findall(r"\npid=(\d+)", person.text()))), pattern)
            person.until(READY)
        person.key("\r")
        assert person.gone() == 0
        text = person.text()
    finally:
        person.close()
    assert "left behind" in text and "card: user" in text


@pytest.mark.parametrize(
    ("step", "lines", "says"),
    [
        ("nobody", ("unshare -Ur bash --norc",), "the table of this user namespace already"),
        ("owner", ("unshare -u bash --norc",), "it still has the host's name in here"),
        ("uid-map", ("exit", "unshare -U bash --norc"), "it takes --keep-caps"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, step: str, lines: tuple[str, ...], says: str) -> None:
    with learner(tmp_path, f"user/{step}", shell="/bin/bash") as person:
        person.until(rf"step \d+ of 13.*{READY}")
        for line in lines:
            person.type(line, READY)
        person.type(":check", says.replace(" ", r"\s+"))


def test_why_tells_the_refusals_of_a_table_apart(tmp_path: Path) -> None:
    with learner(tmp_path, "user/gid-map", shell="/bin/bash") as person:
        person.until(rf"Groups are another matter.*{READY}")
        person.type("echo 7 0 1 > /proc/$$/gid_map", REFUSED).until(READY)
        person.type(":why", r"setgroups\s+says\s+deny").until(READY)
        person.type("echo 0 0 1 > /proc/$$/uid_map", REFUSED).until(READY)
        person.type(":why", r"written\s+once").until(READY)
