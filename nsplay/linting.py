"""`nsplay lesson lint`: what is wrong in a lesson's text, with file, line, column, and what to write."""

import json
import os
from collections.abc import Sequence

from nsplay import facts
from nsplay.errors import LessonError
from nsplay.lesson import order
from nsplay.lesson.course import course, find
from nsplay.lesson.draft import UNWRITTEN
from nsplay.lesson.lint import languages, lint
from nsplay.lesson.rules import Problem
from nsplay.lesson.text import printable, read
from nsplay.settings import Settings
from nsplay.view.proof import proof
from nsplay.view.registry import VIEWS


def lint_lessons(settings: Settings, ids: Sequence[str], *, as_json: bool = False) -> int:
    """Lints the lessons with these ids, all when there are none, and the course; 1 when something is wrong, or a draft's words
    are still to be written.
    """
    course_problems = order.problems(settings.lessons, ids)
    names = ids or ([os.path.basename(folder) for folder in _all(settings)])
    problems = [*course_problems, *(p for name in names for p in lesson_problems(settings, name))]
    problems += [p for name in names for p in unwritten(settings, name)]
    if as_json:
        rows = [problem.as_json() for problem in problems]
        print(json.dumps({"lessons": list(names), "problems": rows}, ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            print(told(problem))
        if not problems:
            print(f"{len(names)} lesson{'s' * (len(names) != 1)}: nothing to mend")
    return 1 if problems else 0


def lesson_problems(settings: Settings, name: str) -> tuple[Problem, ...]:
    """Of one lesson: what is wrong in its text and, where that can be read, on a screen of 80 columns."""
    folder = find(settings.lessons, name)
    found = set(lint(folder, known=facts.known, views=VIEWS))
    ids = [os.path.basename(each) for each in _all(settings)]
    for lang in ("en", *languages(folder)):
        try:
            found.update(proof(folder, lang, ids))
        except LessonError:
            pass  # it can't be drawn; lint has said why
    return tuple(
        sorted(found, key=lambda problem: (problem.file, problem.line, problem.column, problem.says))
    )


def unwritten(settings: Settings, name: str) -> list[Problem]:
    """Where a draft waits for its author's words. No fault of its text: it plays all the same."""
    folder, found = find(settings.lessons, name), list[Problem]()
    for path in (
        os.path.join(folder, f"lesson{lang}.md") for lang in ("", *(f".{one}" for one in languages(folder)))
    ):
        try:
            rows = read(path).splitlines()
        except LessonError:
            continue  # lint has said why
        found += [
            Problem(printable(path), number, row.index(UNWRITTEN) + 1, row, "still to be written")
            for number, row in enumerate(rows, 1)
            if UNWRITTEN in row
        ]
    return found


def _all(settings: Settings) -> tuple[str, ...]:
    """The lessons' folders, whatever course.toml holds."""
    try:
        return course(settings.lessons)
    except LessonError:
        return course(settings.lessons, ordered=False)


def told(problem: Problem) -> str:
    """A problem as lines for its author."""
    lines = [f"{problem.file}:{problem.line}:{problem.column}: {problem.says}"]
    lines += [f"    {problem.text_of_line}"] if problem.text_of_line else []
    lines += [f"    write: {problem.write}"] if problem.write else []
    return "\n".join(lines)
