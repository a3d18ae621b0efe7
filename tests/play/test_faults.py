"""Kills at random moments of the lesson, seeded: nothing stays behind, and progress is never damaged."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.play.learner import Learner
from tests.play.test_lesson import STRAIGHT

SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL)
VICTIMS = ("nsplay", "shell", "nsplay-stage", "nsplay-warden", "window", "warden and nsplay")
ROUNDS = int(os.environ.get("NSPLAY_FAULTS", "18"))


def victim(person: Learner, who: str) -> list[int]:
    """Pids to send the signal to."""
    if who in ("nsplay", "window"):
        return [person.process.pid]
    if who == "warden and nsplay":
        return [person.named("nsplay-warden"), person.process.pid]
    return [person.named("dash" if who == "shell" else who)]


def strike(person: Learner, who: str, number: int) -> None:
    """Sends the signal, or closes the window. A victim that is gone already, or not there yet, is fine."""
    if who == "window":
        person.hang_up()
        return
    with contextlib.suppress(StopIteration, ProcessLookupError):
        for pid in victim(person, who):
            os.kill(pid, signal.SIGKILL if who == "warden and nsplay" else number)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_kill_at_a_random_moment(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    who = VICTIMS[seed % len(VICTIMS)]
    person = Learner(tmp_path, "uts", "--yes")
    try:
        for line, _ in STRAIGHT[: chance.randrange(len(STRAIGHT))]:
            person.key(line + "\r")
            person.pump(chance.random() / 20)
        person.pump(chance.random() / 2)
        below = {process.pid: process.start for process in person.below()}
        strike(person, who, chance.choice(SIGNALS))
        if who != "window":
            person.pump(chance.random() / 10)
    finally:
        person.close()
    clean = subprocess.run(
        [sys.executable, "-m", "nsplay", "clean"],
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert clean.stderr == ""
    until = time.monotonic() + 10  # the warden is at work still
    while (alive := {pid for pid, start in below.items() if lives(pid, start)}) and time.monotonic() < until:
        os.sched_yield()
    assert not alive, f"{who}: {[Path(f'/proc/{pid}/comm').read_text() for pid in alive]}"
    state = tmp_path / "nsplay"
    assert (
        not list(state.glob("shell-*")) and not list(state.glob("stages/*.json")) if state.exists() else True
    )
    if (state / "progress.json").exists():
        assert json.loads((state / "progress.json").read_text())["format"] == 1


def lives(pid: int, start: int) -> bool:
    """Is it still that process, and no zombie?"""
    from nsplay.kernel import processes

    found = processes.read(pid)
    return found is not None and found.start == start and found.state not in "ZX"
