"""Memory and swap: limits, use, and whom the limit killed.

Documentation/admin-guide/cgroup-v2.rst, "Memory"; cgroup-v1/memory.rst.
"""

from typing import NamedTuple

from nsplay.kernel.group.files import Files, Folders, Limit


class Memory(NamedTuple):
    """Bytes and counts. A None: the controller isn't there, or this version or kernel doesn't say."""

    limit: Limit | None = None
    high: Limit | None = None  # version 2: from here on it is slowed down, not killed
    used: int | None = None
    peak: int | None = None  # version 2: Linux 5.19
    reached: int | None = None  # how often it wanted more than the limit
    slowed: int | None = None  # version 2: how often it was over `high`
    killed: int | None = None  # processes; version 1: Linux 4.13
    killed_groups: int | None = None  # version 2, Linux 5.17: how often all of the group
    together: bool | None = None  # version 2: does the OOM killer take all of the group? (memory.oom.group)
    anon: int | None = None  # the programs' own
    cache: int | None = None  # pages of files; those of shmem among them
    shmem: int | None = None  # tmpfs and shared memory
    swap_limit: Limit | None = None  # version 1: what its limit on both together leaves beyond `limit`
    swap: int | None = None


def read(folders: Folders) -> Memory:
    """Everything that the group's version tells."""
    files = folders.of("memory")
    if files is None:
        return Memory()
    return _version_1(files) if files.version == 1 else _version_2(files)


def _version_1(files: Files) -> Memory:
    stat = files.counts("memory.stat")
    bound = files.limit("memory.limit_in_bytes")
    both = files.limit("memory.memsw.limit_in_bytes")  # not there without swap accounting
    return Memory(
        limit=bound,
        used=files.number("memory.usage_in_bytes"),
        peak=files.number("memory.max_usage_in_bytes"),
        reached=files.number("memory.failcnt"),
        killed=files.counts("memory.oom_control").get("oom_kill"),
        anon=stat.get("total_rss"),
        cache=stat.get("total_cache"),
        shmem=stat.get("total_shmem"),
        swap_limit=_beyond(both, bound),
        swap=stat.get("total_swap"),
    )


def _beyond(both: Limit | None, bound: Limit | None) -> Limit | None:
    if isinstance(both, int) and isinstance(bound, int):
        return max(0, both - bound)
    return both


def _version_2(files: Files) -> Memory:
    stat, events = files.counts("memory.stat"), files.counts("memory.events")
    return Memory(
        limit=files.limit("memory.max"),
        high=files.limit("memory.high"),
        used=files.number("memory.current"),
        peak=files.number("memory.peak"),
        reached=events.get("max"),
        slowed=events.get("high"),
        killed=events.get("oom_kill"),
        killed_groups=events.get("oom_group_kill"),
        together=_yes(files.number("memory.oom.group")),
        anon=stat.get("anon"),
        cache=stat.get("file"),
        shmem=stat.get("shmem"),
        swap_limit=files.limit("memory.swap.max"),
        swap=files.number("memory.swap.current"),
    )


def _yes(number: int | None) -> bool | None:
    return None if number is None else bool(number)
