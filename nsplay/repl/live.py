"""What the views of groups show while a command runs: looks at the kernel, one a second, made into a picture each."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from nsplay.kernel.group import cpu
from nsplay.kernel.group.group import Group
from nsplay.repl.listener import Frame
from nsplay.view import live
from nsplay.view.base import View
from nsplay.view.group.rows import Pace
from nsplay.view.groups import LIVE, VIEWS, OfGroups
from nsplay.view.ui import Ui, render

WINDOW: Final = 3.2  # seconds that a pace is taken over: a CPU quota may be for a whole second

Groups = Mapping[str, Group]
_Times = Mapping[int, int]  # pid → microseconds of CPU time


class Live:
    """Of one command after the other."""

    def __init__(self) -> None:
        self._begin((), {})

    def _begin(self, views: Sequence[OfGroups], before: Groups) -> None:
        """before: the groups at the prompt where it was entered."""
        self.views, self.before = views, before
        self._looks: deque[tuple[float, Groups, Mapping[str, _Times]]] = deque()
        self._told: set[str] = set()
        self._most: dict[str, float] = {}  # processors used, at most

    def running(
        self, ui: Ui, names: Iterable[str], before: Groups, look: Callable[[], Groups], seconds: float
    ) -> Frame | None:
        """What moves after so many seconds of a command, in those of the named views that show groups."""
        views = [view for view in VIEWS if view.name in LIVE and view.name in names]
        if not views:
            return None
        if before is not self.before:  # every prompt has looked anew: it is another command
            self._begin(views, before)
        return self.frame(ui, look(), seconds)

    def frame(self, ui: Ui, groups: Groups, seconds: float) -> Frame | None:
        """The picture; None while there is nothing to compare with, no group, or, in plain words, no news."""
        now = time.monotonic()
        there = {path: self._highest(it) for path, it in groups.items() if it.exists}
        self._looks.append((now, there, {path: _times(it) for path, it in there.items()}))
        while now - self._looks[0][0] > WINDOW and len(self._looks) > 2:
            self._looks.popleft()
        if len(self._looks) == 1 or not there:
            return None
        paces = self._paces()
        if ui.plain or not ui.attributes:
            return self._sentence(ui, there, paces, seconds)
        return Frame(render(ui, live.picture(ui, self.views, self.before, there, paces, seconds)))

    def standing(self, before: Groups) -> dict[str, View]:
        """Those of the views that moved, by name, as they are left standing when the command has ended. before: the
        groups at the prompt before that; where there was nothing to see, none.
        """
        if before is not self.before or len(self._looks) < 2:
            return {}
        over = {
            path: replace(pace, cpu=None if pace.cpu is None else 0.0, over=True)
            for path, pace in self._paces().items()
        }
        return {view.name: view.standing(over) for view in self.views}

    def _paces(self) -> Mapping[str, Pace]:
        there, first = self._looks[-1][1], self._looks[0][1]
        return {path: self._pace(path, it) for path, it in there.items() if path in first}

    def _highest(self, it: Group) -> Group:
        """Kernels that don't keep the highest use themselves: the highest that was seen."""
        earlier = self._looks[-1][1].get(it.path) if self._looks else None
        if it.memory.peak is not None or it.memory.used is None:
            return it
        seen = (earlier.memory.peak if earlier else None) or 0
        return replace(it, memory=it.memory._replace(peak=max(seen, it.memory.used)))

    def _pace(self, path: str, now: Group) -> Pace:
        at, groups, times = self._looks[0]
        seconds = max(1e-3, self._looks[-1][0] - at)
        before, old = groups[path], times[path]
        if now.cpu.used is not None and before.cpu.used is not None:
            used = now.cpu.used - before.cpu.used
        else:
            used = sum(spent - old.get(pid, 0) for pid, spent in self._looks[-1][2][path].items())
        rate = max(0, used) / 1e6 / seconds
        self._most[path] = max(rate, self._most.get(path, 0.0))
        return Pace(before, seconds, rate, self._most[path])

    def _sentence(self, ui: Ui, now: Groups, paces: Mapping[str, Pace], seconds: float) -> Frame | None:
        """One line a look, of what is new in it."""
        told = live.told(ui, self.views, self.before, now, paces)
        news = [line for line in told if line not in self._told]
        self._told = set(told)
        if not news:
            return None
        words = ui.say(f"Second {seconds:.0f}: ", f"{seconds:.0f} 秒: ") + ui.say(" ", "").join(news)
        return Frame(words + "\n", stays=True)


def _times(it: Group) -> _Times:
    """Where the group itself doesn't tell how much it used."""
    return cpu.times(it.core.members) if it.core and it.cpu.used is None else {}
