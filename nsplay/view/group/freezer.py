"""Frozen or not."""

from nsplay.kernel.group.group import Group
from nsplay.view.figures import span
from nsplay.view.gauges import Row, Value
from nsplay.view.group.rows import Pace, named
from nsplay.view.ui import Ui


def freezer(ui: Ui, old: Group | None, new: Group, pace: Pace | None) -> list[Row]:
    """Is it frozen, and does its CPU time stand still?"""
    it, was = new.core, old.core if old else None
    if it is None or it.frozen is None:
        return []

    def state(frozen: bool | None, asked: bool | None) -> str:
        if frozen:
            return ui.say("frozen", "凍結")
        return ui.say("freezing", "凍結中") if asked else ui.say("running", "動作中")

    names = named(new, "freezer.state", ui.say("state", "状態"))
    rows: list[Row] = [
        Value(names, state(was.frozen, was.freezing) if was else None, state(it.frozen, it.freezing))
    ]
    if new.cpu.used is not None:
        before = span(old.cpu.used) if old and old.cpu.used is not None else None
        label = ui.say("CPU time", "CPU 時間")
        rows.append(Value(named(new, "cpuacct.used", label), before, span(new.cpu.used), quiet=True))
    return rows
