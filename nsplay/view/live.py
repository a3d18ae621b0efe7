"""The picture of a running command: the views that move, and how to stop it."""

from collections.abc import Mapping, Sequence

from rich.text import Text

from nsplay.kernel.group.group import Group
from nsplay.view.grid import keys, title
from nsplay.view.group.rows import Pace
from nsplay.view.groups import OfGroups
from nsplay.view.ui import Screen, Ui


def picture(
    ui: Ui,
    views: Sequence[OfGroups],
    before: Mapping[str, Group],
    now: Mapping[str, Group],
    paces: Mapping[str, Pace],
    seconds: float,
) -> Screen:
    """A title, each view's groups, the key. before: at the last prompt."""
    second = ui.say(f"live, second {seconds:.0f}", f"実行中、{seconds:.0f} 秒")
    screen = Screen(title(ui, Text(ui.say("while it runs", "実行中の様子"), "head"), second))
    for number, view in enumerate(views):
        lines = view.lines(ui, view.drawn(ui, before, now, paces))
        screen += [Text()] if number and lines and len(screen) > 1 and ui.rows > 24 else []
        screen += lines
    stop = ui.say("stop it", "止める")
    screen += [keys(ui, [("Ctrl-C", stop)])]
    return screen


def told(
    ui: Ui,
    views: Sequence[OfGroups],
    before: Mapping[str, Group],
    now: Mapping[str, Group],
    paces: Mapping[str, Pace],
) -> list[str]:
    """The same as sentences."""
    return [line for view in views for line in view.told(ui, view.drawn(ui, before, now, paces))]
