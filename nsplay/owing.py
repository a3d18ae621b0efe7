"""What a container has beyond the one that the learner built by hand, and what that one had more of. Pure: from a portrait."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from nsplay.dangers import Words
from nsplay.owing_rules import FEWER, MORE, NOTHING, Case, Find
from nsplay.portrait import FORMAT, Portrait, container, problem

PARTS: Final = frozenset({"network"})  # of a snapshot, beside those of every portrait


class Row(NamedTuple):
    """One thing. key: for programs. add: what adds it by hand; may be empty. lesson: that explains it; may be empty."""

    key: str
    words: Words
    add: str
    lesson: str


class Owed(NamedTuple):
    """more: what it has beyond. fewer: what the one by hand has and it hasn't. unknown: keys that couldn't be judged."""

    more: tuple[Row, ...]
    fewer: tuple[Row, ...]
    unknown: tuple[str, ...]


def owed(case: Case) -> Owed:
    """All rules, in their order."""
    unknown: list[str] = []

    def rows(rules: Sequence[tuple[str, str, Find, str]]) -> tuple[Row, ...]:
        found = []
        for key, lesson, find, add in rules:
            words = find(case)
            if words is None:
                unknown.append(key)
            elif words != NOTHING:
                found.append(Row(key, words, add, lesson))
        return tuple(found)

    return Owed(rows(MORE), rows(FEWER), tuple(dict.fromkeys(unknown)))


def with_lessons(it: Owed, there: Iterable[str]) -> Owed:
    """The same, and only lessons that there are."""
    known = frozenset(there)
    more, fewer = (
        tuple(row if row.lesson in known else row._replace(lesson="") for row in rows)
        for rows in (it.more, it.fewer)
    )
    return Owed(more, fewer, it.unknown)


def as_json(it: Portrait, owed: Owed | None) -> dict[str, object]:
    """For programs (README.md, "Looking into containers"). owed: None for who is in no container."""

    def rows(found: Sequence[Row]) -> list[dict[str, object]]:
        return [
            {"key": row.key, "words": row.words.en, "add": row.add, "lesson": row.lesson or None}
            for row in found
        ]

    return {
        "format": FORMAT,
        "pid": it.standing.row.pid,
        "comm": it.standing.row.comm,
        "container": container(it.container) if it.container else None,
        "problem": problem(it),
        "more": None if owed is None else rows(owed.more),
        "fewer": None if owed is None else rows(owed.fewer),
        "unknown": None if owed is None else list(owed.unknown),
    }
