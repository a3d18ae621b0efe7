"""Reads and writes of a block device, by way of a file on it: directly, or through the page cache."""

import mmap
import os
import time
from collections.abc import Callable, Sequence

from nsplay.load import file
from nsplay.load.crew import Crew, Hand
from nsplay.load.tell import ending, meaning, say, trouble, watch
from nsplay.load.words import MIB, Words, Wrong, shown

USAGE = """\
nsplay load io --write FILE [--size SIZE] [--buffered] [--sync] [--keep]
nsplay load io --read FILE [--size SIZE] [--buffered]       both: [--seconds S]
    Writes SIZE (20M) into a new file, or reads an old one, directly (past the
    page cache) or --buffered. Says each second how fast. --sync waits until
    the device has it. A new file has no name, and goes with the load; with
    --keep it stays. Gives up after S seconds (60)."""
MOST = 512 * MIB
WROTE, SYNCED = 0, 1  # what is told: bytes; nanoseconds that fsync(2) took


def run(words: Sequence[str]) -> int:
    """The exit status. Raises Wrong, and OSError of the file or fork(2)."""
    given = Words(
        words, ("--direct", "--buffered", "--sync", "--keep"), ("--write", "--read", "--size", "--seconds")
    )
    given.only({})
    target, source = given.text("--write"), given.text("--read")
    if bool(target) == bool(source):
        raise Wrong("one of --write FILE and --read FILE is wanted")
    if given.flag("--direct") and given.flag("--buffered"):
        raise Wrong("--direct and --buffered are two different things")
    size, seconds = given.size("--size", 20 * MIB, MOST), given.seconds("--seconds", 60.0)
    direct = not given.flag("--buffered")
    path = target or source
    if target:
        fd = file.make(path, given.flag("--keep"))
    else:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        size = min(size, os.fstat(fd).st_size)
    if direct:
        file.go_direct(fd, path)
    with Crew(1, seconds) as crew:
        how = "directly" if direct else "through the page cache"
        say(f"{'writing' if target else 'reading'} {shown(size)} {how}: {path}")
        began = time.monotonic()
        crew.hire(_worker(fd, size, writes=bool(target), sync=given.flag("--sync")))
        watch(crew, Rate(crew))
        return ending(crew, _verdict(crew, size, "wrote" if target else "read", time.monotonic() - began))


def _worker(fd: int, size: int, *, writes: bool, sync: bool) -> Callable[[Hand], None]:
    room = mmap.mmap(-1, file.PIECE)  # whole pages, as direct I/O wants them

    def work(hand: Hand) -> None:
        done = 0
        while done < size and hand.goes_on():
            with memoryview(room) as view, view[: min(file.PIECE, size - done)] as piece:
                moved = os.write(fd, piece) if writes else os.readv(fd, [piece])
            if not moved:
                break
            done += moved
            hand.tell(done, WROTE)
        if sync:
            began = time.monotonic_ns()
            os.fsync(fd)
            hand.tell(time.monotonic_ns() - began, SYNCED)

    return work


class Rate:
    """How far it is, and how fast since the last look, in words."""

    def __init__(self, crew: Crew) -> None:
        self._crew, self._began = crew, time.monotonic()
        self._done, self._at = 0, self._began

    def __call__(self) -> str:
        now, done = time.monotonic(), self._crew.told(0, WROTE)
        rate = (done - self._done) / (now - self._at)
        self._done, self._at = done, now
        return f"{now - self._began:3.0f} s: {shown(done)}, {shown(rate)}/s"


def _verdict(crew: Crew, size: int, did: str, seconds: float) -> int:
    """Says how it ended; the exit status."""
    done, waited = crew.told(0, WROTE), crew.told(0, SYNCED) / 1e9
    moving = max(seconds - waited, 0.001)
    say(f"{did} {shown(done)} in {moving:.2f} s: {shown(done / moving)}/s")
    if waited:
        say(f"the device had all of it {waited:.2f} s later: {shown(done / (moving + waited))}/s")
    if crew.stopped:
        return 1
    if number := crew.errno(0):
        say(f"refused then: {trouble(number)}{meaning(number)}")
        return 1
    if crew.statuses[0]:
        status = os.waitstatus_to_exitcode(crew.statuses[0])
        say(f"killed by signal {-status}" if status < 0 else "its worker failed")
        return 128 - status if status < 0 else 1
    if done < size:
        say("gave up: time is over")
        return 1
    return 0
