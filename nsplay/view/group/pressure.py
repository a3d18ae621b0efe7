"""Who waits for what."""

from nsplay.kernel.group.group import Group
from nsplay.kernel.group.pressure import RESOURCES, Stall
from nsplay.view.figures import span
from nsplay.view.gauges import Gauge, Names, Row
from nsplay.view.group.rows import Pace
from nsplay.view.ui import Ui


def pressure(ui: Ui, old: Group | None, new: Group, pace: Pace | None) -> list[Row]:
    """Who waits for what: the last ten seconds as a bar, and all of it as a time."""
    rows: list[Row] = []
    for resource in RESOURCES:
        for kind in ("some", "full"):
            stall: Stall | None = getattr(new.pressure.get(resource), kind, None)
            if stall is not None and (kind == "some" or stall.total):
                names = Names(f"{resource} {kind}", f"{resource}.pressure {kind}")
                value = f"{stall.avg10:.0f}%{ui.say(' of 10 s', ' (10 秒間)')}"
                note = ui.say(f"{span(stall.total)} in all", f"合計 {span(stall.total)}")
                rows.append(
                    Gauge(names, stall.avg10, 100, value, note, moved=_longer(old, resource, kind, stall))
                )
    return rows


def _longer(old: Group | None, resource: str, kind: str, now: Stall) -> bool:
    """Did it grow by more than a thousandth of a second a process may always wait?"""
    before: Stall | None = getattr(old.pressure.get(resource), kind, None) if old else None
    return now.total - (before.total if before else 0) >= 100_000
