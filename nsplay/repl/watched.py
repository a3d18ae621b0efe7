"""What is looked at on a stage with terminals: by a lesson that is played, or by a sandbox."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from nsplay.repl.actors import Eyes
from nsplay.repl.listener import Reply
from nsplay.repl.talk import CHANGE_OVER
from nsplay.snapshot import Snapshot

TERMINALS = "12"  # what they are called


class Watched(ABC):
    """eyes: None before there is a stage. last: the latest look. front: the terminal that is shown."""

    def __init__(self, eyes: Eyes | None = None) -> None:
        self.eyes = eyes
        self.front = 1
        self.place_of: Callable[[int], int | None] = lambda number: None  # a terminal's foreground leader now
        self.last: Snapshot | None = None

    @abstractmethod
    def parts(self) -> frozenset[str]:
        """What is looked at after every command."""

    def look(self, parts: frozenset[str] | None = None) -> Snapshot:
        """A look at that, or at `parts`, from where the terminals are now."""
        assert self.eyes
        wanted = self.parts() if parts is None else parts
        return self.eyes.look(self.place_of(1), wanted, self.place_of(2))

    def look_here(self, parts: frozenset[str]) -> Snapshot:
        """A look from the terminal that is shown alone: what is asked there is about that place."""
        assert self.eyes
        return self.eyes.look(self.place_of(self.front), parts)

    def to_terminal(self, key: str) -> Reply | None:
        """A digit in the menu of Ctrl-]; None for any other key."""
        return Reply(leave=f"{CHANGE_OVER}{key}") if key in TERMINALS else None
