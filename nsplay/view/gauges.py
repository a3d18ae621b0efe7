"""Rows of a resource: a bar of use against a limit, a counter with its growth, a value. Each is drawn, or told as a sentence.

memory        [###############-----]  7.7 of 10.0 MB    77%            memory.limit_in_bytes
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from rich.text import Text

from nsplay.view.grid import row
from nsplay.view.text import fit, width
from nsplay.view.ui import SUB, Ui

BAR: Final = 20  # columns of a bar between its brackets; half of them on a narrow terminal
FIRST: Final = BAR + 2  # columns of the bar, or of a counter with its growth
SECOND: Final = 16  # of the value
THIRD: Final = 13  # of the note
FILES: Final = 100  # from so many columns on, the kernel's file names stand right
HOT: Final = 0.98  # of the limit: at it


class Names(NamedTuple):
    """What a row is called, and in which of the kernel's files it stands."""

    label: str
    file: str = ""


@dataclass(frozen=True)
class Gauge:
    """How much of a limit is used. used, top, peak: in one unit; value: both in words; peak: the highest so far."""

    names: Names
    used: float
    top: float
    value: str
    note: str = ""
    peak: float | None = None
    moved: bool = False


@dataclass(frozen=True)
class Count:
    """A counter. before None: it wasn't there."""

    names: Names
    before: int | None
    after: int
    note: str = ""

    @property
    def moved(self) -> bool:
        """Whether it grew: of a group that has come, from nothing."""
        return self.after != (self.before or 0)


@dataclass(frozen=True)
class Value:
    """Words at two moments. before None: it wasn't there. quiet: what it was isn't worth telling."""

    names: Names
    before: str | None
    after: str
    note: str = ""
    quiet: bool = False

    @property
    def moved(self) -> bool:
        """Whether it is another one."""
        return not self.quiet and self.before is not None and self.before != self.after


Row = Gauge | Count | Value


def bar(used: float, top: float, peak: float | None, columns: int) -> Text:
    """`[####--|-]`: used, free, highest so far."""
    full = _cells(used, top, columns)
    highest = _cells(peak, top, columns) if peak is not None else 0
    free = ["-"] * (columns - full)
    if highest > full:
        free[highest - full - 1] = "|"
    style = "hot" if top > 0 and used >= HOT * top else "bar"
    return Text.assemble("[", ("#" * full, style), ("".join(free), "faint"), "]")


def _cells(value: float, top: float, columns: int) -> int:
    if top <= 0:
        return columns if value > 0 else 0
    return max(1 if value > 0.005 * top else 0, min(columns, round(columns * value / top)))


def draw(ui: Ui, rows: Iterable[Row]) -> list[Text]:
    """The rows in one grid."""
    return [line for one in rows for line in _draw(ui, one)]


def _draw(ui: Ui, one: Row) -> list[Text]:
    mark = Text("~", "inside") if one.moved else Text()
    label = f"  {one.names.label}"
    if isinstance(one, Gauge):
        columns = BAR // 2 if ui.narrow else BAR
        cells = [bar(one.used, one.top, one.peak, columns), Text(one.value)]
        line = Text.assemble(fit(cells[0], columns + 2), "  ", fit(cells[1], max(SECOND, width(one.value))))
    elif isinstance(one, Count):
        told = f"{one.before or 0} -> {one.after}" if one.moved else str(one.after)
        growth = Text(f"+{one.after - (one.before or 0)}" if one.moved else "", "head")
        line = Text.assemble(fit(told, max(12, width(told))), growth)
    else:
        line = Text(f"{one.before} -> {one.after}" if one.moved else one.after)
    return _noted(ui, label, line, one, mark)


def _noted(ui: Ui, label: str, line: Text, one: Row, mark: Text) -> list[Text]:
    """The note right of the line, and the file right of that, where there is room; else the note below."""
    start = FIRST + 2 + SECOND + 2 if isinstance(one, Gauge) else FIRST + 2
    room = ui.body - start
    note = Text(one.note, "head" if isinstance(one, Gauge) and _hot(one) else "")
    line.rstrip()
    if not note:
        lines = [line]
    elif line.cell_len + 1 < start and note.cell_len <= room:
        lines = [Text.assemble(fit(line, start), note)]
    elif line.cell_len + 2 + note.cell_len <= ui.body:
        lines = [Text.assemble(line, "  ", note)]
    else:
        lines = [line, note]
    end = FIRST + 2 + SECOND + 2 + THIRD + 2
    if ui.width >= FILES and one.names.file and lines[0].cell_len < end:
        lines[0] = Text.assemble(fit(lines[0], end), (one.names.file, "faint"))
    return [row(label if n == 0 else "", each, mark=mark if n == 0 else "") for n, each in enumerate(lines)]


def _hot(one: Gauge) -> bool:
    return one.top > 0 and one.used >= HOT * one.top


def tell(ui: Ui, what: str, rows: Sequence[Row]) -> list[str]:
    """A sentence each; what: whose rows they are."""
    return [_told(ui, what, one) for one in rows]


def _told(ui: Ui, what: str, one: Row) -> str:
    note = ui.say(f", {one.note}", f"、{one.note}") if one.note else ""
    name = ui.say(f"{what}, {one.names.label}", f"{what}、{one.names.label}")
    if isinstance(one, Gauge):
        value = one.value
    elif one.moved and one.before is not None:
        value = ui.say(f"{one.after}, it was {one.before}", f"{one.after}、前は {one.before}")
    else:
        value = str(one.after)
    return f"{name}: {value}{note}{ui.stop}"


def folded(ui: Ui, count: int) -> Text:
    """What stands for groups that have no room."""
    words = ui.say(
        f"... {count} more groups, `:groups` has all", f"... ほかに {count} 個のグループ (`:groups` で全部)"
    )
    return Text(" " * SUB + words)
