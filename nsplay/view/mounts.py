"""Mounts. One mount point is one row; between the sides an arrow says which way a new mount travels. mount_namespaces(7)."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from nsplay.kernel.mounts import Mount
from nsplay.snapshot import Side, Snapshot
from nsplay.view.base import MARKS, View, is_own, place
from nsplay.view.text import fit, text, width
from nsplay.view.ui import SUB, Screen, Ui, sentences

FRAME: Final = 17  # rows of the terminal that are not for rows of ours
FEWEST: Final = 3
TARGET: Final = 30  # a mount point that is longer is cut from its left
BOTH, DOWN, NONE = "<--->", "---->", "  |  "

Key = tuple[str, int]  # mount point, and which of those stacked on it
Table = Mapping[Key, Mount]


def table(mounts: Sequence[Mount]) -> Table:
    """The mounts by mount point: ids differ between namespaces, places don't."""
    nth: Counter[str] = Counter()
    found = {}
    for mount in mounts:
        found[mount.target, nth[mount.target]] = mount
        nth[mount.target] += 1
    return found


def kind(ui: Ui, mount: Mount | None) -> str:
    """The word of mount_namespaces(7), and the tag of mountinfo that proves it."""
    if mount is None:
        return ui.say("not there", "ない")
    words = [word for word in mount.propagation if not word.startswith("propagate_from")]
    return ", ".join(f"slave, {word}" if word.startswith("master") else word for word in words) or "private"


def brief(mount: Mount | None) -> str:
    """The word without its tag."""
    if mount is None:
        return "-"
    words = (word.partition(":")[0] for word in mount.propagation)
    names = ["slave" if word == "master" else word for word in words if word != "propagate_from"]
    return "+".join(names) or "private"


def way(outside: Mount | None, inside: Mount | None) -> str:
    """Where a mount made below it on one side shows up on the other: peers both ways, a slave from its master only."""
    if not outside or not inside:
        return NONE
    groups = {word.partition(":")[2] for word in outside.propagation if word.startswith("shared:")}
    here = {name: number for name, _, number in (word.partition(":") for word in inside.propagation)}
    return BOTH if here.get("shared") in groups else DOWN if here.get("master") in groups else NONE


@dataclass(frozen=True)
class Line:
    """A row before it is drawn. own: in a table of the place's own."""

    key: Key
    before: Mount | None
    host: Mount | None
    inside: Mount | None
    mark: str = ""

    @property
    def mount(self) -> Mount:
        """The one to tell the type of."""
        found = self.inside or self.host or self.before
        assert found is not None
        return found

    @property
    def differs(self) -> bool:
        """Whether the two sides differ."""
        return _kernel(self.host) != _kernel(self.inside)


def _kernel(mount: Mount | None) -> tuple[object, ...]:
    """What makes two mounts the same to a reader; ids and mount options of the file system aside."""
    return (mount.fstype, mount.source, mount.root, mount.propagation, mount.options) if mount else ()


@dataclass(frozen=True)
class Facts:
    """Two moments of the place's table and of the host's. own: the place has a mount namespace of its own."""

    own: bool
    counts: tuple[int, int, int, int]  # host before, host, inside before, inside
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, before: Snapshot, after: Snapshot) -> "Facts":
        """One pass over all tables."""
        old, new = table(place(before).mounts), table(place(after).mounts)
        host_old, host = table(before.host.mounts), table(after.host.mounts)
        lines = []
        for key in {**host, **new, **old, **host_old}:
            was, now = old.get(key), new.get(key)
            mark = _moved(was, now) or _moved(host_old.get(key), host.get(key))
            if was or now or key in host or mark:
                lines.append(Line(key, was or host_old.get(key), host.get(key), now, mark))
        return cls(is_own(after, "mnt"), (len(host_old), len(host), len(old), len(new)), tuple(lines))

    def news(self) -> list[Line]:
        """Those that came, went or changed."""
        return [line for line in self.lines if line.mark]


def _moved(was: Mount | None, now: Mount | None) -> str:
    if _kernel(was) == _kernel(now):
        return ""
    return MARKS["came"] if was is None else MARKS["went"] if now is None else MARKS["changed"]


def differences(old: Sequence[Mount], new: Sequence[Mount]) -> int:
    """How many mount points came, went or changed."""
    was, now = table(old), table(new)
    return sum(_kernel(was.get(key)) != _kernel(now.get(key)) for key in {**was, **now})


class Mounts(View):
    """Before | on the host | in here."""

    name = "mounts"
    parts = frozenset({"mounts"})

    def moved(self, before: Snapshot, after: Snapshot) -> bool:
        """Whether a mount came, went or changed in either table."""
        pairs = ((place(before), place(after)), (before.host, after.host))
        return is_own(before, "mnt") != is_own(after, "mnt") or any(
            [_kernel(mount) for mount in old.mounts] != [_kernel(mount) for mount in new.mounts]
            for old, new in pairs
        )

    def after(self, ui: Ui, before: Snapshot, after: Snapshot) -> Screen:
        """News in full, the rest folded to counts."""
        facts = Facts.of(before, after)
        return _told(ui, facts) if ui.plain else _drawn(ui, facts, moments=True)

    def sides(self, ui: Ui, now: Snapshot) -> Screen:
        """On the host | in here."""
        facts = Facts.of(now, now)
        return _told(ui, facts) if ui.plain else _drawn(ui, facts, moments=False)

    def alone(self, ui: Ui, side: Side) -> Screen:
        """The table of one side."""
        lines = tuple(Line(key, mount, mount, mount) for key, mount in table(side.mounts).items())
        facts = Facts(False, (len(lines),) * 4, lines)
        return _told(ui, facts) if ui.plain else _drawn(ui, facts, moments=False)


# ---- which rows


def choose(ui: Ui, facts: Facts) -> tuple[list[Line], list[Line], list[Line]]:
    """What to show of what didn't move, what to show of the news, and what to fold."""
    room = max(FEWEST, ui.rows - FRAME)
    news = facts.news()
    shown = news if len(news) <= room else news[: room - 1]
    still = [line for line in facts.lines if not line.mark]
    if news or facts.own:
        anchors = [line for line in still if line.key == ("/", 0)]
        telling = [line for line in still if line not in anchors and (line.differs or line.mount.propagation)]
        spare = max(0, min(2, room - len(shown) - len(anchors)))
    else:
        anchors, telling, spare = [], still, room
    kept = [*anchors, *telling[:spare]]
    chosen = {line.key for line in (*kept, *shown)}
    folded = [line for line in facts.lines if line.key not in chosen]
    if len(folded) == 1 and not folded[0].mark:  # a fold of one row would take as much room as the row
        kept, folded = [*kept, *folded], []
    return kept, shown, folded


def folds(ui: Ui, facts: Facts, folded: Sequence[Line]) -> list[tuple[str, str]]:
    """Mark and words for what isn't shown, with exact counts: what moved by how it moved, the rest by where it is."""
    groups: defaultdict[tuple[str, str], int] = defaultdict(int)
    for line in folded:
        groups[line.mark, _how(ui, facts, line)] += 1
    return [
        (mark, f"... {ui.say(f'{count} more', f'ほか {count}')}{ui.say(', ', '、')}{how}")
        for (mark, how), count in groups.items()
    ]


def _how(ui: Ui, facts: Facts, line: Line) -> str:
    if line.mark == MARKS["changed"] and line.before:
        return _change(line.before, line.inside or line.host)
    if line.mark:
        return ui.say("new", "新しい") if line.mark == MARKS["came"] else ui.say("gone", "消えた")
    if not facts.own:
        return ui.say("unchanged", "変化なし")
    if line.inside is None:
        return ui.say("on the host only", "ホストだけ")
    if line.host is None:
        return ui.say("in here only", "ここだけ")
    return (
        ui.say("different in here", "ここでは違う")
        if line.differs
        else ui.say("the same on both sides", "両側とも同じ")
    )


def _change(was: Mount, now: Mount | None) -> str:
    """`shared -> private`; or what else moved, such as `rw -> ro`."""
    if now is None or brief(was) != brief(now):
        return f"{brief(was)} -> {brief(now)}"
    if was.propagation != now.propagation:
        return f"{', '.join(was.propagation)} -> {', '.join(now.propagation)}"
    old, new = was.options.split(","), now.options.split(",")
    lost, got = [word for word in old if word not in new], [word for word in new if word not in old]
    if lost or got:
        return f"{','.join(lost) or '-'} -> {','.join(got) or '-'}"
    return f"{was.fstype} {was.source} -> {now.fstype} {now.source}"


# ---- the picture


@dataclass(frozen=True)
class _Row:
    mark: str
    target: str
    fstype: str
    before: str
    host: str
    arrow: str
    inside: str
    style: str = ""
    note: str = ""


def _drawn(ui: Ui, facts: Facts, moments: bool) -> Screen:
    kept, news, folded = choose(ui, facts)
    rows = [_row(ui, facts, line) for line in (*kept, *news)]
    head, moments = _headings(ui, facts, moments), moments and not (ui.narrow and facts.own)
    screen = _narrow(ui, head, rows, facts.own) if ui.narrow else _wide(ui, head, rows, facts.own, moments)
    for mark, words in folds(ui, facts, folded):
        screen += Text.assemble(" ", text(mark or " ", "inside"), "   ", text(words))
    screen += _legend(ui, {row.arrow for row in rows}) if facts.own else []
    return screen


def _headings(ui: Ui, facts: Facts, moments: bool) -> _Row:
    was_host, host, was_inside, inside = facts.counts
    before = ui.say(f"{was_inside} before", f"前 {was_inside}")
    if not facts.own:
        now = ui.say(f"{host} after", f"後 {host}") if moments else ui.say(f"{host} seen", f"{host} 個")
        return _Row("", ui.say("mounts", "マウント"), "", before, now, "", "")
    there = f"{was_host} -> {host}" if was_host != host else f"{host}"
    return _Row(
        "",
        ui.say("mounts", "マウント"),
        "",
        before,
        ui.say(f"{there} on the host", f"ホストに {there}"),
        "",
        ui.say(f"{inside} in here", f"ここに {inside}"),
    )


def _row(ui: Ui, facts: Facts, line: Line) -> _Row:
    note = ""
    if (
        line.mark == MARKS["changed"]
        and line.before
        and brief(line.before) == brief(line.inside or line.host)
    ):
        note = _change(line.before, line.inside or line.host)
    return _Row(
        line.mark,
        line.key[0],
        line.mount.fstype,
        brief(line.before),
        kind(ui, line.host),
        way(line.host, line.inside),
        kind(ui, line.inside),
        "inside" if line.mark and facts.own else "head" if line.mark else "",
        note,
    )


def _wide(ui: Ui, head: _Row, rows: Sequence[_Row], own: bool, moments: bool) -> Screen:
    everything = [head, *rows]
    fstype = max((width(row.fstype) for row in rows), default=0)
    before = max(width(row.before) for row in everything) + 2 if moments else 0
    host = max(width(row.host) for row in everything)
    inside = max(width(row.inside) for row in everything) if own else 0
    room = ui.cols - SUB - min(fstype, 8) - 2 - before - host - (inside + 9 if own else 0)
    longest = max((width(row.target) for row in rows), default=0)
    target = max(10, min(TARGET, room, max(longest, 16)))

    def line(row: _Row, label: Text) -> Text:
        cells = [
            fit(row.fstype, min(fstype, 8) + 2),
            fit(row.before, before),
            fit(row.host, host if own else 0 or width(row.host)),
        ]
        if own:
            cells += [fit(f"  {row.arrow}", 9), text(row.inside, row.style)]
        return Text.assemble(" ", text(row.mark or " ", row.style), label, *cells)

    screen = Screen([line(head, Text.assemble(" ", fit(Text(head.target, "head"), target + 4)))])
    for row in rows:
        screen += line(row, Text.assemble("   ", fit(text(row.target, row.style), target, "tail"), "  "))
        if row.note:
            screen += Text.assemble(" " * (SUB + 2), text(row.note))
    return screen


def _narrow(ui: Ui, head: _Row, rows: Sequence[_Row], own: bool) -> Screen:
    """A mount point a line, below it the moments of this side, then the host."""
    counts = [head.before, head.host, *([head.inside] if own else [])]
    screen = Screen([Text.assemble("   ", (head.target, "head"), "  ", ui.listed(counts))])
    for row in rows:
        target = fit(text(row.target, row.style), min(width(row.target), ui.cols - SUB), "tail")
        screen += Text.assemble(" ", text(row.mark or " ", row.style), "   ", target)
        now = row.inside if own else row.host
        words = f"{row.before} -> {now}" if row.mark else now
        screen += " " * (SUB + 2) + f"{row.fstype}  {row.note or words}"
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
        NONE: ui.say("nothing crosses", "どちらへも伝わらない"),
    }
    return [f"{' ' * SUB}{arrow} {words}" for arrow, words in meanings.items() if arrow in arrows]


def _told(ui: Ui, facts: Facts) -> Screen:
    kept, news, folded = choose(ui, facts)
    was_host, host, was_inside, inside = facts.counts
    words = [ui.say(f"Mounts: {inside}, before: {was_inside}.", f"マウントは {inside}、前は {was_inside}。")]
    if facts.own:
        words = [
            ui.say(
                f"Mounts in here: {inside}, before: {was_inside}.",
                f"ここのマウントは {inside}、前は {was_inside}。",
            ),
            ui.say(
                f"Mounts on the host: {host}, before: {was_host}.",
                f"ホストのマウントは {host}、前は {was_host}。",
            ),
        ]
    words += [_sentence(ui, facts, line) for line in (*kept, *news)]
    words += [f"{how.removeprefix('... ')}." for _, how in folds(ui, facts, folded)]
    return sentences(words)


def _sentence(ui: Ui, facts: Facts, line: Line) -> str:
    state = {
        "": "",
        MARKS["came"]: ui.say("new, ", "新しい、"),
        MARKS["went"]: ui.say("gone, ", "消えた、"),
        MARKS["changed"]: ui.say(
            f"it was {kind(ui, line.before)}, now ", f"前は {kind(ui, line.before)}、いまは "
        ),
    }[line.mark]
    if not facts.own:
        return f"{line.key[0]}: {state}{line.mount.fstype}, {kind(ui, line.host)}."
    return ui.say(
        f"{line.key[0]}: {state}{line.mount.fstype}, {kind(ui, line.inside)} in here, {kind(ui, line.host)} on the host.",
        f"{line.key[0]}: {state}{line.mount.fstype}、ここでは {kind(ui, line.inside)}、ホストでは {kind(ui, line.host)}。",
    )
