"""Between the terminal and whoever lives on top of it: a lesson."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from nsplay.lesson.model import Move


@dataclass(frozen=True)
class Moment:
    """A shell waits at its PS1, at the end of whatever ran.

    pid: the innermost foreground leader, which is the place. line: what was sent since the last prompt, "" when
    unknown. status: the exit status by the shell's mark, else None. nested: in a terminal in the terminal. editing:
    our editor reads the next line; False: a raw prompt, or a raw program that has gone quiet.
    """

    pid: int
    comm: str
    line: str
    status: int | None
    nested: bool
    editing: bool


@dataclass(frozen=True)
class Reply:
    """What the listener wants: text (ANSI) is printed; work: makes the text, may take a while, and is
    called when the line is on the screen; type: commands typed for the learner, each at the next prompt of
    its terminal; more: others follow when those are done; keep: the submitted line goes to the history; leave: ends run()
    with this reason ("terminal 2" only changes over).
    """

    text: str = ""
    work: Callable[[], str] | None = None
    type: tuple[Move, ...] = ()
    more: bool = False
    keep: bool = False
    leave: str = ""


@dataclass(frozen=True)
class Frame:
    """A picture of what moves. stays: it is a line of its own, below which the next one comes; else it is drawn anew in place."""

    text: str
    stays: bool = False


class Listener(Protocol):
    """Whoever is told what happens on the terminal, and says what to do."""

    def settled(self, moment: Moment) -> Reply:
        """A PS1 prompt is reached again (also when run() is called again), or a raw program has gone quiet."""

    def suggestion(self, entered: Sequence[str] = ()) -> str:
        """Shown in grey behind the prompt as far as what is typed is its beginning; Tab takes it. entered: the lines of the
        command that are entered already, behind a continuation prompt."""

    def submit(self, line: str) -> Reply | None:
        """A line typed at PS1, also an empty one. None: it belongs to the shell."""

    def running(self, seconds: float) -> Frame | None:
        """A command has run so long, and says nothing: what is to be seen meanwhile. None: nothing."""

    def menu(self) -> str:
        """Text of the menu that Ctrl-] opens."""

    def menu_key(self, key: str) -> Reply | None:
        """A key in the menu that isn't the terminal's own (Enter, c, k, ], q); None: unknown."""

    def ended(self, program: str, pid: int) -> str:
        """Text after a program was ended from the menu; pid 0: there was none but the shell."""

    def resized(self, columns: int, lines: int) -> None:
        """The terminal has a new size."""


@dataclass(frozen=True)
class Ending:
    """Why run() came back: "exit" (status: the shell's), "hangup", "killed ...", "quit", a watch's reason or a
    Reply's."""

    reason: str
    status: int | None = None
