"""A book: chapters of steps, with what was seen when they were played. All words are filled in, in one language."""

from dataclasses import dataclass

from rich.text import Text

from nsplay.lesson.model import Block, Card, Move, Predict


@dataclass(frozen=True)
class Shown:
    """A command that was typed, the lines that it wrote, and the lines that nsplay showed then: none when nothing moved."""

    move: Move
    output: tuple[str, ...]
    screen: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Page:
    """A step. moves: the commands that do it. shown: those that were typed, [] where the step wasn't played.

    problem: why it isn't shown to its end; "" when it is.
    """

    id: str
    title: str
    prose: tuple[Block, ...]
    guess: Predict | None
    moves: tuple[Move, ...]
    hints: tuple[str, ...]
    summary: tuple[str, ...]
    shown: tuple[Shown, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Chapter:
    """A lesson. part: of the course that it belongs to. why_not, mend: why it can't run here, and what
    mends that; "" when it was played.
    """

    id: str
    title: str
    minutes: int
    lang: str
    part: str
    prose: tuple[Block, ...]
    pages: tuple[Page, ...]
    card: Card
    why_not: str = ""
    mend: str = ""


@dataclass(frozen=True)
class Book:
    """made: a date. machine: what the pictures were taken on."""

    lang: str
    made: str
    machine: str
    chapters: tuple[Chapter, ...]

    def say(self, en: str, ja: str) -> str:
        """One of the two."""
        return ja if self.lang == "ja" else en
