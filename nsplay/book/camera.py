"""Plays lessons on a stage, and keeps of every step what a learner would have seen."""

import select
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from nsplay.book.model import Chapter, Page, Shown
from nsplay.errors import NsplayError
from nsplay.facts import Value
from nsplay.lesson.fill import fill
from nsplay.lesson.model import Block, Lesson, Move, Predict, Step, Verdict
from nsplay.needs import missing
from nsplay.repl.actors import start_stage
from nsplay.repl.pages import LessonPages
from nsplay.repl.performance import Performance
from nsplay.repl.script import consoles, moves
from nsplay.repl.session import Session
from nsplay.settings import Settings
from nsplay.snapshot import Snapshot
from nsplay.stage.stage import Stage
from nsplay.view.grid import Key
from nsplay.view.ui import Screen, Ui

COLUMNS: Final = 80  # of a picture: what fits on paper, and what the lessons were written for
ROWS: Final = 40
LATE: Final = (
    2.0  # seconds that what was started in the background, or killed, may take after the last command
)
LOOK: Final = 0.05  # seconds between two looks meanwhile

Tell = Callable[[int, str], None]
"""Told of every step that begins: its number from 1, and its title."""


class Film(LessonPages):
    """Draws for nobody and keeps what would have been drawn. A book has no keys, and nobody is told "not yet" in it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.ui = Ui(width=COLUMNS + 1, rows=ROWS, lang=self.ui.lang, plain=settings.plain)
        self._screen = Screen()

    def draw(self, screen: Screen) -> str:
        """Keeps it."""
        self._screen = screen
        return ""

    def task(self, play: Session) -> str:
        """The book has words of its own for it."""
        return ""

    def result(
        self, play: Session, before: Snapshot, now: Snapshot, verdicts: Sequence[Verdict], line: str
    ) -> str:
        """Kept, as long as it isn't done without its verdicts."""
        return super().result(play, before, now, verdicts if play.done else (), line)

    def result_keys(self, play: Session, stuck: bool) -> list[Key]:
        """None."""
        return []

    def summary(self, play: Session, facts: Mapping[str, Value]) -> list[str]:
        """The book's own."""
        return []

    def take(self) -> Screen:
        """What was drawn since the last time, without its last line, where the keys would stand."""
        taken, self._screen = self._screen, Screen()
        lines = taken.lines[:-1]
        while lines and not lines[-1].plain.strip():
            lines.pop()
        return Screen(lines)


class AsWritten(dict[str, Value]):
    """Facts of a machine that wasn't asked: each stands for itself, {{so}}."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> Value:
        return f"{{{{{name}}}}}"


def shoot(settings: Settings, lesson: Lesson, part: str, tell: Tell) -> Chapter:
    """The lesson, played: its chapter. One that can't run here comes without pictures, one that stops halfway says where.

    What tell raises ends it, with the stage taken down. MachineError where no stage can be made.
    """
    why, mend = missing(vars(lesson.needs))
    prose = _blocks(lesson.prose, AsWritten())
    pages = tuple(_page(step, AsWritten()) for step in lesson.steps)
    chapter = Chapter(
        lesson.id, lesson.title, lesson.minutes, lesson.lang, part, prose, pages, lesson.card, why, mend
    )
    if why:
        return chapter
    stage = start_stage(settings, lesson.needs)
    try:
        stage.wait()
        return _played(settings, lesson, chapter, stage, tell)
    finally:
        stage.close()


def _blocks(blocks: Sequence[Block], context: dict[str, Value]) -> tuple[Block, ...]:
    return tuple(replace(block, text=fill(block.text, context)) for block in blocks)


def _page(step: Step, context: dict[str, Value]) -> Page:
    """The step's words as they are when it begins."""
    guess = step.predict and _guess(step.predict, context)
    hints, summary = (tuple(fill(text, context) for text in texts) for texts in (step.hints, step.summary))
    prose, its = _blocks(step.prose, context), moves(consoles(step))
    return Page(step.id, fill(step.title, context), prose, guess, its, hints, summary)


def _guess(it: Predict, context: dict[str, Value]) -> Predict:
    options = tuple(fill(option, context) for option in it.options)
    return replace(
        it, question=fill(it.question, context), options=options, because=fill(it.because, context)
    )


def _played(settings: Settings, lesson: Lesson, chapter: Chapter, stage: Stage, tell: Tell) -> Chapter:
    film, at = Film(settings), 0
    performance = Performance(
        lesson, 0, stage, film, lambda: tell(at + 1, lesson.steps[at].title), plain=True
    )
    prose, pages = chapter.prose, list(chapter.pages)
    try:
        performance.begin()
        prose = _blocks(lesson.prose, performance.session.context(performance.session.start))
        for at in range(len(pages)):
            pages[at] = _step(performance, film)
            if pages[at].problem:
                break
            performance.session.submit("")
    except NsplayError as error:  # no shell that lasts until the first step, say
        pages[at] = replace(pages[at], problem=str(error))
    finally:
        performance.close()
    return replace(chapter, prose=prose, pages=tuple(pages))


def _step(performance: Performance, film: Film) -> Page:
    """The step that the session is at, done."""
    play = performance.session
    step, context = play.step, play.context()
    shown: list[Shown] = []
    problem = ""
    count = len(moves(consoles(step)))
    page = _page(step, context)
    for place in range(count):
        try:
            move = play.moves()[place]
            performance.typed(move)
            if place + 1 == count:
                _until_done(performance, move)
        except NsplayError as error:
            problem = str(error)
            break
        shown.append(Shown(move, tuple(performance.output(move)), tuple(film.take().fitted(COLUMNS))))
    if not problem and not play.done:
        failed = [verdict for verdict in play.verdicts(play.last) if not verdict.passed] if play.last else []
        problem = failed[0].message if failed else film.ui.say("no command for this machine", "コマンドなし")
    told = play.context()
    return replace(
        page,
        guess=page.guess and step.predict and replace(page.guess, because=fill(step.predict.because, told)),
        moves=play.moves() if problem else tuple(one.move for one in shown),
        summary=tuple(fill(text, told) for text in step.summary),
        shown=tuple(shown),
        problem=problem,
    )


def _until_done(performance: Performance, last: Move) -> None:
    """Looks again until the step is done: what was started in the background, or killed, takes its time."""
    until = time.monotonic() + LATE
    while not performance.session.done and time.monotonic() < until:
        select.select([performance.player(last.terminal).master], [], [], LOOK)
        performance.settled(last._replace(line=""))
