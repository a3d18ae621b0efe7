"""The time lesson as somebody plays it: what the view says, why the kernel refuses, and a learner's mistakes."""

import os
from pathlib import Path

import pytest

from tests.play.learner import Learner, learner

pytestmark = pytest.mark.skipif(
    not os.path.exists("/proc/self/ns/time") or os.geteuid() != 0, reason="needs root and time namespaces"
)

READY = r"# $"
FILE = "/proc/$(cat /tmp/pid)/timens_offsets"
STRAIGHT = [
    ("uptime", " up "),
    (
        "unshare -T --fork --boottime 864000 bash --norc",
        r"boottime +- +\+ \+864000 s.*unshare \d+ .*outside\s+its children: boottime \+864000 s.*step 1 of 9",
    ),
    ("", "Two clocks"),
    ("cat /proc/self/timens_offsets", r"boottime +864000 +0"),
    ("exit", READY),
    ("unshare -T --fork --monotonic 3600 bash --norc", r"monotonic +- +\+ \+3600 s.*step 2 of 9 done"),
    ("", "Who is in it"),
    ("exit", "step 3 of 9 done"),
    ("", "nobody in it"),
    ("cat > /tmp/maker <<'END'", "> $"),
    ("import ctypes, os, time", "> $"),
    ("ctypes.CDLL(None).unshare(0x80)", "> $"),
    ('open("/tmp/pid", "w").write(str(os.getpid()))', "> $"),
    ("time.sleep(600)", "> $"),
    ("END", READY),
    ("python3 /tmp/maker &", READY),
    (
        "until [ -s /tmp/pid ]; do sleep 0.1; done",
        r"python3? \d+ .*outside\s+its children: no offset.*step 4 of 9 done",
    ),
    ("", "Offsets by hand"),
    (f"echo realtime 3600 0 > {FILE}", "Invalid argument"),
    (":why", r"write.*EINVAL.*no offset for realtime.*time_namespaces\(7\)"),
    (f"echo boottime -999999999 0 > {FILE}", "out of range"),
    (":why", r"ERANGE.*before the start"),
    (f"echo boottime 864000 0 > {FILE}", r"its children: boottime \+864000 s.*step 5 of 9 done"),
    ("", "Written once"),
    ("nsenter --time=/proc/$(cat /tmp/pid)/ns/time_for_children bash --norc", "step 6 of 9 done"),
    ("echo boottime 0 0 > /proc/$$/timens_offsets", "Permission denied"),
    (":why", r"EACCES.*until the first process.*You are in the time namespace \d+"),
    ("", "One in the other"),
    ("unshare -T --fork --boottime 3600 bash --norc", r"boottime +\+864000 s +~ \+3600 s.*step 7 of 9 done"),
    ("", "Join it"),
    ("exit", READY),
    ("exit", READY),
    ("unshare -T --fork --boottime 86400 sleep 600 &", READY),
    ("until pgrep -P $! > /dev/null; do sleep 0.1; done", READY),
    ("nsenter -T -t $! bash --norc", READY),
    ("exit", READY),
    ("nsenter -T -t $(pgrep -P $!) bash --norc", "step 8 of 9 done"),
    ("", "Put it away"),
    ("exit", READY),
    ("kill $(pgrep -P $!) $(cat /tmp/pid)", READY),
    ("wait", "step 9 of 9 done"),
]


def test_from_the_first_line_to_the_receipt(tmp_path: Path) -> None:
    person = Learner(tmp_path, "time", "--yes", size=(80, 50), shell="/bin/bash")
    try:
        person.until(r"Ten days more.*# $")
        for line, pattern in STRAIGHT:
            person.type(line, pattern) if line else person.key("\r").until(pattern)
            person.until("> $" if pattern == "> $" else READY)
        person.key("\r")
        assert person.gone() == 0
        text = person.text()
    finally:
        person.close()
    assert "left behind" in text and "card: time" in text


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        # Where an exec doesn't enter (Linux 6.1), the guard says it; where it does, the check
        (("unshare -T --boottime 864000 bash --norc",), "add --fork|take --fork"),
        (("unshare -T --fork --monotonic 864000 bash --norc",), "take --boottime 864000"),
        (("unshare -u --fork bash --norc",), "still in the host's time namespace"),
    ],
)
def test_a_forgotten_or_another_option_is_named(tmp_path: Path, lines: tuple[str, ...], says: str) -> None:
    with learner(tmp_path, "time") as person:
        person.until(r"Ten days more.*READY# $")
        for line in lines:
            person.type(line, READY)
        person.type(":check", "not yet.*(?:" + says.replace(" ", r"\s+") + ")").until(READY)


def test_the_makers_number_leads_nowhere_and_the_step_can_still_be_done(tmp_path: Path) -> None:
    with learner(tmp_path, "time/join") as person:
        person.until(r"Join it.*# $").type("exit", READY).type("exit", READY)
        person.type("unshare -T --fork --boottime 86400 sleep 600 &", READY)
        person.type("nsenter -T -t $! bash --norc", READY)
        person.type(":check", r"not in the time namespace of\s+`?sleep").until(READY)
        person.type("exit", READY).type("nsenter -T -t $(pgrep -P $!) bash --norc", "step 8 of 9 done")
