"""What the rows of all resources are made with: the kernel's files, limits in words, and the pace of what is watched."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from nsplay.kernel.group.files import Limit
from nsplay.kernel.group.group import Group
from nsplay.view.gauges import HOT, Names, Row, Value
from nsplay.view.ui import Ui


@dataclass(frozen=True)
class Pace:
    """What a look shortly before this one adds: how fast things go. cpu, highest: processors used, now and at most; None:
    nobody can tell. over: it has ended, and that is how it was.
    """

    before: Group
    seconds: float
    cpu: float | None
    highest: float | None = None
    over: bool = False


Rows = Callable[[Ui, Group | None, Group, Pace | None], list[Row]]
"""Rows of a group: as it was (None: it wasn't there), as it is, and at which pace when it is watched."""

# The kernel's files: of version 1, of version 2
_FILES: Final[Mapping[str, tuple[str, str]]] = {
    "cpu.limit": ("cpu.cfs_quota_us", "cpu.max"),
    "cpu.weight": ("cpu.shares", "cpu.weight"),
    "cpu.throttled": ("cpu.stat nr_throttled", "cpu.stat nr_throttled"),
    "cpu.waited": ("cpu.stat throttled_time", "cpu.stat throttled_usec"),
    "cpuacct.used": ("cpuacct.usage", "cpu.stat usage_usec"),
    "memory.limit": ("memory.limit_in_bytes", "memory.max"),
    "memory.high": ("", "memory.high"),
    "memory.peak": ("memory.max_usage_in_bytes", "memory.peak"),
    "memory.used": ("memory.usage_in_bytes", "memory.current"),
    "memory.reached": ("memory.failcnt", "memory.events max"),
    "memory.slowed": ("", "memory.events high"),
    "memory.killed": ("oom_control oom_kill", "memory.events oom_kill"),
    "memory.kinds": ("memory.stat", "memory.stat"),
    "memory.swap": ("memsw.limit_in_bytes", "memory.swap.max"),
    "pids.limit": ("pids.max", "pids.max"),
    "pids.peak": ("pids.peak", "pids.peak"),
    "pids.refused": ("pids.events max", "pids.events max"),
    "cpuset.cpus": ("cpuset.cpus", "cpuset.cpus"),
    "cpuset.mems": ("cpuset.mems", "cpuset.mems"),
    "cpuset.effective": ("cpuset.effective_cpus", "cpuset.cpus.effective"),
    "io.limit": ("blkio.throttle.*", "io.max"),
    "io.done": ("io_service_bytes", "io.stat"),
    "freezer.state": ("freezer.state", "cgroup.events frozen"),
    "freezer.asked": ("freezer.self_freezing", "cgroup.freeze"),
}


def named(it: Group, what: str, label: str) -> Names:
    return Names(label, _FILES[what][it.versions.get(what.partition(".")[0], 2) - 1])


def limit_words(ui: Ui, it: Limit, words: Callable[[int], str]) -> str:
    return words(it) if isinstance(it, int) else ui.say("no limit", "上限なし")


def limit_row(
    ui: Ui, names: Names, old: Limit | None, new: Limit | None, words: Callable[[int], str]
) -> list[Row]:
    """A row where the limit is another one than before, or there is none."""
    if new is None or (isinstance(new, int) and old in (None, new)):
        return []
    return [Value(names, None if old is None else limit_words(ui, old, words), limit_words(ui, new, words))]


def at_limit(ui: Ui, used: float, top: float, peak: float | None) -> str:
    """The note of a bar: `at its limit`, `was at limit`, `77%`."""
    if top <= 0 or used >= HOT * top:
        return ui.say("at its limit", "上限にいる")
    if peak is not None and peak >= top:
        return ui.say("was at limit", "上限に達した")
    return f"{round(100 * used / top)}%"


def of(ui: Ui, used: int, top: int, words: Callable[[int, int], str]) -> str:
    return words(used, top).replace(" / ", ui.say(" of ", " / "))
