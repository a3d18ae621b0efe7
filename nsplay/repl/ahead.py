"""Keys that come before anybody waits for them: a shell would read them before nsplay sees its prompt.

What may be nsplay's own waits here: a line that begins with a colon, an empty one, and whatever comes behind it, for the
order's sake. At the next prompt the editor reads it, as if it was typed then. Everything else goes where it went without
nsplay. As soon as a program reads the terminal, all of it is the program's.
"""

import enum
import re
import time
from collections.abc import Callable
from typing import Final

from nsplay.kernel import tty
from nsplay.repl.outbox import Outbox, typed_only
from nsplay.repl.pty import Pty

LOOK: Final = 0.02  # seconds between two looks at who is in front, while keys wait
PATIENCE: Final = 0.3  # seconds that keys wait at a prompt, while output comes without end

# What acts on a program that reads nothing; the terminal forgets what was typed before it (termios(3), without NOFLSH).
_STOPS: Final = re.compile(rb".*[\x03\x1a\x1c]", re.DOTALL)  # Ctrl-C, Ctrl-Z, Ctrl-\
_OURS: Final = re.compile(rb"(?<=[\r\n])[:\r\n]")
_FIRST: Final = re.compile(rb"[:\r\n]")


class Whose(enum.Enum):
    """For whom keys are that come now."""

    THEIRS = "a program's"
    OURS = "ours, once the prompt is; or a line that waits for all that is to be typed first"
    OPEN = "lines for the shell, but some that may be for us"


class Ahead:
    """Between the keys and the outbox. holding: are more lines to be typed for the learner? Then keys wait until they are.
    mine: is that a prompt at which the learner's line is read?"""

    def __init__(
        self, pty: Pty, outbox: Outbox, holding: Callable[[], bool], mine: Callable[[tty.Front], bool]
    ) -> None:
        self._pty, self._outbox, self._holding, self._mine = pty, outbox, holding, mine
        self._prompted = 0.0  # since when they wait at a prompt; 0.0: there is none
        self._new = True  # nobody has read a line yet: all keys are for the first prompt
        self.held = b""

    def typed(self, keys: bytes) -> None:
        """Keys as they were typed."""
        whose = self._whose()
        if whose is not Whose.THEIRS and (stop := _STOPS.match(keys)):
            self.held = b""
            self._outbox.typed(stop[0])
            keys = keys[stop.end() :]
        self._sort(whose, keys)

    def look(self) -> None:
        """Do the keys that wait still have to?"""
        if self.held and not self._holding():
            self._sort(self._whose(), b"")

    def take(self) -> bytes:
        """What waits, for whoever reads the line."""
        keys, self.held, self._new = typed_only(self.held), b"", False
        return keys

    def _sort(self, whose: Whose, keys: bytes) -> None:
        keys, self.held = self.held + keys, b""
        match whose:
            case Whose.THEIRS:
                at = len(keys)
            case Whose.OURS:
                at = 0
            case Whose.OPEN:
                begins = None if self._outbox.unfinished else _FIRST.match(keys)
                found = begins or _OURS.search(keys)
                at = found.start() if found else len(keys)
        if at:
            self._outbox.typed(keys[:at])
        self.held = keys[at:]

    def _whose(self) -> Whose:
        front = self._pty.front()
        if front.reads:
            return Whose.THEIRS
        if self._holding():
            return Whose.OURS
        if front.kind.prompt:
            return self._at_prompt(front)
        self._prompted = 0.0
        idle = front.kind in (tty.Kind.BUSY, tty.Kind.GONE) and (front.shell or front.canonical)
        if not idle or tty.awaited(front, self._pty.shell):
            return Whose.THEIRS
        return Whose.OURS if self._new else Whose.OPEN

    def _at_prompt(self, front: tty.Front) -> Whose:
        """The editor is about to read; when it doesn't come (output without end), the shell has the keys."""
        if not self._mine(front):
            return Whose.THEIRS
        if self._outbox or self._outbox.echoing:  # the line before is on its way
            return Whose.OPEN
        now = time.monotonic()
        self._prompted = self._prompted if self._prompted and self.held else now
        flooded = now - self._prompted > PATIENCE and now - self._pty.wrote < LOOK
        return Whose.THEIRS if self._outbox.unfinished or flooded else Whose.OURS
