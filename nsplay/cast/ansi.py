"""Rows of a recording, for a terminal: its own sixteen colours stay its own."""

from typing import Final

from rich.cells import set_cell_size

from nsplay.cast.screen import Row, Style
from nsplay.cast.theme import NAMES

PLAIN: Final = "\x1b[m"


def ansi(row: Row, columns: int) -> str:
    """One row, at most so wide."""
    told, at = "", 0
    for run in row:
        if run.column >= columns:
            break
        words = "".join(char if char.isprintable() else "?" for char in run.text)
        words = set_cell_size(words, min(run.columns, columns - run.column))
        told += " " * (run.column - at) + f"\x1b[{_sgr(run.style)}m{words}{PLAIN}"
        at = run.column + run.columns
    return told


def _sgr(style: Style) -> str:
    """Select Graphic Rendition (ECMA-48), which begins with all of it undone."""
    marks = ((style.bold, 1), (style.italic, 3), (style.underline, 4), (style.reverse, 7))
    codes = ["0", *(str(code) for on, code in marks if on)]
    codes += [_colour(style.ink, 30)] if style.ink else []
    codes += [_colour(style.paper, 40)] if style.paper else []
    return ";".join(codes)


def _colour(name: str, base: int) -> str:
    """base: 30 for ink, 40 for paper."""
    plain = name.removeprefix("bright")
    if plain in NAMES:
        return str(base + NAMES.index(plain) + 60 * (plain != name))
    return f"{base + 8};2;{int(name[:2], 16)};{int(name[2:4], 16)};{int(name[4:6], 16)}"
