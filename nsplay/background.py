"""Is the terminal dark or light? Told by its user, by COLORFGBG, or by the terminal itself (OSC 11). Light to import."""

import math
import os
import re
import select
import termios
import time
from collections.abc import Mapping
from typing import Final, NamedTuple

BACKGROUND: Final = "NSPLAY_BACKGROUND"  # in the environment of a session's terminals, as NSPLAY_LANG is
BOTH: Final = ("dark", "light")
# OSC 11 with "?" asks for the background's colour (xterm, ctlseqs). Not every terminal knows it, but every one answers DA1,
# and in the order in which it was asked: behind that nothing more comes.
QUERY: Final = b"\x1b]11;?\x1b\\\x1b[c"
SECONDS: Final = 0.5  # that the answer to DA1 may take
MUTE: Final = ("", "dumb", "unknown", "linux")  # values of TERM: it isn't asked; the Linux console is dark

_COLOUR: Final = re.compile(
    rb"\x1b\]11;(?:rgba?:([\da-fA-F]{1,4})/([\da-fA-F]{1,4})/([\da-fA-F]{1,4})[^\x07\x1b]*)?[^\x07\x1b]*(?:\x07|\x1b\\)"
)
_DA1: Final = re.compile(rb"\x1b\[\?[\d;]*c")
_PALE: Final = (
    "7",
    "9",
    "10",
    "11",
    "12",
    "13",
    "14",
    "15",
)  # COLORFGBG's numbers that a dark text is read on
_HALF: Final = 0.179  # the luminance that black and white are equally well read on (WCAG 2)


class Answer(NamedTuple):
    """background: "dark", "light", "" where the terminal didn't say. keys: typed meanwhile, and nobody has had them yet."""

    background: str = ""
    keys: bytes = b""


class Owed:
    """An answer that hadn't come in time: over a slow line it comes later, and is nobody's keys. By descriptor."""

    def __init__(self) -> None:
        self._owed: set[int] = set()

    def note(self, fd: int) -> None:
        """That terminal was asked, and has still to answer."""
        self._owed.add(fd)

    def by(self, fd: int) -> bool:
        """Does that one owe an answer?"""
        return fd in self._owed

    def without(self, fd: int, keys: bytes) -> bytes:
        """Keys that were read there, without the answer."""
        if fd not in self._owed:
            return keys
        if _DA1.search(keys):
            self._owed.discard(fd)
        return read(keys).keys


OWED: Final = Owed()  # what this process's terminals owe it


def told(asked: str | None, env: Mapping[str, str]) -> str:
    """By --background, by the session whose stage one is on, by COLORFGBG (`15;0`: rxvt, Konsole); "" by nobody."""
    if said := asked or env.get(BACKGROUND, ""):
        return said if said in BOTH else ""
    number = env.get("COLORFGBG", "").rpartition(";")[2]
    return "" if not number.isdecimal() else "light" if number in _PALE else "dark"


def ask(term: str, stdin: int = 0, stdout: int = 1) -> Answer:
    """Asks the terminal, which is the caller's alone just now. Where somebody types ahead it isn't asked."""
    if term in MUTE or not (os.isatty(stdin) and os.isatty(stdout)):
        return Answer()
    before = termios.tcgetattr(stdin)
    quiet = termios.tcgetattr(stdin)
    quiet[3] &= ~(termios.ICANON | termios.ECHO)
    try:
        termios.tcsetattr(stdin, termios.TCSANOW, quiet)
        if select.select([stdin], [], [], 0)[0]:
            return Answer()
        os.write(stdout, QUERY)
        return read(_heard(stdin))
    finally:
        termios.tcsetattr(stdin, termios.TCSANOW, before)


def _heard(stdin: int) -> bytes:
    """What came, up to the answer to DA1."""
    came, until = b"", time.monotonic() + SECONDS
    while not _DA1.search(came):
        if not select.select([stdin], [], [], max(0.0, until - time.monotonic()))[0]:
            break
        piece = os.read(stdin, 4096)
        if not piece:
            break
        came += piece
    if not _DA1.search(came):
        OWED.note(stdin)
    return came


def read(came: bytes) -> Answer:
    """What a terminal answered to QUERY, and what else came."""
    found = _COLOUR.search(came)
    background = ""
    if found and found[1]:
        background = of_colour(*map(_part, found.groups()))
    return Answer(background, _DA1.sub(b"", _COLOUR.sub(b"", came), count=1))


def _part(digits: bytes) -> float:
    """One to four hexadecimal digits, as a part of 1 (XParseColor(3))."""
    return int(digits, 16) / ((1 << 4 * len(digits)) - 1)


def of_colour(red: float, green: float, blue: float) -> str:
    """ "dark" or "light"; parts from 0 to 1."""
    return "light" if luminance(red, green, blue) > _HALF else "dark"


def luminance(red: float, green: float, blue: float) -> float:
    """Relative, of sRGB colours from 0 to 1: 0 is black, 1 is white (WCAG 2)."""
    linear = [
        part / 12.92 if part <= 0.04045 else math.pow((part + 0.055) / 1.055, 2.4)
        for part in (red, green, blue)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
