"""Processes: so many forks, and what came of them."""

import time
from collections.abc import Sequence

from nsplay.load.crew import Crew, Hand
from nsplay.load.group import Group
from nsplay.load.tell import ending, meaning, say, trouble
from nsplay.load.words import MOST_SECONDS, Words, number

USAGE = """\
nsplay load pids N [--hold S]
    Forks N times, goes on when it is refused, and keeps the processes, which
    sleep, for S seconds (1)."""
MOST = 400


def run(words: Sequence[str]) -> int:
    """The exit status. Raises Wrong."""
    given = Words(words, (), ("--hold",))
    (word,) = given.only({"N": True})
    wanted, hold = number(word, "N", MOST), given.seconds("--hold", 1.0)
    group = Group("pids")
    limit = group.limit()
    refused: dict[int, int] = {}
    with Crew(wanted, MOST_SECONDS) as crew:
        say(f"forking {wanted} times{f'; {limit}' if limit.value else ''}")
        for _ in range(wanted):
            try:
                crew.hire(_sleep)
            except OSError as error:
                refused[error.errno or 0] = refused.get(error.errno or 0, 0) + 1
        said = "; ".join(f"{count} refused: {trouble(why)}{meaning(why)}" for why, count in refused.items())
        say(f"{len(crew.pids)} of {wanted} forks worked{f'; {said}' if said else ''}")
        until = time.monotonic() + hold
        while crew.wait(until - time.monotonic()) and time.monotonic() < until:
            pass
        return ending(crew, 1 if refused else 0)


def _sleep(hand: Hand) -> None:
    hand.hold(MOST_SECONDS)
