"""Processors and memory nodes."""

from nsplay.kernel.group.group import Group
from nsplay.view.gauges import Row, Value
from nsplay.view.group.rows import Pace, named
from nsplay.view.ui import Ui


def cpuset(ui: Ui, old: Group | None, new: Group, pace: Pace | None) -> list[Row]:
    """Where it may run."""
    it, was, say = new.cpuset, old.cpuset if old else None, ui.say
    if it.effective_cpus is None:
        return []
    none = say("none", "なし")
    asked = ((it.cpus, was and was.cpus, "cpuset.cpus"), (it.mems, was and was.mems, "cpuset.mems"))
    rows: list[Row] = [
        Value(
            named(new, what, what.partition(".")[2]), None if before is None else before or none, now or none
        )
        for now, before, what in asked
        if now is not None
    ]
    label = say("may run on", "動ける CPU")
    before = was.effective_cpus or none if was and was.effective_cpus is not None else None
    rows.append(Value(named(new, "cpuset.effective", label), before, it.effective_cpus or none))
    return rows
