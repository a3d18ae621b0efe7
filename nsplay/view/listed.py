"""A view that is a list of values on each side: links, ids, IPC objects, clocks. Columns are moments or sides."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.text import Text

from nsplay.snapshot import Side, Snapshot
from nsplay.view.base import MARKS, View, is_own, place
from nsplay.view.tables import FIRST, UNKNOWN
from nsplay.view.text import Cell, fit, text, width
from nsplay.view.ui import LABEL, SUB, Screen, Ui, sentences

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
class _Moved:
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


class Listed(View):
    """kind: of the namespace that holds the values; "" for what each process has by itself."""

    kind: ClassVar[str]

    @abstractmethod
    def head(self, ui: Ui) -> str:
        """What the list is of."""

    @abstractmethod
    def items(self, ui: Ui, now: Snapshot, side: Side) -> Items:
        """The values of one side at one moment. Nothing at all: nobody looked, or it couldn't be read."""

    def tied(self, ui: Ui, now: Snapshot, side: Side) -> Items:
        """The same, by keys that are equal for what belongs together on the two sides."""
        return self.items(ui, now, side)

    def moved(self, before: Snapshot, after: Snapshot) -> bool:
        """Whether a value of the place's or the host's came, went or changed."""
        plain = Ui()
        return any(
            _values(self.items(plain, before, old)) != _values(self.items(plain, after, new))
            for old, new in ((place(before), place(after)), (before.host, after.host))
        ) or self._own(before) != self._own(after)

    def _own(self, now: Snapshot) -> bool:
        """Whether the place's values are others than the host's."""
        if self.kind:
            return is_own(now, self.kind)
        plain = Ui()
        return _values(self.items(plain, now, place(now))) != _values(self.items(plain, now, now.host))

    def after(self, ui: Ui, before: Snapshot, after: Snapshot) -> Screen:
        """In here, then the host; the host alone where the place shares with it."""
        own = self._own(after)
        parts: list[tuple[str, list[_Moved]]] = []
        if own or self._own(before):
            old = self.items(ui, before, place(before))
            new = (
                self.items(ui, after, place(after)) if own or not self.kind else {}
            )  # left behind: all of it is gone
            parts.append((ui.say("in here", "ここ"), _compared(old, new, True)))
        label = ui.say("the host", "ホスト")
        here = "" if own else "   " + ui.say("<- you are here", "<- いまここ")
        rows = _compared(self.items(ui, before, before.host), self.items(ui, after, after.host), False)
        parts.append((label + here, rows))
        if not any(rows for _, rows in parts):
            return self._unread(ui)
        if ui.plain:
            told = (
                line
                for label, rows in parts
                for line in _told(ui, self.head(ui), label.split("   ")[0], rows)
            )
            return sentences(told)
        return Screen(_moments(ui, self.head(ui), parts))

    def sides(self, ui: Ui, now: Snapshot) -> Screen:
        """On the host | in here."""
        host, here = (self.tied(ui, now, side) for side in (now.host, place(now)))
        if not host and not here:
            return self._unread(ui)
        own = self._own(now)
        if not own:
            return self._one(ui, here or host)
        if ui.plain:
            where = ((ui.say("in here", "ここ"), here), (ui.say("the host", "ホスト"), host))
            return sentences(_told_one(ui, item, label) for label, items in where for item in items.values())
        return Screen(_beside(ui, self.head(ui), host, here))

    def alone(self, ui: Ui, side: Side) -> Screen:
        """One side's values."""
        return self._one(ui, self.items(ui, _only(side), side))

    def _one(self, ui: Ui, items: Items) -> Screen:
        if not items:
            return self._unread(ui)
        if ui.plain:
            return sentences(_told_one(ui, item) for item in items.values())
        label = _label_width(items.values())
        lines = [_line("", Text(self.head(ui), "head"), label)]
        for item in items.values():
            lines += _noted(ui, _line("", f"  {item.label}", label, item.value), item.note, label)
        return Screen(lines)

    def _unread(self, ui: Ui) -> Screen:
        """Nobody asked, or the kernel didn't say."""
        words = ui.say("not looked at", "見ていない")
        return (
            sentences([f"{self.head(ui)}: {words}{ui.stop}"])
            if ui.plain
            else Screen([_line(UNKNOWN, Text(self.head(ui), "head"), LABEL, words)])
        )


def _only(side: Side) -> Snapshot:
    """A snapshot that has nothing but this side."""
    return Snapshot(frozenset(), side, side, side, side.pid, (), {}, 0, side.pid)


def _values(items: Items) -> dict[str, str]:
    return {key: item.state for key, item in items.items()}


def _compared(old: Items, new: Items, inside: bool) -> list[_Moved]:
    return [_Moved(old.get(key), new.get(key), inside) for key in {**new, **old}]


def _shown(rows: Sequence[_Moved]) -> tuple[list[_Moved], list[_Moved]]:
    """What moved and what never folds; and all others, where they are many."""
    still = [row for row in rows if not row.moved and not row.it.always]
    if len(still) <= STILL:
        return list(rows), []
    return [row for row in rows if row.moved or row.it.always], still


# ---- lines


def _label_width(items: Iterable[Item], indent: int = 2) -> int:
    return max([LABEL, *(width(item.label) + indent + 2 for item in items)])


def _line(mark: Cell, label: Cell, columns: int, *cells: Cell) -> Text:
    """A line of the grid whose label may be longer than usual."""
    line = Text.assemble(" ", fit(mark, 1), " ", fit(label, columns), *(text(cell) for cell in cells))
    line.rstrip()
    return line


def _noted(ui: Ui, line: Text, note: str, label: int) -> list[Text]:
    """The note stands right of its row, or below where that has no room."""
    if not note:
        return [line]
    if line.cell_len + 3 + width(note) <= ui.cols:
        return [Text.assemble(line, "   ", note)]
    return [line, Text.assemble(" " * (SUB + 4 if ui.narrow else 3 + label), note)]


def _moments(ui: Ui, head: str, parts: Sequence[tuple[str, Sequence[_Moved]]]) -> Iterator[Text]:
    chosen = [(name, *_shown(rows)) for name, rows in parts]
    shown = [row for _, rows, _ in chosen for row in rows]
    label = _label_width([row.it for row in shown], 4)
    first = max([FIRST, *(width(row.cells[0]) + 1 for row in shown)])
    second = max([0, *(width(row.cells[1]) for row in shown)])
    stacked = ui.narrow or 3 + label + first + 2 + second > ui.cols
    titles: tuple[Cell, ...] = ()
    if not stacked:
        titles = (fit(ui.say("before", "前"), first), "  " + ui.say("after", "後"))
    yield _line("", Text(head, "head"), label, *titles)
    for name, rows, folded in chosen:
        yield Text.assemble(" " * SUB, name)
        for row in rows:
            line = _stacked(ui, row, label) if stacked else _columns(ui, row, label, first)
            yield from _noted(ui, line, row.it.note if row.after else "", label)
        if folded:
            yield Text.assemble(" " * (SUB + 2), _folded(ui, folded))


def _folded(ui: Ui, rows: Sequence[_Moved]) -> str:
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


def _columns(ui: Ui, row: _Moved, label: int, first: int) -> Text:
    was, now = row.cells
    now = now if row.after else ui.say("gone", "なくなった")
    value = Text.assemble(
        (row.mark, row.style),
        " ",
        text(now, "inside" if row.moved and row.inside else "head" if row.moved else ""),
    )
    return _line("", f"    {row.it.label}", label, fit(was, first), value)


def _stacked(ui: Ui, row: _Moved, label: int) -> Text:
    was, now = row.cells
    style = "inside" if row.inside else "head"
    if not row.moved:
        tail = Text.assemble(was, "  ", ui.say("unchanged", "変化なし"))
    elif row.before and row.after:
        tail = Text.assemble(text(was), "  -> ", text(now, style))
    else:
        tail = text(now, style) if row.after else Text.assemble(was, "  ", ui.say("gone", "なくなった"))
    return _line(Text(row.mark, row.style), f"    {row.it.label}", label, tail)


def _beside(ui: Ui, head: str, host: Items, here: Items) -> Iterator[Text]:
    pairs = [(host.get(key), here.get(key)) for key in {**here, **host}]
    everything = [item for pair in pairs for item in pair if item]
    label = _label_width(everything)
    first = max([FIRST, *(width(item.value) + 1 for item in host.values())])
    second = max([0, *(width(item.value) for item in here.values())])
    stacked = ui.narrow or 3 + label + first + 2 + second > ui.cols
    on_host, in_here = ui.say("on the host", "ホストでは"), ui.say("in here", "ここでは")
    if stacked:
        for where, items, style in ((in_here, here, "inside"), (on_host, host, "")):
            yield _line("", Text(head, "head"), label, where)
            for item in items.values():
                yield from _noted(
                    ui, _line("", f"  {item.label}", label, text(item.value, style)), item.note, label
                )
        return
    yield _line("", Text(head, "head"), label, fit(on_host, first), f"  {in_here}")
    for there, mine in pairs:
        item = mine or there or Item("", "")
        tie = "=" if there and mine and there.state == mine.state else " "
        value = Text.assemble(tie, " ", text(mine.value if mine else "-", "inside" if mine else ""))
        line = _line("", f"  {item.label}", label, fit(there.value if there else "-", first), value)
        yield from _noted(ui, line, mine.note if mine else "", label)


# ---- sentences


def _told_one(ui: Ui, item: Item, where: str = "") -> str:
    note = f"{ui.say(', ', '、')}{item.note}" if item.note else ""
    place_ = f"{ui.say(', ', '、')}{where}" if where else ""
    return f"{item.label}{place_}: {item.value}{_spoken(note)}{ui.stop}"


def _spoken(note: str) -> str:
    return note.replace("<--> ", "")


def _told(ui: Ui, head: str, where: str, rows: Sequence[_Moved]) -> Iterator[str]:
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
