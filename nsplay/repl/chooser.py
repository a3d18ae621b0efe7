"""The menu of lessons, before one is chosen; and what the terminal can do."""

import os
from collections.abc import Sequence
from dataclasses import replace

from nsplay.lesson.packs import in_pack
from nsplay.lesson.progress import Progress
from nsplay.listing import Row, onward, rows, troubles
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


def choose(settings: Settings, progress: Progress, typed: str = "") -> str:
    """Shows the menu; the lesson that was picked, "" to leave. typed: of the answer, before the menu was shown."""
    table = rows(settings)
    menu = Menu(settings, table, progress)
    default = menu.default()
    print(menu.text(), end="")
    if not settings.ask:
        return default
    while True:
        try:
            begun, ended, typed = typed.partition("\n")
            answer = (begun if ended else begun + input(f" > {begun}")).strip()
        except (EOFError, KeyboardInterrupt):
            print()
            return ""
        if answer in ("q", ":quit", "quit", "exit"):
            return ""
        if answer == "l":
            print(menu.map(), end="")
            continue
        picked = default if not answer else _named(table, answer)
        if picked:
            return picked
        print(menu.again(answer), end="")


def _named(table: list[Row], answer: str) -> str:
    able = [row.id for row in table if row.runnable]
    same = [name for name in able if in_pack(name) == answer]  # a pack's, without its name
    starts = [name for name in able if name.startswith(answer)]
    return answer if answer in able else next((each[0] for each in (same, starts) if len(each) == 1), "")
