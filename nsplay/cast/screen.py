"""A recording played into a terminal of our own (pyte): what stood on it, row by row."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import pyte
from pyte.screens import Char

from nsplay.cast.format import MARKER, OUTPUT, RESIZE, Cast

HISTORY: Final = 5000  # rows that are kept of what scrolled off
STEP: Final = 0.04  # seconds: what follows closer is one picture


class Style(NamedTuple):
    """ink and paper: a name of pyte's, six hexadecimal digits, "" for the terminal's own. reverse: they are exchanged."""

    ink: str = ""
    paper: str = ""
    bold: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False


class Run(NamedTuple):
    """Characters that look the same. columns: that they take."""

    column: int
    columns: int
    text: str
    style: Style


Row = tuple[Run, ...]


class Frame(NamedTuple):
    """at: seconds. rows: those that are others than before, by number from 0."""

    at: float
    rows: dict[int, Row]


class Terminal(pyte.HistoryScreen):
    """pyte's, which can't be asked anything."""

    def __init__(self, cast: Cast) -> None:
        super().__init__(cast.columns, cast.rows, history=HISTORY, ratio=0.5)
        self._stream = pyte.Stream(self)

    def select_graphic_rendition(self, *attributes: int, private: bool = False, **_: object) -> None:
        """(`CSI > m` is no colour; pyte itself would stumble over it.)"""
        if not private:
            super().select_graphic_rendition(*attributes)

    def take(self, code: str, data: str) -> None:
        """An event."""
        if code == OUTPUT:
            self._stream.feed(data)
        elif code == RESIZE:
            columns, _, rows = data.partition("x")
            if columns.isdigit() and rows.isdigit() and 0 < int(columns) <= 1000 and 0 < int(rows) <= 1000:
                self._resized(int(rows), int(columns))

    def _resized(self, rows: int, columns: int) -> None:
        """As xterm does it: what stands above the cursor scrolls off where there is no room for it (pyte's own drops rows at the
        top, and leaves the cursor where no row is)."""
        over = max(0, self.cursor.y - (rows - 1))
        y, self.cursor.y = self.cursor.y - over, self.lines - 1
        self.set_margins()
        for _ in range(over):
            self.index()
        for number in range(rows, self.lines):
            self.buffer.pop(number, None)
        self.lines, self.columns = rows, columns
        self.set_margins()
        self.cursor.y, self.cursor.x = y, min(self.cursor.x, columns - 1)

    @property
    def bottom(self) -> int:
        """How many rows there have been up to the cursor's, from the beginning."""
        return len(self.history.top) + self.cursor.y

    def row(self, number: int) -> Row:
        """Of the screen."""
        line = self.buffer[number]
        return _runs([line[x] for x in range(self.columns)])

    def all(self) -> list[Row]:
        """What scrolled off, and the screen down to its last row that isn't empty; as wide as it was when it was written."""
        lines = [*self.history.top, *(self.buffer[y] for y in range(self.lines))]
        rows = [_runs([line[x] for x in range(max(line, default=-1) + 1)]) for line in lines]
        while rows and not rows[-1]:
            rows.pop()
        return rows


def step_rows(cast: Cast, step: str) -> list[Row]:
    """Everything that stood on the screen while that step (the marker's words, or their end) was played. [] for none."""
    screen, began = Terminal(cast), -1
    for event in cast.events:
        if event.code == MARKER:
            if began >= 0:
                break
            if event.data == step or event.data.endswith(f"/{step}"):
                began = screen.bottom + bool(screen.cursor.x)  # below the prompt
        screen.take(event.code, event.data)
    if began < 0:
        return []
    rows = screen.all()[began:]
    while rows and not rows[0]:
        rows.pop(0)
    return rows


def extent(cast: Cast) -> tuple[int, int]:
    """Columns and rows of the largest screen that it was recorded on."""
    screen = Terminal(cast)
    columns, rows = cast.columns, cast.rows
    for event in cast.events:
        if event.code == RESIZE:
            screen.take(event.code, event.data)
            columns, rows = max(columns, screen.columns), max(rows, screen.lines)
    return columns, rows


def frames(cast: Cast) -> Iterator[Frame]:
    """What changed on the screen, in the order of time."""
    screen, due, tall, resized = Terminal(cast), 0.0, cast.rows, False
    last: dict[int, Row] = {}
    for number, event in enumerate(cast.events):
        screen.take(event.code, event.data)
        tall, resized = max(tall, screen.lines), resized or event.code == RESIZE
        following = cast.events[number + 1].at if number + 1 < len(cast.events) else float("inf")
        if following - max(due, event.at) < STEP:
            continue
        due = event.at
        seen = range(tall) if resized else screen.dirty
        now = {y: screen.row(y) if y < screen.lines else () for y in seen}
        screen.dirty.clear()
        resized = False
        moved = {y: row for y, row in now.items() if last.get(y, ()) != row}
        last |= moved
        if moved:
            yield Frame(event.at, moved)


def _runs(line: list[Char]) -> Row:
    """Without the blanks at its end that show nothing."""
    runs: list[Run] = []
    for column, char in enumerate(line):
        style = _style(char)
        if runs and runs[-1].style == style:
            last = runs[-1]
            runs[-1] = last._replace(columns=last.columns + 1, text=last.text + char.data)
        else:
            runs.append(Run(column, 1, char.data, style))
    while runs and not (runs[-1].style.paper or runs[-1].style.reverse or runs[-1].style.underline):
        last = runs.pop()
        if text := last.text.rstrip(" "):
            runs.append(last._replace(text=text, columns=last.columns - len(last.text) + len(text)))
            break
    return tuple(runs)


def _style(char: Char) -> Style:
    ink, paper = ("" if name == "default" else name for name in (char.fg, char.bg))
    return Style(ink, paper, char.bold, char.italics, char.underscore, char.reverse)
