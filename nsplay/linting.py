"""`nsplay lesson lint`: what is wrong in a lesson's text, with file, line, column, and what to write."""

from collections.abc import Sequence

from nsplay import facts
from nsplay.lesson.course import course, find
from nsplay.lesson.lint import lint
from nsplay.settings import Settings
from nsplay.view.registry import VIEWS


def lint_lessons(settings: Settings, ids: Sequence[str]) -> int:
    """Lints the lessons with these ids, all when there are none; 1 when something is wrong."""
    folders = [find(settings.lessons, name) for name in ids] or list(course(settings.lessons))
    problems = [problem for folder in folders for problem in lint(folder, known=facts.known, views=VIEWS)]
    for problem in problems:
        print(f"{problem.file}:{problem.line}:{problem.column}: {problem.says}")
        if problem.text_of_line:
            print(f"    {problem.text_of_line}")
        if problem.write:
            print(f"    write: {problem.write}")
    if not problems:
        print(f"{len(folders)} lesson{'s' * (len(folders) != 1)}: nothing to mend")
    return 1 if problems else 0
