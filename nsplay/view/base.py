"""What a view is, and the questions about a snapshot that several of them ask."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Final

from nsplay.kernel.namespaces import KINDS
from nsplay.snapshot import Side, Snapshot
from nsplay.view.ui import Screen, Ui

MARKS: Final = {"came": "+", "went": "-", "changed": "~", "same": "="}


class View(ABC):
    """A picture of one kind of fact, in three pairings. With `ui.plain` each is sentences.

    name: what `:show NAME` and a lesson's `views` call it. parts: which parts of a snapshot it needs.
    """

    name: ClassVar[str]
    parts: ClassVar[frozenset[str]]

    @abstractmethod
    def moved(self, before: Snapshot, after: Snapshot) -> bool:
        """Whether anything of the learner's, or of the host's, that this view shows has changed."""

    @abstractmethod
    def after(self, ui: Ui, before: Snapshot, after: Snapshot) -> Screen:
        """Before | after, with both sides in the after."""

    @abstractmethod
    def sides(self, ui: Ui, now: Snapshot) -> Screen:
        """On the host | in here."""

    @abstractmethod
    def alone(self, ui: Ui, side: Side) -> Screen:
        """One side by itself."""


def place(snapshot: Snapshot) -> Side:
    """Where the learner is; the host's side when the place has ended."""
    return snapshot.inside or snapshot.host


def own(snapshot: Snapshot) -> tuple[str, ...]:
    """The kinds of namespaces that the place doesn't share with the host."""
    return own_of(place(snapshot), snapshot.host)


def own_of(side: Side, host: Side) -> tuple[str, ...]:
    """The kinds of namespaces that a side doesn't share with the host."""
    return tuple(kind for kind in KINDS if _differ(side.ns.get(kind), host.ns.get(kind)))


def is_own(snapshot: Snapshot, kind: str) -> bool:
    """Whether the place is in another namespace of this kind than the host. What can't be read counts as shared."""
    return _differ(place(snapshot).ns.get(kind), snapshot.host.ns.get(kind))


def _differ(here: int | None, there: int | None) -> bool:
    return None not in (here, there) and here != there


def numbers(side: Side) -> Mapping[int, int]:
    """Pid on the host → pid as the side's own pid namespace has it, for every process that it can see."""
    depth = len(side.process.nspids) - 1 if side.process else 0
    return {row.pid: row.nspids[depth] for row in side.processes if len(row.nspids) > depth}


def yours(snapshot: Snapshot) -> frozenset[int]:
    """The pids of the learner's processes: those below the stage, without the stage itself."""
    return snapshot.stage_pids - {snapshot.host.pid}
