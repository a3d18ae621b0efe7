"""Block devices: limits, rates, and what went there and came."""

from nsplay.kernel.group.group import Group
from nsplay.kernel.group.io import Device
from nsplay.view.figures import size, sizes
from nsplay.view.gauges import Gauge, Row, Value
from nsplay.view.group.rows import Pace, at_limit, limit_words, named, of
from nsplay.view.ui import Ui


def io(ui: Ui, old: Group | None, new: Group, pace: Pace | None) -> list[Row]:
    """Device by device: limits, and what went there and came."""
    before = {one.number: one for one in (old.io if old else None) or ()}
    last = {one.number: one for one in (pace.before.io if pace else None) or ()}
    rows: list[Row] = []
    for one in new.io or ():
        for way, verb in (("read", ui.say("read", "読み")), ("write", ui.say("write", "書き"))):
            rows += _one_way(ui, new, one, before.get(one.number), last.get(one.number), way, verb, pace)
    return rows


def _one_way(
    ui: Ui,
    it: Group,
    one: Device,
    old: Device | None,
    last: Device | None,
    way: str,
    verb: str,
    pace: Pace | None,
) -> list[Row]:
    top, done = getattr(one.limits, way), getattr(one.done, way)
    limited = getattr(old.limits, way) if old else None
    label, rows = f"{one.name} {verb}", list[Row]()
    if top != (limited or "max"):
        words = limit_words(ui, limited, _per_second) if limited else ui.say("no limit", "上限なし")
        rows.append(Value(named(it, "io.limit", label), words, limit_words(ui, top, _per_second)))
    if pace and last and not pace.over and isinstance(top, int) and pace.seconds > 0:
        rate = round((done - getattr(last.done, way)) / pace.seconds)
        words = f"{of(ui, rate, top, sizes)}/s"
        rows.append(
            Gauge(named(it, "io.limit", label), min(rate, top), top, words, at_limit(ui, rate, top, None))
        )
    elif isinstance(top, int) and not rows:
        rows.append(Value(named(it, "io.limit", label), None, ui.say("at most ", "最大 ") + _per_second(top)))
    if done:
        was = getattr(old.done, way) if old else 0
        rows.append(Value(named(it, "io.done", "" if rows else label), size(was), size(done)))
    return rows


def _per_second(number: int) -> str:
    return f"{size(number)}/s"
