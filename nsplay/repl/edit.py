"""`nsplay lesson edit`: while an author writes a lesson, shows the step that was written, whenever it is saved.

Printed into the ordinary scrollback. Nothing that a file may hold ends it: what is wrong is told, and the next save is
waited for.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Final

from rich.text import Text

from nsplay import facts
from nsplay.errors import LessonError, NsplayError, UsageError
from nsplay.kernel.cgroups import variant
from nsplay.lesson.document import CARD, document
from nsplay.lesson.draft import places
from nsplay.lesson.loader import load
from nsplay.lesson.model import Lesson
from nsplay.lesson.text import read
from nsplay.needs import missing
from nsplay.repl.chooser import detect
from nsplay.repl.entrance import ask_background, ending_by_signal
from nsplay.repl.rehearsal import rehearse
from nsplay.repl.watch import Watch
from nsplay.settings import Settings, make_state_folder
from nsplay.view import ending, notes
from nsplay.view.grid import marked, title
from nsplay.view.registry import VIEWS
from nsplay.view.ui import Screen, render

MOST: Final = 6  # problems that are shown at once
ALIVE: Final = 1.0  # seconds between two signs of life

Lint = Callable[[], Sequence[str]]


class _SavedError(Exception):
    """A file was saved while the last version was being played."""


def edit(settings: Settings, folder: str, only: str | None, lint: Lint) -> int:
    """Until Ctrl-C; 0. only: the step to show while none is written. lint: what is wrong, a few lines each."""
    make_state_folder(settings.state)
    settings, _ = ask_background(settings)
    with ending_by_signal(), Watch(folder) as watch:
        desk = Desk(settings, folder, only, lint, watch)
        desk.known_step()
        try:
            desk.work()
        except KeyboardInterrupt:
            pass
    print()
    return os.EX_OK


class Desk:
    """One lesson being written."""

    def __init__(self, settings: Settings, folder: str, only: str | None, lint: Lint, watch: Watch) -> None:
        self.settings, self.folder, self.only, self.lint, self.watch = settings, folder, only, lint, watch
        self.name = os.path.basename(folder)
        self.texts: dict[str, str] = {}  # of each section, as it was when it was last shown
        self.shown = ""  # the step that was
        self._alive = 0.0

    def known_step(self) -> None:
        """UsageError for a step that the lesson doesn't have. A lesson that is broken may get it yet."""
        if self.only is None:
            return
        try:
            self._load().index(self.only)
        except KeyError:
            names = ", ".join(step.id for step in self._load().steps)
            raise UsageError(f"the lesson {self.name} has no step {self.only}", f"it has: {names}") from None
        except LessonError:
            return

    def work(self) -> None:
        """Shows, waits, shows. Ends by an exception, or by `q` or Ctrl-D typed here."""
        keys = 0 if os.isatty(0) else None
        names = ["lesson.md"]
        while True:
            try:
                self._head(names)
                self._show()
                self._foot()
            except _SavedError:
                self._say("\n.. saved again: once more\n")
            except NsplayError as error:
                self._failed(error.what, error.why, error.do)
            except OSError as error:
                self._failed(str(error), "", "")
            saved = self.watch.wait(keys)
            if saved is None:
                typed = os.read(0, 1024)
                if not typed or typed.strip() == b"q":
                    return
            names = saved or names

    # --- one version of the lesson ---

    def _show(self) -> None:
        problems = self.lint()
        try:
            lesson = self._load()
        except LessonError:
            if not problems:
                raise
            self._mend(problems)
            return
        why, mend = missing(vars(lesson.needs))
        if why:
            raise LessonError(f"{self.name} can't be played here: {why}", do=mend)
        step_id = self._step(lesson)
        if step_id == CARD:
            self._draw(ending.card(detect(self.settings), lesson.id, lesson.card))
            self._mend(problems)
            return
        at = lesson.index(step_id)
        self.shown = step_id
        if at:
            self._say(f"{'step 1' if at == 1 else f'steps 1 to {at}'} first ")
        self._alive = time.monotonic()
        wrong = rehearse(self.settings, lesson, at, self._say, self._idle)
        self._mend(problems)  # the news is at the bottom, next to where one looks
        mended = f"; lint: {len(problems)} to mend" if problems else ""
        if left := self._unwritten():
            mended += f"; {left} still to be written"
        self._verdict(f"step {at + 1} of {len(lesson.steps)}, {step_id}", wrong, mended)

    def _unwritten(self) -> int:
        """Places that a draft left to its author."""
        try:
            return places(read(os.path.join(self.folder, "lesson.md")))
        except LessonError:
            return 0

    def _mend(self, problems: Sequence[str]) -> None:
        """What is wrong in the text."""
        lines = [f"{problem}\n" for problem in problems[:MOST]]
        if len(problems) > MOST:
            lines.append(f".. {len(problems) - MOST} more: nsplay lesson lint {self.name}\n")
        self._say("".join(["\n", *lines] if lines else []))

    def _load(self) -> Lesson:
        return load(self.folder, self.settings.lang, variant=variant, known=facts.known, views=VIEWS)

    def _step(self, lesson: Lesson) -> str:
        """The first step that was written since the last version; else the one asked for, the last one, the first."""
        before, self.texts = self.texts, self._texts()
        ids = [step.id for step in lesson.steps]
        written = [name for name in [*ids, CARD] if before and before.get(name) != self.texts.get(name)]
        wishes = [*written, self.only, self.shown]
        return next(
            (name for name in wishes if name in ids or (name == CARD and lesson.card.commands)), ids[0]
        )

    def _texts(self) -> dict[str, str]:
        """Each section's text, in both languages, wherever it stands in its file."""
        texts: dict[str, str] = {}
        for found in (document(self.folder), document(self.folder, self.settings.lang)):
            for section in found.sections if found else ():
                lines = [line.text for line in section.prose]
                lines += [
                    text for f in section.fences for text in (*f.words, *(line.text for line in f.body))
                ]
                texts[section.id] = "\n".join([texts.get(section.id, ""), section.title, *lines])
        return texts

    def _idle(self) -> None:
        """Called all the time while commands run."""
        if self.watch.saved():
            raise _SavedError
        if time.monotonic() - self._alive >= ALIVE:
            self._alive = time.monotonic()
            self._say(".")

    # --- what is said ---

    @staticmethod
    def _say(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    def _draw(self, screen: Screen) -> None:
        self._say("\n" + render(detect(self.settings), screen))

    def _head(self, names: Sequence[str]) -> None:
        what = f"{self.name}: {', '.join(names)}"
        ui = detect(self.settings)
        self._draw(
            Screen([what] if ui.plain else title(ui, Text(what, "head"), Text(time.strftime("%H:%M:%S"))))
        )

    def _verdict(self, what: str, wrong: Sequence[str], mended: str) -> None:
        ui = detect(self.settings)
        head = f"{what}: {'not proved' if wrong else 'proved'}{mended}"
        screen = Screen(marked(ui, Text(ui.no, "bad") if wrong else Text(ui.yes, "ok"), Text(head, "head")))
        for line in wrong:
            screen += marked(ui, "", line)
        self._draw(screen)

    def _failed(self, what: str, why: str, do: str) -> None:
        self._draw(notes.failure(detect(self.settings), what, why, do))
        self._foot()

    def _foot(self) -> None:
        self._say("   waiting for a save; Enter: once more, Ctrl-C: end\n")
