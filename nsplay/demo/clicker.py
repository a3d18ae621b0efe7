"""What the presenter's keys mean: a keyboard's, or a clicker's, which sends Page Down, Page Up, arrows and a dot."""

import enum
import re
from typing import Final, NamedTuple


class Wish(enum.Enum):
    """What a key asks for while nothing is being typed."""

    ONWARD = "type the next command, or go on to the next step"
    BACK = "back to where this step began; there, to the step before"
    BLANK = "a dark screen until the next key"
    RECORDED = "the step as it was recorded in the rehearsal"
    EDIT = "the next command, to change it before it is entered"
    BY_HAND = "the presenter types: the key is the first letter"
    MENU = "nsplay's menu"
    NOTHING = "no key of ours"


class Press(NamedTuple):
    """text: the letters of BY_HAND. ahead: keys behind it, which belong to the menu."""

    wish: Wish
    text: str = ""
    ahead: bytes = b""


# A clicker sends what PowerPoint or a browser listens to: Page Down and Up, or arrows; "." (or F5, Escape) for a dark screen.
KEYS: Final = {
    b"\r": Wish.ONWARD,
    b"\n": Wish.ONWARD,
    b" ": Wish.ONWARD,
    b"\x1b[6~": Wish.ONWARD,
    b"\x1b[C": Wish.ONWARD,
    b"\x1bOC": Wish.ONWARD,
    b"\x1b[B": Wish.ONWARD,
    b"\x1bOB": Wish.ONWARD,
    b"\x1b[5~": Wish.BACK,
    b"\x1b[D": Wish.BACK,
    b"\x1bOD": Wish.BACK,
    b"\x1b[A": Wish.BACK,
    b"\x1bOA": Wish.BACK,
    b".": Wish.BLANK,
    b",": Wish.RECORDED,  # beside the dot, and without Shift on any keyboard; no command begins with it
    b"e": Wish.EDIT,
    b"\t": Wish.EDIT,
    b"\x1d": Wish.MENU,
    b"\x1b[27;5;93~": Wish.MENU,
    b"\x1b[93;5u": Wish.MENU,
}
# One key of what a terminal sends at once: a sequence, a letter of UTF-8.
_KEY: Final = re.compile(rb"\x1b\[[\d;?]*[ -/]*[@-~]|\x1bO.|\x1b|[\xc0-\xff][\x80-\xbf]*|.", re.DOTALL)


def press(keys: bytes) -> Press:
    """What keys that came at once ask for. Of several keys of ours the first counts: a clicker that bounces goes one step."""
    first = _KEY.match(keys)
    if not first:
        return Press(Wish.NOTHING)
    key, rest = first[0], keys[first.end() :]
    if (wish := KEYS.get(key)) is not None:
        return Press(wish, "", rest if wish is Wish.MENU else b"")
    text = keys.decode(errors="ignore")
    return Press(Wish.BY_HAND, text) if text.isprintable() and text else Press(Wish.NOTHING)
