"""The menu of lessons, before one is chosen; and what the terminal can do."""

import os
from collections.abc import Sequence
from dataclasses import replace

from nsplay.lesson.progress import Progress
from nsplay.listing import Row, onward, troubles
from nsplay.settings import Settings
from nsplay.view import course, notes
from nsplay.view.ui import Ui, render


def detect(settings: Settings) -> Ui:
    """What this terminal can do."""
    size = os.get_terminal_size(1) if os.isatty(1) else os.terminal_size((80, 24))
    lang = "ja" if settings.lang == "ja" else "en"
    ui = Ui.detect(os.environ, os.isatty(1), size.columns, "ja" if lang == "ja" else "en", rows=size.lines)
    return replace(ui, plain=settings.plain, background="light" if settings.background == "light" else "dark")


class Menu:
    """The menu of lessons."""

    def __init__(self, settings: Settings, table: Sequence[Row], progress: Progress) -> None:
        self.ui, self.table, self.progress = detect(settings), table, progress
        self._problems = [*progress.problems, *troubles(settings)]

    def default(self) -> str:
        """The lesson that Enter takes: where one stopped, else the first that isn't done, else the first."""
        return onward(self.table, self.progress.last)

    def text(self) -> str:
        """The screen."""
        return "\n" + render(self.ui, course.menu(self.ui, self._entries(), self.default(), self._problems))

    def map(self) -> str:
        """What stands on what."""
        return "\n" + render(self.ui, course.map_of(self.ui, self._entries(), self.default()))

    def _entries(self) -> list[course.Entry]:
        return [_entry(row) for row in self.table]

    def again(self, answer: str) -> str:
        """For an answer that is no lesson, or none that can run."""
        names = ", ".join(row.id for row in self.table if row.runnable)
        say = self.ui.say(
            f"There is no lesson {answer} to play; there are: {names}.",
            f"{answer} というレッスンはありません。あるのは {names} です。",
        )
        return render(self.ui, notes.note(self.ui, say))


def _entry(row: Row) -> course.Entry:
    number, title = next(
        ((number, title) for number, (_, title, done) in enumerate(row.steps, 1) if not done), (0, "")
    )
    return course.Entry(
        row.id,
        row.title,
        row.minutes,
        len(row.steps),
        row.done,
        row.why_not,
        row.mend,
        row.part,
        row.stands_on,
        number,
        title,
    )
