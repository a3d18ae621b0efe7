"""A step's recording, shown in the demo: on a screen of its own, between two bars that say RECORDED all the time."""

import time
from typing import Final

from nsplay.cast.ansi import ansi
from nsplay.cast.format import INPUT
from nsplay.cast.screen import Frame, Row, frames
from nsplay.demo.clicker import Wish, press, pressed
from nsplay.demo.pages import DemoPages
from nsplay.demo.takes import Take
from nsplay.repl.outer import RESIZED, Outer

OPEN: Final = b"\x1b[?1049h\x1b[?25l"  # the alternate screen: the demo's comes back as it was
CLOSE: Final = b"\x1b[?1049l\x1b[?25h"
LONGEST: Final = 2.0  # seconds that nothing may happen


class Playback:
    """One showing. watched: a descriptor that ends it when it is readable."""

    def __init__(self, outer: Outer, pages: DemoPages, take: Take, watched: int) -> None:
        self._outer, self._pages, self._take, self._watched = outer, pages, take, watched
        self._rows: dict[int, Row] = {}
        self._ended = False

    def run(self) -> bool:
        """Until a key leads back; False when our own terminal is gone."""
        self._outer.write(OPEN)
        try:
            return self._played()
        finally:
            self._outer.write(CLOSE)

    def _played(self) -> bool:
        self._draw()
        skipped, now = 0.0, 0.0  # up to which moment of the recording nothing is waited for
        for frame in frames(self._take.cast):
            while frame.at > skipped:
                left = min(frame.at - max(now, skipped), LONGEST)
                wish = self._waits(left)
                if wish is None:
                    break
                if wish is not Wish.ONWARD:
                    return wish is not Wish.NOTHING
                skipped = self._entered_behind(frame.at)
            now = frame.at
            self._shows(frame)
        self._ended = True
        self._draw()
        return self._waits(None) is not Wish.NOTHING

    def _entered_behind(self, moment: float) -> float:
        """When the command that is being typed is entered; the end, where there is none any more."""
        enters = (event.at for event in self._take.cast.events if event.code == INPUT and event.at >= moment)
        return next(enters, float("inf"))

    def _waits(self, seconds: float | None) -> Wish | None:
        """What a key asks for: ONWARD, BACK to the demo, NOTHING when there is no terminal any more; None when none came."""
        outer = self._outer
        until = None if seconds is None else time.monotonic() + seconds
        while True:
            left = None if until is None else max(0.0, until - time.monotonic())
            readable, _ = outer.wait([outer.stdin, self._watched], [], left)
            if outer.stdin in readable:
                keys = pressed(outer)
                if not keys:
                    return Wish.NOTHING
                return Wish.ONWARD if press(keys).wish is Wish.ONWARD else Wish.BACK
            if readable - {RESIZED}:
                return Wish.BACK
            if RESIZED in readable:
                self._draw()
            if left is not None and left <= 0:
                return None

    def _shows(self, frame: Frame) -> None:
        self._rows |= frame.rows
        self._draw()

    def _draw(self) -> None:
        """All of it: a screen is small, and may have any size by now."""
        size = self._outer.size()
        head, foot = self._pages.recorded(self._take, size.columns, ended=self._ended)
        room = max(0, size.lines - len(head) - len(foot))
        last = max((number for number, row in self._rows.items() if row), default=0)
        top = max(0, last + 1 - room)
        rows = [ansi(self._rows.get(top + number, ()), size.columns - 1) for number in range(room)]
        lines = [*head, *rows, *foot][: size.lines]
        self._outer.write(
            ("\x1b[H" + "\r\n".join(f"\x1b[m\x1b[K{line}" for line in lines) + "\x1b[m\x1b[J").encode()
        )
