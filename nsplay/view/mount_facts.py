"""What there is to say of two mount tables at two moments, before it is drawn: mounts, news, and what is folded."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nsplay.kernel.mounts import Mount
from nsplay.snapshot import Snapshot
from nsplay.view.base import MARKS, is_own, place
from nsplay.view.ui import Ui

FRAME: Final = 17  # rows of the terminal that are not for rows of mounts
FEWEST: Final = 3
SPARE: Final = 2  # so many that didn't move are shown besides `/`: those that differ or pass mounts on
BOTH, DOWN, UP, NONE = "<--->", "---->", "<----", "  |  "

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
    if outside.group and outside.group == inside.group:
        return BOTH
    if outside.group and outside.group == inside.master:
        return DOWN
    return UP if inside.group and inside.group == outside.master else NONE


@dataclass(frozen=True)
class Line:
    """A mount point, at two moments of the place's table and of the host's. mark: what became of it, "" for nothing."""

    key: Key
    before: Mount | None
    inside: Mount | None
    host_before: Mount | None
    host: Mount | None

    @property
    def told(self) -> tuple[Mount | None, Mount | None]:
        """The two moments that matter: the place's, or the host's where nothing moved here but there."""
        here, there = (self.before, self.inside), (self.host_before, self.host)
        if _moved(*here):
            return here
        return there if _moved(*there) or here == (None, None) else here

    @property
    def mark(self) -> str:
        """`+`, `-`, `~`, or "" for what stayed."""
        return _moved(*self.told)

    @property
    def fstype(self) -> str:
        """Of the mount that is told of."""
        was, now = self.told
        mount = now or was
        return mount.fstype if mount else ""

    @property
    def differs(self) -> bool:
        """Whether the two sides differ."""
        return traits(self.host) != traits(self.inside)

    @property
    def passes(self) -> bool:
        """Whether mounts travel to it or from it."""
        return any(mount and mount.propagation for mount in (self.inside, self.host))


def traits(mount: Mount | None) -> tuple[object, ...]:
    """What makes two mounts the same to a reader: not their ids, nor the options of the file system below."""
    return (mount.fstype, mount.source, mount.root, mount.propagation, mount.options) if mount else ()


@dataclass(frozen=True)
class Facts:
    """Two moments of the place's table and of the host's. own: the place has a mount namespace of its own. rooted: its
    root is another one now (chroot), from which another part of the same table is seen."""

    own: bool
    counts: tuple[int, int, int, int]  # host before, host, inside before, inside
    lines: tuple[Line, ...]
    rooted: bool = False

    @classmethod
    def of(cls, before: Snapshot, after: Snapshot) -> "Facts":
        """One pass over all tables."""
        old, new = table(place(before).mounts), table(place(after).mounts)
        host_old, host = table(before.host.mounts), table(after.host.mounts)
        lines = (
            Line(key, old.get(key), new.get(key), host_old.get(key), host.get(key))
            for key in {**host, **new, **old, **host_old}
        )
        was, now = place(before), place(after)
        rooted = was.root != now.root and was.ns.get("mnt") == now.ns.get("mnt")
        counts = len(host_old), len(host), len(old), len(new)
        return cls(is_own(after, "mnt"), counts, tuple(lines), rooted)


def _moved(was: Mount | None, now: Mount | None) -> str:
    if traits(was) == traits(now):
        return ""
    return MARKS["came"] if was is None else MARKS["went"] if now is None else MARKS["changed"]


def differences(old: Sequence[Mount], new: Sequence[Mount]) -> int:
    """How many mount points came, went or changed."""
    was, now = table(old), table(new)
    return sum(traits(was.get(key)) != traits(now.get(key)) for key in {**was, **now})


# ---- which rows


@dataclass(frozen=True)
class Chosen:
    """kept: of what didn't move. news: of what did. folds: mark and words for all others, counted."""

    kept: tuple[Line, ...]
    news: tuple[Line, ...]
    folds: tuple[tuple[str, str], ...]


def choose(ui: Ui, facts: Facts, moments: bool) -> Chosen:
    """What fits. moments: two moments are told of, so that "unchanged" means something."""
    room = max(FEWEST, ui.rows - FRAME)
    marked = [(line, line.mark) for line in facts.lines]
    moved = [line for line, mark in marked if mark]
    still = [line for line, mark in marked if not mark]
    news = moved if len(moved) <= room else moved[: room - 1]
    if moved or facts.own:
        anchors = [line for line in still if line.key == ("/", 0)]
        telling = [line for line in still if line.key != ("/", 0) and (line.differs or line.passes)]
        spare = max(0, min(SPARE, room - len(news) - len(anchors)))
    else:
        anchors, telling, spare = [], still, room
    kept = [*anchors, *telling[:spare]]
    chosen = {line.key for line in (*kept, *news)}
    groups: defaultdict[tuple[str, str], list[Line]] = defaultdict(list)
    for line, mark in marked:
        if line.key not in chosen:
            groups[mark, _how(ui, facts, line, moments)].append(line)
    for mark, how in [name for name, lines in groups.items() if len(lines) == 1]:
        (kept, news)[bool(mark)].extend(
            groups.pop((mark, how))
        )  # a fold of one would take as much room as the row
    return Chosen(
        tuple(kept), tuple(news), tuple(_fold(ui, *name, len(lines)) for name, lines in groups.items())
    )


def _fold(ui: Ui, mark: str, how: str, count: int) -> tuple[str, str]:
    more = ui.say(f"... {count} more", f"... ほか {count}")
    return mark, ui.listed([more, how]) if how else more


def _how(ui: Ui, facts: Facts, line: Line, moments: bool) -> str:
    """What the lines of a fold have in common."""
    was, now = line.told
    match line.mark:
        case "+":
            return ui.say("in sight now", "いま見える") if facts.rooted else ui.say("new", "新しい")
        case "-":
            return ui.say("out of sight", "見えなくなった") if facts.rooted else ui.say("gone", "消えた")
        case "~":
            return change(was, now)
    if not facts.own:
        return ui.say("unchanged", "変化なし") if moments else ""
    if not line.inside:
        return ui.say("on the host only", "ホストだけ")
    if not line.host:
        return ui.say("in here only", "ここだけ")
    if line.differs:
        return ui.say("different in here", "ここでは違う")
    return ui.say("the same on both sides", "両側とも同じ")


def change(was: Mount | None, now: Mount | None) -> str:
    """What differs between the two: `shared -> private`, or `rw -> ro`."""
    if not was or not now or brief(was) != brief(now):
        return f"{brief(was)} -> {brief(now)}"
    if was.propagation != now.propagation:
        return f"{', '.join(was.propagation)} -> {', '.join(now.propagation)}"
    old, new = was.options.split(","), now.options.split(",")
    lost, got = [word for word in old if word not in new], [word for word in new if word not in old]
    if lost or got:
        return f"{','.join(lost) or '-'} -> {','.join(got) or '-'}"
    return f"{was.fstype} {was.source} -> {now.fstype} {now.source}"
