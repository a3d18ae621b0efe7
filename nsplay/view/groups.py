"""Views of control groups: `memory`, `cpu`, ... for every group that the learner made, and `groups`, which ones there are."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from nsplay.kernel.group.group import Group
from nsplay.snapshot import Side, Snapshot
from nsplay.view import gauges
from nsplay.view.base import MARKS, View, place
from nsplay.view.gauges import Names, Row, Value
from nsplay.view.grid import row, sentences
from nsplay.view.group import cpu, cpuset, freezer, io, memory, pids, pressure
from nsplay.view.group.rows import Pace, Rows
from nsplay.view.tables import UNKNOWN
from nsplay.view.text import fit
from nsplay.view.ui import Screen, Ui

MANY: Final = 3  # so many groups have room


class OfGroups(View):
    """One resource of every group; of the place's own where the learner has made none."""

    parts = frozenset({"groups"})

    def __init__(self, name: str, english: str, japanese: str, rows: Rows) -> None:
        self.name, self.words, self.rows = name, (english, japanese), rows  # type: ignore[misc]
        self.ran: Mapping[str, Pace] = {}

    def standing(self, paces: Mapping[str, Pace]) -> "OfGroups":
        """The same view after a command that it was watched in: shown whatever has moved, with how it was."""
        other = copy(self)
        other.ran = paces
        return other

    def head(self, ui: Ui) -> str:
        """What the view is of."""
        return ui.say(*self.words)

    def moved(self, before: Snapshot, after: Snapshot) -> bool:
        """Whether a group came or went, or anything but its use changed."""
        return bool(self.ran) or any(
            _moved(old, new, rows) for old, new, rows in self._each(Ui(), before, after)
        )

    def after(self, ui: Ui, before: Snapshot, after: Snapshot) -> Screen:
        """Each group, as it is and what moved."""
        found = self._each(ui, before, after)
        return self._screen(
            ui, [*filter(lambda it: _moved(*it), found), *(it for it in found if not _moved(*it))]
        )

    def sides(self, ui: Ui, now: Snapshot) -> Screen:
        """Each group: the trees are the same for both sides."""
        return self._screen(ui, self._each(ui, now, now))

    def alone(self, ui: Ui, side: Side) -> Screen:
        """The group that a process is in."""
        return self._screen(ui, self.drawn(ui, {}, {side.group.path: side.group} if side.group else {}))

    def drawn(
        self,
        ui: Ui,
        before: Mapping[str, Group],
        now: Mapping[str, Group],
        paces: Mapping[str, Pace] | None = None,
    ) -> list["Told"]:
        """Each group that is or was, with its rows; those of which there is nothing to say are left out."""
        found = []
        for path in dict.fromkeys((*now, *before)):
            old, new = before.get(path), now.get(path)
            old = old if old and old.exists else None
            new = new if new and new.exists else None
            rows = self.rows(ui, old, new, (paces or {}).get(path)) if new else []
            if rows or (old and not new and self.rows(ui, None, old, None)):
                found.append((old, new, rows))
        return found

    def lines(self, ui: Ui, found: Sequence["Told"]) -> list[Text]:
        """As they are drawn: which group, then its rows."""
        lines = []
        for old, new, rows in found[:MANY]:
            lines += [self._title(ui, old, new), *gauges.draw(ui, rows)]
        return lines + ([gauges.folded(ui, len(found) - MANY)] if len(found) > MANY else [])

    def told(self, ui: Ui, found: Sequence["Told"]) -> list[str]:
        """As sentences."""
        lines = []
        for old, new, rows in found:
            it = new or old
            assert it
            what = ui.say(f"{self.head(ui)} of {it.path}", f"{it.path} の{self.head(ui)}")
            if not new:
                lines.append(ui.say(f"{it.path} is gone.", f"{it.path} はなくなりました。"))
            lines += gauges.tell(ui, what, rows)
        return lines

    def _each(self, ui: Ui, before: Snapshot, after: Snapshot) -> list["Told"]:
        return self.drawn(ui, _shown(before), _shown(after), self.ran)

    def _screen(self, ui: Ui, found: Sequence["Told"]) -> Screen:
        if ui.plain:
            return sentences(self.told(ui, found))
        if found:
            return Screen(self.lines(ui, found))
        words = ui.say("no group to show yet", "見せるグループはまだない")
        return Screen([row(Text(self.head(ui), "head"), words, mark=UNKNOWN)])

    def _title(self, ui: Ui, old: Group | None, new: Group | None) -> Text:
        it = new or old
        assert it
        number = it.versions.get(self.name, 2)
        version = ui.say(f"cgroup version {number}", f"cgroup バージョン {number}")
        note = version if new else ui.say("gone", "なくなった")
        mark = MARKS["came"] if not old else MARKS["went"] if not new else ""
        path = Text(it.path, "inside")
        return row(
            Text(self.head(ui), "head"),
            Text.assemble(path, "   ", (note, "faint")),
            mark=Text(mark, "inside"),
        )


Told = tuple[Group | None, Group | None, list[Row]]


def _moved(old: Group | None, new: Group | None, rows: Sequence[Row]) -> bool:
    return (old is None) != (new is None) or any(one.moved for one in rows)


def _shown(now: Snapshot) -> Mapping[str, Group]:
    """The learner's groups; else the one that the place is in, when it isn't where the stage itself is."""
    made = {path: it for path, it in now.groups.items() if it.exists}
    own, stages = place(now).group, now.host.group
    if made or own is None or (stages is not None and own.path == stages.path):
        return made
    return {own.path: own}


class Groups(OfGroups):
    """Which groups there are: a row each."""

    def __init__(self) -> None:
        super().__init__("groups", "groups", "グループ", _people)

    def lines(self, ui: Ui, found: Sequence[Told]) -> list[Text]:
        """One row a group, its path on the left."""
        lines = [row(Text(self.head(ui), "head"))]
        for old, new, rows in found:
            it = new or old
            assert it
            words = rows[0] if rows else Value(Names(it.path), None, ui.say("gone", "なくなった"))
            assert isinstance(words, Value)
            mark = (
                MARKS["went"]
                if not new
                else MARKS["came"]
                if not old
                else MARKS["changed"]
                if words.moved
                else ""
            )
            body = f"{words.before} -> {words.after}" if words.moved else words.after
            lines.append(_group(ui, it.path, body, words.note, mark))
        return lines


def _group(ui: Ui, path: str, body: str, note: str, mark: str) -> Text:
    gap = " " if len(path) > 11 else ""  # the path fills its column
    words = Text.assemble(gap, fit(body, max(14, cell_len(body))), "  ", (note, "faint"))
    return row(
        fit(f"  {path}", 14, "tail") if len(path) > 12 else f"  {path}", words, mark=Text(mark, "inside")
    )


def _people(ui: Ui, old: Group | None, new: Group, pace: Pace | None) -> list[Row]:
    it, was = new.core, old.core if old else None
    if it is None:
        return []

    def members(count: int) -> str:
        return ui.say(f"{count} member{'s' * (count != 1)}", f"メンバー {count}")

    notes = [
        " ".join(it.controllers),
        it.type if it.type not in (None, "domain") else "",
        ui.say("frozen", "凍結") if it.frozen else "",
        ui.say(f"gives {' '.join(it.given)}", f"子に渡す: {' '.join(it.given)}") if it.given else "",
    ]
    before = members(len(was.members)) if was else None
    return [Value(Names(new.path), before, members(len(it.members)), ui.listed(filter(None, notes)))]


VIEWS: Final = (
    Groups(),
    OfGroups("cpu", "cpu", "CPU", cpu.cpus),
    OfGroups("memory", "memory", "メモリ", memory.memory),
    OfGroups("pids", "pids", "プロセス数", pids.pids),
    OfGroups("cpuset", "cpuset", "cpuset", cpuset.cpuset),
    OfGroups("io", "io", "IO", io.io),
    OfGroups("freezer", "freezer", "凍結", freezer.freezer),
    OfGroups("pressure", "pressure", "待ち", pressure.pressure),
)
LIVE: Final = frozenset(
    {"cpu", "memory", "pids", "io", "pressure", "freezer"}
)  # those that move by themselves
