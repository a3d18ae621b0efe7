"""What the presenter's keys mean: a keyboard's, or a clicker's, which sends Page Down, Page Up, arrows and a dot."""

import enum
import re
from typing import Final, NamedTuple

from nsplay.repl.outer import Outer


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


# A clicker sends what a presentation program or a browser listens to: Page Down and Up, or arrows; "." or "b" for a dark screen;
# F5 and Escape to begin and to end, which are nothing here, as Home and End are: a show isn't lost by one key.
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
    b"b": Wish.BLANK,  # as presentation programs have it, and so some clickers
    b",": Wish.RECORDED,  # beside the dot, and without Shift on any keyboard; no command begins with it
    b"e": Wish.EDIT,
    b"\t": Wish.EDIT,
    b"\x1d": Wish.MENU,
    b"\x1b[27;5;93~": Wish.MENU,
    b"\x1b[93;5u": Wish.MENU,
}
# Behind a key's number or letter: which of Shift, Alt, Control were held (xterm, ctlseqs, PC-style function keys).
_HELD: Final = re.compile(rb"(?<=^\x1b\[)(?:(\d+);\d+(?=~$)|1;\d+(?=[A-D]$))")
_CUT: Final = re.compile(rb"\x1b(?:O|\[[\d;?]*[ -/]*)?$")
MOMENT: Final = 0.05  # seconds that the rest of a key's sequence may take
# One key of what a terminal sends at once: a sequence, a letter of UTF-8.
_KEY: Final = re.compile(rb"\x1b\[[\d;?]*[ -/]*[@-~]|\x1bO.|\x1b|[\xc0-\xff][\x80-\xbf]*|.", re.DOTALL)


def press(keys: bytes) -> Press:
    """What keys that came at once ask for. Of several keys of ours the first counts: a clicker that bounces goes one step.
    Several letters were pasted, whatever they begin with.
    """
    first = _KEY.match(keys)
    if not first:
        return Press(Wish.NOTHING)
    key, rest = _HELD.sub(rb"\1", first[0]), keys[first.end() :]
    text = keys.decode(errors="ignore")
    pasted = text.isprintable() and len(set(text)) > 1
    if (wish := KEYS.get(key)) is not None and not (pasted and key.isalnum()):
        return Press(wish, "", rest if wish is Wish.MENU else b"")
    return Press(Wish.BY_HAND, text) if text.isprintable() and text else Press(Wish.NOTHING)


def pressed(outer: Outer) -> bytes:
    """The keys that came, the last one whole: over a slow line a sequence may come in pieces. Empty without a terminal."""
    keys = outer.read()
    while _CUT.search(keys) and outer.stdin in outer.wait([outer.stdin], [], MOMENT)[0]:
        more = outer.read()
        keys += more
        if not more:
            break
    return keys
