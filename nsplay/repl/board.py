"""A picture that moves, below the output of a command that says nothing: drawn anew in place, and gone before the next byte.

It begins on the cursor's row, or on the next where that one isn't empty, and the cursor goes back to where the program
left it. So erasing from there to the end of the screen (ED, ECMA-48) takes it away, whatever has scrolled meanwhile.
"""

import time
from collections.abc import Callable
from typing import Final

from nsplay.repl.listener import Frame
from nsplay.repl.pty import Size
from nsplay.repl.screen import Screen

PRIME: Final = 0.3  # seconds that a command runs before anybody is asked: most are done by then
AGAIN: Final = 1.0  # from one picture to the next
CALM: Final = 0.25  # without output, and a picture may come back
NEVER: Final = float("inf")
WIPE: Final = b"\x1b[J"

Draw = Callable[[float], Frame | None]


class Board:
    """draw: asked for the picture, with the seconds that the command has run. write: to the learner's terminal."""

    def __init__(self, draw: Draw, write: Callable[[bytes], None]) -> None:
        self._draw, self._write = draw, write
        self._began = 0.0  # when the command was entered; 0.0: none runs
        self._due = NEVER
        self._shown, self._last = False, ""

    @property
    def due(self) -> float:
        """When the next picture may come, by the monotonic clock."""
        return self._due

    def begin(self) -> None:
        """A command was entered, if none runs already."""
        if not self._began:
            self._began = time.monotonic()
            self._due = self._began + PRIME

    def rest(self) -> None:
        """A prompt: it has ended."""
        self.wipe()
        self._began, self._due = 0.0, NEVER

    def wipe(self) -> bool:
        """Something else is about to be written. Was there a picture?"""
        shown, self._shown = self._shown, False
        if shown:
            self._write(WIPE)
        return shown

    def redraw(self, screen: Screen, size: Size) -> None:
        """The same picture again, below what came."""
        self._put(self._last, screen, size)

    def put_off(self, seconds: float) -> None:
        """Not now."""
        self._due = time.monotonic() + seconds

    def show(self, screen: Screen, size: Size) -> None:
        """The next picture, unless the row that the program left unfinished is painted or too long to come back to."""
        self._due = time.monotonic() + AGAIN
        frame = self._draw(time.monotonic() - self._began)
        if frame and frame.stays and not screen.row(size.columns):
            self._write(frame.text.replace("\n", "\r\n").encode())
        elif frame and not frame.stays:
            self._put(frame.text, screen, size)
        elif self.wipe():
            self._last = ""

    def _put(self, text: str, screen: Screen, size: Size) -> None:
        row, column = screen.row(size.columns), screen.width(size.columns)
        if "\x1b" in row or column >= size.columns or not text:
            return
        self._last = text
        lines = text.rstrip("\n").split("\n")[: size.lines - 2]
        picture = "\r\n".join(f"\x1b[K{line}" for line in lines)
        up = len(lines) - (0 if row else 1)
        back = (f"\x1b[{up}A" if up else "") + "\r" + (f"\x1b[{column}C" if column else "")
        below = "\r\n" if row else "\r"
        # Hidden meanwhile: a cursor that runs through the picture flickers.
        self._write(f"\x1b[?25l{below}{picture}\x1b[J{back}\x1b[?25h".encode())
        self._shown = True
