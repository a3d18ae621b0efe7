"""The eight namespaces: the strip that every screen has, and a longer look with numbers and owners. namespaces(7)."""

from collections.abc import Collection, Mapping

from rich.text import Text

from nsplay.kernel.namespaces import KINDS
from nsplay.snapshot import Side, Snapshot, init_of_children
from nsplay.view import tables
from nsplay.view.base import View, own, own_of, place
from nsplay.view.grid import row, sentences
from nsplay.view.tables import UNKNOWN, Moments, Sides
from nsplay.view.text import join
from nsplay.view.ui import Screen, Ui


def strip(ui: Ui, kinds: Collection[str], label: str = "", mark: str = "") -> Text:
    """The eight kinds in one line: those of your own in brackets, the shared ones as plain as they are."""
    cells = (Text(f"[{kind}]", "inside") if kind in kinds else Text(f" {kind} ") for kind in KINDS)
    line = join(*cells, sep=" " if ui.width >= 100 else "")
    if kinds:
        legend = Text.assemble(("[ ] ", "inside"), ui.say("yours", "自分専用"))
    else:
        legend = Text(ui.say("none is yours", "どれも共有"))
    return row(Text(label or ui.say("namespaces", "名前空間"), "head"), line, legend, mark=mark)


def strips(ui: Ui, now: Snapshot, terminal: int = 1, label: str = "") -> list[Text]:
    """The strip; where there is a second terminal one for each, and `>` before the one that is shown."""
    if now.second is None:
        return [strip(ui, own(now), label)]
    lines = []
    for number, side in enumerate((place(now), now.second), 1):
        name = ui.say(f"terminal {number}", f"端末 {number}")
        lines.append(strip(ui, own_of(side, now.host), name, ">" if number == terminal else ""))
    return lines


def places_told(ui: Ui, now: Snapshot) -> list[str]:
    """The same as sentences."""
    if now.second is None:
        return [told(ui, own(now))]
    sides = enumerate((place(now), now.second), 1)
    return [
        f"{ui.say('Terminal', '端末')} {number}: {told(ui, own_of(side, now.host))}" for number, side in sides
    ]


def told(ui: Ui, kinds: Collection[str]) -> str:
    """The strip as a sentence."""
    shared = ui.listed(kind for kind in KINDS if kind not in kinds)
    mine = ui.listed(kind for kind in KINDS if kind in kinds)
    if not kinds:
        return ui.say(
            "All eight namespaces are shared with the host.", "八つの名前空間はどれもホストと共有です。"
        )
    if not shared:
        return ui.say("All eight namespaces are your own.", "八つの名前空間はどれも自分専用です。")
    return ui.say(
        f"Namespaces of your own: {mine}. Shared with the host: {shared}.",
        f"自分専用の名前空間: {mine}。ホストと共有: {shared}。",
    )


class Namespaces(View):
    """Numbers of the namespaces, and to which user namespace each belongs where that was asked."""

    name = "namespaces"
    parts = frozenset({"owners"})

    def moved(self, before: Snapshot, after: Snapshot) -> bool:
        """Whether the place is in another namespace of any kind, or the host is, or the place's children will be."""
        theirs = _for_children(before) != _for_children(after)
        moved = dict(place(before).ns) != dict(place(after).ns) or dict(before.host.ns) != dict(after.host.ns)
        return moved or theirs

    def after(self, ui: Ui, before: Snapshot, after: Snapshot) -> Screen:
        """The numbers that moved; which kinds didn't, the strip says."""
        old, new = place(before).ns, place(after).ns
        moved = [kind for kind in KINDS if old.get(kind) != new.get(kind)]
        children = _children(ui, after)
        theirs = children if _for_children(before) != _for_children(after) else None
        if not moved and not theirs:
            return Screen()
        mine = own(after)
        if ui.plain:
            told = [_moved(ui, kind, _inode(old, kind), _inode(new, kind), kind in mine) for kind in moved]
            return sentences([*told, _told_children(ui, theirs)])
        back = ui.say("the host's", "ホストのもの")
        rows = [
            Moments(kind, _inode(old, kind), _inode(new, kind), True, "" if kind in mine else back)
            for kind in moved
        ]
        if theirs:
            label = ui.say("next child", "次の子")
            rows.append(Moments(label, _inode(old, "pid"), theirs[0], True, theirs[1]))
        return Screen(tables.moments(ui, ui.say("numbers", "番号"), rows))

    def sides(self, ui: Ui, now: Snapshot) -> Screen:
        """All eight, with owners."""
        here, mine, children = place(now), own(now), _children(ui, now)
        if ui.plain:
            return sentences(
                [
                    told(ui, mine),
                    *(
                        f"{kind}: {_inode(here.ns, kind)}{_comma(ui, _owner(ui, now, kind))}{ui.stop}"
                        for kind in mine
                    ),
                    _told_children(ui, children),
                ]
            )
        rows = [
            Sides(
                kind,
                _inode(now.host.ns, kind),
                _inode(here.ns, kind),
                kind in mine,
                _owner(ui, now, kind) if kind in mine else "",
            )
            for kind in KINDS
        ]
        if children:
            label = ui.say("next child", "次の子")
            rows.insert(KINDS.index("pid") + 1, Sides(label, "", children[0], True, children[1]))
        return Screen(tables.sides(ui, ui.say("namespaces", "名前空間"), rows))

    def alone(self, ui: Ui, side: Side) -> Screen:
        """All eight of one side."""
        if ui.plain:
            return sentences(f"{kind}: {_inode(side.ns, kind)}{ui.stop}" for kind in KINDS)
        rows = [(kind, _inode(side.ns, kind)) for kind in KINDS]
        return Screen(tables.alone(ui.say("namespaces", "名前空間"), rows))


def _for_children(now: Snapshot) -> str | None:
    """What is said of the pid namespace of the place's next child; None where that is the place's own, or unknown."""
    here = place(now)
    init = init_of_children(now, here)
    return None if init is None or here.ns_for_children.get("pid") == here.ns.get("pid") else init


def _children(ui: Ui, now: Snapshot) -> tuple[str, str] | None:
    """Number and note of that namespace, where it isn't the place's own."""
    init = _for_children(now)
    if init is None:
        return None
    notes = {
        "none yet": ui.say("first child: pid 1", "最初の子が pid 1"),
        "alive": ui.say("not its own", "自分のいるものとは別"),
        "gone": ui.say("pid 1 gone: no fork", "pid 1 が終了、fork 不可"),
    }
    inode = place(now).ns_for_children.get("pid")
    return ui.say("no number yet", "番号はまだ") if inode is None else str(inode), notes[init]


def _told_children(ui: Ui, children: tuple[str, str] | None) -> str:
    if not children:
        return ""
    number, note = children
    return ui.say(
        f"pid namespace for children: {number}, {note}.", f"子の pid 名前空間は {number}。{note}です。"
    )


def _inode(ns: Mapping[str, int], kind: str) -> str:
    found = ns.get(kind)
    return UNKNOWN if found is None else str(found)


def _comma(ui: Ui, words: str) -> str:
    return f"{ui.say(', ', '、')}{words}" if words else ""


def _owner(ui: Ui, now: Snapshot, kind: str) -> str:
    """Whose capabilities count in it; nothing where nobody asked."""
    owners = place(now).owners
    if kind not in owners:
        return ""
    user = owners[kind]
    if user is None:
        return ui.say("owner out of sight", "持ち主は見えない")
    if user == now.host.ns.get("user"):
        return ui.say("owned by the host's user", "持ち主はホストの user")
    return ui.say(f"owned by user {user}", f"持ち主は user {user}")


def _moved(ui: Ui, kind: str, old: str, new: str, mine: bool) -> str:
    if mine:
        return ui.say(
            f"{kind} namespace: {new}, your own; it was {old}.",
            f"{kind} 名前空間は {new}、自分専用です。前は {old} でした。",
        )
    return ui.say(
        f"{kind} namespace: {new}, the host's; it was {old}.",
        f"{kind} 名前空間は {new}、ホストのものです。前は {old} でした。",
    )
