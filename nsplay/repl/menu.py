"""Keys of the menu that Ctrl-] opens."""

import enum

from nsplay.repl.outer import Outer

CTRL_BRACKET = "\x1d"


class Pressed(enum.Enum):
    BACK = "back to where one was"
    INTERRUPT = "send Ctrl-C"
    END = "end the program in front"
    LITERAL = "send a Ctrl-]"
    QUIT = "leave nsplay"
    OTHER = "the listener's"
    GONE = "our terminal is gone, or a watched descriptor is readable"


_OWN = {
    "\r": Pressed.BACK,
    "\n": Pressed.BACK,
    CTRL_BRACKET: Pressed.BACK,
    "c": Pressed.INTERRUPT,
    "\x03": Pressed.INTERRUPT,
    "k": Pressed.END,
    "]": Pressed.LITERAL,
    "q": Pressed.QUIT,
}


class Menu:
    """ahead: keys that nobody has taken yet; a caller passes on what is left at the end."""

    def __init__(self, outer: Outer, ahead: bytes) -> None:
        self._outer = outer
        self.ahead = ahead

    def press(self) -> tuple[Pressed, str]:
        """Waits for a key: what it means, and itself (for GONE the watch's reason, "" for a hang-up)."""
        while not self.ahead:
            readable, _ = self._outer.wait([self._outer.stdin], [], None)
            if reason := self._outer.reason(readable):
                return Pressed.GONE, reason
            if self._outer.stdin in readable:
                self.ahead = self._outer.read()
                if not self.ahead:
                    return Pressed.GONE, ""
        key = self._key()
        return _OWN.get(key, Pressed.OTHER), key

    def _key(self) -> str:
        """The first key; a sequence (an arrow) counts as one."""
        text = self.ahead.decode(errors="replace")
        key = text if text.startswith("\x1b") else text[0]
        self.ahead = self.ahead[len(key.encode()) :] if "�" not in key else b""
        return key
