"""One place, seen through one process of it. What can't be read is noted, and left empty."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeVar

from nsplay.kernel import (
    cgroups,
    clocks,
    firewall,
    identity,
    ipc,
    mounts,
    names,
    namespaces,
    network,
    paths,
    processes,
)
from nsplay.kernel.cgroups import Membership, Own
from nsplay.kernel.clocks import Clocks
from nsplay.kernel.firewall import Rule
from nsplay.kernel.group import group
from nsplay.kernel.group.files import Tree
from nsplay.kernel.group.group import Group
from nsplay.kernel.identity import Identity
from nsplay.kernel.ipc import Folder, Ipc
from nsplay.kernel.mounts import Mount
from nsplay.kernel.names import Names
from nsplay.kernel.network import Network
from nsplay.kernel.paths import File
from nsplay.kernel.processes import Process
from nsplay.kernel.visits import Visits

FILE: Final = "file:"  # for each path that is to be looked at, "file:/PATH" is a part of a snapshot

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
    roots: tuple[str, ...] = ()  # those of the processes that it descends from, in its mount namespace
    mounts: tuple[Mount, ...] = ()
    identity: Identity | None = None
    maker: Identity | None = None  # of whoever made its user namespace; None in nsplay's own
    cgroups: tuple[Membership, ...] = ()
    own_cgroups: Own | None = None  # the same, as it says itself
    groups: Mapping[str, int] = field(
        default_factory=dict
    )  # mounted cgroup tree → groups right below its top
    group: Group | None = None  # the group it is in, as far as that is on the stage
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


@dataclass(frozen=True)
class Shared:
    """What the sides of one snapshot have in common: what two of them share is read once.

    table: all processes, where they are asked for. visits: to the namespaces that have to be entered. trees: the
    stage's cgroup trees, where groups are asked for.
    """

    parts: frozenset[str]
    proc: str
    table: tuple[Process, ...]
    visits: Visits
    trees: tuple[Tree, ...] = ()
    names: dict[int, Names] = field(default_factory=dict)  # by UTS namespace
    networks: dict[int, Network] = field(default_factory=dict)  # by network namespace
    mounts: dict[tuple[int, str], tuple[Mount, ...]] = field(default_factory=dict)  # by namespace and root
    groups: dict[tuple[Membership, ...], Group] = field(
        default_factory=dict
    )  # by what a process says it is in


def ended(name: SideName, pid: int) -> Side:
    """The side of a process that is gone."""
    return Side(name, pid, unreadable=("place: it has ended",))


def read(shared: Shared, name: SideName, pid: int) -> Side | None:
    """The side that pid is on; None when pid has ended."""
    side = _Reading(shared, pid).side(name)
    # A process that ends between two files can look like one that may not be read.
    return side if not side.unreadable or os.path.lexists(f"{shared.proc}/{pid}") else None


class _Reading:
    """Reads one side. What can't be read is noted and left empty."""

    def __init__(self, shared: Shared, pid: int) -> None:
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
            roots=get("mounts", "roots", lambda: tuple(processes.roots(pid, proc)), ()),
            mounts=get("mounts", "mounts", lambda: self._mounts(ns.get("mnt"), root), ()),
            identity=get("identity", "identity", lambda: identity.read(pid, proc), None),
            maker=get("identity", "maker", lambda: identity.maker(pid, proc), None),
            cgroups=get("cgroups", "cgroups", lambda: cgroups.paths(pid, proc), ()),
            own_cgroups=get("cgroups", "own cgroups", lambda: cgroups.own(self._asked("cgroups", ns)), None),
            groups=get("cgroups", "groups", lambda: cgroups.groups(pid, proc), {}),
            group=get("groups", "group", self._group, None),
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

    def _group(self) -> Group:
        where = cgroups.paths(self.pid, self.proc)
        if where not in self.shared.groups:
            self.shared.groups[where] = group.own(self.shared.trees, where)
        return self.shared.groups[where]

    def _mounts(self, mnt: int | None, root: str | None) -> tuple[Mount, ...]:
        if mnt is None or root is None:
            return mounts.read(self.pid, self.proc)
        if (mnt, root) not in self.shared.mounts:
            self.shared.mounts[mnt, root] = mounts.read(self.pid, self.proc)
        return self.shared.mounts[mnt, root]
