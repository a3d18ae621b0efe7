"""What the clocks say on both sides. time_namespaces(7)."""

import time

from nsplay.snapshot import Side, Snapshot
from nsplay.view.listed import Item, Items, Listed
from nsplay.view.ui import Ui


class Clocks(Listed):
    """Uptime, the date (which has no namespace), and the offsets for the next child."""

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
        ahead = ui.say(f"{it.ahead:+} s", f"{it.ahead:+} 秒") if it.ahead else ""
        date = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(it.date))
        rows = {
            "uptime": Item(ui.say("uptime", "uptime"), span(ui, it.uptime), ahead, compared=str(it.ahead)),
            "date": Item(ui.say("date", "日付"), date, compared="date"),
        }
        if it.offsets:
            for name, seconds in zip(it.offsets._fields, it.offsets, strict=True):
                if seconds:
                    rows[name] = Item(
                        name, ui.say(f"{seconds:+} s for its children", f"その子は {seconds:+} 秒")
                    )
        return rows


def span(ui: Ui, seconds: float) -> str:
    """`3 days 04:05:06`."""
    days, rest = divmod(int(seconds), 86400)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{days} {ui.say('day ' if days == 1 else 'days ', '日 ')}{clock}" if days else clock
