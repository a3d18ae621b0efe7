"""A session as one of its terminals has it (repl/listener.Listener)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from nsplay.repl.listener import Frame, Listener, Moment, Reply


class Session(Listener, Protocol):
    """A listener with several terminals: a lesson (repl/session.py), or the sandbox (repl/sandbox_session.py)."""

    def settled(self, moment: Moment, terminal: int = 1) -> Reply:
        """A shell waits in that terminal."""


class Roaming(Session, Protocol):
    """One that asks where its terminals are (repl/watched.Watched)."""

    place_of: Callable[[int], int | None]


@dataclass(frozen=True)
class Seat:
    """The session's listener for the terminal of that number."""

    session: Session
    number: int

    def settled(self, moment: Moment) -> Reply:
        """A shell waits."""
        return self.session.settled(moment, self.number)

    def suggestion(self, entered: Sequence[str] = ()) -> str:
        """The step's next command."""
        return self.session.suggestion(entered)

    def submit(self, line: str) -> Reply | None:
        """A line at the prompt."""
        return self.session.submit(line)

    def running(self, seconds: float) -> Frame | None:
        """What moves."""
        return self.session.running(seconds)

    def menu(self) -> str:
        """What Ctrl-] shows."""
        return self.session.menu()

    def menu_key(self, key: str) -> Reply | None:
        """A key in that menu."""
        return self.session.menu_key(key)

    def ended(self, program: str, pid: int) -> str:
        """A program was ended from the menu."""
        return self.session.ended(program, pid)

    def resized(self, columns: int, lines: int) -> None:
        """A new size."""
        self.session.resized(columns, lines)
