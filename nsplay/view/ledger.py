"""A table whose rows are things and whose columns are moments and sides: what processes and mounts are drawn with.

Columns are as wide as what stands in them, so that nothing is cut that must not be: few rows are left by then.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rich.text import Text

from nsplay.view.text import fit, text, width
from nsplay.view.ui import SUB, Screen, Ui

NAME: Final = 16  # columns of a name: the kernel keeps 15 of a process's


@dataclass(frozen=True)
class Entry:
    """One row. before, host: pids or counts on the host, between: in the namespaces between there and here,
    inside: in here; "" where there is none.

    inner: it is yours and stands in colour. mark: `+`, `-` or "".
    """

    name: str
    before: str = ""
    host: str = ""
    between: str = ""
    inside: str = ""
    note: str = ""
    mark: str = ""
    inner: bool = False

    @property
    def style(self) -> str:
        """Of name, pid in here and note."""
        return "inside" if self.inner else ""

    @property
    def tied(self) -> bool:
        """Whether the numbers are of one thing."""
        return self.host.isdecimal() and (self.inside or self.between).isdecimal()


@dataclass(frozen=True)
class Columns:
    """Which columns there are, besides the names."""

    before: bool
    inside: bool
    between: bool = False


def crowded(ui: Ui, columns: Columns) -> bool:
    """Whether there is no room for a column for before beside all the others."""
    return columns.inside and (ui.narrow or (columns.between and ui.width < 100))


def ledger(ui: Ui, head: str, headings: Entry, rows: Sequence[Entry], columns: Columns) -> Screen:
    """The headings, then the rows. A narrow terminal has no column for before when there is one for inside:
    who has ended then keeps the number under the host's, with its mark.
    """
    shown = replace(
        columns, before=columns.before and not crowded(ui, columns), between=columns.between and not ui.narrow
    )
    if columns.before and not shown.before:
        rows = [replace(one, host=one.before) if one.host in ("", "-") else one for one in rows]
    everything = [headings, *rows]
    before = max(width(one.before) for one in everything) if shown.before else 0
    host = max(width(one.host) for one in everything)
    inside = max(width(one.inside) for one in everything) if shown.inside else 0
    middle = max(width(one.between) for one in everything) if shown.between else 0
    taken = SUB + sum(part + 3 for part in (before, middle, inside) if part) + host + 2
    longest = max([width(head), *(width(one.name) for one in rows)])
    name = max(8, min(NAME, longest + 1, ui.cols - taken))

    def line(one: Entry, label: Text) -> Text:
        cells = [text(one.mark or " ", one.style), label]
        if shown.before:
            cells += [fit(one.before, before, "right"), Text("   ")]
        cells.append(fit(one.host, host, "right"))
        if shown.between:
            tie = one.between[:1].isdecimal() and one.tied
            cells += [Text(" = " if tie else "   "), fit(one.between, middle, "right")]
        if shown.inside:
            tie = one.tied and one.inside.isdecimal()
            cells += [Text(" = " if tie else "   "), fit(text(one.inside, one.style), inside)]
        return Text.assemble(" ", *cells)

    screen = Screen([line(headings, Text.assemble(" ", fit(Text(head, "head"), name + 3)))])
    if columns.before and crowded(ui, columns):
        screen += " " * SUB + ui.say(f"before: {headings.before}", f"前: {headings.before}")
    for one in rows:
        label = Text.assemble("   ", fit(text(one.name, one.style), name), " ")
        screen += _noted(ui, line(one, label), one)
    return screen


def _noted(ui: Ui, line: Text, one: Entry) -> Iterator[Text]:
    """The note stands right of its row, or below where that has no room."""
    note = text(one.note, one.style)
    if not one.note:
        line.rstrip()
        yield line
    elif line.cell_len + 2 + note.cell_len <= ui.cols:
        yield Text.assemble(line, "  ", note)
    else:
        line.rstrip()
        yield line
        yield Text.assemble(" " * (SUB + 2), note)
