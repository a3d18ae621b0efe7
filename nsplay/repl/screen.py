"""What nsplay remembers of the output: the unfinished row, the terminal's modes, the OSC 133 marks. Never changes a byte."""

import re
from typing import Final

from wcwidth import wcswidth, wcwidth

ALTERNATE: Final = frozenset({b"47", b"1047", b"1049"})  # xterm's control sequences: the alternate screen

_MODE: Final = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
_CONTROL: Final = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC
    r"|\x1b\[[0-9;?<>=]*[^m0-9;?<>=]"  # CSI but colours
    r"|\x1b[()].|\x1b[^\[\]]"  # character sets, other escapes
    r"|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]"
)
_NAMED: Final = re.compile(r"[a-z]+( [a-z]+)*>")
_COLOUR: Final = re.compile(r"(\x1b\[[0-9;:]*m)")

# What undoes a mode that a program left on when it died.
_UNDO: Final = {
    b"1049": b"\x1b[?1049l",
    b"1047": b"\x1b[?1047l",
    b"47": b"\x1b[?47l",
    b"1": b"\x1b[?1l\x1b>",
    **{mode: b"\x1b[?%sl" % mode for mode in (b"1000", b"1002", b"1003", b"1004", b"1006")},
}
_KEPT: Final = 8192  # bytes of an unfinished row
_LONGEST: Final = 64  # bytes of a sequence that came in two pieces


class Screen:
    """Reads along with the output of one terminal; nonce: what a genuine mark ends with."""

    def __init__(self, nonce: str) -> None:
        mark = rb"\x1b\]133;([A-D])(?:;([\w=]*))?;" + nonce.encode() + rb"\x07"
        self._mark = re.compile(mark)
        self._carry = b""
        self._hidden = False  # the cursor
        self.tail = b""  # what came since the last end of line
        self.modes: set[bytes] = set()  # DEC private modes that the output turned on
        self.status: int | None = None  # exit status from the last mark
        self.continued: bool | None = None  # the prompt in the tail is PS2; None: no mark in it

    @property
    def alternate(self) -> bool:
        """Is the alternate screen on?"""
        return bool(self.modes & ALTERNATE)

    @property
    def calm(self) -> bool:
        """Rows come one below the other: no alternate screen, no mouse, no hidden cursor, no keys of a program's own."""
        return not (self._hidden or self.modes & _UNDO.keys())

    def feed(self, data: bytes) -> None:
        """data: any piece of output, cut anywhere."""
        end = data.rfind(b"\n")
        if end >= 0:
            self.tail, self.continued = data[end + 1 :][-_KEPT:], None
        else:
            self.tail = (self.tail + data)[-_KEPT:]
        if b"\x1b" in data or self._carry:
            self._sequences(self._carry + data)

    def _sequences(self, data: bytes) -> None:
        last = data.rfind(b"\x1b", -_LONGEST)
        whole = last < 0 or _MODE.match(data, last) or self._mark.match(data, last)
        self._carry = b"" if whole else data[last:]
        for found in _MODE.finditer(data):
            on = found[2] == b"h"
            for mode in found[1].split(b";"):
                if mode == b"25":
                    self._hidden = not on
                else:
                    (self.modes.add if on else self.modes.discard)(mode)
        for found in self._mark.finditer(data):
            if found[1] == b"D" and found[2] and found[2].isdigit():
                self.status = int(found[2])
            elif found[1] == b"A":
                self.continued = found[2] == b"k=s"

    def row(self, columns: int) -> str:
        """The unfinished row as text with its colours: only what lies on the last row of a screen of that width."""
        return _row(self.tail, columns)

    def prompt(self, columns: int) -> str:
        """The row without the output before the prompt (`printf abc` leaves one), as far as marks tell them apart."""
        found = self._mark.search(self.tail)
        row = _row(self.tail, columns)
        prompt = _row(self.tail[found.end() :], columns) if found else row
        return prompt if row.endswith(prompt) else row

    def forget_output(self) -> None:
        """The output before the prompt went to a row of its own: the tail is the prompt alone."""
        if found := self._mark.search(self.tail):
            self.tail = self.tail[found.start() :]

    def second(self, named: bool = False) -> bool:
        """Is the prompt in the tail a continuation (PS2)? By its mark, else by its usual text.

        named: of zsh, which says before the > what is open ("quote>").
        """
        if self.continued is not None:
            return self.continued
        text = _COLOUR.sub("", _text(self.tail)).strip()
        return text == ">" or (named and _NAMED.fullmatch(text) is not None)

    def width(self, columns: int) -> int:
        """Columns that the row takes."""
        return wcswidth(_COLOUR.sub("", self.row(columns)))

    def undo(self) -> bytes:
        """What brings our terminal out of the modes that are on; `redo` brings it in again."""
        undo = b"".join(undo for mode, undo in _UNDO.items() if mode in self.modes)
        paste = b"\x1b[?2004l" if b"2004" in self.modes else b""
        return undo + paste + (b"\x1b[?25h" if self._hidden else b"")

    def redo(self) -> bytes:
        modes = self.modes & {*_UNDO, b"2004"}
        redo = b"".join(b"\x1b[?%sh" % mode for mode in sorted(modes))
        return redo + (b"\x1b[?25l" if self._hidden else b"")

    def repair(self) -> bytes:
        """What a program left behind that died in a strange mode: undone for good. Empty nearly always."""
        if self.calm:
            return b""
        undo = b"".join(undo for mode, undo in _UNDO.items() if mode in self.modes)
        undo += b"\x1b[?25h" if self._hidden else b""
        self.modes -= _UNDO.keys()
        self._hidden = False
        return undo


def plain(output: bytes) -> list[str]:
    """Output row by row, as one reads it: without colours and keys of the terminal."""
    return [_COLOUR.sub("", _text(row.rstrip(b"\r"))).rstrip() for row in output.split(b"\n")]


def _text(data: bytes) -> str:
    return _CONTROL.sub("", data.decode(errors="replace").rpartition("\r")[2]).replace("\t", "    ")


def _row(data: bytes, columns: int) -> str:
    """The last row that data takes when it is written from a row's begin on; colours set in earlier rows stay."""
    parts, width = _COLOUR.split(_text(data)), 0
    for index in range(0, len(parts), 2):
        kept = ""
        for letter in parts[index]:
            room = max(0, wcwidth(letter))
            if width + room > columns:  # wraps: what was before is on the row above
                kept, width = "", 0
                parts[:index] = [part if at % 2 else "" for at, part in enumerate(parts[:index])]
            kept, width = kept + letter, width + room
        parts[index] = kept
    return "".join(parts)
