"""What a step asks for on this machine: its commands, and what has to be looked at."""

from collections.abc import Mapping

from nsplay import facts
from nsplay.facts import Value
from nsplay.kernel import cgroups
from nsplay.lesson.checks import facts_of
from nsplay.lesson.fill import fill_command
from nsplay.lesson.model import Console, Step
from nsplay.view.registry import VIEWS


def cgroup_version() -> int:
    """1 where any controller is still on version 1, else 2: which variant of a step's commands is typed."""
    return 2 if cgroups.version() == "v2" else 1


def console(step: Step, version: int) -> Console | None:
    """The commands that do the step: this machine's variant, else the one for all; never an `also`."""
    mine = [c for c in step.consoles if not c.also and c.where == "here" and c.version in (None, version)]
    return max(mine, key=lambda c: c.version is not None, default=None)


def commands(step: Step, version: int, context: Mapping[str, Value] | None = None) -> tuple[str, ...]:
    """Lines of that console; filled in where there is a context. A multi-line command is one item."""
    chosen = console(step, version)
    lines = chosen.commands if chosen else ()
    return tuple(fill_command(line, context) for line in lines) if context is not None else lines


def parts_of(step: Step) -> frozenset[str]:
    """The parts of a snapshot that the step's views, checks and words need."""
    wanted: set[str] = set()
    for name in facts_of(step):
        wanted |= facts.parts_for(name)
    for view in step.views:
        wanted |= VIEWS[view].parts
    return frozenset(wanted)
