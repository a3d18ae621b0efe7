"""A view that is a list of values on each side: links, ids, IPC objects, clocks. Columns are moments or sides."""

from abc import abstractmethod
from typing import ClassVar

from rich.text import Text

from nsplay.snapshot import Side, Snapshot
from nsplay.view.base import View, is_own, place
from nsplay.view.grid import sentences
from nsplay.view.listed_rows import (
    Items,
    Moved,
    beside,
    compared,
    grid_line,
    label_width,
    moments,
    noted,
    told,
    told_one,
    values,
)
from nsplay.view.tables import UNKNOWN
from nsplay.view.ui import LABEL, Screen, Ui


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
            values(self.items(plain, before, old)) != values(self.items(plain, after, new))
            for old, new in ((place(before), place(after)), (before.host, after.host))
        ) or self._own(before) != self._own(after)

    def _own(self, now: Snapshot) -> bool:
        """Whether the place's values are others than the host's."""
        if self.kind:
            return is_own(now, self.kind)
        plain = Ui()
        return values(self.items(plain, now, place(now))) != values(self.items(plain, now, now.host))

    def after(self, ui: Ui, before: Snapshot, after: Snapshot) -> Screen:
        """In here, then the host; the host alone where the place shares with it."""
        own = self._own(after)
        parts: list[tuple[str, list[Moved]]] = []
        if own or self._own(before):
            old = self.items(ui, before, place(before))
            new = (
                self.items(ui, after, place(after)) if own or not self.kind else {}
            )  # left behind: all of it is gone
            parts.append((ui.say("in here", "ここ"), compared(old, new, True)))
        label = ui.say("the host", "ホスト")
        here = "" if own else "   " + ui.say("<- you are here", "<- いまここ")
        rows = compared(self.items(ui, before, before.host), self.items(ui, after, after.host), False)
        parts.append((label + here, rows))
        if not any(rows for _, rows in parts):
            return self._unread(ui)
        if ui.plain:
            spoken = (
                line for label, rows in parts for line in told(ui, self.head(ui), label.split("   ")[0], rows)
            )
            return sentences(spoken)
        return Screen(moments(ui, self.head(ui), parts))

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
            return sentences(told_one(ui, item, label) for label, items in where for item in items.values())
        return Screen(beside(ui, self.head(ui), host, here))

    def alone(self, ui: Ui, side: Side) -> Screen:
        """One side's values."""
        return self._one(ui, self.items(ui, _only(side), side))

    def _one(self, ui: Ui, items: Items) -> Screen:
        if not items:
            return self._unread(ui)
        if ui.plain:
            return sentences(told_one(ui, item) for item in items.values())
        label = label_width(items.values())
        lines = [grid_line("", Text(self.head(ui), "head"), label)]
        for item in items.values():
            lines += noted(ui, grid_line("", f"  {item.label}", label, item.value), item.note, label)
        return Screen(lines)

    def _unread(self, ui: Ui) -> Screen:
        """Nobody asked, or the kernel didn't say."""
        words = ui.say("not looked at", "見ていない")
        return (
            sentences([f"{self.head(ui)}: {words}{ui.stop}"])
            if ui.plain
            else Screen([grid_line(UNKNOWN, Text(self.head(ui), "head"), LABEL, words)])
        )


def _only(side: Side) -> Snapshot:
    """A snapshot that has nothing but this side."""
    return Snapshot(frozenset(), side, side, side, side.pid, (), {}, 0, side.pid)
