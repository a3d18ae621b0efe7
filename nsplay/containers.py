"""Which containers there are: found by namespaces and cgroup paths alone, in one pass over the process table.

Who is in another namespace of any kind than the host is in a container of some sort. Whose group a runtime made belongs to
that container; all others belong together when they share a namespace that isn't the host's, or are of one family.
"""

import os
import pwd
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from nsplay.kernel import cgroups, processes, runtime_files, runtimes
from nsplay.kernel.namespaces import KINDS
from nsplay.kernel.processes import Process
from nsplay.kernel.runtime_files import Named
from nsplay.kernel.runtimes import Origin
from nsplay.snapshot import Snapshot

PARTS: Final = frozenset({"processes", "members"})  # of a snapshot, which `find` needs

# Programs that put parts of themselves into namespaces of their own (user, pid, net), all in their caller's groups
BROWSERS: Final = re.compile(
    r"chrom|firefox|brave|msedge|vivaldi|opera|electron|librewolf|webkit|web content", re.I
)
# By the name of a container's first process or of its parent; a name has 15 characters at most.
MAKERS: Final = {
    "bwrap": "bubblewrap",
    "unshare": "unshare",
    "firejail": "firejail",
    "minijail0": "minijail",
    "systemd-nspawn": "nspawn",
    "runc": "runc",
    "crun": "crun",
    "lxc-start": "lxc",
    "conmon": "podman",
    "containerd-shim": "containerd",
    "docker-containe": "docker",
}

Ns = tuple[str, int]  # kind, inode


class Container(NamedTuple):
    """One container, or another group of processes in namespaces of their own. What isn't known is empty."""

    runtime: str
    name: str
    id: str
    image: str
    pod: str  # kubernetes: the pod's uid
    real: bool  # False: a service, an application or a browser that was fenced in
    pid: int  # its first process: number 1 in there or, without a pid namespace, the oldest
    comm: str  # of that one
    pids: frozenset[int]
    own: (
        tuple[str, ...] | None
    )  # the kinds that its first process doesn't share with the host; None: may not be read
    path: str  # the cgroup of its first process: the longest of all trees
    grouped: bool  # is it in a group that was made for it, so that what the group uses is its own?

    @property
    def called(self) -> str:
        """The best name there is."""
        return self.name or self.id[:12] or self.comm

    def answers(self, word: str) -> bool:
        """Is it meant by this word: its name, the last part of it, or how its number begins?"""
        names = {self.called, self.name, self.name.rpartition("/")[2], self.id, self.pod} - {""}
        return word in names or (len(word) >= 4 and self.id.startswith(word))


class _Group(NamedTuple):
    """Processes in exactly the same namespaces. own: those that aren't the host's; None: may not be read."""

    own: frozenset[Ns] | None
    rows: tuple[Process, ...]  # the oldest first
    path: str
    origin: Origin | None


def find(now: Snapshot, proc: str = "/proc", root: str = "/") -> tuple[Container, ...]:
    """All of them, containers first, then by pid. now: with PARTS. root: where the runtimes' state files are looked for."""
    groups = [*_readable(now, proc), *_hidden(now, proc)]
    parts = _joined(groups, {row.pid: row for row in now.processes})
    written = runtime_files.by_pid(root) if parts else {}
    found = (_container(now, part, written, proc, root) for part in parts)
    return tuple(sorted(found, key=lambda one: (not one.real, one.pid)))


def of(pid: int, found: Iterable[Container]) -> Container | None:
    """The one that pid is in; of several the smallest."""
    return min((one for one in found if pid in one.pids), key=lambda one: len(one.pids), default=None)


# ---- groups of processes


def _readable(now: Snapshot, proc: str) -> Iterator[_Group]:
    """Of those whose namespaces may be read."""
    own: defaultdict[int, set[Ns]] = defaultdict(set)
    for kind, by_inode in now.members.items():
        host = now.host.ns.get(kind)
        for inode, pids in by_inode.items():
            if host is not None and inode != host and inode:
                for pid in pids:
                    own[pid].add((kind, inode))
    together: defaultdict[frozenset[Ns], list[Process]] = defaultdict(list)
    for row in now.processes:
        if row.pid in own and row.ppid != 2 and row.state not in "ZX":  # kthreadd's children are the kernel's
            together[frozenset(own[row.pid])].append(row)
    for kinds, rows in together.items():
        rows.sort(key=lambda row: (row.start, row.pid))
        yield _group(kinds, tuple(rows), proc)


def _hidden(now: Snapshot, proc: str) -> Iterator[_Group]:
    """Of those whose namespaces may not be read: the group's path and the numbers in NSpid are everybody's."""
    if not now.hidden:
        return
    depth = len(now.host.process.nspids) if now.host.process else 1
    together: defaultdict[tuple[object, ...], list[Process]] = defaultdict(list)
    paths: dict[int, tuple[str, Origin | None]] = {}
    for row in now.processes:
        if row.pid_ns or row.ppid == 2 or row.pid == 2 or row.state in "ZX":
            continue
        paths[row.pid] = path, origin = _path(row.pid, proc)
        if origin and origin.container:
            together[origin.key].append(row)
        elif len(row.nspids) > depth:
            together[("family", _top(row, now))].append(row)
    for rows in together.values():
        rows.sort(key=lambda row: (row.start, row.pid))
        path, origin = paths[rows[0].pid]
        yield _Group(None, tuple(rows), path, origin if origin and origin.container else None)


def _top(row: Process, now: Snapshot) -> int:
    """The outermost ancestor that is as deep in pid namespaces."""
    rows = now.memo.setdefault("rows by pid", {one.pid: one for one in now.processes})
    while (parent := rows.get(row.ppid)) and len(parent.nspids) >= len(row.nspids):
        row = parent
    return row.pid


def _group(own: frozenset[Ns], rows: tuple[Process, ...], proc: str) -> _Group:
    """Who came in later (nsenter) is still in a group of where it came from: the oldest one's counts."""
    return _Group(own, rows, *_path(rows[0].pid, proc))


def _path(pid: int, proc: str) -> tuple[str, Origin | None]:
    try:
        paths = [row.path for row in cgroups.paths(pid, proc)]
    except OSError:
        return "", None
    return max(paths, key=len, default=""), runtimes.best(paths)


# ---- which of them are one container


def _joined(groups: list[_Group], rows: Mapping[int, Process]) -> list[list[_Group]]:
    """Union and find: by a runtime's key, by a shared namespace, by family."""
    leader = list(range(len(groups)))

    def top(number: int) -> int:
        while leader[number] != number:
            leader[number] = number = leader[leader[number]]
        return number

    def join(a: int, b: int) -> None:
        leader[max(top(a), top(b))] = min(top(a), top(b))

    made = {number for number, group in enumerate(groups) if group.origin and group.origin.container}
    by_key: dict[tuple[str, str], int] = {}
    by_ns: defaultdict[Ns, list[int]] = defaultdict(list)
    where: dict[int, int] = {}
    for number, group in enumerate(groups):
        where.update(dict.fromkeys((row.pid for row in group.rows), number))
        for one in group.own or ():
            by_ns[one].append(number)
        if number in made and group.origin:
            join(number, by_key.setdefault(group.origin.key, number))
    for number, group in enumerate(groups):
        if number not in made:
            shared = [other for one in group.own or () for other in by_ns[one]]
            family = [where[row.ppid] for row in group.rows if row.ppid in where]
            runtime = [other for other in (*shared, *family) if other in made]
            # A visitor belongs to one container, even if two of them share a namespace with it.
            for other in runtime[:1] or (*shared, *family):
                join(number, other)
    parts: defaultdict[int, list[_Group]] = defaultdict(list)
    for number, group in enumerate(groups):
        parts[top(number)].append(group)
    return list(parts.values())


# ---- what each is


def _container(
    now: Snapshot, part: list[_Group], written: Mapping[int, Named], proc: str, root: str
) -> Container:
    made = next((group for group in part if group.origin and group.origin.container), None)
    members = sorted((row for group in part for row in group.rows), key=lambda row: (row.start, row.pid))
    # Not a visitor, and not a container in the container
    key = made.origin.key if made and made.origin else None
    core = [
        row for group in part if not key or (group.origin and group.origin.key == key) for row in group.rows
    ]
    core.sort(key=lambda row: (row.start, row.pid))
    first = next((row for row in core if processes.is_init(row)), core[0])
    home = next(group for group in part if first in group.rows)
    origin = home.origin or (made.origin if made else None) or Origin("")
    if not origin.container and not _starts_there(now, core[0], origin, proc):
        origin = Origin("")
    named = next((written[row.pid] for row in core if row.pid in written), Named())
    if origin.id or origin.runtime == "lxc":
        named = runtime_files.named(origin, _home(first.pid, proc), root)
    elif not origin.runtime and not named.runtime:
        origin = _by_hand(now, core[0], home.own)
    kinds = None if home.own is None else {kind for kind, _ in home.own}
    return Container(
        runtime=named.runtime or origin.runtime,
        name=named.name or origin.name,
        id=origin.id,
        image=named.image,
        pod=origin.pod,
        real=origin.container or bool(named.runtime),
        pid=first.pid,
        comm=first.comm,
        pids=frozenset(row.pid for row in members),
        own=None if kinds is None else tuple(kind for kind in KINDS if kind in kinds),
        path=home.path,
        grouped=made is not None or (core[0].ppid > 1 and _path(core[0].ppid, proc)[0] != home.path),
    )


def _starts_there(now: Snapshot, first: Process, origin: Origin, proc: str) -> bool:
    """Was a service's process fenced in by whoever started the service, and not by the service itself?"""
    _, above = _path(first.ppid, proc) if first.ppid else ("", None)
    return above != origin


def _by_hand(now: Snapshot, first: Process, own: frozenset[Ns] | None) -> Origin:
    """Neither a path nor a file tells. Who made the namespaces, as far as that can be seen."""
    parent = next((row for row in now.processes if row.pid == first.ppid), None)
    names = [row.comm for row in (parent, first) if row]
    browser = next((name for name in names if BROWSERS.search(name)), "")
    if browser and any(kind == "user" for kind, _ in own or ()):
        return Origin("browser", name=browser, container=False)
    maker = next((MAKERS[name] for name in names if name in MAKERS), "")
    return Origin(maker, container=True)


def _home(pid: int, proc: str) -> str:
    try:
        return pwd.getpwuid(os.stat(f"{proc}/{pid}").st_uid).pw_dir
    except (OSError, KeyError):
        return ""
