"""course.toml: which lesson comes after which. What is wrong in it, and how one is added to it."""

import os
import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from nsplay.errors import LessonError
from nsplay.lesson.course import Plan, course, plan
from nsplay.lesson.rules import LONGEST_SHOWN, Problem, broken
from nsplay.lesson.text import LineError, line_at, printable, read, toml

BEGIN = re.compile(r"^[ \t]*order[ \t]*=[ \t]*\[", re.MULTILINE)
PIECE = re.compile(r"""(?P<name>"[^"\n]*"|'[^'\n]*')|#[^\n]*|(?P<end>\])""")


def problems(folder: str, ids: Collection[str] = ()) -> tuple[Problem, ...]:
    """What is wrong in a folder's course.toml; of these lessons only, where there are any. None where there is no file."""
    path = os.path.join(folder, "course.toml")
    if not os.path.lexists(path):
        return ()
    try:
        said, text = plan(folder), read(path)
        there = [os.path.basename(lesson) for lesson in course(folder)]
    except LessonError as error:
        return (broken(path, error, line_at(path, error.line) if isinstance(error, LineError) else ""),)
    found = (wrong for wrong in _wrong(said, there) if not ids or wrong.name in ids)
    return tuple(_placed(printable(path), text.split("\n"), wrong) for wrong in found)


class _Wrong(NamedTuple):
    """What is wrong with a name; nth: where it stands for the nth time, 0 for the order itself."""

    name: str
    nth: int
    says: str
    write: str


def _wrong(said: Plan, there: Collection[str]) -> Iterator[_Wrong]:
    order = said.order
    missing = ", ".join(name for name in there if name not in order) or "nothing"
    for place, name in enumerate(order, 1):
        if name in order[: place - 1]:
            yield _Wrong(name, order[:place].count(name), f"{name} is in it twice", "one of them")
        elif name not in there:
            yield _Wrong(name, 1, f"there is no lesson {name}", missing)
    parts = [part.first for part in said.parts]
    bases = [name for lesson, others in said.stands_on.items() for name in (lesson, *others)]
    for name in dict.fromkeys([*parts, *bases]):
        if name not in there and name not in order:
            yield _Wrong(name, 1, f"there is no lesson {name}", "a lesson that there is")
    for name in there:
        if name not in order:
            listed = ", ".join(map(quoted, [*order, name]))
            yield _Wrong(name, 0, f"the lesson {name} isn't in it", f"order = [{listed}]")


def _placed(path: str, lines: Sequence[str], wrong: _Wrong) -> Problem:
    name = re.compile(rf"[\"']{re.escape(wrong.name)}[\"']|^{re.escape(wrong.name)}(?=\s*=)")
    places = [
        (number, match.start() + 1)
        for number, line in enumerate(lines, 1)
        for match in name.finditer(line.partition("#")[0])
    ]
    begin = next((n for n, line in enumerate(lines, 1) if re.match(r"\s*order\s*=", line)), 1)
    number, column = places[wrong.nth - 1] if 0 < wrong.nth <= len(places) else (begin, 1)
    shown = printable(lines[number - 1])[:LONGEST_SHOWN]
    return Problem(path, number, column, shown, printable(wrong.says), printable(wrong.write))


def quoted(name: str) -> str:
    """A lesson's id as TOML: it holds nothing that had to be escaped."""
    return f'"{name}"'


def with_lesson(text: str, name: str, path: str) -> str | None:
    """The text of a course.toml with one more lesson at its end, all else as it stands; None where that can't be told.

    LessonError when it is no TOML.
    """
    order = toml(text, path).get("order", [])
    if not isinstance(order, list):
        return None
    if begin := BEGIN.search(text):
        last, place = _last(text, begin.end()), begin.end()
        glue = ""
        if last:
            line = text[text.rfind("\n", 0, last.start()) + 1 : last.start()]
            glue, place = ", " if line.strip() else f",\n{line}", last.end()
        new = text[:place] + glue + quoted(name) + text[place:]
    else:
        new = f"order = [{quoted(name)}]\n{text}"  # in front: behind it could be a table's
    try:
        return new if toml(new, path).get("order") == [*order, name] else None
    except LessonError:
        return None


def _last(text: str, at: int) -> re.Match[str] | None:
    """The last name of the list that begins at `at`."""
    last = None
    for piece in PIECE.finditer(text, at):
        if piece["end"]:
            break
        last = piece if piece["name"] else last
    return last
