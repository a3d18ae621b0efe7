"""CPU time: quota, weight, and how often the quota was felt.

Documentation/admin-guide/cgroup-v2.rst, "CPU"; scheduler/sched-bwc.rst and cgroup-v1/cpuacct.rst.
"""

import os
from collections.abc import Iterable
from typing import Final, NamedTuple

from nsplay.kernel.files import content
from nsplay.kernel.group.files import MAX, Files, Folders, Limit, limit, number

_TICKS: Final = os.sysconf("SC_CLK_TCK")
SHARES: Final = 1024  # of version 1, which are version 2's weight of 100


class Cpu(NamedTuple):
    """Times are microseconds. A None: the controller isn't there, or this kernel doesn't say."""

    limit: Limit | None = None  # CPU time in each period
    period: int | None = None
    weight: int | None = None  # against its neighbours: 100 by default, on version 1 counted from its shares
    periods: int | None = None  # that have passed while it had a limit and wanted to run
    throttled: int | None = None  # in how many of them it had to wait
    waited: int | None = None  # how long, all its threads together
    used: int | None = None


def read(folders: Folders) -> Cpu:
    """On version 1 the time used is told in cpuacct's tree: None where the group isn't there."""
    files = folders.of("cpu")
    used = _used(folders.of("cpuacct"))
    if files is None:
        return Cpu(used=used)
    stat = files.counts("cpu.stat")
    quota, period = _version_1(files) if files.version == 1 else _version_2(files)
    return Cpu(
        quota,
        period,
        _weight(files),
        stat.get("nr_periods"),
        stat.get("nr_throttled"),
        stat["throttled_time"] // 1000 if "throttled_time" in stat else stat.get("throttled_usec"),
        used,
    )


def _version_1(files: Files) -> tuple[Limit | None, int | None]:
    return files.limit("cpu.cfs_quota_us"), files.number("cpu.cfs_period_us")


def _version_2(files: Files) -> tuple[Limit | None, int | None]:
    words = files.words("cpu.max") or ()
    return (limit(words[0]), number(words[1])) if len(words) == 2 else (None, None)


def _weight(files: Files) -> int | None:
    if files.version == 2:
        return files.number("cpu.weight")
    shares = files.number("cpu.shares")
    return None if shares is None else max(1, round(shares * 100 / SHARES))


def _used(files: Files | None) -> int | None:
    if files is None:
        return None
    if files.version == 2:
        return files.counts("cpu.stat").get("usage_usec")
    nanoseconds = files.number("cpuacct.usage")
    return None if nanoseconds is None else nanoseconds // 1000


def times(pids: Iterable[int], proc: str = "/proc") -> dict[int, int]:
    """CPU time of processes that live, all their threads together, in microseconds, to about 10 ms: proc(5), stat."""
    found = {}
    for pid in pids:
        try:
            after = content(f"{proc}/{pid}/stat").rpartition(b")")[2].split()
            found[pid] = (int(after[11]) + int(after[12])) * 1_000_000 // _TICKS
        except (OSError, IndexError, ValueError):
            continue
    return found


def percent(cpu: Cpu) -> Limit | None:
    """How much of one processor its limit is: 30 for 300 ms in each second, 200 for two whole ones."""
    if isinstance(cpu.limit, int) and cpu.period:
        return round(cpu.limit * 100 / cpu.period)
    return MAX if cpu.limit == MAX else None
