"""Processes or threads: so many, and what came of it."""

import errno
import time
from _thread import allocate_lock, start_new_thread
from collections.abc import Sequence

from nsplay.load.crew import Crew, Hand, behind
from nsplay.load.group import Group
from nsplay.load.tell import ending, meaning, say, trouble
from nsplay.load.words import MOST_SECONDS, Words, number

USAGE = """\
nsplay load pids N [--threads] [--stay] [--hold S]
    Forks N times, goes on when it is refused, and keeps the processes, which
    sleep, for S seconds (1). --threads: N more threads of one process instead.
    --stay: comes back as soon as they are there; they stay for S seconds (600)."""
MOST = 400


def run(words: Sequence[str]) -> int:
    """The exit status. Raises Wrong, and OSError of fork(2)."""
    given = Words(words, ("--threads", "--stay"), ("--hold",))
    (word,) = given.only({"N": True})
    wanted, stay = number(word, "N", MOST), given.flag("--stay")
    threads, hold = given.flag("--threads"), given.seconds("--hold", MOST_SECONDS if stay else 1.0)
    limit = Group("pids").limit()
    what = f"starting {wanted} threads" if threads else f"forking {wanted} times"
    there = behind() if stay else None
    with Crew(wanted, MOST_SECONDS) as crew:
        say(f"{what}{f'; {limit}' if limit.value else ''}")
        refused = _begin(crew, wanted, threads)
        if there:
            there(1 if refused else 0)
        until = time.monotonic() + hold
        while crew.wait(until - time.monotonic(), alone=threads) and time.monotonic() < until:
            pass
        return ending(crew, 1 if refused else 0)


def _begin(crew: Crew, wanted: int, threads: bool) -> int:
    """Starts them, and says what came of it; how many were refused."""
    refused: dict[int, int] = {}
    for _ in range(wanted):
        try:
            _start_thread() if threads else crew.hire(_sleep)
        except OSError as error:
            refused[error.errno or 0] = refused.get(error.errno or 0, 0) + 1
    failed = sum(refused.values())
    said = "; ".join(f"{count} refused: {trouble(why)}{meaning(why)}" for why, count in refused.items())
    had = f"{wanted - failed} of {wanted} {'threads began' if threads else 'forks worked'}"
    say(f"{had}{f'; {said}' if said else ''}")
    return failed


def _start_thread() -> None:
    """One that waits until the process ends. Raises OSError."""
    never = allocate_lock()
    never.acquire()
    try:
        start_new_thread(never.acquire, ())
    except RuntimeError as error:  # all that Python says of the EAGAIN of pthread_create(3)
        raise OSError(errno.EAGAIN, str(error)) from None


def _sleep(hand: Hand) -> None:
    hand.hold(MOST_SECONDS)
