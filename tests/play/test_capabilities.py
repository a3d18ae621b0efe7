"""The capabilities lesson as somebody plays it: what the view says, why the kernel refuses, and a learner's mistakes."""

import os
from pathlib import Path

import pytest

from tests.play.learner import Learner, learner

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

READY = r"[#$] $"  # root's prompt or nobody's
DROP_CHOWN = "capsh --drop=cap_chown -- --norc"
STRAIGHT = [
    ("setpriv --reuid 65534 sh", r"bounding.*step 1 of 12 done"),
    ("", "Dropped, and back again"),
    ("exit", READY),
    ("capsh --caps= --print | grep Current", "Current: ="),
    (DROP_CHOWN, r"- +chown +lost.*step 2 of 12 done"),
    ("", "No way back"),
    ("touch /tmp/mine; chown 65534 /tmp/mine", "Operation not permitted"),
    (":why", r"EPERM.*CAP_CHOWN.*bounding set"),
    ("capsh --caps=cap_chown=ep -- -c true", "Unable to set"),
    (":why", r"capset.*EPERM.*lost chown"),
    ("exit", READY),
    ("chown 65534 /tmp/mine", "step 3 of 12 done"),
    ("", "Drop it, then use it"),
    ("capsh --drop=cap_sys_chroot --chroot=/ -- --norc", r"- +sys_chroot +lost.*step 4 of 12 done"),
    ("chroot / true", "Operation not permitted"),
    ("", "world of its own"),
    ("unshare -Ur sh", r"they count in user \d+, not on the host.*step 5 of 12 done"),
    ("", "A file that gives one"),
    ("exit", READY),
    ("exit", READY),
    ("cp /bin/sh /tmp/sh", READY),
    ("setcap cap_dac_override=ep /tmp/sh", READY),
    ("setpriv --reuid 65534 /tmp/sh", "step 6 of 12 done"),
    ("", "Permitted, not effective"),
    ("exit", READY),
    ("echo 42 > /tmp/secret; chmod 600 /tmp/secret", READY),
    ("unshare -m sh", READY),
    ("mount -t tmpfs tmpfs /mnt", READY),
    ("cp /bin/sh /mnt/sh; setcap cap_dac_override=p /mnt/sh", READY),
    ("setpriv --reuid 65534 /mnt/sh", "step 7 of 12 done"),
    ("read x < /tmp/secret", "Permission denied"),
    ("", "Effective, but not inherited"),
    ("exit", READY),
    ("setcap cap_dac_override=ep /mnt/sh", READY),
    ("setpriv --reuid 65534 /mnt/sh", "step 8 of 12 done"),
    ("read x < /tmp/secret; echo got $x", "got 42"),
    ("cat /tmp/secret", "Permission denied"),
    ("", "Ambient"),
    ("exit", READY),
    (
        "setpriv --reuid 65534 --inh-caps +dac_override --ambient-caps +dac_override sh",
        r"dac_override.*new.*step 9 of 12 done",
    ),
    ("cat /tmp/secret", "\n42\n"),
    ("", "Nothing new, ever"),
    ("exit", READY),
    ("setpriv --reuid 65534 sh", READY),
    ("setpriv --no-new-privs /mnt/sh", r"no_new_privs +off -> on.*step 10 of 12 done"),
    ("", "A file that insists"),
    ("exit", READY),
    ("exit", READY),
    ("capsh --drop=cap_dac_override -- --norc", "step 11 of 12 done"),
    ("/mnt/sh", "Operation not permitted"),
    (":why", r"execve.*EPERM.*not without\s+it.*lost dac_override"),
    ("", "What a container keeps"),
    ("exit", READY),
    ("exit", "step 12 of 12 done"),
]


def test_from_the_first_line_to_the_receipt(tmp_path: Path) -> None:
    person = Learner(tmp_path, "capabilities", "--yes", size=(100, 55), shell="/bin/bash")
    try:
        person.until(r"Not the name, the pieces.*menu.*# $")
        for line, pattern in STRAIGHT:
            person.type(line, pattern) if line else person.key("\r").until(pattern)
            person.until(READY)
        person.key("\r")
        assert person.gone() == 0
        text = person.text()
    finally:
        person.close()
    assert "left behind" in text and "card: capabilities" in text


@pytest.mark.parametrize(
    ("step", "line", "says"),
    [
        # Root's exec fetches everything back: only the bounding set holds.
        ("back", "exit; capsh --caps= -- --norc", "bounding set of this shell still has chown"),
        ("chroot", "capsh --chroot=/ -- --norc", "bounding set of this shell still has sys_chroot"),
        ("user", "unshare -U sh", "it takes -U and -r together"),
        ("none", "setpriv --reuid 1 sh", "you are still somebody else"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, step: str, line: str, says: str) -> None:
    with learner(tmp_path, f"capabilities/{step}") as person:
        person.until(r"Ctrl-\] menu.*[#$] $")
        for one in line.split("; "):
            person.type(one, r"bash\S+# $" if one.startswith("capsh") else r"what changed.*[#$] $")
        person.type(":check", "not yet.*" + says.replace(" ", r"\s+")).until(READY)


def test_the_promise_is_of_no_use_to_root(tmp_path: Path) -> None:
    """setpriv as root still has everything permitted when it executes the file: nothing is gained, so nothing is held."""
    with learner(tmp_path, "capabilities/no-new-privs") as person:
        person.until(r"Nothing new, ever.*Ctrl-\] menu.*\$ $").type("exit", r"what changed.*# $")
        person.type("setpriv --reuid 65534 --no-new-privs /mnt/sh", READY)
        person.type(":check", r"not yet.*dac_override is permitted here").until(READY)
        person.type("exit", r"what changed.*# $").type("setpriv --reuid 65534 sh", READY)
        person.type("setpriv --no-new-privs /mnt/sh", "step 10 of 12 done")
