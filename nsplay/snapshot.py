"""One look at the kernel: nsplay's own place, the host as the stage has it, and where the learner is."""

import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Literal

from nsplay import side
from nsplay.kernel import (
    namespaces,
    ownership,
    processes,
)
from nsplay.kernel.ownership import Owned
from nsplay.kernel.processes import Init, Process
from nsplay.kernel.visits import Visits
from nsplay.side import FILE, Shared, Side, SideName

__all__ = ["FILE", "PARTS", "Side", "SideName", "Snapshot", "take"]

# What can be asked for, beside "file:/PATH"; which namespaces a side is in is always read. The rest costs nothing unasked.
PARTS: Final = frozenset(
    {"names", "processes", "mounts", "identity", "cgroups", "members", "owners", "tree"}
    | {"network", "rules", "ipc", "clocks"}  # asked from within
)
<<<<<<< HEAD
=======
FILE: Final = "file:"  # and, for each path that is to be looked at, "file:/PATH"

SideName = Literal["machine", "host", "inside", "second"]
T = TypeVar("T")


@dataclass(frozen=True)
class Side:
    """One place, seen through one process of it. What wasn't asked for or can't be read is empty or None."""

    name: SideName
    pid: int
    ns: Mapping[str, int] = field(default_factory=dict)  # kind → inode
    ns_for_children: Mapping[str, int] = field(default_factory=dict)  # the same, pid and time only
    owners: Mapping[str, int | None] = field(
        default_factory=dict
    )  # kind → user namespace; None: out of sight
    parents: Mapping[str, int | None] = field(default_factory=dict)  # pid, user → the namespace around it
    names: Names | None = None
    process: Process | None = None  # the one through which this side is seen
    processes: tuple[Process, ...] = ()  # those with a number in its pid namespace
    ps: int | None = None  # how many processes the /proc in there lists
    proc_own: bool | None = None  # does that /proc belong to its pid namespace?
    root: str | None = None  # its root folder, as its mount namespace calls it
    mounts: tuple[Mount, ...] = ()
    identity: Identity | None = None
    cgroups: tuple[Membership, ...] = ()
    own_cgroups: Own | None = None  # the same, as it says itself
    groups: Mapping[str, int] = field(
        default_factory=dict
    )  # mounted cgroup tree → groups right below its top
    files: Mapping[str, File | None] = field(default_factory=dict)  # those asked for; None: nothing is there
    network: Network | None = None
    sys_links: tuple[str, ...] | None = None  # what /sys/class/net shows in there; None: there is no sysfs
    rules: tuple[Rule, ...] | None = None  # of nftables
    ipc: Ipc | None = None
    folders: Mapping[str, Folder] = field(default_factory=dict)  # /dev/shm, /dev/mqueue
    clocks: Clocks | None = None
    unreadable: tuple[str, ...] = ()  # such as "mounts: Permission denied"

    def lacks(self, what: str) -> bool:
        """Could `what` (or anything at all) not be read? Tells an empty mount table from one that is unknown."""
        return any(line.startswith((f"{what}: ", "place: ")) for line in self.unreadable)
>>>>>>> 27be891 (How many groups a mounted cgroup tree has right below its top: what a mkdir and an rmdir there can be checked by, for both versions)


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
        return self.below(self.root_pid)

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
    """Read `parts` (some of PARTS, and "file:/PATH") of all sides now.

    What may not be read, or that the stage has ended, is told in `Side.unreadable`; a place that has ended is
    no side. Without warden_pid the learner's processes are those below stage_pid. second_pid: a process in
    front of the second terminal. ValueError for an unknown part.
    """
    if unknown := {part for part in parts - PARTS if not part.startswith(f"{FILE}/")}:
        raise ValueError(f"no such part of a snapshot: {', '.join(sorted(unknown))}")
    table = processes.all(proc) if parts & {"processes", "members", "tree"} else ()
    members, hidden = _members(table, proc) if "members" in parts else ({}, 0)
    pids = dict.fromkeys(pid for pid in (machine_pid, stage_pid, place_pid, second_pid) if pid is not None)
    shared = Shared(parts, proc, table, Visits(parts, pids, proc))
    root_pid = stage_pid if warden_pid is None else warden_pid
    machine = side.read(shared, "machine", machine_pid) or side.ended("machine", machine_pid)
    if stage_pid == machine_pid:
        host = replace(machine, name="host")
    else:
        host = side.read(shared, "host", stage_pid) or side.ended("host", stage_pid)
    learners = processes.below(root_pid, processes.family(table)) if "tree" in parts else frozenset[int]()
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
        inits=_inits(table, root_pid, proc) if "processes" in parts else {},
        second=side.read(shared, "second", second_pid) if second_pid is not None else None,
    )


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
    for row in table:
        base = f"{proc}/{row.pid}/ns/"
        try:
            groups[tuple([os.readlink(base + kind) for kind in kinds])].append(row)
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
<<<<<<< HEAD
=======


@dataclass(frozen=True)
class _Shared:
    """What the sides of one snapshot have in common: what two of them share is read once."""

    parts: frozenset[str]
    proc: str
    table: tuple[Process, ...]
    visits: Visits
    names: dict[int, Names] = field(default_factory=dict)  # by UTS namespace
    networks: dict[int, Network] = field(default_factory=dict)  # by network namespace
    mounts: dict[tuple[int, str], tuple[Mount, ...]] = field(default_factory=dict)  # by namespace and root


def _ended(name: SideName, pid: int) -> Side:
    return Side(name, pid, unreadable=("place: it has ended",))


def _side(shared: _Shared, name: SideName, pid: int) -> Side | None:
    """The side that pid is on; None when pid has ended."""
    side = _Reading(shared, pid).side(name)
    # A process that ends between two files can look like one that may not be read.
    return side if not side.unreadable or os.path.lexists(f"{shared.proc}/{pid}") else None


class _Reading:
    """Reads one side. What can't be read is noted and left empty."""

    def __init__(self, shared: _Shared, pid: int) -> None:
        self.shared, self.pid, self.proc = shared, pid, shared.proc
        self.unreadable: list[str] = []

    def get(self, part: str | None, what: str, read: Callable[[], T], otherwise: T) -> T:
        """read(); otherwise, when part isn't asked for or, with a note on what, when it can't be read."""
        if part is not None and part not in self.shared.parts:
            return otherwise
        try:
            return read()
        except OSError as error:
            self.unreadable.append(f"{what}: {error.strerror or error}")
            return otherwise

    def side(self, name: SideName) -> Side:
        """The whole side."""
        pid, proc, get = self.pid, self.proc, self.get
        ns: Mapping[str, int] = get(None, "namespaces", lambda: namespaces.inodes(pid, proc), {})
        root = get("mounts", "root", lambda: os.readlink(f"{proc}/{pid}/root"), None)
        process = get("processes", "process", self._process, None)
        fields = Side(
            name,
            pid,
            ns=ns,
            ns_for_children=get(None, "namespaces for children", self._for_children, {}) if ns else {},
            owners=get("owners", "owners", lambda: self._each(namespaces.owner, *ns), {}),
            parents=get("owners", "parents", lambda: self._each(namespaces.parent, "pid", "user"), {}),
            names=get("names", "names", lambda: self._names(ns.get("uts")), None),
            process=process,
            root=root,
            mounts=get("mounts", "mounts", lambda: self._mounts(ns.get("mnt"), root), ()),
            identity=get("identity", "identity", lambda: identity.read(pid, proc), None),
            cgroups=get("cgroups", "cgroups", lambda: cgroups.paths(pid, proc), ()),
            own_cgroups=get("cgroups", "own cgroups", lambda: cgroups.own(self._asked("cgroups", ns)), None),
            groups=get("cgroups", "groups", lambda: cgroups.groups(pid, proc), {}),
            files=self._files(),
            network=get("network", "network", lambda: self._network(ns), None),
            sys_links=get("network", "sys links", lambda: network.seen_by_sysfs(pid, proc), None),
            rules=get("rules", "rules", lambda: firewall.parse(self._asked("rules", ns)), None),
            ipc=get("ipc", "ipc", lambda: ipc.parse(self._asked("ipc", ns)), None),
            folders=get("ipc", "ipc folders", lambda: ipc.folders(pid, proc), {}),
            clocks=get("clocks", "clocks", lambda: clocks.read(pid, self._asked("clocks", ns), proc), None),
        )
        if process is not None:
            fields = self._with_processes(fields, process)
        return replace(fields, unreadable=tuple(self.unreadable))

    def _with_processes(self, side: Side, process: Process) -> Side:
        pids = f"{self.proc}/{self.pid}/root/proc"
        return replace(
            side,
            processes=processes.visible(self.shared.table, process, self.proc),
            ps=self.get("processes", "ps", lambda: len(processes.pids(pids)), None),
            proc_own=processes.proc_is_own(process, self.proc),
        )

    def _for_children(self) -> Mapping[str, int]:
        return namespaces.inodes_for_children(self.pid, self.proc)

    def _each(self, read: Callable[[int, str, str], int | None], *kinds: str) -> Mapping[str, int | None]:
        return {kind: read(self.pid, kind, self.proc) for kind in kinds}

    def _process(self) -> Process:
        process = processes.read(self.pid, self.proc)
        if process is None:
            raise ProcessLookupError("not there")
        return process

    def _files(self) -> Mapping[str, File | None]:
        wanted = sorted(part.removeprefix(FILE) for part in self.shared.parts if part.startswith(FILE))
        found: dict[str, File | None] = {}
        for path in wanted:
            try:
                found[path] = paths.read(self.pid, path, self.proc)
            except OSError as error:
                self.unreadable.append(f"{path}: {error.strerror or error}")
        return found

    def _asked(self, part: str, ns: Mapping[str, int]) -> Sequence[bytes]:
        return self.shared.visits.answer(part, self.pid, ns)

    def _names(self, uts: int | None) -> Names:
        if uts is None:
            return names.read(self.pid, self.proc)
        if uts not in self.shared.names:
            self.shared.names[uts] = names.read(self.pid, self.proc)
        return self.shared.names[uts]

    def _network(self, ns: Mapping[str, int]) -> Network:
        net = ns.get("net")
        if net is None or net not in self.shared.networks:
            found = network.read(self.pid, self._asked("network", ns), self.proc)
            if net is None:
                return found
            self.shared.networks[net] = found
        return self.shared.networks[net]

    def _mounts(self, mnt: int | None, root: str | None) -> tuple[Mount, ...]:
        if mnt is None or root is None:
            return mounts.read(self.pid, self.proc)
        if (mnt, root) not in self.shared.mounts:
            self.shared.mounts[mnt, root] = mounts.read(self.pid, self.proc)
        return self.shared.mounts[mnt, root]
>>>>>>> 27be891 (How many groups a mounted cgroup tree has right below its top: what a mkdir and an rmdir there can be checked by, for both versions)
