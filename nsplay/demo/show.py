"""A demo as all of its terminals share it: the lesson that is played, who types, and how fast."""

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nsplay.demo.pace import Pace
from nsplay.repl.listener import Reply
from nsplay.repl.pty import Size
from nsplay.repl.session import Session


class Hand(enum.Enum):
    """Who types."""

    LESSON = "the lesson, when the presenter says so"
    LINE = "the presenter, this one line"
    PRESENTER = "the presenter, until it is given back"


@dataclass
class Show:
    """auto: seconds after which it goes on by itself; None: never. pressed: the presenter has said "onward", and the
    terminal was changed over. repairing: the step's commands are to be typed in an instant. offered: the step has come to its
    end, or off its way, and the presenter was asked what now. alone: nobody is there to be asked.
    """

    session: Session
    pace: Pace
    auto: float | None = None
    alone: bool = False
    hand: Hand = Hand.LESSON
    pressed: bool = False
    repairing: bool = False
    offered: bool = False
    improvised: int = 0  # lines typed so far, when the presenter took over

    # --- what a rehearsal does otherwise

    def strokes(self, line: str) -> Iterator[tuple[str, float]]:
        """How a line is typed: as Pace.strokes."""
        return self.pace.strokes(line)

    def sees(self, data: bytes, size: Size) -> None:
        """What is written to the room's screen."""

    def entered(self, line: str, columns: int) -> None:
        """A line of the lesson was typed, and runs. columns: that it took, prompt and all."""

    def settled(self) -> None:
        """A shell waits again."""

    # --- where it stands

    def take_over(self, hand: Hand) -> None:
        """The presenter types."""
        self.hand, self.improvised = hand, len(self.session.tally.deeds)

    def give_back(self) -> bool:
        """The lesson types again. Is it off its way?"""
        self.hand = Hand.LESSON
        played = self.session
        typed = len(played.tally.deeds) > self.improvised
        return typed and not played.done and bool(self._broken())

    def stuck(self) -> bool:
        """Was all typed that the step asks for, and it isn't done?"""
        played = self.session
        return bool(played.before) and not played.done and (played.spent or not played.next_move())

    def _broken(self) -> Sequence[object]:
        played = self.session
        return played.broken(played.verdicts(played.last)) if played.before and played.last else ()

    # --- what the presenter may want then

    def go_on(self) -> Reply:
        """To the next step, on a fresh stage on which all before it was done as the lesson does it."""
        played = self.session
        if played.at + 1 == len(played.lesson.steps):
            played.finished = True
            return Reply(leave="finished")
        played.enter(played.at + 1)
        return self._afresh()

    def repair(self) -> Reply:
        """This step as the lesson does it, on a fresh stage, in an instant."""
        reply = self.start_over()
        self.repairing = True
        return reply

    def start_over(self) -> Reply:
        """A fresh stage, built up to this step."""
        self.session.enter(self.session.at)
        return self._afresh()

    def back(self) -> Reply:
        """To where this step began; from there to the step before."""
        played = self.session
        begun = played.done or played.typed or self.offered
        played.enter(played.at if begun else max(0, played.at - 1))
        return self._afresh()

    def _afresh(self) -> Reply:
        self.offered = self.repairing = False
        return Reply(leave="rebuild")
