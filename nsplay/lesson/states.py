"""The state that a step reached, as facts that can be compared with those of another run on another stage."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from nsplay.facts import Value, busy, sort
from nsplay.lesson.fill import text_of

State = Mapping[str, Value]

STAGE: Final = "STAGE"  # in place of the stage's own name
INIT: Final = 1  # the one number of a process that means something: the first of its pid namespace
PROCESS: Final = ("inside.pid", "inside.nspid")  # everybody's is another one


class Difference(NamedTuple):
    """A fact that differs. here and there are words; empty: it couldn't be read."""

    name: str
    here: str
    there: str

    def __str__(self) -> str:
        return f"{self.name}: {self.here or 'unreadable'}, not {self.there or 'unreadable'}"


def state(facts: Mapping[str, Value], stage: str) -> State:
    """What is the same whenever the same was done. stage: the name of its stage, which cgroups are named after.

    An id becomes the name of the first fact that has it, since it is another one every time: which are equal stays.
    Left out is what changes by itself: busy facts, and the machine outside of the stage, which a lesson can't reach.
    """
    first: dict[Value, str] = {}
    found: dict[str, Value] = {}
    for name, value in facts.items():
        if sort(name) == "id" and value != INIT:
            value = first.setdefault(value, name)
        if not busy(name) and not name.startswith("machine."):
            found[name] = _nameless(value, stage)
    return found


def _nameless(value: Value, stage: str) -> Value:
    if isinstance(value, str):
        return value.replace(stage, STAGE)
    return tuple(word.replace(stage, STAGE) for word in value) if isinstance(value, tuple) else value


def differences(here: State, there: State) -> tuple[Difference, ...]:
    """What differs, the learner's side first."""
    names = [name for name in {**there, **here} if here.get(name) != there.get(name)]
    names.sort(key=lambda name: not name.startswith("inside."))
    return tuple(Difference(name, _words(here, name), _words(there, name)) for name in names)


def inside(state: State) -> bool:
    """Is the learner elsewhere than on the host's side, in any way?"""
    pairs = ((name, f"host.{name.removeprefix('inside.')}") for name in state if name.startswith("inside."))
    return any(state[name] != state.get(host) for name, host in pairs if name not in PROCESS)


def _words(state: State, name: str) -> str:
    if name not in state:
        return ""
    value = state[name]
    if sort(name) == "id" and isinstance(value, str):
        return "one of its own" if value == name else f"that of {value}"
    return text_of(value) or "none"
