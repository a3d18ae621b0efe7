"""What a fact is. Each one of the list in nsplay.facts is one of these."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from nsplay.snapshot import Side, SideName, Snapshot

Value = str | int | bool | tuple[str, ...]
# An id is a number that the kernel gave out: only worth comparing with another. A count is one to measure.
Sort = Literal["text", "number", "id", "count", "yes or no", "list"]

SIDES: Final[tuple[SideName, ...]] = ("machine", "host", "inside", "second")


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
    type: Sort
    part: str  # of a snapshot; empty: always there
    doc: str  # one line
    read: Read
    sides: tuple[SideName, ...] = SIDES
    whole: str = ""  # a part that brings all of what its word in capitals may stand for
    busy: bool = False  # changes by others' coming and going, too: no sign of what the learner did


@dataclass(frozen=True)
class Free:
    """A word in capitals that may stand for any name, such as a link's."""

    pattern: str  # regular expression of such a name
    things: Callable[[Snapshot, Side], Iterable[str]]  # which ones there are on a side
