"""CPU time: quota, how it is felt, and weight."""

from nsplay.kernel.group.cpu import percent
from nsplay.kernel.group.group import Group
from nsplay.view.figures import span
from nsplay.view.gauges import Count, Gauge, Names, Row, Value
from nsplay.view.group.rows import Pace, limit_row, named
from nsplay.view.ui import Ui


def _processors(number: int) -> str:
    return f"{number / 100:.2f} CPU"


def cpus(ui: Ui, old: Group | None, new: Group, pace: Pace | None) -> list[Row]:
    """Quota, and how it is felt; the weight where it isn't everybody's."""
    it, was, say = new.cpu, old.cpu if old else None, ui.say
    top = percent(it)
    names = named(new, "cpu.limit", say("limit", "上限"))
    rate = pace.cpu if pace else None
    if top is None:
        return [] if rate is None else [_running(ui, new, rate)]
    rows = limit_row(ui, names, percent(was) if was else None, top, _processors)
    if isinstance(top, int) and rate is not None:
        words = f"{rate:.2f}{say(' of ', ' / ')}{_processors(top)}"
        throttled = pace is not None and (it.throttled or 0) > (pace.before.cpu.throttled or 0)
        note = (
            say("at its limit", "上限にいる")
            if throttled
            else f"{round(10000 * rate / top) if top else 100}%"
        )
        used = say("used", "使用")
        rows.append(
            Gauge(named(new, "cpu.limit", used), rate, max(top / 100, rate if throttled else 0), words, note)
        )
    elif isinstance(top, int) and not any(row.moved for row in rows):
        words = _processors(top)
        rows = [
            Value(
                names, None, words, say(f"{it.limit} of {it.period} us", f"{it.period} us のうち {it.limit}")
            )
        ]
    elif rate is not None:
        rows.append(_running(ui, new, rate))
    if isinstance(top, int) and it.throttled is not None:
        rows += _throttled(ui, old, new)
    if it.weight is not None and (it.weight != 100 or (was and was.weight not in (None, 100))):
        before = str(was.weight) if was and was.weight is not None else None
        rows.append(Value(named(new, "cpu.weight", say("weight", "重み")), before, str(it.weight)))
    return rows


def _running(ui: Ui, new: Group, rate: float) -> Row:
    return Value(named(new, "cpuacct.used", ui.say("used", "使用")), None, f"{rate:.2f} CPU", quiet=True)


def _throttled(ui: Ui, old: Group | None, new: Group) -> list[Row]:
    it, was, say = new.cpu, old.cpu if old else None, ui.say
    before = was.throttled if was else None
    periods, throttled = (
        (it.periods or 0) - ((was.periods or 0) if was else 0),
        (it.throttled or 0) - (before or 0),
    )
    note = (
        say(f"in {throttled} of {periods} periods", f"{periods} 周期中 {throttled} 回") if periods > 0 else ""
    )
    waited = Names(say("waited", "待った時間"), named(new, "cpu.waited", "").file)
    return [
        Count(named(new, "cpu.throttled", say("throttled", "絞られた")), before, it.throttled or 0, note),
        Value(waited, None, span(it.waited or 0), quiet=True),
    ]
