"""How far the clocks of a time namespace are shifted, and what its members read. time_namespaces(7)."""

import os
import time
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from nsplay.kernel.files import content
from nsplay.kernel.inside import Question
from nsplay.kernel.namespaces import inode, inodes_for_children
from nsplay.kernel.processes import Process

_NANO: Final = 1_000_000_000


class Offsets(NamedTuple):
    """Seconds that a namespace's clocks are ahead of the machine's, as the file for them has it."""

    monotonic: int
    boottime: int


class Clocks(NamedTuple):
    """What a process reads, and what is written for its next child (unshare -T moves the children, not the caller)."""

    uptime: float  # seconds
    ahead: int  # seconds that its uptime is ahead of the reader's
    date: float  # seconds since 1970; there is no namespace for it
    offsets: Offsets | None  # of the time namespace that its next child is born in; None: an older kernel


class Outsider(NamedTuple):
    """A process that stayed outside of the time namespace that its next child is born in, as the caller of unshare does."""

    pid: int
    comm: str
    inode: int  # of the time namespace that it is in itself
    offsets: Offsets  # of the one for its children


def question(proc: str = "/proc") -> Question:
    """What is to be asked from within."""
    return Question("time", lambda: [content(f"{proc}/uptime"), str(time.time()).encode()])


def offsets(raw: bytes) -> Offsets:
    """From /proc/PID/timens_offsets: clock, seconds, nanoseconds."""
    found = {words[0]: int(words[1]) for line in raw.split(b"\n") if len(words := line.split()) == 3}
    return Offsets(found.get(b"monotonic", 0), found.get(b"boottime", 0))


def read(pid: int, answer: Sequence[bytes], proc: str = "/proc") -> Clocks:
    """The clocks of pid from the answer that `question` had in it. Raises ProcessLookupError if pid is gone."""
    uptime, date = (float(words.split()[0]) for words in answer)
    ours, now = float(content(f"{proc}/uptime").split()[0]), time.time()
    try:
        written = offsets(content(f"{proc}/{pid}/timens_offsets"))
    except ProcessLookupError:
        if not os.path.lexists(f"{proc}/{pid}"):
            raise
        written = None
    # The two were read one after the other: what passed meanwhile is no difference.
    return Clocks(uptime, round(uptime - ours + (now - date)), date, written)


def outsiders(rows: Iterable[Process], proc: str = "/proc") -> tuple[Outsider, ...]:
    """Those of the processes that are outside. One that has ended or may not be looked at is none."""
    found = []
    for row in rows:
        try:
            own, born = inode(row.pid, "time", proc), inodes_for_children(row.pid, proc).get("time")
            if own is not None and born is not None and own != born:
                written = offsets(content(f"{proc}/{row.pid}/timens_offsets"))
                found.append(Outsider(row.pid, row.comm, own, written))
        except OSError:
            continue
    return tuple(found)
