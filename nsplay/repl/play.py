"""From the menu to the receipt: plays lessons on stages, one after another, in the learner's terminal."""

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from nsplay import facts
from nsplay.errors import MachineError, UsageError
from nsplay.kernel.cgroups import variant
from nsplay.lesson.loader import load
from nsplay.lesson.model import Lesson
from nsplay.lesson.packs import lookup
from nsplay.lesson.progress import Progress
from nsplay.listing import onward, rows
from nsplay.needs import missing
from nsplay.repl.actors import Eyes, start_stage
from nsplay.repl.entrance import alone, ask_background, make_ready
from nsplay.repl.folder import shell_folder
from nsplay.repl.machine import machine
from nsplay.repl.seated import AGAIN, tell_lacks, terminal
from nsplay.settings import Settings
from nsplay.stage.stage import Stage
from nsplay.view.registry import VIEWS

if TYPE_CHECKING:
    from nsplay.repl.pages import LessonPages
    from nsplay.repl.session import Pages, Session
    from nsplay.repl.terminal import Presents, Terminal
    from nsplay.repl.terminals import Terminals

READING: Final = 1.0  # seconds at least, for the line that says how to leave


def play(settings: Settings, word: str | None) -> int:
    """`nsplay [LESSON[/STEP]]`: 0 when the learner has left, 3 when the machine can't."""
    make_ready(settings)
    with alone():
        progress = Progress.load(os.path.join(settings.state, "progress.json"))
        lesson_id, step_id = (word or "").partition("/")[::2]
        if word is not None and not lesson_id:
            lookup(settings, word)  # says that there is none
        if not lesson_id:
            from nsplay.repl.chooser import choose

            settings, typed = ask_background(settings)
            lesson_id = choose(settings, progress, typed.decode(errors="ignore"))
        while lesson_id:
            player = Player(settings, playable(settings, lesson_id), progress)
            lesson_id, step_id = player.play(step_id), ""
            settings = player.settings
    return 0


def play_next(settings: Settings) -> int:
    """`nsplay next`: the lesson that Enter would take in the menu."""
    progress = Progress.load(os.path.join(settings.state, "progress.json"))
    table = rows(settings)
    if not (lesson := onward(table, progress.last)):
        reasons = (
            "; ".join(f"{row.id}: {row.why_not}" for row in table) or f"no lessons in {settings.lessons}"
        )
        raise MachineError("there is no lesson that can run here", reasons)
    return play(settings, lesson)


def playable(settings: Settings, lesson_id: str) -> Lesson:
    """The lesson of that id. UsageError when there is none, or when it is a pack's and may not run; MachineError when it
    can't run here.
    """
    folder, name, pack = lookup(settings, lesson_id)
    lesson = load(folder, settings.lang, variant=variant, known=facts.known, views=VIEWS)
    lesson = replace(lesson, id=name)
    why, mend = missing(vars(lesson.needs))
    if why:
        raise MachineError(f"the lesson {lesson_id} can't run here: {why}", do=mend)
    if pack:
        from nsplay.repl.trust import ask_trust

        ask_trust(settings, lesson, pack)
    return lesson


class Player:
    """Plays one lesson. settings: after `play` with the terminal's background."""

    def __init__(self, settings: Settings, lesson: Lesson, progress: Progress) -> None:
        self.settings, self.lesson, self.progress = settings, lesson, progress
        self._ahead = b""  # keys that were typed before there was a terminal to take them: at the start, behind a :reset
        self._home = os.path.dirname(lookup(settings, lesson.id).folder)
        self.machine = machine()
        self.told = False

    def play(self, step_id: str) -> str:
        """Until the learner leaves or the lesson is over; the lesson to go on with: "" for none, "menu" is asked again."""
        begin = self._from(step_id)
        stage = start_stage(self.settings, self.lesson.needs)  # stands while the rest is imported
        from nsplay.repl.session import Session

        try:
            pages = self.pages()
            session = Session(self.lesson, begin, self.progress, pages)
            self.progress.stand(self.lesson.id, session.step.id)
            reason = self._on(stage, session)
            while reason in AGAIN:
                print(pages.rebuilding(session, reason), end="", flush=True)
                stage = start_stage(self.settings, self.lesson.needs)
                reason = self._on(stage, session)
        finally:
            left = stage.close()
        return self.farewell(session, pages, left, reason)

    # --- what a demo does otherwise (nsplay/demo)

    def pages(self) -> "LessonPages":
        """What it looks like."""
        from nsplay.repl.pages import LessonPages

        return LessonPages(self.settings)

    def ask(self, pages: "Pages") -> None:
        """The terminal, for its background: not before all is well that could be wrong."""
        self.settings, self._ahead = ask_background(self.settings)
        pages.lit(self.settings.background)

    def presents(self, session: "Session") -> "Presents | None":
        """Who types at the prompt, when it isn't the learner."""
        return None

    def farewell(self, session: "Session", pages: "LessonPages", left: Sequence[str], reason: str) -> str:
        """Last words; the lesson to go on with, "" for none. left: what stayed behind. reason: why it ended."""
        from nsplay.repl.farewell import Farewell

        last = Farewell(self.settings, pages.ui, session, left, machine().compared(self.machine))
        print(last.text(reason), end="")
        if session.finished:
            reason = last.ask()
        if reason != "menu":
            return ""
        from nsplay.repl.chooser import choose

        return choose(self.settings, self.progress)

    def _from(self, step_id: str) -> int:
        """Where to begin: the step that was named, else the first that isn't done."""
        if step_id:
            try:
                return self.lesson.index(step_id)
            except KeyError:
                names = ", ".join(step.id for step in self.lesson.steps)
                raise UsageError(
                    f"the lesson {self.lesson.id} has no step {step_id}", f"it has: {names}"
                ) from None
        done = [self.progress.done(self.lesson.id, step.id, step.digest) for step in self.lesson.steps]
        return 0 if all(done) else done.index(False)

    def _on(self, stage: Stage, session: "Session") -> str:
        """Plays on this stage; why it ended."""
        from nsplay.repl.publishing import Publisher
        from nsplay.repl.seat import Seat
        from nsplay.repl.terminals import Terminals

        try:
            report = stage.wait()
            if not self.told:
                self.ask(session.pages)
                tell_lacks(self.settings, report)
            self.told = True
            with (
                Publisher(self.settings, stage, self._home) as publisher,
                shell_folder(self.settings.state) as folder,
            ):

                def start(number: int) -> "Terminal":
                    opener, seat = publisher.opener(number), Seat(session, number)
                    words, presents = session.pages.words, self.presents(session)
                    return terminal(self.settings, stage, opener, seat, folder, words, presents=presents)

                terminals = Terminals(start, session.pages.terminal)
                session.rebuild(Eyes(stage), terminals.place)
                session.publish = publisher.tell
                terminals.type_ahead(self._ahead)
                try:
                    reason = self._until_left(terminals, session)
                    self._ahead = terminals.unread() if reason == "rebuild" else b""
                    return reason
                finally:
                    terminals.close()
        finally:
            stage.close()

    def _until_left(self, terminals: "Terminals", session: "Session") -> str:
        """Why the learner left. One `exit` too many doesn't: the next line would be typed to the real machine's shell. Nor
        does another one before they can have read so."""
        last, told = -1, 0.0
        while True:
            reason = terminals.run().reason
            typed, hasty = len(session.tally.deeds), time.monotonic() - told < READING
            if reason != "exit" or (typed == last and not hasty):
                return reason
            last = typed
            print(session.pages.answer(session, ":outermost", ""), end="", flush=True)
            told = time.monotonic()
