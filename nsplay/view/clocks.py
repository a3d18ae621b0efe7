"""What the clocks say on both sides. time_namespaces(7)."""

import time

from nsplay.snapshot import Side, Snapshot
from nsplay.view.listed import Listed
from nsplay.view.listed_rows import Item, Items
from nsplay.view.ui import Ui


class Clocks(Listed):
    """Uptime, the date (which has no namespace), the offsets, and who made a namespace and stayed outside."""

    name = "clocks"
    parts = frozenset({"clocks"})
    kind = ""

    def head(self, ui: Ui) -> str:
        """What the list is of."""
        return ui.say("clocks", "時計")

    def items(self, ui: Ui, now: Snapshot, side: Side) -> Items:
        """Time passes between two looks: that is no change, a jump is one."""
        it = side.clocks
        if it is None:
            return {}
        ahead = shift(ui, it.ahead) if it.ahead else ""
        date = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(it.date))
        rows = {
            "uptime": Item(ui.say("uptime", "uptime"), span(ui, it.uptime), ahead, compared=str(it.ahead)),
            "date": Item(ui.say("date", "日付"), date, compared="date"),
        }
        if it.offsets:
            born = side.ns_for_children.get("time") != side.ns.get("time")
            children = ui.say(" for its children", " (これから生まれる子)") if born else ""
            for name, seconds in zip(it.offsets._fields, it.offsets, strict=True):
                if seconds:
                    rows[name] = Item(name, shift(ui, seconds) + children)
        for one in now.outsiders:
            if one.inode == side.ns.get("time"):
                words = [
                    f"{n} {shift(ui, s)}" for n, s in zip(one.offsets._fields, one.offsets, strict=True) if s
                ]
                what = ui.listed(words) or ui.say("no offset", "ずれなし")
                rows[f"outside.{one.pid}"] = Item(
                    f"{one.comm} {one.pid}",
                    ui.say("outside", "外にいる"),
                    ui.say(f"its children: {what}", f"子は {what}"),
                    compared=what,
                )
        return rows


def shift(ui: Ui, seconds: int) -> str:
    """`+864000 s`."""
    return ui.say(f"{seconds:+} s", f"{seconds:+} 秒")


def span(ui: Ui, seconds: float) -> str:
    """`3 days 04:05:06`."""
    days, rest = divmod(int(seconds), 86400)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{days} {ui.say('day ' if days == 1 else 'days ', '日 ')}{clock}" if days else clock
