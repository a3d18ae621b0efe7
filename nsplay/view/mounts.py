"""The mounts as a picture: a row a mount point, and between the sides an arrow: which way a new mount travels.

mount_namespaces(7).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from nsplay.snapshot import Side, Snapshot
from nsplay.view.base import MARKS, View, is_own, place
from nsplay.view.grid import sentences
from nsplay.view.mount_facts import (
    BOTH,
    DOWN,
    NONE,
    UP,
    Facts,
    Line,
    brief,
    change,
    choose,
    differences,
    kind,
    table,
    way,
)
from nsplay.view.text import fit, text, width
from nsplay.view.ui import SUB, Screen, Ui

TARGET: Final = 30  # a mount point that is longer is cut from its left
FSTYPE: Final = 8  # columns of a file system's type
ARROW: Final = 9  # columns between the sides


class Mounts(View):
    """Before | on the host | in here."""

    name = "mounts"
    parts = frozenset({"mounts"})

    def moved(self, before: Snapshot, after: Snapshot) -> bool:
        """Whether a mount came, went or changed in either table."""
        return (
            is_own(before, "mnt") != is_own(after, "mnt")
            or differences(place(before).mounts, place(after).mounts) > 0
            or differences(before.host.mounts, after.host.mounts) > 0
        )

    def after(self, ui: Ui, before: Snapshot, after: Snapshot) -> Screen:
        """News in full, the rest folded to counts."""
        return _shown(ui, Facts.of(before, after), moments=True)

    def sides(self, ui: Ui, now: Snapshot) -> Screen:
        """On the host | in here."""
        return _shown(ui, Facts.of(now, now), moments=False)

    def alone(self, ui: Ui, side: Side) -> Screen:
        """The table of one side."""
        lines = tuple(Line(key, one, one, one, one) for key, one in table(side.mounts).items())
        return _shown(ui, Facts(False, (len(lines),) * 4, lines), moments=False)


def _shown(ui: Ui, facts: Facts, moments: bool) -> Screen:
    if ui.plain:
        return _told(ui, facts, moments)
    chosen = choose(ui, facts, moments)
    rows = [_row(ui, facts, line) for line in (*chosen.kept, *chosen.news)]
    head = _headings(ui, facts, moments)
    draw = _narrow if ui.narrow else _wide
    screen = draw(ui, head, rows, facts.own, moments)
    for mark, words in chosen.folds:
        screen += Text.assemble(" ", text(mark or " ", "inside"), "   ", text(words))
    screen += _legend(ui, {row.arrow for row in rows}) if facts.own else []
    screen += [f"{' ' * SUB}{_rooted(ui)}"] if facts.rooted else []
    return screen


def _rooted(ui: Ui) -> str:
    return ui.say(
        "another root, the same table: only what is below the root is seen",
        "ルートが変わっただけで、表は同じ。ルートの下だけが見える",
    )


@dataclass(frozen=True)
class _Row:
    """The cells of a row; of the headings, too."""

    target: str
    before: str
    host: str
    inside: str
    fstype: str = ""
    arrow: str = ""
    mark: str = ""
    style: str = ""
    note: str = ""  # what else changed, where the words for the propagation are equal


def _headings(ui: Ui, facts: Facts, moments: bool) -> _Row:
    was_host, host, was_inside, inside = facts.counts
    head, before = ui.say("mounts", "マウント"), ui.say(f"{was_inside} before", f"前 {was_inside}")
    if not facts.own:
        now = ui.say(f"{host} after", f"後 {host}") if moments else ui.say(f"{host} seen", f"{host} 個")
        return _Row(head, before, now, "")
    if was_host == host or not moments:
        on_host = ui.say(f"{host} on the host", f"ホストに {host}")
    else:
        on_host = ui.say(f"{was_host} -> {host} host", f"ホスト {was_host} -> {host}")
    in_here = ui.say(f"{inside} in here", f"ここに {inside}")
    return _Row(head, before, on_host, in_here)


def _row(ui: Ui, facts: Facts, line: Line) -> _Row:
    was, now = line.told
    mark = line.mark
    alike = mark == MARKS["changed"] and brief(was) == brief(now)
    return _Row(
        target=line.key[0],
        before=brief(was),
        host=kind(ui, line.host),
        inside=kind(ui, line.inside),
        fstype=line.fstype,
        arrow=way(line.host, line.inside),
        mark=mark,
        style="" if not mark else "inside" if facts.own else "head",
        note=change(was, now) if alike else "",
    )


def _wide(ui: Ui, head: _Row, rows: Sequence[_Row], own: bool, moments: bool) -> Screen:
    """Columns as wide as what stands in them; the mount point gives way, from its left."""
    everything = [head, *rows]
    fstype = min(FSTYPE, max((width(row.fstype) for row in rows), default=0)) + 2
    before = max(width(row.before) for row in everything) + 2 if moments else 0
    host = max(width(row.host) for row in everything)
    inside = max(width(row.inside) for row in everything) + ARROW if own else 0
    longest = max((width(row.target) for row in rows), default=0)
    target = max(10, min(TARGET, max(longest, 16), ui.cols - SUB - 2 - fstype - before - host - inside))

    def line(row: _Row, label: Text) -> Text:
        cells = [label, fit(row.fstype, fstype), fit(row.before, before), fit(row.host, host)]
        if own:
            cells += [fit(f"  {row.arrow}", ARROW), text(row.inside, row.style)]
        cells = [Text.assemble(" ", text(row.mark or " ", row.style)), *cells]
        joined = Text.assemble(*cells)
        joined.rstrip()
        return joined

    screen = Screen([line(head, Text.assemble(" ", fit(Text(head.target, "head"), target + 4)))])
    for row in rows:
        screen += line(row, Text.assemble("   ", fit(text(row.target, row.style), target, "tail"), "  "))
        if row.note:
            screen += Text.assemble(" " * (SUB + 2), text(row.note))
    return screen


def _narrow(ui: Ui, head: _Row, rows: Sequence[_Row], own: bool, moments: bool) -> Screen:
    """A mount point a line, below it the moments of this side, then the host."""
    counts = [*([head.before] if moments else []), head.host, *([head.inside] if own else [])]
    screen = Screen([Text.assemble("   ", (head.target, "head"), "  ", ui.listed(counts))])
    for row in rows:
        target = fit(text(row.target, row.style), min(width(row.target), ui.cols - SUB), "tail")
        screen += Text.assemble(" ", text(row.mark or " ", row.style), "   ", target)
        now = row.inside if own else row.host
        words = row.note or (f"{row.before} -> {now}" if row.mark and row.mark != MARKS["came"] else now)
        screen += f"{' ' * (SUB + 2)}{row.fstype}  {words}"
        if own and row.host != row.inside:
            screen += " " * (SUB + 2) + ui.say(f"the host: {row.host}", f"ホスト: {row.host}")
    return screen


def _legend(ui: Ui, arrows: set[str]) -> list[str]:
    meanings = {
        BOTH: ui.say(
            "what is mounted below it shows up on both sides", "どちらで下にマウントしても両側に現れる"
        ),
        DOWN: ui.say(
            "what the host mounts below it shows up in here, not back",
            "ホストが下にマウントするとここにも現れる。逆はない",
        ),
        UP: ui.say(
            "what is mounted below it in here shows up on the host, not back",
            "ここで下にマウントするとホストにも現れる。逆はない",
        ),
        NONE: ui.say("nothing crosses", "どちらへも伝わらない"),
    }
    return [f"{' ' * SUB}{arrow} {words}" for arrow, words in meanings.items() if arrow in arrows]


def _told(ui: Ui, facts: Facts, moments: bool) -> Screen:
    chosen = choose(ui, facts, moments)
    was_host, host, was_inside, inside = facts.counts
    if facts.own:
        counts = [
            _count(ui, ui.say("Mounts in here", "ここのマウント"), inside, was_inside, moments),
            _count(ui, ui.say("Mounts on the host", "ホストのマウント"), host, was_host, moments),
        ]
    else:
        counts = [_count(ui, ui.say("Mounts", "マウント"), inside, was_inside, moments)]
    told = (_sentence(ui, facts, line) for line in (*chosen.kept, *chosen.news))
    lines = [*told, *([f"{_rooted(ui)}{ui.stop}"] if facts.rooted else [])]
    return sentences([*counts, *lines, *(f"{how.removeprefix('... ')}{ui.stop}" for _, how in chosen.folds)])


def _count(ui: Ui, what: str, now: int, was: int, moments: bool) -> str:
    before = ui.say(f", before: {was}", f"、前は {was}") if moments else ""
    return f"{what}: {now}{before}{ui.stop}"


def _sentence(ui: Ui, facts: Facts, line: Line) -> str:
    was, now = line.told
    here, there = kind(ui, line.inside), kind(ui, line.host)
    sides = ui.say(f"{here} in here, {there} on the host", f"ここでは {here}、ホストでは {there}")
    news = {
        MARKS["came"]: ui.say("in sight now", "いま見える") if facts.rooted else ui.say("new", "新しい"),
        MARKS["went"]: ui.say("out of sight", "見えなくなった") if facts.rooted else ui.say("gone", "消えた"),
        MARKS["changed"]: ui.say(f"changed, {change(was, now)}", f"変わった、{change(was, now)}"),
    }.get(line.mark, "")
    words = [*([news] if news else []), line.fstype, sides if facts.own else there]
    return f"{line.key[0]}: {ui.listed(words)}{ui.stop}"
