"""What a step asks for on this machine: its commands, and what has to be looked at."""

from collections.abc import Iterable, Mapping, Sequence

from nsplay import facts
from nsplay.facts import Value
from nsplay.lesson.checks import facts_of
from nsplay.lesson.fill import bare, fill_command, names
from nsplay.lesson.model import Console, Lesson, Move, Step
from nsplay.view.registry import VIEWS


def consoles(step: Step) -> tuple[Console, ...]:
    """The commands that do the step, in their order: in each terminal those for this machine's cgroup version where there
    are any, else those for all versions; never an `also`.
    """
    mine = [c for c in step.consoles if not c.also]
    varied = {c.where for c in mine if c.version is not None}
    return tuple(c for c in mine if c.version is not None or c.where not in varied)


def moves(ways: Iterable[Console], context: Mapping[str, Value] | None = None) -> tuple[Move, ...]:
    """What is typed where; filled in where there is a context. A multi-line command is one item."""
    found = (Move(line, 2 if way.where == "host" else 1) for way in ways for line in way.commands)
    if context is None:
        return tuple(found)
    return tuple(move._replace(line=fill_command(move.line, context)) for move in found)


Way = tuple[Step, tuple[Move, ...]]  # a step and what does it, unfilled


def ways(steps: Sequence[Step]) -> list[Way]:
    """How each of these steps is done."""
    return [(step, moves(consoles(step))) for step in steps]


def parts_of(step: Step) -> frozenset[str]:
    """The parts of a snapshot that the step's views, checks and words need."""
    return _parts(facts_of(step)).union(*(VIEWS[view].parts for view in step.views))


def parts_of_all(lesson: Lesson) -> frozenset[str]:
    """What a lesson's beginning is looked at for: its opening words, and whatever a later step asks for."""
    opening = {bare(name) for block in lesson.prose for name in names(block.text)}
    return _parts(opening).union(*map(parts_of, lesson.steps))


def _parts(of: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*map(facts.parts_for, of))
