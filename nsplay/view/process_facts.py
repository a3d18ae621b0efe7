"""What there is to say of the process table at two moments, before it is drawn: who came, who went, who is to be seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from nsplay.kernel.processes import Process
from nsplay.snapshot import Snapshot
from nsplay.view.base import is_own, numbers, place, yours
from nsplay.view.ui import Ui

ANCHORS: Final = 2  # the first two of the host stay, so that one sees where one is
FRAME: Final = 17  # rows of the terminal that are not for rows of processes
FEWEST: Final = 3

Key = tuple[int, int]  # pid and start: a process for good


@dataclass(frozen=True)
class Facts:
    """Two moments of the process table. Others come and go on a busy machine by themselves: only yours are news."""

    old: Mapping[Key, Process]
    new: Mapping[Key, Process]
    inner: Mapping[int, int]  # pid on the host → in here; empty when the place has the host's pid namespace
    between: Mapping[int, tuple[int, ...]]  # pid on the host → its numbers between there and in here
    further: Mapping[int, tuple[int, ...]]  # pid on the host → its numbers further in
    inner_before: int | None  # how many were seen in here before, when it was the same namespace
    you: int
    came: frozenset[Key]
    went: frozenset[Key]
    turned: frozenset[Key]  # zombies now, and alive before

    @classmethod
    def of(cls, before: Snapshot, after: Snapshot) -> "Facts":
        """What became of everybody between the two."""
        old, new = ({(row.pid, row.start): row for row in one.processes} for one in (before, after))
        mine, was_mine = yours(after), yours(before)
        here = place(after)
        host, depth = (len(side.process.nspids) if side.process else 1 for side in (after.host, here))
        same = is_own(before, "pid") and place(before).ns.get("pid") == here.ns.get("pid")
        return cls(
            old,
            new,
            inner=numbers(here) if is_own(after, "pid") else {},
            between={
                pid: row.nspids[host : depth - 1]
                for (pid, _), row in new.items()
                if row.nspids[host : depth - 1]
            },
            further={pid: row.nspids[depth:] for (pid, _), row in new.items() if row.nspids[depth:]},
            inner_before=len(place(before).processes) if same else None,
            you=here.pid,
            came=frozenset(key for key, row in new.items() if key not in old and row.pid in mine),
            went=frozenset(key for key, row in old.items() if key not in new and row.pid in was_mine),
            turned=frozenset(
                key
                for key, row in new.items()
                if row.state == "Z" and row.pid in mine and key in old and old[key].state != "Z"
            ),
        )

    @classmethod
    def now(cls, now: Snapshot) -> "Facts":
        """One moment, at which all of yours are to be seen."""
        seen = cls.of(now, now)
        mine = yours(now)
        came = frozenset(key for key, row in seen.new.items() if row.pid in mine)
        return replace(seen, old={}, inner_before=None, came=came, turned=frozenset())

    @property
    def isolated(self) -> bool:
        """Whether the place has a pid namespace of its own."""
        return bool(self.inner)

    @cached_property
    def doors(self) -> frozenset[int]:
        """Who made the namespace and stayed outside: the parents of those inside that aren't in there themselves."""
        parents = {row.ppid for row in self.new.values() if row.pid in self.inner}
        return frozenset(parents - set(self.inner))

    @cached_property
    def everybody(self) -> Mapping[Key, Process]:
        """Of both moments, by pid."""
        return dict(sorted({**self.old, **self.new}.items()))

    @cached_property
    def told(self) -> tuple[Key, ...]:
        """Whom a picture must not leave out: news, who made the namespace, its pid 1, you. By pid."""
        news = self.came | self.went | self.turned
        return tuple(key for key in self.everybody if key in news or self.must(key))

    def must(self, key: Key) -> bool:
        """Whether this one is shown, however little room there is."""
        init = self.inner.get(key[0]) == 1
        return key in self.new and (init or key[0] == self.you or key[0] in self.doors or key in self.turned)


@dataclass(frozen=True)
class Chosen:
    """anchors: the first of the host. folded: everybody who is only counted. shown, came, went: the news, and those counted."""

    anchors: Sequence[Key]
    folded: Sequence[Key]
    shown: Sequence[Key]
    came: Sequence[Key]
    went: Sequence[Key]


def room(ui: Ui) -> int:
    """How many rows fit, besides anchors and fold."""
    return max(FEWEST, ui.rows - FRAME)


def choose(ui: Ui, facts: Facts) -> Chosen:
    """What fits; every process is in exactly one of the five."""
    told = set(facts.told)
    anchors = [key for key in facts.new if key not in told][:ANCHORS]
    cut = _overflow(facts, room(ui))
    shown = [key for key in facts.told if key not in cut]
    folded = [key for key in facts.everybody if key not in told and key not in anchors]
    if len(folded) == 1:  # a fold of one row would take as much room as the row
        shown, folded = sorted([*shown, *folded]), []
    return Chosen(
        anchors,
        folded,
        shown,
        came=[key for key in facts.told if key in cut and key in facts.came],
        went=[key for key in facts.told if key in cut and key in facts.went],
    )


def _overflow(facts: Facts, rows: int) -> frozenset[Key]:
    """The news that doesn't fit, from the end; one more than that, for the row that counts them."""
    over = len(facts.told) - rows
    news = [key for key in facts.told if not facts.must(key)]
    return frozenset(news[-(over + 1) :]) if over > 0 and len(news) > 1 else frozenset()
