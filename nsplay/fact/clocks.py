"""Facts of a time namespace."""

from collections.abc import Callable
from typing import Final

from nsplay.fact.base import Fact, Read, Value
from nsplay.kernel.clocks import Clocks, Offsets


def _of(take: Callable[[Clocks], Value | None]) -> Read:
    return lambda at: take(at.side.clocks) if at.side.clocks else None


def _written(take: Callable[[Offsets], Value]) -> Read:
    return _of(lambda it: take(it.offsets) if it.offsets else None)


def _children(take: Callable[[Offsets], int]) -> Read:
    """The smallest first: pids, by which those processes come, say nothing."""
    return lambda at: (
        tuple(map(str, sorted(take(one.offsets) for one in at.snapshot.outsiders)))
        if "time" in at.side.ns
        else None
    )


# fmt: off
FACTS: Final = (
    Fact("uptime", "count", "clocks", "the seconds of uptime that it reads", _of(lambda it: int(it.uptime)), busy=True),
    Fact("uptime.ahead", "count", "clocks", "how many seconds its uptime is ahead of the machine's",
         _of(lambda it: it.ahead)),
    Fact("date", "number", "clocks", "the date that it reads, in seconds since 1970", _of(lambda it: int(it.date)),
         busy=True),
    Fact("time.outside", "count", "clocks",
         "how many processes below the stage stayed outside of the time namespace of their children",
         lambda at: len(at.snapshot.outsiders) if "time" in at.side.ns else None),
    Fact("time.outside.here", "count", "clocks", "how many of those are in its own time namespace",
         lambda at: sum(one.inode == at.side.ns["time"] for one in at.snapshot.outsiders)
         if "time" in at.side.ns else None),
    Fact("time.outside.boottime", "list", "clocks", "seconds written for the boot clocks of those children",
         _children(lambda it: it.boottime)),
    Fact("time.outside.monotonic", "list", "clocks", "seconds written for the monotonic clocks of those children",
         _children(lambda it: it.monotonic)),
    Fact("time.offset.boottime", "count", "clocks", "seconds written for the boot clock of its next child",
         _written(lambda it: it.boottime)),
    Fact("time.offset.monotonic", "count", "clocks", "seconds written for the monotonic clock of its next child",
         _written(lambda it: it.monotonic)),
)
# fmt: on
