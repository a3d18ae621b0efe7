"""Facts: named values of a snapshot, which checks compare and views show.

A fact's name is SIDE.NAME, SIDE being machine, host, inside or second. FACTS is the list of all names: what each one
means, which part of a snapshot it needs and how it is taken from one. What can't be known is absent.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from nsplay.fact import cgroup, clocks, groups, ipc, mounts, network, processes
from nsplay.fact.base import SIDES, At, Fact, Free, Read, Value
from nsplay.kernel.identity import Identity, ordered
from nsplay.kernel.mounts import Mount
from nsplay.kernel.namespaces import FOR_CHILDREN, KINDS
from nsplay.snapshot import Snapshot

__all__ = ["FACTS", "NAMES", "SIDES", "WORDS", "Value", "busy", "describe", "facts", "known", "parts_for"]

# The word in capitals in a fact's name stands for each of these.
WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "KIND": KINDS,
    "CHILD": FOR_CHILDREN,
    "NESTED": ("pid", "user"),
    "SET": ("effective", "permitted", "inheritable", "bounding", "ambient"),
    "SIGNAL": ("HUP", "INT", "QUIT", "USR1", "USR2", "TERM", "CHLD"),
    "CONTROLLER": (
        *("cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "io", "pids"),
        *("net_cls", "net_prio", "perf_event", "hugetlb", "rdma", "misc", "dmem"),
    ),
}
# These stand for any name that is there.
FREE: Final[Mapping[str, Free]] = {**network.WORDS, **mounts.WORDS, **groups.WORDS}
_WORD: Final = re.compile("|".join((*WORDS, *FREE)))


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


def _stages(at: At, here: bool) -> int | None:
    members = _members(at)
    if members is None:
        return None
    mine = at.snapshot.stage_pids
    if here:
        return len(mine & members)
    return sum(len(mine & others) for others in at.snapshot.members[at.word].values()) - len(mine & members)


def _joined(at: At) -> bool | None:
    here, host, others = at.side.ns.get(at.word), at.snapshot.host.ns.get(at.word), _others(at)
    return here != host and others > 0 if here and host and others is not None else None


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


def _more_filters(at: At) -> int | None:
    mine, hosts = (who and who.filters for who in (at.side.identity, at.snapshot.host.identity))
    return mine - hosts if mine is not None and hosts is not None else None


def _capabilities(at: At) -> Value | None:
    return ordered(getattr(at.side.identity.capabilities, at.word)) if at.side.identity else None


# fmt: off
FACTS: Final = (
    Fact("pid", "id", "", "its process, as the machine numbers it", lambda at: at.side.pid),
    Fact("ns.KIND", "id", "", "the number of its KIND namespace", lambda at: at.side.ns.get(at.word)),
    Fact("ns.CHILD_for_children", "id", "", "the number of the CHILD namespace of its next child",
         lambda at: at.side.ns_for_children.get(at.word)),
    Fact("own", "list", "", "the kinds of namespace that it doesn't share with the host", _own),
    Fact("KIND.owner", "id", "owners", "the number of the user namespace that owns its KIND namespace",
         lambda at: at.side.owners.get(at.word)),
    Fact("NESTED.parent", "id", "owners", "the number of the namespace around its NESTED namespace",
         lambda at: at.side.parents.get(at.word)),
    Fact("KIND.members", "count", "members", "how many processes that can be seen share its KIND namespace",
         lambda at: None if (members := _members(at)) is None else len(members), busy=True),
    Fact("KIND.others", "count", "members",
         "how many of them were not born there by whoever brought the place there: 1 or more proves a join",
         _others, busy=True),
    Fact("KIND.yours", "count", "members", "how many of those below the stage share its KIND namespace",
         lambda at: _stages(at, True)),
    Fact("KIND.apart", "count", "members", "how many of those below the stage are in another KIND namespace",
         lambda at: _stages(at, False)),
    Fact("KIND.joined", "yes or no", "members",
         "is it in a KIND namespace of somebody else's: not the host's, and not brought there by its own line?",
         _joined),
    Fact("hostname", "text", "names", "its host name", lambda at: at.side.names and at.side.names.hostname),
    Fact("domainname", "text", "names", "its domain name",
         lambda at: at.side.names and at.side.names.domainname),
    *processes.FACTS,
    Fact("root", "text", "mounts", "its root folder", lambda at: at.side.root),
    Fact("mounts", "count", "mounts", "how many mounts it sees", _mounts(lambda mount, word: True)),
    Fact("mounts.shared", "count", "mounts", "how many of them are shared",
         _mounts(lambda mount, _: mount.shared)),
    Fact("kept.KIND", "count", "mounts", "how many KIND namespaces are kept by a file there",
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
    Fact("user.maker.bounding", "list", "identity", "the bounding set of whoever made its user namespace",
         lambda at: ordered(at.side.maker.capabilities.bounding) if at.side.maker else None),
    Fact("no_new_privs", "yes or no", "identity", "has it given up getting rights by an exec?",
         _who(lambda who: who.no_new_privs)),
    Fact("seccomp", "text", "identity", "none, strict or filter", _who(lambda who: who.seccomp)),
    Fact("seccomp.filters", "count", "identity", "how many seccomp filters it is under",
         _who(lambda who: who.filters)),
    Fact("seccomp.more", "count", "identity", "how many of them the host's side isn't under", _more_filters),
    Fact("cgroup.path", "text", "cgroups", "where it is in the tree of version 2",
         lambda at: _cgroup(at._replace(word=""))),
    Fact("cgroup.CONTROLLER", "text", "cgroups", "where it is in the tree that has CONTROLLER", _cgroup),
    *mounts.FACTS,
    *cgroup.FACTS,
    *groups.FACTS,
    *network.FACTS,
    *ipc.FACTS,
    *clocks.FACTS,
)
# fmt: on


def _names(fact: Fact) -> Iterator[tuple[str, str]]:
    """Each name of a fact, without the side, and what its word in capitals stands for there."""
    if (found := _WORD.search(fact.name)) is None:
        yield fact.name, ""
    else:
        for thing in WORDS[found[0]]:
            yield fact.name.replace(found[0], thing), thing


def _free(fact: Fact) -> str:
    """The word in its name that stands for anything; empty when there is none."""
    found = _WORD.search(fact.name)
    return found[0] if found and found[0] in FREE else ""


_INDEX: Final = {name: (fact, thing) for fact in FACTS if not _free(fact) for name, thing in _names(fact)}
_PATTERNS: Final = tuple(
    (re.compile(re.escape(fact.name).replace(word, f"({FREE[word].pattern})")), fact, word)
    for fact in FACTS
    if (word := _free(fact))
)
# Without those that have a free word
NAMES: Final = tuple(
    f"{side}.{name}" for side in SIDES for name, (fact, _) in _INDEX.items() if side in fact.sides
)


@lru_cache(maxsize=4096)  # more than a snapshot has
def _find(name: str) -> tuple[Fact, str] | None:
    side, _, rest = name.partition(".")
    if side not in SIDES:
        return None
    if rest in _INDEX:
        return _INDEX[rest] if side in _INDEX[rest][0].sides else None
    found = ((fact, pattern.fullmatch(rest)) for pattern, fact, _ in _PATTERNS if side in fact.sides)
    return next(((fact, match[1]) for fact, match in found if match), None)


def _get(name: str) -> tuple[Fact, str]:
    if (found := _find(name)) is None:
        raise KeyError(name)
    return found


def known(name: str) -> bool:
    """Is there a fact of that name (with its side)?"""
    return _find(name) is not None


def parts_for(name: str) -> frozenset[str]:
    """The parts of a snapshot that a fact needs; none where it is always there. KeyError if unknown."""
    fact, thing = _get(name)
    return frozenset(_free_filled(fact, thing).split())


def read_by(name: str, parts: frozenset[str]) -> bool:
    """Is it known to a snapshot with these parts? KeyError if unknown."""
    fact, thing = _get(name)
    return _read_by(fact, thing, parts)


def _read_by(fact: Fact, thing: str, parts: frozenset[str]) -> bool:
    return fact.whole in parts or parts.issuperset(_free_filled(fact, thing).split())


def _free_filled(fact: Fact, thing: str) -> str:
    word = _free(fact)
    return fact.part.replace(word, thing) if word else fact.part


def describe(name: str) -> str:
    """What a fact means, in one line. KeyError for an unknown name."""
    fact, thing = _get(name)
    return _WORD.sub(thing, fact.doc)


def busy(name: str) -> bool:
    """Does it change by others' coming and going, too? KeyError for an unknown name."""
    return _get(name)[0].busy


def sort(name: str) -> str:
    """What it is: a `Fact.type`. KeyError for an unknown name."""
    return _get(name)[0].type


def facts(snapshot: Snapshot) -> Mapping[str, Value]:
    """All that the snapshot knows, by name. Worked out once: a prompt asks for them a dozen times."""
    if "facts" not in snapshot.memo:
        snapshot.memo["facts"] = MappingProxyType(_facts(snapshot))
    named: Mapping[str, Value] = snapshot.memo["facts"]
    return named


def _facts(snapshot: Snapshot) -> dict[str, Value]:
    found: dict[str, Value] = {}
    there = frozenset({"", *snapshot.parts})
    for side in snapshot.sides:
        for name, (fact, thing) in _INDEX.items():
            if (
                side.name in fact.sides
                and fact.part in there
                and (value := fact.read(At(snapshot, side, thing))) is not None
            ):
                found[f"{side.name}.{name}"] = value
        for _, fact, word in _PATTERNS:
            for thing in FREE[word].things(snapshot, side) if side.name in fact.sides else ():
                if (
                    _read_by(fact, thing, snapshot.parts)
                    and (value := fact.read(At(snapshot, side, thing))) is not None
                ):
                    found[f"{side.name}.{fact.name.replace(word, thing)}"] = value
    return found
