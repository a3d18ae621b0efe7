"""Facts of control groups: of any group of the stage by its path, and of the one that a side is in. One set of names for
both versions.

`host.group./notes.memory.limit` is the group that the learner knows as /notes; `inside.group.memory.limit` the one that
the learner is in. Numbers are bytes, microseconds, counts and percents; without a limit a limit is "max".
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from nsplay.fact.base import At, Fact, Free, Read, Sort, Value
from nsplay.kernel.group import cpu, io
from nsplay.kernel.group.core import Core
from nsplay.kernel.group.group import Group
from nsplay.kernel.group.io import Device
from nsplay.kernel.group.pressure import RESOURCES, Pressure, Stall
from nsplay.snapshot import GROUP

_Take = Callable[[Group], Value | None]


class Told(NamedTuple):
    """One fact of a group, without the prefix that says of which."""

    name: str
    type: Sort
    doc: str
    take: _Take
    busy: bool = False


def _core(take: Callable[[Core], Value | None]) -> _Take:
    return lambda it: take(it.core) if it.core else None


def _io(take: Callable[[tuple[Device, ...], str], Value], way: str) -> _Take:
    return lambda it: None if it.io is None else take(it.io, way)


_Stalled = Callable[[Mapping[str, Pressure]], int | None]


def _stalls() -> Iterator[tuple[str, str, _Stalled]]:
    """Name, words and reader of each fact about who waits for what."""
    whom = {"some": "at least one waited", "full": "nobody could work"}
    for resource in RESOURCES:
        for kind, words in whom.items():
            name, doc = f"pressure.{resource}.{kind}", f"in which {words} for {resource}"
            yield f"{name}.total", f"microseconds {doc}", _stall(resource, kind, lambda it: it.total)
            yield f"{name}.avg10", f"percent of the last 10 s {doc}", _stall(resource, kind, _percent)


def _percent(stall: Stall) -> int:
    return round(stall.avg10)


def _stall(resource: str, kind: str, take: Callable[[Stall], int]) -> _Stalled:
    def read(told: Mapping[str, Pressure]) -> int | None:
        stall: Stall | None = getattr(told.get(resource, Pressure()), kind)
        return take(stall) if stall else None

    return read


def _in_group(read: _Stalled) -> _Take:
    return lambda it: read(it.pressure)


def _everywhere(read: _Stalled) -> Read:
    return lambda at: read(at.snapshot.pressure)


# fmt: off
TOLD: Final = (
    Told("controllers", "list", "the controllers that it has: version 1, in whose trees it is; version 2, given by its parent",
         _core(lambda it: it.controllers)),
    Told("given", "list", "version 2: the controllers that it gives to the groups in it (cgroup.subtree_control)",
         _core(lambda it: it.given)),
    Told("type", "text", "version 2: domain, threaded, domain threaded or domain invalid", _core(lambda it: it.type)),
    Told("children", "list", "the names of the groups in it", _core(lambda it: it.children)),
    Told("members", "count", "how many processes are in it, those of groups in it not counted",
         _core(lambda it: len(it.members))),
    Told("populated", "yes or no", "has it, or a group in it, any process?", _core(lambda it: it.populated)),
    Told("frozen", "yes or no", "is it frozen, by itself or by a group above?", _core(lambda it: it.frozen)),
    Told("freezing", "yes or no", "has it been told to freeze, itself?", _core(lambda it: it.freezing)),
    Told("cpu.limit", "number", "microseconds of CPU time that it gets in each period, or max", lambda it: it.cpu.limit),
    Told("cpu.period", "number", "microseconds of such a period", lambda it: it.cpu.period),
    Told("cpu.percent", "number", "its CPU limit in percent of one processor, or max", lambda it: cpu.percent(it.cpu)),
    Told("cpu.weight", "number", "its share when others want CPU time, too: 100 by default (version 1: shares of 1024)",
         lambda it: it.cpu.weight),
    Told("cpu.periods", "count", "how many periods it has run in with a limit", lambda it: it.cpu.periods, True),
    Told("cpu.throttled", "count", "in how many of them it had used up its limit and waited",
         lambda it: it.cpu.throttled, True),
    Told("cpu.waited", "count", "microseconds that it waited so", lambda it: it.cpu.waited, True),
    Told("cpu.used", "count", "microseconds of CPU time that it has used (version 1: in cpuacct's tree)",
         lambda it: it.cpu.used, True),
    Told("memory.limit", "number", "bytes that it may have, or max", lambda it: it.memory.limit),
    Told("memory.high", "number", "version 2: bytes from which on it is slowed down, or max", lambda it: it.memory.high),
    Told("memory.used", "count", "bytes that it has now", lambda it: it.memory.used, True),
    Told("memory.peak", "count", "the most bytes that it had (version 2: Linux 5.19)", lambda it: it.memory.peak, True),
    Told("memory.reached", "count", "how often it wanted more than its limit", lambda it: it.memory.reached, True),
    Told("memory.slowed", "count", "version 2: how often it was over memory.high", lambda it: it.memory.slowed, True),
    Told("memory.killed", "count", "how many of its processes the OOM killer has killed", lambda it: it.memory.killed),
    Told("memory.killed.groups", "count", "version 2, Linux 5.17: how often it killed all of the group",
         lambda it: it.memory.killed_groups),
    Told("memory.together", "yes or no", "version 2: does the OOM killer take all of the group? (memory.oom.group)",
         lambda it: it.memory.together),
    Told("memory.anon", "count", "bytes of its programs' own memory", lambda it: it.memory.anon, True),
    Told("memory.cache", "count", "bytes of files that it keeps in memory, those of tmpfs among them",
         lambda it: it.memory.cache, True),
    Told("memory.shmem", "count", "bytes of tmpfs and shared memory", lambda it: it.memory.shmem, True),
    Told("memory.swap.limit", "number", "bytes that it may have in swap, or max (version 1: beyond memory.limit)",
         lambda it: it.memory.swap_limit),
    Told("memory.swap.used", "count", "bytes that it has in swap", lambda it: it.memory.swap, True),
    Told("pids.limit", "number", "how many processes and threads it may have, or max", lambda it: it.pids.limit),
    Told("pids.used", "count", "how many it has", lambda it: it.pids.used, True),
    Told("pids.peak", "count", "the most that it had (Linux 6.1)", lambda it: it.pids.peak, True),
    Told(
        *("pids.refused", "count", "how many forks have failed at a limit, in it and in groups below"),
        *(lambda it: it.pids.refused_below, True),
    ),
    Told("cpuset.cpus", "text", "the processors asked for, such as 0-1; empty when none", lambda it: it.cpuset.cpus),
    Told("cpuset.mems", "text", "the memory nodes asked for; empty when none", lambda it: it.cpuset.mems),
    Told("cpuset.cpus.effective", "text", "the processors that its members may run on",
         lambda it: it.cpuset.effective_cpus),
    Told("cpuset.mems.effective", "text", "the memory nodes that they may use", lambda it: it.cpuset.effective_mems),
    Told("io.limit.read", "number", "bytes a second that it may read, or max: of all devices the tightest",
         _io(io.tightest, "read")),
    Told("io.limit.write", "number", "bytes a second that it may write, or max", _io(io.tightest, "write")),
    Told("io.limit.reads", "number", "reads a second that it may make, or max", _io(io.tightest, "reads")),
    Told("io.limit.writes", "number", "writes a second that it may make, or max", _io(io.tightest, "writes")),
    Told("io.read", "count", "bytes that it has read from block devices", _io(io.total, "read"), True),
    Told("io.written", "count", "bytes that it has written to them", _io(io.total, "write"), True),
    Told("io.reads", "count", "how often it has read from them", _io(io.total, "reads"), True),
    Told("io.writes", "count", "how often it has written to them", _io(io.total, "writes"), True),
    Told("devices", "list", "version 1: its rules for device files, such as `c 1:3 rwm`", lambda it: it.others.devices),
    Told("devices.programs", "count", "version 2: how many BPF programs are tied to it that judge devices",
         lambda it: None if it.others.programs is None else len(it.others.programs)),
    Told("net_cls.classid", "text", "version 1: the mark of its packets, as tc writes it: 10:1; 0:0 is none",
         lambda it: it.others.classid),
    Told("net_prio.priorities", "list", "version 1: the links on which its packets have a priority: `eth0 5`",
         lambda it: it.others.priorities),
    *(Told(name, "count", f"{doc} (in the tree of version 2)", _in_group(read), True) for name, doc, read in _stalls()),
)


def _named(take: _Take) -> Read:
    return lambda at: take(at.snapshot.groups[at.word]) if at.word in at.snapshot.groups else None


def _own(take: _Take) -> Read:
    return lambda at: take(at.side.group) if at.side.group else None


_TOP: Final = "/sys/fs/cgroup"


def _path(at: At) -> str | None:
    """Whether it exists or not. A machine with both versions has that tree one folder deeper."""
    mounts = at.side.own_cgroups.mounts if at.side.own_cgroups else ()
    tops = [mount.target for mount in mounts if mount.fstype == "cgroup2" and f"{mount.target}/".startswith(f"{_TOP}/")]
    return f"{tops[-1]}{at.word}".removeprefix(f"{_TOP}/") if tops else None


# Who has no group of their own is in one of the machine's: there others come and go, and get controllers.
_ITS_PEOPLE: Final = ("members", "populated", "children", "given", "controllers")
_PART: Final = f"{GROUP}PLACE"
WORDS: Final = {
    "PLACE": Free(r"/(?:[A-Za-z0-9_:@+-][A-Za-z0-9_.:@+-]*(?:/[A-Za-z0-9_:@+-][A-Za-z0-9_.:@+-]*)*)?",
                  lambda snapshot, _: snapshot.groups)
}
FACTS: Final = (
    Fact("group.PLACE.exists", "yes or no", _PART, "is there a group PLACE?", _named(lambda it: it.exists),
         ("host",), "groups"),
    Fact("group.PLACE.path", "text", f"{_PART} cgroups",
         "where PLACE is in the tree of version 2, below /sys/fs/cgroup, as nft(8) calls it", _path, ("host",), "groups"),
    *(Fact(f"group.PLACE.{it.name}", it.type, _PART, f"the group PLACE: {it.doc}", _named(it.take), ("host",), "groups",
           it.busy) for it in TOLD),
    *(Fact(f"group.{it.name}", it.type, "groups", f"the group it is in: {it.doc}", _own(it.take),
           ("host", "inside", "second"), busy=it.busy or it.name in _ITS_PEOPLE)
      for it in TOLD),
    *(Fact(name, "count", "pressure", f"{doc}, on the whole machine", _everywhere(read), ("host",), busy=True)
      for name, doc, read in _stalls()),
)
# fmt: on
