"""Keys on their way to the pty."""

import re
import time
from typing import Final

from nsplay.kernel import tty
from nsplay.repl.pty import ROOM, Pty

PATIENCE: Final = 0.3  # seconds that an echo may stay away
HOLD: Final = 0.3  # seconds: how long the keys behind an Enter wait at most
BLOCK: Final = 4096  # bytes: what a terminal takes in one line (N_TTY_BUF_SIZE)

# Answers of the real terminal to a program's questions, not typed by anybody.
_ANSWER: Final = re.compile(rb"\x1b\[\??[\d;]*[Rcn]|\x1b\[[IO]|\x1b[\]P][^\x07\x1b]*(?:\x07|\x1b\\)")
_ENDS: Final = b"\r\n\x03\x04\x15\x1a\x1c"  # Enter, Ctrl-C, Ctrl-D, Ctrl-U, Ctrl-Z, Ctrl-\
_RUBOUT: Final = b"\x7f\x08"
_PASTE: Final = b"\x1b[200~"


def typed_only(keys: bytes) -> bytes:
    """keys without the terminal's own answers."""
    return _ANSWER.sub(b"", keys)


class Outbox:
    """What was typed and isn't taken yet.

    unfinished: a line typed ahead that no Enter ended; the prompt stays raw until one does.
    echo_due: when the newline was sent whose echo hasn't come; 0.0 for none.
    entered, stirred: an Enter, or another key that ends a line, went by since somebody set it to False.
    interrupted: so did a Ctrl-C that was typed.
    """

    def __init__(self, pty: Pty) -> None:
        self._pty = pty
        self._waiting = bytearray()
        self._hold = 0.0
        self.unfinished = b""
        self.echo_due = 0.0
        self.entered = self.stirred = self.interrupted = False

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def echoing(self) -> bool:
        """Is the echo of a line still to come?"""
        return bool(self.echo_due) and time.monotonic() - self.echo_due < PATIENCE

    @property
    def full(self) -> bool:
        return len(self._waiting) >= ROOM

    def held(self) -> bool:
        """A key behind Enter that reaches the pty while readline still holds it raw would keep its CR: `cat` or dash
        would never see a line. So it waits until the terminal hands over lines, or the shell is at its next prompt."""
        if not self._waiting or time.monotonic() >= self._hold:
            return False
        front = self._pty.front()
        again = front.kind is tty.Kind.EDITING and not self.echo_due
        return not (front.canonical or again)

    def send(self, data: bytes) -> None:
        """A whole line, or a key that ends one, at a prompt."""
        if not self._waiting:
            self._hold = 0.0
        self._waiting += data
        self.unfinished = b""
        self.echo_due = time.monotonic()
        self.entered = self.stirred = True

    def typed(self, keys: bytes) -> None:
        """Keys as they were typed."""
        real = typed_only(keys)
        self.interrupted = self.interrupted or b"\x03" in real
        front = self._pty.front()
        # Only a raw program that isn't a shell can want an answer (busybox asks, and reads its own).
        self._waiting += real if front.shell or front.canonical else keys
        if front.canonical or front.shell:  # a raw program has eaten them otherwise
            for key in real:
                self._remember(key)
        elif any(key in _ENDS for key in real):
            self.entered = self.stirred = True

    def _remember(self, key: int) -> None:
        if key in _ENDS:
            self.unfinished, self.entered, self.stirred = b"", True, True
        elif key in _RUBOUT:
            self.unfinished = self.unfinished[:-1]
        else:
            self.unfinished += bytes([key])
        if key in b"\r\n":
            self.echo_due = time.monotonic()

    def forward(self) -> None:
        """Gives the pty what it takes now: to a shell not more than one line."""
        data = bytes(self._waiting[:BLOCK])
        end = -1 if data.startswith(_PASTE) else data.find(b"\r")
        if end >= 0 and self._pty.front().shell:
            data = data[: end + 1]
            self._hold = time.monotonic() + HOLD
        del self._waiting[: self._pty.write(data)]
