"""Memory, page by page, till all is there or the kernel says no."""

import mmap
import os
import time
from collections.abc import Callable, Sequence

from nsplay.load import file
from nsplay.load.crew import Crew, Hand
from nsplay.load.group import Group
from nsplay.load.tell import ending, meaning, say, trouble, watch
from nsplay.load.words import MIB, MOST_SECONDS, Words, Wrong, shown, size

USAGE = """\
nsplay load memory SIZE [--step SIZE] [--every S] [--hold S] [--seconds S]
                        [--file FILE [--keep]]
    Takes SIZE (50M), a step (1M) at a time with S seconds (0) between two,
    and holds it for S seconds (0). Gives up after S seconds (60).
    With --file it writes a file: page cache on a disk, shared memory on tmpfs
    (/dev/shm). It has no name, and goes with the load; with --keep it stays."""
MOST = 512 * MIB
FIRST_VICTIM = "1000"  # the one that takes goes before the one that tells (proc(5), oom_score_adj)


def run(words: Sequence[str]) -> int:
    """The exit status. Raises Wrong, and OSError of the file or fork(2)."""
    given = Words(words, ("--keep",), ("--step", "--every", "--hold", "--seconds", "--file"))
    (word,) = given.only({"SIZE": True})
    whole = size(word, "SIZE", MOST)
    step = given.size("--step", MIB, MOST)
    every, hold = given.seconds("--every", 0.0), given.seconds("--hold", 0.0)
    seconds = given.seconds("--seconds", min(60.0 + hold, MOST_SECONDS))
    group = Group("memory")
    limit, kills = group.limit(), group.count()
    _spare_the_machine(min(whole, limit.value or whole))
    path = given.text("--file")
    put = _into_file(path, given.flag("--keep")) if path else _into_memory(whole)

    def work(hand: Hand) -> None:
        _be_first_victim()
        for end in [*range(step, whole, step), whole]:
            put(end)
            hand.tell(end)
            hand.hold(every)
            if not hand.goes_on():
                return
        hand.hold(hold)

    with Crew(1, seconds) as crew:
        say(f"taking {shown(whole)}{f' in {path}' if path else ''}{f'; {limit}' if limit.value else ''}")
        desk = crew.hire(work)
        began = time.monotonic()
        watch(crew, lambda: f"{time.monotonic() - began:3.0f} s: {shown(crew.told(desk))}")
        return ending(crew, _verdict(crew, desk, whole, group, kills))


def _verdict(crew: Crew, desk: int, whole: int, group: Group, kills: int) -> int:
    """Says how it ended; the exit status."""
    had = crew.told(desk)
    if crew.stopped:
        say(f"had {shown(had)}")
        return 1
    status = os.waitstatus_to_exitcode(crew.statuses[0]) if crew.statuses else 0  # none: it's late, and alive
    if status < 0:
        more = group.count() - kills
        limit = group.limit()
        killer = (
            f"the OOM killer; {limit}" if more and limit.value else "the OOM killer" if more else "somebody"
        )
        say(
            f"killed after {shown(had)} by {killer}{'' if group.folder else ' (its group is not to be seen here)'}"
        )
        return 128 - status
    if number := crew.errno(desk):
        say(f"refused after {shown(had)}: {trouble(number)}{meaning(number)}")
        return 1
    if had < whole:
        say(f"gave up at {shown(had)}: time is over")
        return 1
    say(f"had all {shown(had)}")
    return 0


def _into_memory(whole: int) -> Callable[[int], None]:
    room = mmap.mmap(-1, whole, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_NOHUGEPAGE"):
        try:
            room.madvise(mmap.MADV_NOHUGEPAGE)  # else a touch takes 2 MiB
        except OSError:  # a kernel without huge pages
            pass
    pages = iter(range(0, whole, mmap.PAGESIZE))

    def put(end: int) -> None:
        for page in pages:
            room[page] = 1
            if page + mmap.PAGESIZE >= end:
                return

    return put


def _into_file(path: str, keep: bool) -> Callable[[int], None]:
    fd, done = file.make(path, keep), 0

    def put(end: int) -> None:
        nonlocal done
        while done < end:
            done += os.write(fd, bytes(min(end - done, file.PIECE)))

    return put


def _spare_the_machine(most: int) -> None:
    """Half of what is free at most, whatever was asked for. Raises Wrong."""
    try:
        with open("/proc/meminfo", encoding="ascii") as info:
            free = next(int(line.split()[1]) << 10 for line in info if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return
    if most > free // 2:
        raise Wrong(f"that is more than half of the memory that this machine has free ({shown(free)})")


def _be_first_victim() -> None:
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:
            score.write(FIRST_VICTIM)
    except OSError:
        pass
