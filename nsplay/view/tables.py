"""Two small tables that several views are made of: two moments beside each other, two sides beside each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from nsplay.view.grid import row
from nsplay.view.text import Cell, fit, text, width
from nsplay.view.ui import SUB, Ui

FIRST: Final = 18  # columns of the first value: wide enough for most, near enough for one move of the eye
UNKNOWN: Final = "?"  # couldn't be read


@dataclass(frozen=True)
class Moments:
    """One value at two moments. `after` None: it is no more. inside: it is yours, so a change of it is the good news."""

    label: str
    before: str
    after: str | None
    inside: bool = False
    note: str = ""

    @property
    def moved(self) -> bool:
        """Whether the two differ."""
        return self.before != self.after


def moments(ui: Ui, head: str, rows: Sequence[Moments], titled: bool = True) -> list[Text]:
    """Before | after. Longer values, and those on a narrow terminal, stack: `vm -> my-new-hostname`."""
    first = max(FIRST, *(width(one.before) + 1 for one in rows))
    second = max(width(_after(ui, one)) + (width(one.note) + 3 if one.note else 0) for one in rows)
    if ui.narrow or first + 4 + second > ui.body:
        return [row(Text(head, "head")), *(_stacked(ui, one) for one in rows)]
    columns = (fit(ui.say("before", "前"), first), "  " + ui.say("after", "後")) if titled else ()
    return [row(Text(head, "head"), *columns), *(_beside(ui, one, first) for one in rows)]


def _after(ui: Ui, one: Moments) -> str:
    return ui.say("left", "出た") if one.after is None else one.after


def _mark(one: Moments) -> Text:
    style = "inside" if one.inside else "bad"
    if UNKNOWN in (one.before, one.after):
        return Text(UNKNOWN)
    return Text("=") if not one.moved else Text("-" if one.after is None else "~", style)


def _value(ui: Ui, one: Moments) -> Text:
    return text(_after(ui, one), "" if not one.moved else "inside" if one.inside else "head")


def _beside(ui: Ui, one: Moments, first: int) -> Text:
    note = f"   {one.note}" if one.note else ""
    return row(
        f"  {one.label}", fit(one.before, first), Text.assemble(_mark(one), " ", _value(ui, one), note)
    )


def _stacked(ui: Ui, one: Moments) -> Text:
    tail = Text.assemble("-> ", _value(ui, one)) if one.moved else Text(ui.say("unchanged", "変化なし"))
    note = f"  {one.note}" if one.note else ""
    return row(f"  {one.label}", Text.assemble(text(one.before), "  ", tail, note), mark=_mark(one))


@dataclass(frozen=True)
class Sides:
    """One value on two sides. own: the place has one of its own, equal or not."""

    label: str
    host: str
    inside: str
    own: bool = False
    note: str = ""


def sides(ui: Ui, head: str, rows: Sequence[Sides]) -> list[Text]:
    """On the host | in here; on a narrow terminal the host beneath."""
    first = max(FIRST, *(width(one.host) + 1 for one in rows))
    second = max(width(one.inside) + (width(one.note) + 3 if one.note else 0) for one in rows)
    host, here = ui.say("on the host", "ホストでは"), ui.say("in here", "ここでは")
    if ui.narrow or first + 4 + second > ui.body:
        stacked = (line for one in rows for line in _two_lines(ui, one))
        return [row(Text(head, "head")), *stacked]
    lines = [row(Text(head, "head"), fit(host, first), f"  {here}")]
    for one in rows:
        tie = "=" if one.host == one.inside else " "
        value = Text.assemble(tie, " ", _own(one), f"   {one.note}" if one.note else "")
        lines.append(row(f"  {one.label}", fit(one.host, first), value))
    return lines


def _own(one: Sides) -> Text:
    return text(one.inside, "inside" if one.own else "")


def _two_lines(ui: Ui, one: Sides) -> list[Text]:
    """A value that is equal on both sides has one line."""
    note = f"  {one.note}" if one.note else ""
    if one.host == one.inside:
        return [row(f"  {one.label}", Text.assemble(_own(one), note), mark="=")]
    here, host = ui.say("in here", "ここ"), ui.say("the host", "ホスト")
    return [
        Text.assemble(" " * SUB, text(one.label)),
        row(f"    {here}", Text.assemble(_own(one), note)),
        row(f"    {host}", text(one.host)),
    ]


def alone(head: str, rows: Sequence[tuple[str, Cell]]) -> list[Text]:
    """Label and value of one side."""
    return [row(Text(head, "head")), *(row(f"  {label}", text(value)) for label, value in rows)]
