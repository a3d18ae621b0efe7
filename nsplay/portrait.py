"""One process beside the host, and everything that `nsplay look` has to say of it: as data, and as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from nsplay import containers, dangers, limits
from nsplay.containers import Container
from nsplay.dangers import Judgement
from nsplay.errors import MachineError, UsageError
from nsplay.kernel import ownership, processes
from nsplay.kernel.identity import ordered
from nsplay.kernel.namespaces import KINDS
from nsplay.kernel.visits import Visits
from nsplay.limits import Bound, Limits
from nsplay.side import Shared, Side
from nsplay.side import read as side_of
from nsplay.snapshot import Snapshot, take
from nsplay.standing import Standing, hidden, host_pid, standing

FORMAT: Final = 1  # of the JSON; it grows when something is taken away or means something else
PARTS: Final = containers.PARTS | dangers.PARTS | {"names", "owners"}


@dataclass(frozen=True)
class Portrait:
    """now: host | this process. What may not be read is missing in there, and named in `now.inside.unreadable`."""

    standing: Standing
    now: Snapshot
    command: str  # its command line
    container: Container | None  # None: it is in no namespace but the host's
    bounds: tuple[Bound, ...] | None  # None: nobody can tell
    judged: Judgement

    @property
    def side(self) -> Side:
        """The process's."""
        return self.now.inside or self.now.host

    @property
    def own(self) -> tuple[str, ...]:
        """The kinds of namespaces that it doesn't share with the host."""
        return tuple(kind for kind in KINDS if self.whose(kind))

    def whose(self, kind: str) -> bool | None:
        """Has it a namespace of its own of this kind? None: may not be read."""
        here, there = self.side.ns.get(kind), self.now.host.ns.get(kind)
        return here != there if here and there else None


def draw(pid: int, more: frozenset[str] = frozenset()) -> Portrait:
    """Looks at a process. more: parts of a snapshot beside those that are always read.

    MachineError when there is no such process. One that has ended but lies there yet, a thread of the kernel's own, and one
    that may not be read: what can be said of it, with `standing.problem` set.
    """
    stands = standing(pid)
    host = host_pid()
    now = take(host, host, pid, PARTS | more)
    if now.inside is None:
        raise MachineError(f"process {pid} ({stands.row.comm}) has ended just now")
    if not stands.problem and not now.inside.ns:
        stands = hidden(stands.row)
    container = None if stands.problem == "kernel" else containers.of(pid, containers.find(now))
    now = _watching(now, container.pids if container else frozenset({pid}))
    bounds = Limits().of(pid)
    judged = Judgement((), (), ())
    if stands.problem in ("", "hidden"):
        judged = dangers.judge(now.inside or now.host, now.host, limits.unlimited(bounds))
    return Portrait(stands, now, processes.command(pid), container, bounds, judged)


def _watching(now: Snapshot, pids: frozenset[int]) -> Snapshot:
    """With these in the place of a learner's processes."""
    tree = ownership.read(sorted({now.host.pid, *pids})) if "tree" in now.parts else ()
    return replace(now, watched=pids, tree=tree)


class Pair(NamedTuple):
    """Two of them. now: the first one as host, the second one as inside."""

    a: Portrait
    b: Portrait
    now: Snapshot


class Line(NamedTuple):
    """One container of many. judged, bounds: None where that may not be read."""

    it: Container
    judged: Judgement | None
    bounds: tuple[Bound, ...] | None


class Overview(NamedTuple):
    """All containers. hidden: how many processes may not be looked into."""

    lines: tuple[Line, ...]
    hidden: int


def overview() -> Overview:
    """Every container, judged by its first process. One that ends meanwhile is left out."""
    host = host_pid()
    now = take(host, host, None, PARTS)
    found = containers.find(now)
    shared = Shared(dangers.PARTS, "/proc", (), Visits(dangers.PARTS, (), "/proc"))
    table = {row.pid: row for row in now.processes}
    groups = Limits()
    lines = []
    for one in found:
        side = side_of(shared, "inside", one.pid)
        if side is None:
            continue
        bounds = groups.of(one.pid)
        row = table[one.pid]
        side = replace(side, process=row, proc_own=processes.proc_is_own(row))
        judged = dangers.judge(side, now.host, limits.unlimited(bounds)) if side.ns else None
        lines.append(Line(one, judged, bounds))
    return Overview(tuple(lines), now.hidden)


def find(word: str) -> Container:
    """The container of that name or number. UsageError when several are meant, MachineError when none is."""
    host = host_pid()
    now = take(host, host, None, containers.PARTS)
    every = containers.find(now)
    found = [one for one in every if one.answers(word)]
    if len(found) == 1:
        return found[0]
    if found:
        told = ", ".join(f"{one.called} ({one.runtime or 'by hand'}, pid {one.pid})" for one in found)
        raise UsageError(f"{len(found)} containers are called {word}", told, f"nsplay look {found[0].pid}")
    names = ", ".join(one.name or one.id[:12] for one in every if one.real and (one.name or one.id))
    why = f"there are: {names}" if names else "none that has a name is running"
    if now.hidden:
        why += f"; {now.hidden} processes may not be looked into"
    raise MachineError(f"there is no container {word}", why, "nsplay look --all")


# ---- for programs


def as_json(it: Portrait) -> Mapping[str, Any]:
    """What README.md ("Looking into containers") describes. A value that may not be read, or that there is none of, is null."""
    side, who = it.side, it.side.identity
    return {
        "format": FORMAT,
        "pid": it.standing.row.pid,
        "comm": it.standing.row.comm,
        "command": it.command,
        "pids": list(it.standing.row.nspids),
        "problem": problem(it),
        "container": container(it.container) if it.container else None,
        "namespaces": {
            kind: {"inode": side.ns.get(kind), "own": it.whose(kind), "owner": side.owners.get(kind)}
            for kind in KINDS
        },
        "host": {
            "pid": it.now.host.pid,
            "namespaces": dict(it.now.host.ns),
            "hostname": it.now.host.names and it.now.host.names.hostname,
        },
        "hostname": side.names and side.names.hostname,
        "user": who
        and {"inside": who.uid, "host": who.uids.effective, "map": [list(row) for row in who.uid_map]},
        "capabilities": who
        and {name: list(ordered(getattr(who.capabilities, name))) for name in who.capabilities._fields},
        "no_new_privs": who and who.no_new_privs,
        "seccomp": who and who.seccomp,
        "root": side.root,
        "mounts": None if side.lacks("mounts") else [mount._asdict() for mount in side.mounts],
        "limits": None if it.bounds is None else [bound._asdict() for bound in it.bounds],
        "dangers": judgement(it.judged)["dangers"],
        "fine": judgement(it.judged)["fine"],
        "unreadable": [*side.unreadable, *(f"danger {key}" for key in it.judged.unknown)],
    }


def problem(it: Portrait) -> Mapping[str, str] | None:
    """Why not all could be read."""
    if not it.standing.problem:
        return None
    error = it.standing.error
    return {"kind": it.standing.problem, "what": error.what, "why": error.why, "do": error.do}


def container(one: Container) -> Mapping[str, Any]:
    """A container: empty words are null."""
    return {
        "runtime": one.runtime or None,
        "name": one.name or None,
        "id": one.id or None,
        "image": one.image or None,
        "pod": one.pod or None,
        "container": one.real,
        "pid": one.pid,
        "comm": one.comm,
        "processes": sorted(one.pids),
        "own": None if one.own is None else list(one.own),
        "cgroup": one.path,
    }


def judgement(one: Judgement) -> Mapping[str, Any]:
    """Dangers and what is fine, in English: `key` is for programs."""
    return {
        "dangers": [
            {"key": it.key, "words": it.words.en, "cure": it.cure, "lesson": it.lesson} for it in one.dangers
        ],
        "fine": [words.en for words in one.fine],
        "unknown": list(one.unknown),
    }


def overview_json(it: Overview) -> Mapping[str, Any]:
    """All containers."""
    return {
        "format": FORMAT,
        "containers": [
            {
                **container(line.it),
                "limits": None if line.bounds is None else [bound._asdict() for bound in line.bounds],
                **(
                    judgement(line.judged)
                    if line.judged
                    else {"dangers": None, "fine": None, "unknown": None}
                ),
            }
            for line in it.lines
        ],
        "hidden": it.hidden,
    }
