"""Facts as lines of a lesson: what an author pastes into a `check` or a `guard`, and then words better.

Relations come first: a number that the kernel gave out (an inode, a pid) is another one the next time.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from nsplay.facts import Value, busy, describe, parts_for, sort
from nsplay.lesson.checks import evaluate, literal, parse
from nsplay.lesson.fill import bare, text_of
from nsplay.lesson.text import LineError
from nsplay.lesson.words import phrase

Facts = Mapping[str, Value]

# Where else a fact is looked for, to be compared with.
PARTNERS: Final = {
    "inside": ("host", "machine"),
    "second": ("host", "machine"),
    "host": ("machine", "inside"),
    "machine": ("host", "inside"),
}
# Part of a snapshot -> the kind of namespace that it is a property of: two equal numbers of mounts may be two tables.
NAMESPACED: Final = {"names": "uts", "processes": "pid", "mounts": "mnt"}
MANY: Final = 8  # members of a list that are named one by one
# Small in a pid namespace of its own, whoever comes and goes outside.
SMALL: Final = ("processes", "ps")
PASSING: Final = ("pid", "nspid")  # a new shell has a new one: no sign of what a command did
OURS: Final = re.compile(
    r"nsplay-\d"
)  # in a text: part of a stage's name, which is another one the next time
ROLES: Final = (0, 1)  # process 1 and user 0 are what they are wherever they are
# What to say when a comparison fails: with something else, and with the fact's own past.
FAILED: Final = {
    "==": "{} isn't {}",
    "!=": "{} is the same as {}",
    "<": "{} isn't less than {}",
    ">": "{} isn't more than {}",
    "contains": "{} has no {}",
    "not contains": "{} still has {}",
}
MOVED: Final = {"==": "has changed", "!=": "hasn't changed", "<": "hasn't shrunk", ">": "hasn't grown"}


class Line(NamedTuple):
    """comparison: what `checks.parse` takes. words: behind the `|`."""

    comparison: str
    words: str

    def __str__(self) -> str:
        return f"{self.comparison} | {self.words}"


class Suggestion(NamedTuple):
    """Lines for a step that does what one command did: all guards hold before and after it, all checks only after."""

    guards: tuple[Line, ...]
    checks: tuple[Line, ...]


def everything(now: Facts) -> tuple[Line, ...]:
    """Every fact as a comparison that holds, a long list as several; the words say what it is."""
    return tuple(
        Line(comparison, _doc(name, comparison, now)) for name in now for comparison in _holding(name, now)
    )


def what_changed(before: Facts, after: Facts) -> Suggestion:
    """What a command did to the place and the host, between two looks."""
    # That the second terminal was opened is no change of what is there.
    sides = [side for side in ("inside", "second", "host") if f"{side}.pid" in before]
    names = [name for side in sides for name in after if name.startswith(f"{side}.")]
    checks = [
        comparison
        for name in names
        if not _is_the_hosts(name, before, after)
        for comparison in _flips(name, before, after)
    ]
    guards = [
        comparison
        for comparison in dict.fromkeys((*_places(before, after), *_unmoved(checks)))
        if holds(comparison, before, before) and holds(comparison, after, before)
    ]
    return Suggestion(
        tuple(Line(guard, _complaint(guard)) for guard in guards),
        tuple(Line(check, _complaint(check)) for check in checks),
    )


def holds(comparison: str, now: Facts, before: Facts) -> bool:
    """Does it hold, as a check would be judged? False for what is no check: a text with a quote in it."""
    try:
        return evaluate((parse(comparison, 1),), now, before, before)[0].passed
    except LineError:
        return False


def _doc(name: str, comparison: str, now: Facts) -> str:
    value = text_of(now[name])
    told = comparison.endswith((f" {value}", f' "{value}"')) or " contains " in comparison
    return describe(name) if told or not 0 < len(value) <= 60 else f"{describe(name)}: {value}"


def _complaint(comparison: str) -> str:
    """What to say to the learner when it fails: plain, to be worded better."""
    check = parse(comparison, 1)
    left, right = phrase(check.left, "en"), check.right or ""
    if bare(right) == check.left:
        return f"{left} {MOVED[check.op]}"
    if isinstance(value := literal(right), bool):
        return f"{left}: {'not yet' if value == (check.op == '==') else 'still'}"
    told = right.strip('"') if literal(right) is not None else phrase(right, "en")
    return FAILED[check.op].format(left, told)


def _literal(value: Value) -> str:
    return f'"{value}"' if isinstance(value, str) else text_of(value)


def _speaks(name: str, value: Value) -> bool:
    """Is the value itself worth naming in a lesson?"""
    kind = sort(name)
    if kind in ("id", "count"):
        return value in ROLES
    return kind != "list" and not (isinstance(value, str) and OURS.search(value))


def _is_the_hosts(name: str, before: Facts, after: Facts) -> bool:
    """Is it a fact of the place that was and is the host's as well? Then the host's is the one to name."""
    side, _, rest = name.partition(".")
    kinds = [f"ns.{kind}" for part, kind in NAMESPACED.items() if part in parts_for(name)]
    shared = all(
        look.get(f"{side}.{it}") == look.get(f"host.{it}")
        for look in (before, after)
        for it in (rest, *kinds)
    )
    return side != "host" and shared


def _partner(name: str, now: Facts) -> str | None:
    side, _, rest = name.partition(".")
    return next((other for at in PARTNERS[side] if (other := f"{at}.{rest}") in now), None)


def _holding(name: str, now: Facts) -> tuple[str, ...]:
    """The comparisons by which a fact is told as it is now."""
    value, kind, other = now[name], sort(name), _partner(name, now)
    related = [f"{name} {op} {other}" for op in (("<", ">", "==") if kind == "count" else ("==", "!="))]
    related = related if other else []
    if isinstance(value, tuple) and value:
        theirs = now.get(other or "")
        apart = _apart(name, theirs if isinstance(theirs, tuple) else (), value)
        if apart and len(apart) <= MANY:
            return tuple(line for line in apart if holds(line, now, now))
    named = [f"{name} == {_literal(value)}"] if _speaks(name, value) else []
    least = [f"{name} >= {value}"] if type(value) is int else []  # with nothing to be compared with
    return tuple(line for line in (*named, *related, *least) if holds(line, now, now))[:1]


def _apart(name: str, old: tuple[str, ...], new: tuple[str, ...]) -> list[str]:
    """What a list has and has not any more."""
    came, went = [i for i in new if i not in old], [i for i in old if i not in new]
    return [f'{name} contains "{i}"' for i in came] + [f'{name} not contains "{i}"' for i in went]


def _flips(name: str, before: Facts, after: Facts) -> Iterator[str]:
    """What holds of a fact after the command, and didn't before it."""
    for comparison in _candidates(name, before.get(name), after[name]):
        if holds(comparison, after, before) and not holds(comparison, before, before):
            yield comparison
            if sort(name) in ("id", "count"):
                return  # the others say the same less well


def _candidates(name: str, old: Value | None, new: Value) -> Iterator[str]:
    side, _, rest = name.partition(".")
    host, kind = f"host.{rest}", sort(name)
    if rest.endswith("_for_children"):  # it goes with the other one, but for `unshare -p` without a fork
        yield f"{name} != {name.removesuffix('_for_children')}"
        return
    if kind in ("id", "yes or no") and _speaks(name, new):
        yield f"{name} == {_literal(new)}"
    if kind == "id" and rest not in PASSING:
        yield from (f"{name} {op} {host}" for op in ("!=", "==") if side != "host")
        yield f"{name} != before.{name}"
    elif kind == "count":
        if not busy(name):
            yield from (f"{name} {op} before.{name}" for op in (">", "<"))
        elif rest in SMALL and side != "host":
            yield f"{name} < {host}"
    elif kind == "list":
        apart = _apart(name, old if isinstance(old, tuple) else (), new if isinstance(new, tuple) else ())
        yield from apart if len(apart) <= MANY else (f"{name} != before.{name}",)
    elif kind in ("text", "number") and not busy(name):  # the date is another one after any command
        yield f"{name} != before.{name}"
        yield from (f"{name} {op} {host}" for op in ("!=", "==") if side != "host")
        if _speaks(name, new):
            yield f"{name} == {_literal(new)}"


def _places(before: Facts, after: Facts) -> Iterator[str]:
    """Where one has to be: in the namespaces that were one's own before and are still."""
    own = [
        set(kinds) if isinstance(kinds := look.get("inside.own"), tuple) else set()
        for look in (before, after)
    ]
    for kind in sorted(own[0] & own[1]):
        yield f"inside.ns.{kind} != host.ns.{kind}"


def _unmoved(checks: list[str]) -> Iterator[str]:
    """What the host must keep when the place's has changed."""
    for check in checks:
        name = check.split(" ", 1)[0]
        side, _, rest = name.partition(".")
        if side == "inside" and sort(name) in ("text", "number", "count") and not busy(name):
            yield f"host.{rest} == before.host.{rest}"
