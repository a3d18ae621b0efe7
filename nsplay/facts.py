"""Facts: named values of a snapshot, which checks compare and views show.

A fact's name is SIDE.NAME, SIDE being machine, host, inside or second. FACTS is the list of all names: what each one
means, which part of a snapshot it needs and how it is taken from one. What can't be known is absent.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from nsplay.kernel.identity import Identity, ordered
from nsplay.kernel.mounts import Mount
from nsplay.kernel.namespaces import FOR_CHILDREN, KINDS
from nsplay.snapshot import Side, SideName, Snapshot

Value = str | int | bool | tuple[str, ...]

SIDES: Final[tuple[SideName, ...]] = ("machine", "host", "inside", "second")
# The word in capitals in a fact's name stands for each of these.
WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "KIND": KINDS,
    "CHILD": FOR_CHILDREN,
    "NESTED": ("pid", "user"),
    "SET": ("effective", "permitted", "inheritable", "bounding", "ambient"),
    "CONTROLLER": (
        *("cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "io", "pids"),
        *("net_cls", "net_prio", "perf_event", "hugetlb", "rdma", "misc", "dmem"),
    ),
}
_WORD: Final = re.compile("|".join(WORDS))


class At(NamedTuple):
    """Where a fact is read: a side of a snapshot, and what the word in capitals stands for."""

    snapshot: Snapshot
    side: Side
    word: str


Read = Callable[[At], Value | None]


@dataclass(frozen=True)
class Fact:
    """One fact or, with a word in capitals in its name, one for each thing that the word stands for."""

    name: str  # without the side
    type: Literal["text", "number", "yes or no", "list"]
    part: str  # of a snapshot; empty: always there
    doc: str  # one line
    read: Read
    busy: bool = False  # changes by others' coming and going, too: no sign of what the learner did


def _own(at: At) -> Value | None:
    here, host = at.side.ns, at.snapshot.host.ns
    return tuple(kind for kind in KINDS if here.get(kind) != host.get(kind)) if here and host else None


def _members(at: At) -> frozenset[int] | None:
    inode = at.side.ns.get(at.word)
    return at.snapshot.members.get(at.word, {}).get(inode) if inode else None


def _others(at: At) -> int | None:
    # Go up from the place as long as the parent is a member: whoever is below that one was born a member.
    members = _members(at)
    if members is None:
        return None
    first = at.side.pid
    while (parent := at.snapshot.parents.get(first)) in members:
        first = parent
    return len(members - {first} - at.snapshot.below(first))


def _joined(at: At) -> bool | None:
    here, host, others = at.side.ns.get(at.word), at.snapshot.host.ns.get(at.word), _others(at)
    return here != host and others > 0 if here and host and others is not None else None


def _yours(at: At) -> int | None:
    return sum(row.pid in at.snapshot.stage_pids for row in at.side.processes) if at.side.process else None


def _kept(at: At) -> bool | None:
    if at.side.lacks("mounts") or at.word not in at.side.ns:
        return None
    root = f"{at.word}:[{at.side.ns[at.word]}]"
    return any(mount.keeps and mount.root == root for mount in (*at.side.mounts, *at.snapshot.host.mounts))


def _cgroup(at: At) -> str | None:
    # What no tree of version 1 has belongs to the one of version 2, whose row names no controllers.
    paths = {name: row.path for row in at.side.cgroups for name in row.controllers or ("",)}
    return paths.get(at.word, paths.get(""))


def _mounts(count: Callable[[Mount, str], bool]) -> Read:
    return lambda at: None if at.side.lacks("mounts") else sum(count(row, at.word) for row in at.side.mounts)


def _who(take: Callable[[Identity], Value | None]) -> Read:
    return lambda at: take(at.side.identity) if at.side.identity else None


def _capabilities(at: At) -> Value | None:
    return ordered(getattr(at.side.identity.capabilities, at.word)) if at.side.identity else None


# fmt: off
FACTS: Final = (
    Fact("pid", "number", "", "its process, as the machine numbers it", lambda at: at.side.pid),
    Fact("ns.KIND", "number", "", "the number of its KIND namespace", lambda at: at.side.ns.get(at.word)),
    Fact("ns.CHILD_for_children", "number", "", "the number of the CHILD namespace of its next child",
         lambda at: at.side.ns_for_children.get(at.word)),
    Fact("own", "list", "", "the kinds of namespace that it doesn't share with the host", _own),
    Fact("KIND.owner", "number", "owners", "the number of the user namespace that owns its KIND namespace",
         lambda at: at.side.owners.get(at.word)),
    Fact("NESTED.parent", "number", "owners", "the number of the namespace around its NESTED namespace",
         lambda at: at.side.parents.get(at.word)),
    Fact("KIND.members", "number", "members", "how many processes that can be seen share its KIND namespace",
         lambda at: None if (members := _members(at)) is None else len(members), busy=True),
    Fact("KIND.others", "number", "members",
         "how many of them were not born there by whoever brought the place there: 1 or more proves a join",
         _others, busy=True),
    Fact("KIND.joined", "yes or no", "members",
         "is it in a KIND namespace of somebody else's: not the host's, and not brought there by its own line?",
         _joined),
    Fact("hostname", "text", "names", "its host name", lambda at: at.side.names and at.side.names.hostname),
    Fact("domainname", "text", "names", "its domain name",
         lambda at: at.side.names and at.side.names.domainname),
    Fact("nspid", "number", "processes", "what its process calls itself",
         lambda at: at.side.process and at.side.process.nspids[-1]),
    Fact("processes", "number", "processes", "how many processes have a number in its pid namespace",
         lambda at: len(at.side.processes) if at.side.process else None, busy=True),
    Fact("processes.yours", "number", "processes", "how many of them are below the stage", _yours),
    Fact("ps", "number", "processes", "how many processes ps lists there", lambda at: at.side.ps, busy=True),
    Fact("proc.own", "yes or no", "processes", "does its /proc belong to its pid namespace?",
         lambda at: at.side.proc_own),
    Fact("root", "text", "mounts", "its root folder", lambda at: at.side.root),
    Fact("mounts", "number", "mounts", "how many mounts it sees", _mounts(lambda mount, word: True)),
    Fact("mounts.shared", "number", "mounts", "how many of them are shared",
         _mounts(lambda mount, _: mount.shared)),
    Fact("kept.KIND", "number", "mounts", "how many KIND namespaces are kept by a file there",
         _mounts(lambda mount, kind: mount.keeps == kind)),
    Fact("KIND.kept", "yes or no", "mounts", "is its KIND namespace kept by a file, there or on the host?",
         _kept),
    Fact("uid", "number", "identity", "its user, as it sees it itself", _who(lambda who: who.uid)),
    Fact("gid", "number", "identity", "its group, as it sees it itself", _who(lambda who: who.gid)),
    Fact("uid.outside", "number", "identity", "its user, as the machine sees it",
         _who(lambda who: who.uids.effective)),
    Fact("gid.outside", "number", "identity", "its group, as the machine sees it",
         _who(lambda who: who.gids.effective)),
    Fact("uid_map", "list", "identity", "its user ids: first inside, first outside, how many",
         _who(lambda who: tuple(map(str, who.uid_map)))),
    Fact("gid_map", "list", "identity", "its group ids: first inside, first outside, how many",
         _who(lambda who: tuple(map(str, who.gid_map)))),
    Fact("setgroups", "text", "identity", "allow or deny", _who(lambda who: who.setgroups or None)),
    Fact("capabilities.SET", "list", "identity", "its SET capabilities", _capabilities),
    Fact("no_new_privs", "yes or no", "identity", "has it given up getting rights by an exec?",
         _who(lambda who: who.no_new_privs)),
    Fact("seccomp", "text", "identity", "none, strict or filter", _who(lambda who: who.seccomp)),
    Fact("cgroup.path", "text", "cgroups", "where it is in the tree of version 2",
         lambda at: _cgroup(at._replace(word=""))),
    Fact("cgroup.CONTROLLER", "text", "cgroups", "where it is in the tree that has CONTROLLER", _cgroup),
)
# fmt: on


def _names(fact: Fact) -> Iterator[tuple[str, str]]:
    """Each name of a fact, without the side, and what its word in capitals stands for there."""
    if (found := _WORD.search(fact.name)) is None:
        yield fact.name, ""
    else:
        for thing in WORDS[found[0]]:
            yield fact.name.replace(found[0], thing), thing


_INDEX: Final = {name: (fact, thing) for fact in FACTS for name, thing in _names(fact)}
NAMES: Final = tuple(f"{side}.{name}" for side in SIDES for name in _INDEX)


def _find(name: str) -> tuple[Fact, str] | None:
    side, _, rest = name.partition(".")
    return _INDEX.get(rest) if side in SIDES else None


def _get(name: str) -> tuple[Fact, str]:
    if (found := _find(name)) is None:
        raise KeyError(name)
    return found


def known(name: str) -> bool:
    """Is there a fact of that name (with its side)?"""
    return _find(name) is not None


def parts_for(name: str) -> frozenset[str]:
    """The parts of a snapshot that a fact needs; none where it is always there. KeyError if unknown."""
    fact, _ = _get(name)
    return frozenset({fact.part}) if fact.part else frozenset()


def describe(name: str) -> str:
    """What a fact means, in one line. KeyError for an unknown name."""
    fact, thing = _get(name)
    return _WORD.sub(thing, fact.doc)


def busy(name: str) -> bool:
    """Does it change by others' coming and going, too? KeyError for an unknown name."""
    return _get(name)[0].busy


def facts(snapshot: Snapshot) -> dict[str, Value]:
    """All that the snapshot knows, by name."""
    found: dict[str, Value] = {}
    there = {"", *snapshot.parts}
    for side in snapshot.sides:
        for name, (fact, thing) in _INDEX.items():
            if fact.part in there and (value := fact.read(At(snapshot, side, thing))) is not None:
                found[f"{side.name}.{name}"] = value
    return found
