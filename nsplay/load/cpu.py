"""Processor time: workers that do nothing but spin."""

import os
import time
from collections.abc import Sequence

from nsplay.load.crew import Crew, Hand
from nsplay.load.tell import ending, say, watch
from nsplay.load.words import Words, Wrong

USAGE = """\
nsplay load cpu [--workers N] [--seconds S] [--on CPU]
    N processes (1) spin for S seconds (5), on one processor if you name it.
    Says each second how much of it they got."""
MOST_WORKERS = 16
ROUNDS = 20_000  # about a millisecond between two looks at the clock


def run(words: Sequence[str]) -> int:
    """The exit status. Raises Wrong, and OSError of fork(2)."""
    given = Words(words, (), ("--workers", "--seconds", "--on"))
    given.only({})
    workers = given.count("--workers", 1, MOST_WORKERS)
    seconds = given.seconds("--seconds", 5.0)
    if given.text("--on"):
        _stay_on(given.count("--on", 0, 4095, least=0))
    began = time.monotonic()
    with Crew(workers, seconds) as crew:
        for _ in range(workers):
            crew.hire(_spin)
        say(f"{workers} x spinning for {seconds:g} s")
        seen = Share(crew)
        watch(crew, seen)
        whole, used = time.monotonic() - began, crew.total() / 1e6
        say(f"{used:.2f} s of processor time in {whole:.2f} s: {used / whole:.2f} processors")
        return ending(crew, 0 if not any(crew.statuses) else 1)


class Share:
    """How much the workers got since the last look, in words."""

    def __init__(self, crew: Crew) -> None:
        self._crew, self._began = crew, time.monotonic()
        self._used, self._at = 0, self._began

    def __call__(self) -> str:
        now, used = time.monotonic(), self._crew.total()
        share = (used - self._used) / 1e6 / (now - self._at)
        self._used, self._at = used, now
        return f"{now - self._began:3.0f} s: {share:.2f} processors"


def _spin(hand: Hand) -> None:
    while hand.goes_on():
        for _ in range(ROUNDS):
            pass
        hand.tell(round(time.process_time() * 1e6))


def _stay_on(cpu: int) -> None:
    try:
        os.sched_setaffinity(0, {cpu})
    except OSError:
        allowed = " ".join(map(str, sorted(os.sched_getaffinity(0))))
        raise Wrong(f"processor {cpu} isn't one that this group may use: there is {allowed}") from None
