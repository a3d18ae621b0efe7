"""`nsplay demo LESSON[/STEP]`: the lesson types itself into a real terminal on a real stage; the presenter says when."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from nsplay.demo.pace import Pace
from nsplay.demo.pages import DemoPages
from nsplay.demo.presenter import PresentedPrompt
from nsplay.demo.rehearsal import Rehearsal, report
from nsplay.demo.show import Show
from nsplay.demo.takes import Takes, recordings
from nsplay.errors import MachineError, UsageError
from nsplay.lesson.model import Lesson
from nsplay.lesson.progress import Progress
from nsplay.repl.entrance import alone, make_ready
from nsplay.repl.listener import Ending
from nsplay.repl.pages import LessonPages
from nsplay.repl.play import Player, playable
from nsplay.repl.prompt import Prompt
from nsplay.repl.session import Pages, Session
from nsplay.repl.talk import Talk
from nsplay.repl.terminal import Presents
from nsplay.settings import Settings
from nsplay.view.ui import render


class Manner(NamedTuple):
    """auto: seconds from one command to the next; None: a key says when. seed: of the typing. rehearse: nobody is there.
    big: for the back row.
    """

    auto: float | None = None
    seed: int = 1
    rehearse: bool = False
    big: bool = False


def demo(settings: Settings, word: str, manner: Manner) -> int:
    """0; of a rehearsal 1 when a step wasn't done. UsageError, MachineError as for playing it."""
    make_ready(settings)
    lesson_id, step_id = word.partition("/")[::2]
    if not lesson_id:
        raise UsageError(f"a demo is of a lesson, not of {word}", "", "nsplay list")
    with alone(), _last_resort(settings, lesson_id):
        player = DemoPlayer(settings._replace(ask=False), playable(settings, lesson_id), manner)
        player.play(step_id)
        if manner.rehearse and player.show:
            return player.report()
    return 0


@contextlib.contextmanager
def _last_resort(settings: Settings, lesson_id: str) -> Iterator[None]:
    """Where this machine can't play the lesson, the rehearsal's recordings are told of."""
    try:
        yield
    except MachineError as error:
        folder = recordings(settings, lesson_id)
        if not any(folder.glob("*.cast")):
            raise
        lie = f"its rehearsal's recordings lie in {folder}: `nsplay render FILE.cast` makes a page of one"
        raise MachineError(error.what, "\n".join(filter(None, (error.why, lie))), error.do) from None


class DemoPlayer(Player):
    """Plays one lesson before a room. Nobody's progress is touched."""

    def __init__(self, settings: Settings, lesson: Lesson, manner: Manner) -> None:
        super().__init__(settings, lesson, Progress.in_memory())
        self._manner = manner
        self.takes = Takes(settings, lesson, big=manner.big)
        self._pages = DemoPages(settings, self.takes, big=manner.big)
        self.show: Show | None = None

    def pages(self) -> DemoPages:
        return self._pages

    def ask(self, pages: Pages) -> None:
        super().ask(pages)
        self.takes.background = self.settings.background

    def presents(self, session: Session) -> Presents:
        show = self.show = self.show or self._show(session)

        def prompt(talk: Talk, menu: Callable[[bytes], Ending | None]) -> Prompt:
            return PresentedPrompt(talk, menu, show, self._pages)

        return prompt

    def _show(self, session: Session) -> Show:
        manner, pace = self._manner, Pace(self._manner.seed)
        if manner.rehearse:
            return Rehearsal(session, pace, self.takes)
        return Show(session, pace, auto=manner.auto)

    def farewell(self, session: Session, pages: LessonPages, left: Sequence[str], reason: str) -> str:
        if session.finished or left or reason not in ("quit", "exit", "menu", "hangup"):
            return super().farewell(session, pages, left, reason)
        print(self._pages.left(f"{session.lesson.id}/{session.step.id}"), end="")
        return ""

    def report(self) -> int:
        """What the rehearsal showed."""
        assert isinstance(self.show, Rehearsal)
        show, ui = self.show, self._pages.ui
        kept, steps = show.kept(), list(show.steps.values())
        print("\n" + render(ui, report(ui, self.lesson.minutes, steps, kept)), end="")
        return 0 if all(step.done for step in steps) else 1
