"""Processes and threads: limit, use, and forks that failed."""

from nsplay.kernel.group.group import Group
from nsplay.view.gauges import Count, Gauge, Names, Row, Value
from nsplay.view.group.rows import Pace, at_limit, limit_row, named
from nsplay.view.ui import Ui


def pids(ui: Ui, old: Group | None, new: Group, pace: Pace | None) -> list[Row]:
    """Limit, use, and forks that failed."""
    it, was, say = new.pids, old.pids if old else None, ui.say
    if it.limit is None or it.used is None:
        return []
    rows = limit_row(ui, named(new, "pids.limit", say("limit", "上限")), was and was.limit, it.limit, str)
    used = say("used", "使用")
    if isinstance(it.limit, int):
        words, note = f"{it.used}{say(' of ', ' / ')}{it.limit}", at_limit(ui, it.used, it.limit, it.peak)
        rows.append(Gauge(named(new, "pids.limit", used), it.used, it.limit, words, note, it.peak))
    else:
        rows.append(Value(Names(used, "pids.current"), None, str(it.used), quiet=True))
    if it.peak is not None:
        rows.append(Value(named(new, "pids.peak", say("highest", "最大")), None, str(it.peak), quiet=True))
    if it.refused is not None:
        note = say("forks that failed", "失敗した fork") if it.refused else ""
        label = say("refused", "断った")
        rows.append(Count(named(new, "pids.refused", label), was and was.refused, it.refused, note))
    return rows
