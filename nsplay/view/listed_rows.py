"""The rows of a list of values (listed.py): what became of each between two moments, and how it is drawn or told."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from nsplay.view.base import MARKS
from nsplay.view.tables import FIRST, UNKNOWN
from nsplay.view.text import Cell, fit, text, width
from nsplay.view.ui import LABEL, SUB, Ui

STILL: Final = 2  # so many rows of a side that didn't move are shown; more are folded to a count


@dataclass(frozen=True)
class Item:
    """One value of a side. note: what else there is to say of it; a change of the note alone is none."""

    label: str
    value: str
    note: str = ""
    always: bool = False  # never folded away
    compared: str = ""  # what a change is told by, where that isn't the value: a clock ticks

    @property
    def state(self) -> str:
        """What is the same as long as nothing happened."""
        return self.compared or self.value


Items = Mapping[str, Item]  # by a key that stays while the label's language changes


@dataclass(frozen=True)
class Moved:
    """One thing at two moments; None: it wasn't there."""

    before: Item | None
    after: Item | None
    inside: bool

    @property
    def it(self) -> Item:
        found = self.after or self.before
        assert found
        return found

    @property
    def mark(self) -> str:
        """`+`, `-`, `~`, `=` or `?`."""
        if not self.before or not self.after:
            return MARKS["came"] if self.after else MARKS["went"]
        if UNKNOWN in (self.before.value, self.after.value):
            return UNKNOWN
        return MARKS["same"] if self.before.state == self.after.state else MARKS["changed"]

    @property
    def moved(self) -> bool:
        return self.mark != MARKS["same"]

    @property
    def style(self) -> str:
        return "" if not self.moved else "inside" if self.inside else "bad"

    @property
    def cells(self) -> tuple[str, str]:
        return (self.before.value if self.before else "-", self.after.value if self.after else "")


def values(items: Items) -> dict[str, str]:
    return {key: item.state for key, item in items.items()}


def compared(old: Items, new: Items, inside: bool) -> list[Moved]:
    return [Moved(old.get(key), new.get(key), inside) for key in {**new, **old}]


def _shown(rows: Sequence[Moved]) -> tuple[list[Moved], list[Moved]]:
    """What moved and what never folds; and all others, where they are many."""
    still = [row for row in rows if not row.moved and not row.it.always]
    if len(still) <= STILL:
        return list(rows), []
    return [row for row in rows if row.moved or row.it.always], still


# ---- lines


def label_width(items: Iterable[Item], indent: int = 2) -> int:
    return max([LABEL, *(width(item.label) + indent + 2 for item in items)])


def grid_line(mark: Cell, label: Cell, columns: int, *cells: Cell) -> Text:
    """A line of the grid whose label may be longer than usual."""
    line = Text.assemble(" ", fit(mark, 1), " ", fit(label, columns), *(text(cell) for cell in cells))
    line.rstrip()
    return line


def noted(ui: Ui, line: Text, note: str, label: int) -> list[Text]:
    """The note stands right of its row, or below where that has no room."""
    if not note:
        return [line]
    if line.cell_len + 3 + width(note) <= ui.cols:
        return [Text.assemble(line, "   ", note)]
    return [line, Text.assemble(" " * (SUB + 4 if ui.narrow else 3 + label), note)]


def moments(ui: Ui, head: str, parts: Sequence[tuple[str, Sequence[Moved]]]) -> Iterator[Text]:
    chosen = [(name, *_shown(rows)) for name, rows in parts]
    shown = [row for _, rows, _ in chosen for row in rows]
    label = label_width([row.it for row in shown], 4)
    first = max([FIRST, *(width(row.cells[0]) + 1 for row in shown)])
    second = max([0, *(width(row.cells[1]) for row in shown)])
    stacked = ui.narrow or 3 + label + first + 2 + second > ui.cols
    titles: tuple[Cell, ...] = ()
    if not stacked:
        titles = (fit(ui.say("before", "前"), first), "  " + ui.say("after", "後"))
    yield grid_line("", Text(head, "head"), label, *titles)
    for name, rows, folded in chosen:
        yield Text.assemble(" " * SUB, name)
        for row in rows:
            line = _stacked(ui, row, label) if stacked else _columns(ui, row, label, first)
            yield from noted(ui, line, row.it.note if row.after else "", label)
        if folded:
            yield Text.assemble(" " * (SUB + 2), _folded(ui, folded))


def _folded(ui: Ui, rows: Sequence[Moved]) -> str:
    """Which ones, as many as have room; the fold counts them all."""
    for named in range(len(rows), -1, -1):
        names = ui.listed(row.it.label for row in rows[:named])
        names = names if named == len(rows) else f"{names} ..." if named else ""
        words = ui.say(f"... {len(rows)} unchanged", f"... {len(rows)} は変化なし") + (
            f": {names}" if names else ""
        )
        if SUB + 2 + width(words) <= ui.cols:
            break
    return words


def _columns(ui: Ui, row: Moved, label: int, first: int) -> Text:
    was, now = row.cells
    now = now if row.after else ui.say("gone", "なくなった")
    value = Text.assemble(
        (row.mark, row.style),
        " ",
        text(now, "inside" if row.moved and row.inside else "head" if row.moved else ""),
    )
    return grid_line("", f"    {row.it.label}", label, fit(was, first), value)


def _stacked(ui: Ui, row: Moved, label: int) -> Text:
    was, now = row.cells
    style = "inside" if row.inside else "head"
    if not row.moved:
        tail = Text.assemble(was, "  ", ui.say("unchanged", "変化なし"))
    elif row.before and row.after:
        tail = Text.assemble(text(was), "  -> ", text(now, style))
    else:
        tail = text(now, style) if row.after else Text.assemble(was, "  ", ui.say("gone", "なくなった"))
    return grid_line(Text(row.mark, row.style), f"    {row.it.label}", label, tail)


def beside(ui: Ui, head: str, host: Items, here: Items) -> Iterator[Text]:
    pairs = [(host.get(key), here.get(key)) for key in {**here, **host}]
    everything = [item for pair in pairs for item in pair if item]
    label = label_width(everything)
    first = max([FIRST, *(width(item.value) + 1 for item in host.values())])
    second = max([0, *(width(item.value) for item in here.values())])
    stacked = ui.narrow or 3 + label + first + 2 + second > ui.cols
    on_host, in_here = ui.say("on the host", "ホストでは"), ui.say("in here", "ここでは")
    if stacked:
        for where, items, style in ((in_here, here, "inside"), (on_host, host, "")):
            yield grid_line("", Text(head, "head"), label, where)
            for item in items.values():
                yield from noted(
                    ui, grid_line("", f"  {item.label}", label, text(item.value, style)), item.note, label
                )
        return
    yield grid_line("", Text(head, "head"), label, fit(on_host, first), f"  {in_here}")
    for there, mine in pairs:
        item = mine or there or Item("", "")
        tie = "=" if there and mine and there.state == mine.state else " "
        value = Text.assemble(tie, " ", text(mine.value if mine else "-", "inside" if mine else ""))
        line = grid_line("", f"  {item.label}", label, fit(there.value if there else "-", first), value)
        yield from noted(ui, line, mine.note if mine else "", label)


# ---- sentences


def told_one(ui: Ui, item: Item, where: str = "") -> str:
    note = f"{ui.say(', ', '、')}{item.note}" if item.note else ""
    place_ = f"{ui.say(', ', '、')}{where}" if where else ""
    return f"{item.label}{place_}: {item.value}{_spoken(note)}{ui.stop}"


def _spoken(note: str) -> str:
    return note.replace("<--> ", "")


def told(ui: Ui, head: str, where: str, rows: Sequence[Moved]) -> Iterator[str]:
    shown, folded = _shown(rows)
    for row in shown:
        was, now = row.cells
        start = f"{head}{ui.say(', ', '、')}{where}{ui.say(', ', '、')}{row.it.label}"
        if not row.moved:
            yield ui.say(f"{start}: {now}. Unchanged.", f"{start}: {now}。変化なし。")
        elif not row.after:
            yield ui.say(f"{start}: gone, it was {was}.", f"{start}: なくなった。前は {was}。")
        elif not row.before:
            yield ui.say(f"{start}: new, {now}.", f"{start}: 新しい、{now}。")
        else:
            yield ui.say(f"{start}: {now}. It was {was}.", f"{start}: {now}。前は {was}。")
    if folded:
        words = _folded(ui, folded).removeprefix("... ").removesuffix(" ...")
        yield f"{head}{ui.say(', ', '、')}{where}: {words}{ui.stop}"
