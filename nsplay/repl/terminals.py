"""Several terminals on one stage: one is shown, the others go on behind it. A Move or Ctrl-] and a digit changes over."""

from collections.abc import Callable

from nsplay.repl.listener import Ending
from nsplay.repl.talk import CHANGE_OVER
from nsplay.repl.terminal import Terminal


class Terminals:
    """Terminal 1 is the lesson's, and there from the start; others are opened when they are first gone to.

    start: makes the terminal of a number. says: what is shown when one changes over to it.
    """

    def __init__(self, start: Callable[[int], Terminal], says: Callable[[int], str]) -> None:
        self._start, self._says = start, says
        self._all = {1: start(1)}
        self.number = 1

    def place(self, number: int) -> int | None:
        """The pid of whoever is in front of a terminal now; None where there is no such terminal."""
        return self._all[number].place() if number in self._all else None

    def unread(self) -> bytes:
        """Keys that were typed behind what ended run(), and that nobody has had."""
        return self._all[self.number].unread()

    def type_ahead(self, keys: bytes) -> None:
        """Keys for the terminal that is shown, as if they were typed before its shell is there."""
        self._all[self.number].type_ahead(keys)

    def run(self) -> Ending:
        """As Terminal.run. The end of another than the first one only leads back to that one."""
        while True:
            terminal = self._all[self.number]
            terminal.beside([one for one in self._all.values() if one is not terminal])
            ending = terminal.run()
            if ending.reason.startswith(CHANGE_OVER):
                self._change_over(int(ending.reason.removeprefix(CHANGE_OVER)))
            elif self.number != 1 and ending.reason == "exit":
                self._all.pop(self.number).close()
                self._change_over(1)
            else:
                return ending

    def close(self) -> None:
        """Hangs up on every shell."""
        for terminal in self._all.values():
            terminal.close()

    def _change_over(self, number: int) -> None:
        before = self._all.get(self.number)
        if number not in self._all:
            self._all[number] = self._start(number)
        if before and number != self.number:
            self._all[number].take_over(before)
        self.number = number
        self._all[number].show(self._says(number))
