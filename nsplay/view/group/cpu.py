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
    rate = pace.cpu if pace else None
    if top is None:
        return [] if rate is None else [_running(ui, new, rate)]
    names = named(new, "cpu.limit", say("limit", "上限"))
    rows = limit_row(ui, names, percent(was) if was else None, top, _processors)
    if isinstance(top, int) and pace and rate is not None:
        rows.append(_gauge(ui, old, new, top, rate, pace))
    elif isinstance(top, int) and not any(row.moved for row in rows):
        share = say(f"{it.limit} of {it.period} us", f"{it.period} us のうち {it.limit}")
        rows = [Value(names, None, _processors(top), share)]
    elif rate is not None:
        rows.append(_running(ui, new, rate))
    if isinstance(top, int) and it.throttled is not None:
        rows += _throttled(ui, old, new)
    weighty = it.weight is not None and (it.weight != 100 or (was and was.weight not in (None, 100)))
    if weighty:
        before = str(was.weight) if was and was.weight is not None else None
        rows.append(Value(named(new, "cpu.weight", say("weight", "重み")), before, str(it.weight)))
    if it.used is not None and (weighty or not isinstance(top, int)):
        label = say("CPU time", "CPU 時間")
        rows.append(Value(named(new, "cpuacct.used", label), None, span(it.used), quiet=True))
    return rows


def _gauge(ui: Ui, old: Group | None, new: Group, top: int, rate: float, pace: Pace) -> Row:
    """Processors used, of those that the quota allows. Whole periods are counted, so a pace can be a little over it."""
    say, before = ui.say, old if pace.over else pace.before
    throttled = (new.cpu.throttled or 0) > ((before.cpu.throttled or 0) if before else 0)
    most = pace.highest if pace.over and pace.highest is not None else rate
    share = f"{round(10000 * most / top) if top else 100}%"
    if pace.over:
        note = say("was at limit", "上限に達した") if throttled else say(f"up to {share}", f"最大 {share}")
    else:
        note = say("at its limit", "上限にいる") if throttled else share
    words = f"{rate:.2f}{say(' of ', ' / ')}{_processors(top)}"
    whole = max(top / 100, most) if throttled else top / 100
    peak = whole if throttled and pace.over else pace.highest
    return Gauge(named(new, "cpu.limit", say("used", "使用")), rate, whole, words, note, peak)


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
