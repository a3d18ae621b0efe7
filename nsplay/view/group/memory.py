"""Memory: limit, use, and the OOM killer."""

from nsplay.kernel.group.group import Group
from nsplay.view.figures import size, sizes
from nsplay.view.gauges import Count, Gauge, Row, Value
from nsplay.view.group.rows import Pace, at_limit, limit_row, limit_words, named, of
from nsplay.view.ui import Ui


def memory(ui: Ui, old: Group | None, new: Group, pace: Pace | None) -> list[Row]:
    """Limit, use, and the OOM killer."""
    it, was, say = new.memory, old.memory if old else None, ui.say
    if it.limit is None or it.used is None:
        return []
    label = say("limit", "上限")
    rows = limit_row(ui, named(new, "memory.limit", label), was and was.limit, it.limit, size)
    used = say("used", "使用")
    for top, what in ((it.limit, "memory.limit"), (it.high, "memory.high")):
        if isinstance(top, int):
            words, peak = of(ui, it.used, top, sizes), it.peak
            name = used if what == "memory.limit" else "high"
            note = at_limit(ui, it.used, top, peak)
            rows.append(Gauge(named(new, what, name), it.used, top, words, note, peak))
    if not any(isinstance(one, Gauge) for one in rows):
        rows.append(Value(named(new, "memory.used", used), None, size(it.used), quiet=True))
    if it.peak is not None:
        rows.append(Value(named(new, "memory.peak", say("highest", "最大")), None, size(it.peak), quiet=True))
    if it.used >= 1_000_000 and None not in (it.anon, it.cache, it.shmem):
        rows.append(
            Value(named(new, "memory.kinds", say("made of", "内訳")), None, _kinds(ui, new), quiet=True)
        )
    if it.slowed:
        label = say("slowed", "減速")
        rows.append(Count(named(new, "memory.slowed", label), was and was.slowed, it.slowed))
    if it.reached:
        label = say("at limit", "上限に到達")
        rows.append(Count(named(new, "memory.reached", label), was and was.reached, it.reached))
    if it.killed is not None:
        note = say("by the OOM killer", "OOM killer による") if it.killed else ""
        label = say("killed", "終了させた")
        rows.append(Count(named(new, "memory.killed", label), was and was.killed, it.killed, note))
    if isinstance(it.swap_limit, int) or it.swap:
        words = (
            f"{size(it.swap or 0)}{say(', limit ', '、上限 ')}{limit_words(ui, it.swap_limit or 'max', size)}"
        )
        if it.swap_limit == 0:
            words = say("none allowed", "使えない")
        rows.append(Value(named(new, "memory.swap", say("swap", "スワップ")), None, words, quiet=True))
    return rows


def _kinds(ui: Ui, it: Group) -> str:
    anon, cache, shmem = (size(n or 0) for n in (it.memory.anon, it.memory.cache, it.memory.shmem))
    return ui.say(
        f"programs {anon}, files {cache} (tmpfs {shmem})",
        f"プログラム {anon}、ファイル {cache} (tmpfs {shmem})",
    )
