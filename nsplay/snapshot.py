"""One look at the kernel: nsplay's own place, the host as the stage has it, and where the learner is."""

import contextlib
import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Literal

from nsplay import side
from nsplay.kernel import cgroups, clocks, namespaces, ownership, processes
from nsplay.kernel.clocks import Outsider
from nsplay.kernel.group import files as folders
from nsplay.kernel.group import group, pressure
from nsplay.kernel.group.files import Tree, below
from nsplay.kernel.group.group import Group
from nsplay.kernel.group.pressure import Pressure
from nsplay.kernel.identity import AS_THEY_ARE, MapRow
from nsplay.kernel.ownership import Owned
from nsplay.kernel.processes import Init, Process
from nsplay.kernel.visits import Visits
from nsplay.side import FILE, Shared, Side, SideName

__all__ = ["FILE", "GROUP", "PARTS", "Side", "SideName", "Snapshot", "take"]

GROUP: Final = "group:"  # for each group that is to be looked at, "group:/PATH" is a part of a snapshot

# What can be asked for, beside "file:/PATH" and "group:/PATH"; which namespaces a side is in is always read. The rest
# costs nothing unasked.
PARTS: Final = frozenset(
    {"names", "processes", "mounts", "identity", "cgroups", "groups", "pressure", "members", "owners", "tree"}
    | {"network", "rules", "ipc", "clocks"}  # asked from within
)


@dataclass(frozen=True)
class Snapshot:
    """Everything at one moment. `host` is the stage, `machine` nsplay's own: without a fence the same."""

    parts: frozenset[str]
    machine: Side
    host: Side
    inside: Side | None  # None when there is no place, or it has ended
    leader: int | None  # the process that inside was asked of
    processes: tuple[Process, ...]  # all that the machine shows
    members: Mapping[str, Mapping[int, frozenset[int]]]  # kind → inode → pids, of those that may be looked at
    hidden: int  # how many may not
    root_pid: int  # of the learner's processes: the warden or, without one, the stage
    second: Side | None = None  # where the second terminal is, when there is one
    # The namespaces that the learner's processes and the host are in, and who owns them
    tree: tuple[Owned, ...] = ()
    inits: Mapping[int, Init] = field(default_factory=dict)  # pid 1 of each of the learner's pid namespaces
    # The learner's processes whose children are born in another time namespace than their own
    outsiders: tuple[Outsider, ...] = ()
    # Path below the tops of the stage's trees → the group: with "groups" all that the learner has made, and those asked for
    groups: Mapping[str, Group] = field(default_factory=dict)
    pressure: Mapping[str, Pressure] = field(default_factory=dict)  # of the whole machine
    watched: frozenset[int] | None = None  # where no learner is: whose processes count as theirs
    _below: dict[int, frozenset[int]] = field(default_factory=dict, init=False, repr=False, compare=False)
    # A place for what others make of it, who are asked again and again: its facts.
    memo: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def sides(self) -> tuple[Side, ...]:
        """Machine, host, and those of inside and second that there are."""
        return (self.machine, self.host, *(side for side in (self.inside, self.second) if side))

    @cached_property
    def parents(self) -> Mapping[int, int]:
        """Process → its parent."""
        return {row.pid: row.ppid for row in self.processes}

    @cached_property
    def family(self) -> Mapping[int, list[int]]:
        """Process → its children."""
        return processes.family(self.processes)

    @property
    def stage_pids(self) -> frozenset[int]:
        """The processes below the warden: the learner's, and the stage. Others come and go by themselves."""
        return self.below(self.root_pid) if self.watched is None else self.watched

    @property
    def host_maps(self) -> tuple[tuple[MapRow, ...], tuple[MapRow, ...]]:
        """What user and group ids as nsplay reads them are called on the host's side."""
        who = self.host.identity
        if who is None or self.host.ns.get("user") == self.machine.ns.get("user"):
            return (AS_THEY_ARE,), (AS_THEY_ARE,)
        return who.uid_map, who.gid_map

    def below(self, pid: int) -> frozenset[int]:
        """The processes below pid, without itself."""
        if pid not in self._below:
            self._below[pid] = processes.below(pid, self.family)
        return self._below[pid]


def take(
    machine_pid: int,
    stage_pid: int,
    place_pid: int | None,
    parts: frozenset[str],
    proc: str = "/proc",
    warden_pid: int | None = None,
    second_pid: int | None = None,
) -> Snapshot:
    """Read `parts` (some of PARTS, "file:/PATH" and "group:/PATH") of all sides now.

    What may not be read, or that the stage has ended, is told in `Side.unreadable`; a place that has ended is
    no side. Without warden_pid the learner's processes are those below stage_pid. second_pid: a process in
    front of the second terminal. ValueError for an unknown part.
    """
    if unknown := {part for part in parts - PARTS if not part.startswith((f"{FILE}/", f"{GROUP}/"))}:
        raise ValueError(f"no such part of a snapshot: {', '.join(sorted(unknown))}")
    table = processes.all(proc) if parts & {"processes", "members", "tree", "clocks"} else ()
    members, hidden = _members(table, proc) if "members" in parts else ({}, 0)
    pids = dict.fromkeys(pid for pid in (machine_pid, stage_pid, place_pid, second_pid) if pid is not None)
    trees = _trees(stage_pid, parts, proc)
    shared = Shared(parts, proc, table, Visits(parts, pids, proc), trees)
    root_pid = stage_pid if warden_pid is None else warden_pid
    machine = side.read(shared, "machine", machine_pid) or side.ended("machine", machine_pid)
    if stage_pid == machine_pid:
        host = replace(machine, name="host")
    else:
        host = side.read(shared, "host", stage_pid) or side.ended("host", stage_pid)
    learners = (
        processes.below(root_pid, processes.family(table)) if parts & {"tree", "clocks"} else frozenset[int]()
    )
    return Snapshot(
        parts=parts,
        machine=machine,
        host=host,
        inside=side.read(shared, "inside", place_pid) if place_pid is not None else None,
        leader=place_pid,
        processes=table,
        members=members,
        hidden=hidden,
        root_pid=root_pid,
        tree=ownership.read(sorted({stage_pid, *learners}), proc) if "tree" in parts else (),
        outsiders=clocks.outsiders((row for row in table if row.pid in learners), proc)
        if "clocks" in parts
        else (),
        inits=_inits(table, root_pid, proc) if "processes" in parts else {},
        second=side.read(shared, "second", second_pid) if second_pid is not None else None,
        groups=_groups(trees, machine_pid, stage_pid, parts, proc),
        pressure=pressure.system(proc) if "pressure" in parts else {},
    )


def _trees(stage_pid: int, parts: frozenset[str], proc: str) -> tuple[Tree, ...]:
    """The stage's own, where anybody asks for groups."""
    if "groups" in parts or any(part.startswith(GROUP) for part in parts):
        with contextlib.suppress(OSError):  # it has ended, and a side says so
            return folders.trees(stage_pid, proc)
    return ()


def groups(
    machine_pid: int, stage_pid: int, parts: frozenset[str], proc: str = "/proc"
) -> Mapping[str, Group]:
    """Those of `Snapshot.groups` alone."""
    return _groups(_trees(stage_pid, parts, proc), machine_pid, stage_pid, parts, proc)


def _groups(
    trees: tuple[Tree, ...], machine_pid: int, stage_pid: int, parts: frozenset[str], proc: str
) -> Mapping[str, Group]:
    if not trees:
        return {}
    paths = {part.removeprefix(GROUP) for part in parts if part.startswith(GROUP)}
    # On a stage the trees begin there, so that all that is below their tops is the learner's, but for its own groups.
    if stage_pid != machine_pid and "groups" in parts:
        with contextlib.suppress(OSError):
            rows = cgroups.paths(stage_pid, proc)
            stages = {path for tree in trees if (path := below(tree, rows)) is not None}
            own = _apart(trees, folders.trees(machine_pid, proc))
            paths.update(group.found(own, but={"/", *stages}))
    return {path: group.read(trees, path) for path in sorted(paths)}


def _apart(trees: tuple[Tree, ...], machine: tuple[Tree, ...]) -> list[Tree]:
    """The trees that begin elsewhere than the machine's. A stage without groups of its own sees the machine's, where
    groups come and go that aren't the learner's.
    """
    tops = {_top(tree) for tree in machine}
    return [tree for tree in trees if _top(tree) not in tops]


def _top(tree: Tree) -> tuple[int, int]:
    at = os.stat(tree.folder)
    return at.st_dev, at.st_ino


def _inits(table: tuple[Process, ...], root_pid: int, proc: str) -> Mapping[int, Init]:
    """The learner's only: a machine may have hundreds of containers."""
    inits = [row for row in table if processes.is_init(row)]
    mine = processes.below(root_pid, processes.family(table)) if inits else frozenset()
    return {row.pid: processes.init(row, proc) for row in inits if row.pid in mine}


def init_of_children(snapshot: Snapshot, side: Side) -> Literal["none yet", "alive", "gone"] | None:
    """What became of pid 1 of the pid namespace that a side's next child is born in; once gone, no fork works.

    None where nobody can tell: the part "processes" is missing, or the side's process may not be looked at or is dead.
    """
    if "processes" not in snapshot.parts or "mnt" not in side.ns or side.lacks("namespaces for children"):
        return None
    inode = side.ns_for_children.get("pid")
    if inode is None:  # the kernel shows it from the first child on
        return "none yet"
    if inode == side.ns.get("pid"):
        return "alive"
    alive = any(row.pid_ns == inode and processes.is_init(row) for row in snapshot.processes)
    return "alive" if alive else "gone"


def _members(table: tuple[Process, ...], proc: str) -> tuple[Mapping[str, Mapping[int, frozenset[int]]], int]:
    """Kind → inode → the processes in it; and how many may not be asked."""
    # Nearly all processes are in the same eight: group them by all eight, and little is left to sort by kind.
    kinds = [kind for kind in namespaces.inodes("self", proc) if kind != "pid"]
    groups: defaultdict[tuple[str, ...], list[Process]] = defaultdict(list)
    hidden = 0
    kernels: tuple[str, ...] = ()
    for row in table:
        base = f"{proc}/{row.pid}/ns/"
        try:
            links = (row.kernels and kernels) or tuple([os.readlink(base + kind) for kind in kinds])
            groups[links].append(row)
            kernels = links if row.kernels else kernels  # where one of them is, all are
        except PermissionError:
            hidden += 1
        except OSError:  # a zombie is in none of them; others have ended meanwhile
            continue
    found: dict[str, defaultdict[int, set[int]]] = {kind: defaultdict(set) for kind in ("pid", *kinds)}
    for links, rows in groups.items():
        pids = {row.pid for row in rows}
        for kind, link in zip(kinds, links, strict=True):
            found[kind][namespaces.number(link)] |= pids
        for row in rows:
            found["pid"][row.pid_ns].add(row.pid)
    return {
        kind: {inode: frozenset(pids) for inode, pids in of.items()} for kind, of in found.items()
    }, hidden
