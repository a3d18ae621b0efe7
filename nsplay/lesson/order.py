"""course.toml: which lesson comes after which. What is wrong in it, and how one is added to it."""

import os
import re
from collections.abc import Collection

from nsplay.errors import LessonError
from nsplay.lesson.course import course, plan
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
        found_plan, text = plan(folder), read(path)
        there = [os.path.basename(lesson) for lesson in course(folder)]
    except LessonError as error:
        return (broken(path, error, line_at(path, error.line) if isinstance(error, LineError) else ""),)
    order, lines = found_plan.order, text.split("\n")

    def at(name: str, says: str, write: str, nth: int = 1) -> Problem:
        places = [
            (number, found.start() + 1)
            for number, line in enumerate(lines, 1)
            for found in re.finditer(rf"[\"']{re.escape(name)}[\"']", line.partition("#")[0])
        ]
        begin = next((n for n, line in enumerate(lines, 1) if re.match(r"\s*order\s*=", line)), 1)
        number, column = places[nth - 1] if nth <= len(places) else (begin, 1)
        shown = printable(lines[number - 1])[:LONGEST_SHOWN]
        return Problem(printable(path), number, column, shown, printable(says), printable(write))

    found = []
    for place, name in enumerate(order):
        if name in order[:place]:
            found.append(
                (name, at(name, f"{name} is in it twice", "one of them", order[: place + 1].count(name)))
            )
        elif name not in there:
            some = ", ".join(sorted(set(there) - set(order))) or "nothing"
            found.append((name, at(name, f"there is no lesson {name}", some)))
    stands = {lesson: on for lesson, others in found_plan.stands_on.items() for on in (lesson, *others)}
    named = [part.first for part in found_plan.parts] + [*stands, *stands.values()]
    for name in dict.fromkeys(named):
        if name not in there and name not in order:
            found.append((name, at(name, f"there is no lesson {name}", "a part or a base that there is")))
    for name in there:
        if name not in order:
            write = f"order = [{', '.join(quoted(each) for each in [*order, name])}]"
            found.append((name, at("", f"the lesson {name} isn't in it", write)))
    return tuple(problem for name, problem in found if not ids or name in ids)


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
        new = f"{text.rstrip()}\norder = [{quoted(name)}]\n".lstrip()
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
