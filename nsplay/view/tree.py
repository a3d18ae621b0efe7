"""Who owns whom: user namespaces as a tree, what each owns, and who is in it. Power ends at what your user namespace owns.

user_namespaces(7).
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from nsplay.kernel.namespaces import KINDS
from nsplay.kernel.ownership import Owned
from nsplay.snapshot import Side, Snapshot
from nsplay.view.base import MARKS, View, place, yours
from nsplay.view.grid import para, row, sentences
from nsplay.view.ids import outside, said
from nsplay.view.tables import UNKNOWN
from nsplay.view.text import fit, wrap
from nsplay.view.ui import MARGIN, Screen, Ui

PEOPLE: Final = 2  # so many members are named; more are counted


class Tree(View):
    """The namespaces of the learner's processes below their owners."""

    name = "tree"
    parts = frozenset({"tree", "processes", "identity"})

    def moved(self, before: Snapshot, after: Snapshot) -> bool:
        """Whether a namespace came or went, or got another owner."""
        return _shape(before) != _shape(after)

    def after(self, ui: Ui, before: Snapshot, after: Snapshot) -> Screen:
        """The tree as it is now; what came is marked, what went is told beneath."""
        return _drawn(ui, after, {(one.kind, one.inode) for one in before.tree}, _gone(before, after))

    def sides(self, ui: Ui, now: Snapshot) -> Screen:
        """The tree has both sides in it."""
        return _drawn(ui, now, set(_shape(now)), ())

    def alone(self, ui: Ui, side: Side) -> Screen:
        """What one side's own namespaces belong to; a side knows no others."""
        rows = [
            Owned(
                kind, inode, side.parents.get(kind) if kind == "user" else side.owners.get(kind), (side.pid,)
            )
            for kind, inode in side.ns.items()
        ]
        only = Snapshot(frozenset(), side, side, side, side.pid, (), {}, 0, side.pid, tree=tuple(rows))
        return self.sides(ui, only)


def _shape(now: Snapshot) -> Mapping[tuple[str, int], int | None]:
    return {(one.kind, one.inode): one.owner for one in now.tree}


def _gone(before: Snapshot, after: Snapshot) -> Sequence[Owned]:
    shape = _shape(after)
    return [one for one in before.tree if (one.kind, one.inode) not in shape]


@dataclass(frozen=True)
class _Forest:
    """The rows by their owner, and what has to be known of the processes in them."""

    ui: Ui
    now: Snapshot
    known: Set[tuple[str, int]]

    @property
    def users(self) -> dict[int, Owned]:
        return {one.inode: one for one in self.now.tree if one.kind == "user"}

    @property
    def roots(self) -> list[int]:
        """User namespaces whose parent is out of sight, and owners that nobody of these is in."""
        owners = {one.owner for one in self.now.tree if one.owner is not None and one.kind != "user"}
        return sorted(
            {*owners, *self.users} - {n for n, one in self.users.items() if one.owner in self.users}
        )

    def owned(self, user: int) -> list[Owned]:
        rows = [one for one in self.now.tree if one.kind != "user" and one.owner == user]
        return sorted(rows, key=lambda one: (KINDS.index(one.kind), one.inode))

    def is_hosts(self, one: Owned) -> bool:
        return self.now.host.ns.get(one.kind) == one.inode

    def people(self, pids: Sequence[int]) -> str:
        mine = yours(self.now)
        table = {process.pid: process for process in self.now.processes}
        names = []
        for pid in pids:
            if pid in mine and (process := table.get(pid)):
                inner = f" = {process.nspids[-1]}" if len(process.nspids) > 1 else ""
                names.append(f"{process.comm} {pid}{inner}")
        more = len(names) - PEOPLE
        if more == 1:
            return self.ui.listed(names)
        rest = self.ui.say(f" and {more} more", f" ほか {more}") if more > 0 else ""
        return self.ui.listed(names[:PEOPLE]) + rest

    def about(self, user: int) -> str:
        """What there is to say of a user namespace."""
        ui, host, here = self.ui, self.now.host, place(self.now)
        if user == host.ns.get("user"):
            return ui.say("the host's", "ホストのもの")
        if user == here.ns.get("user"):
            rows = outside(self.now, here)[0][1] if here.identity else None
            if rows is not None and not rows:
                return ui.say("yours; no map: everybody is nobody", "自分のもの。対応表なし: 全員が nobody")
            if not rows:
                return ui.say("yours", "自分のもの")
            ids = said(ui, rows)
            return ui.say(f"yours; {ids}", f"自分のもの。{ids}")
        found = self.users.get(user)
        people = self.people(found.pids) if found else ""
        return people or ui.say("around it, nobody of yours", "外側。自分のプロセスはいない")

    def power(self) -> str:
        """How far the capabilities of the place reach, in a user namespace of its own; else nothing."""
        ui, here = self.ui, place(self.now)
        user = here.ns.get("user")
        if user is None or user == self.now.host.ns.get("user"):
            return ""
        if here.identity and not here.identity.capabilities.effective:
            return ui.say(
                "You have no capability in here: your power reaches nothing.",
                "ここではケーパビリティがなく、権限はどこにも届かない。",
            )
        mine = {one.kind for one in self.now.tree if one.owner == user and here.ns.get(one.kind) == one.inode}
        others = [kind for kind in KINDS if kind in here.ns and kind != "user" and kind not in mine]
        theirs = ui.listed(others)
        if not mine:
            return ui.say(
                f"You are in nothing that your user namespace owns: your power doesn't reach {theirs}.",
                f"user 名前空間が持つものの中にいないので、権限は {theirs} に届かない。",
            )
        reached = ui.listed(kind for kind in KINDS if kind in mine)
        if not others:
            return ui.say(f"Your power reaches {reached}.", f"権限が届くのは {reached}。")
        return ui.say(
            f"Your power reaches {reached}. Not {theirs}: those aren't your user namespace's.",
            f"権限が届くのは {reached}。{theirs} は別の user 名前空間のもので、届かない。",
        )

    def mark(self, kind: str, inode: int) -> str:
        seen = kind != "user" or inode in self.users
        return MARKS["came"] if seen and (kind, inode) not in self.known else ""


def _drawn(ui: Ui, now: Snapshot, known: Set[tuple[str, int]], gone: Sequence[Owned]) -> Screen:
    head = Text(ui.say("who owns whom", "誰が何を持つか"), "head")
    if not now.tree:
        words = ui.say("not looked at", "見ていない")
        return (
            sentences([f"{head.plain}: {words}{ui.stop}"])
            if ui.plain
            else Screen([row(head, words, mark=UNKNOWN)])
        )
    forest = _Forest(ui, now, known)
    if ui.plain:
        return sentences(
            [
                *(line for root in forest.roots for line in _told(forest, root)),
                *_told_gone(ui, gone),
                forest.power(),
            ]
        )
    screen = Screen([Text.assemble("   ", head)])
    for root in forest.roots:
        screen += _branch(forest, root, "")
    if gone:
        names = ui.listed(f"{one.kind} {one.inode}" for one in gone)
        screen += Text.assemble(
            " ", (MARKS["went"], "inside"), " ", ui.say(f"gone: {names}", f"なくなった: {names}")
        )
    if power := forest.power():
        screen += para(ui, power, indent=MARGIN)
    return screen


def _branch(forest: _Forest, user: int, stem: str) -> Iterator[Text]:
    """One user namespace, what it owns, then its children. stem: what stands left of what it owns; `|` where others
    come below it.
    """
    ui = forest.ui
    host = user == forest.now.host.ns.get("user")
    children = sorted(n for n, one in forest.users.items() if one.owner == user)
    mark = forest.mark("user", user)
    lead = stem and f"{stem[:-3]}{'|' if '|' in stem[-3:] else '`'}- "
    below = stem + ("  |  " if children else "     ")
    yield from _line(
        ui, mark, lead, Text(f"user {user}", "head" if host else "inside"), f"  {forest.about(user)}", below
    )
    owned = forest.owned(user)
    common = [one for one in owned if forest.is_hosts(one)]
    if common:
        kinds = "  ".join(one.kind for one in common)
        yield from _line(
            ui,
            "",
            below,
            ui.say("owns ", "所有 "),
            kinds + ui.say("  (the host's)", "  (ホストのもの)"),
            below,
        )
    for one in owned:
        if one not in common:
            name = Text.assemble(ui.say("owns ", "所有 "), fit(Text(f"{one.kind} {one.inode}", "inside"), 17))
            yield from _line(
                ui, forest.mark(one.kind, one.inode), below, name, " " + forest.people(one.pids), below
            )
    if not owned:
        yield from _line(ui, "", below, ui.say("owns nothing", "所有なし"), "", below)
    for number, child in enumerate(children):
        yield Text.assemble("   ", (f"{stem}  |", "faint"))
        yield from _branch(forest, child, stem + ("  |  " if number + 1 < len(children) else "     "))


def _line(ui: Ui, mark: str, lead: str, name: Text | str, words: str, stem: str) -> list[Text]:
    """What doesn't fit goes on below, in its own branch."""
    start = Text.assemble(" ", (mark or " ", "inside"), " ", (lead, "faint"), name)
    whole = Text.assemble(start, words)
    whole.rstrip()
    if whole.cell_len <= ui.cols:
        return [whole]
    start.rstrip()
    left = Text.assemble("   ", (stem, "faint"), "  ")
    room = max(10, ui.cols - left.cell_len)
    return [start, *(Text.assemble(left, line) for line in wrap(words.strip(), room))]


def _told(forest: _Forest, user: int) -> Iterator[str]:
    ui = forest.ui
    owned = [f"{one.kind} {one.inode}" for one in forest.owned(user) if not forest.is_hosts(one)]
    hosts = [one.kind for one in forest.owned(user) if forest.is_hosts(one)]
    listed = ui.listed([*hosts, *owned]) or ui.say("nothing", "なし")
    parent = forest.users[user].owner if user in forest.users else None
    inside = ui.say(f", inside user {parent}", f"、user {parent} の中") if parent in forest.users else ""
    yield ui.say(
        f"user {user}{inside}: {forest.about(user)}. It owns: {listed}.",
        f"user {user}{inside}: {forest.about(user)}。所有: {listed}。",
    )
    for child in sorted(n for n, one in forest.users.items() if one.owner == user):
        yield from _told(forest, child)


def _told_gone(ui: Ui, gone: Sequence[Owned]) -> Iterator[str]:
    if gone:
        names = ui.listed(f"{one.kind} {one.inode}" for one in gone)
        yield ui.say(f"Gone: {names}.", f"なくなった: {names}。")
