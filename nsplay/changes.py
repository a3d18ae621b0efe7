"""What is different between two snapshots, and what was looked at and is the same."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from nsplay.facts import SIDES, Value, busy, facts, read_by
from nsplay.kernel.mounts import Mount
from nsplay.kernel.processes import Process
from nsplay.snapshot import Side, SideName, Snapshot

K = TypeVar("K", bound=Hashable)
Item = Value | Process | Mount


@dataclass(frozen=True, slots=True)
class Change:
    """One difference, or a fact that was looked at and is the same."""

    side: SideName
    what: str  # a fact's name without the side, "process" or "mount"
    kind: Literal["added", "removed", "changed", "same"]
    before: Item | None  # None: added
    after: Item | None  # None: removed


def changes(before: Snapshot, after: Snapshot) -> tuple[Change, ...]:
    """Side by side: facts (also those that are the same), processes, mounts. Only what both have read counts.

    Processes that aren't below the stage, and facts that count them, are left out: they come and go by
    themselves.
    """
    old_facts, new_facts = facts(before), facts(after)
    parts = before.parts & after.parts
    found: list[Change] = []
    for side in SIDES:
        names = [name for name in _union(old_facts, new_facts) if name.startswith(f"{side}.")]
        for name in names:
            if read_by(name, parts) and not busy(name):
                old, new = old_facts.get(name), new_facts.get(name)
                found.append(_compare(side, name.removeprefix(f"{side}."), old, new, old == new))
        old_side, new_side = _side(before, side), _side(after, side)
        if "processes" in parts:
            found += _of_processes(side, _yours(before, old_side), _yours(after, new_side))
        if "mounts" in parts:
            found += _of_mounts(side, _table(old_side), _table(new_side))
    return tuple(found)


def _side(snapshot: Snapshot, name: SideName) -> Side | None:
    return next((side for side in snapshot.sides if side.name == name), None)


def _compare(side: SideName, what: str, old: Item | None, new: Item | None, same: bool) -> Change:
    if old is None or new is None:
        return Change(side, what, "added" if old is None else "removed", old, new)
    return Change(side, what, "same" if same else "changed", old, new)


def _union(old: Iterable[K], new: Iterable[K]) -> Iterator[K]:
    """The keys of both: those of new in their order, then those that only old has."""
    yield from dict.fromkeys((*new, *old))


def _yours(snapshot: Snapshot, side: Side | None) -> dict[tuple[int, int], Process]:
    """The learner's processes that side sees. A pid alone is no name: it may be used again."""
    rows = side.processes if side else ()
    return {(row.pid, row.start): row for row in rows if row.pid in snapshot.stage_pids}


def _state(row: Process) -> tuple[object, ...]:
    """What counts as a change of a process. It sleeps and wakes all the time; a stop or an end is told."""
    return row.ppid, row.comm, row.nspids, row.pid_ns, row.state if row.state in "TtZX" else ""


def _of_processes(
    side: SideName, old: Mapping[tuple[int, int], Process], new: Mapping[tuple[int, int], Process]
) -> Iterator[Change]:
    for key in _union(old, new):
        a, b = old.get(key), new.get(key)
        change = _compare(side, "process", a, b, a is not None and b is not None and _state(a) == _state(b))
        if change.kind != "same":
            yield change


def _table(side: Side | None) -> dict[tuple[str, int], Mount]:
    """The mounts by where they are and which one there: the numbers of a copied table are all new."""
    seen: Counter[str] = Counter()
    found = {}
    for mount in side.mounts if side else ():
        found[mount.target, seen[mount.target]] = mount
        seen[mount.target] += 1
    return found


def _of_mounts(
    side: SideName, old: Mapping[tuple[str, int], Mount], new: Mapping[tuple[str, int], Mount]
) -> Iterator[Change]:
    for key in _union(old, new):
        a, b = old.get(key), new.get(key)
        # All but the first two, which are its own and its parent's number
        change = _compare(side, "mount", a, b, a is not None and b is not None and a[2:] == b[2:])
        if change.kind != "same":
            yield change
