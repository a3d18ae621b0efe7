"""One look at the kernel: nsplay's own place, the host as the stage has it, and the place where the learner is."""

import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeVar

from nsplay.kernel import cgroups, identity, mounts, names, namespaces, processes
from nsplay.kernel.cgroups import Membership
from nsplay.kernel.identity import Identity
from nsplay.kernel.mounts import Mount
from nsplay.kernel.names import Names
from nsplay.kernel.processes import Process

# What can be asked for; the namespaces a side is in are always read. What isn't asked for costs nothing.
PARTS: Final = frozenset({"names", "processes", "mounts", "identity", "cgroups", "members", "owners"})

SideName = Literal["machine", "host", "inside"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Side:
    """One place, seen through one process of it. Parts that weren't asked for, or can't be read, are empty or None."""

    name: SideName
    pid: int
    ns: Mapping[str, int]  # kind → inode
    ns_for_children: Mapping[str, int]  # pid and time only
    owners: Mapping[str, int | None]  # kind → inode of the user namespace that owns this side's; None: out of sight
    parents: Mapping[str, int | None]  # pid, user → inode of the namespace around this side's
    names: Names | None
    process: Process | None  # the one through which this side is seen
    processes: tuple[Process, ...]  # those with a number in its pid namespace
    ps: int | None  # how many processes the /proc in there lists
    proc_own: bool | None  # does that /proc belong to its pid namespace?
    root: str | None  # its root folder, as its mount namespace has it
    mounts: tuple[Mount, ...]
    identity: Identity | None
    cgroups: tuple[Membership, ...]
    unreadable: tuple[str, ...]  # "mounts: Permission denied"


@dataclass(frozen=True)
class Snapshot:
    """Everything at one moment. `host` is the stage, `machine` nsplay's own place: without a fence the same."""

    parts: frozenset[str]
    machine: Side
    host: Side
    inside: Side | None  # None when there is no place, or it is gone
    leader: int | None  # the process that inside was asked of
    processes: tuple[Process, ...]  # everything that can be seen from the machine
    members: Mapping[str, Mapping[int, frozenset[int]]]  # kind → inode → pids, of those that may be looked at
    hidden: int  # how many may not
    stage_pids: frozenset[int]  # what is below the warden
    family: Mapping[int, list[int]] = field(repr=False)  # parent → children

    @property
    def sides(self) -> tuple[Side, ...]:
        """Machine, host, and inside where there is one."""
        return (self.machine, self.host, *([self.inside] if self.inside else []))


def take(
    machine_pid: int,
    stage_pid: int,
    place_pid: int | None,
    parts: frozenset[str],
    proc: str = "/proc",
    warden_pid: int | None = None,
) -> Snapshot:
    """Read `parts` (some of PARTS) of all sides now.

    What may not be read, and a stage that has died, is told in `Side.unreadable`; a place that has died is no side. A
    process that ends meanwhile is left out. Without warden_pid the learner's processes are those below stage_pid.
    Raises ValueError for a part that there isn't.
    """
    if unknown := parts - PARTS:
        raise ValueError(f"no such part of a snapshot: {', '.join(sorted(unknown))}")
    table = processes.all(proc) if parts & {"processes", "members"} else ()
    members, hidden = _members(table, proc) if "members" in parts else ({}, 0)
    family = processes.family(table)
    look = _Look(parts, proc, table)
    machine = look.side("machine", machine_pid)
    host = replace(machine, name="host") if stage_pid == machine_pid else look.side("host", stage_pid)
    return Snapshot(
        parts=parts,
        machine=machine or look.gone("machine", machine_pid),
        host=host or look.gone("host", stage_pid),
        inside=look.side("inside", place_pid) if place_pid is not None else None,
        leader=place_pid,
        processes=table,
        members=members,
        hidden=hidden,
        stage_pids=processes.below(stage_pid if warden_pid is None else warden_pid, family),
        family=family,
    )


def _members(
    table: tuple[Process, ...], proc: str
) -> tuple[Mapping[str, Mapping[int, frozenset[int]]], int]:
    """Kind → inode → the processes in it; and how many could not be asked."""
    # Most processes are in the same eight: grouping them by all eight first leaves little to count.
    kinds = [kind for kind in namespaces.inodes("self", proc) if kind != "pid"]
    groups: defaultdict[tuple[str | int, ...], list[int]] = defaultdict(list)
    hidden = 0
    for row in table:
        base = f"{proc}/{row.pid}/ns/"
        try:
            groups[(row.pid_ns, *[os.readlink(base + kind) for kind in kinds])].append(row.pid)
        except PermissionError:
            hidden += 1
        except OSError:  # a zombie is in none; others have ended meanwhile
            continue
    found: dict[str, dict[int, set[int]]] = {kind: defaultdict(set) for kind in ("pid", *kinds)}
    for (pid_ns, *links), pids in groups.items():
        found["pid"][int(pid_ns)].update(pids)
        for kind, link in zip(kinds, links, strict=True):
            found[kind][namespaces.number(str(link))].update(pids)
    frozen = {
        kind: {inode: frozenset(pids) for inode, pids in by_inode.items()}
        for kind, by_inode in found.items()
    }
    return frozen, hidden


@dataclass(frozen=True)
class _Shared:
    """What the sides of one snapshot have in common: what two of them share is read once."""

    parts: frozenset[str]
    proc: str
    table: tuple[Process, ...]
    names: dict[int, Names] = field(default_factory=dict)  # by UTS namespace
    mounts: dict[tuple[int, str], tuple[Mount, ...]] = field(default_factory=dict)  # by namespace and root


def _side(shared: _Shared, name: SideName, pid: int) -> Side | None:
    """The side that pid is on; None when pid is gone."""
    reading = _Reading(shared, pid)
    try:
        side = reading.side(name)
    except ProcessLookupError:
        return None
    # It may also have ended between two files: then what could be read last is not worth telling.
    return side if not side.unreadable or os.path.lexists(f"{shared.proc}/{pid}") else None


def _gone(name: SideName, pid: int) -> Side:
    return Side(name, pid, unreadable=("process: it has ended",))


class _Reading:
    """Reads one side. A method a part; what may not be read is noted and left empty."""

    def __init__(self, shared: _Shared, pid: int) -> None:
        self.shared, self.pid, self.proc = shared, pid, shared.proc
        self.unreadable: list[str] = []

    def get(self, what: str, read: Callable[[], T], otherwise: T) -> T:
        """read(), or otherwise and a note. A process that is gone is for the caller: ProcessLookupError."""
        try:
            return read()
        except ProcessLookupError:
            raise
        except OSError as error:
            self.unreadable.append(f"{what}: {error.strerror or error}")
            return otherwise

    def side(self, name: SideName) -> Side:
        """The whole side."""
        pid, proc, parts = self.pid, self.proc, self.shared.parts
        ns = self.get("namespaces", lambda: namespaces.inodes(pid, proc), {})
        process = self._process() if "processes" in parts else None
        root = self.get("root", lambda: os.readlink(f"{proc}/{pid}/root"), None) if "mounts" in parts else None
        return Side(
            name,
            pid,
            ns=ns,
            ns_for_children=namespaces.inodes_for_children(pid, proc) if ns else {},
            owners={kind: namespaces.owner(pid, kind, proc) for kind in ns} if "owners" in parts else {},
            parents={kind: namespaces.parent(pid, kind, proc) for kind in ("pid", "user")}
            if "owners" in parts
            else {},
            names=self._names(ns.get("uts")) if "names" in parts else None,
            process=process,
            processes=processes.visible(self.shared.table, process, proc) if process else (),
            ps=self.get("ps", lambda: len(processes.pids(f"{proc}/{pid}/root/proc")), None) if process else None,
            proc_own=processes.proc_is_own(process, proc) if process else None,
            root=root,
            mounts=self._mounts(ns.get("mnt"), root) if "mounts" in parts else (),
            identity=self.get("identity", lambda: identity.read(pid, proc), None)
            if "identity" in parts
            else None,
            cgroups=self.get("cgroups", lambda: cgroups.paths(pid, proc), ()) if "cgroups" in parts else (),
            unreadable=tuple(self.unreadable),
        )
