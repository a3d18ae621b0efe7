"""Who one is on both sides of a user namespace. user_namespaces(7)."""

from collections.abc import Sequence

from nsplay.kernel.identity import AS_THEY_ARE, OVERFLOW, MapRow, as_in
from nsplay.snapshot import Side, Snapshot
from nsplay.view.listed import Listed
from nsplay.view.listed_rows import Item, Items
from nsplay.view.ui import Ui


class Ids(Listed):
    """User and group in there and outside, and the two maps."""

    name = "ids"
    parts = frozenset({"identity", "owners"})
    kind = ""

    def head(self, ui: Ui) -> str:
        """What the list is of."""
        return ui.say("ids", "ID")

    def items(self, ui: Ui, now: Snapshot, side: Side) -> Items:
        """What an id is outside is said in words: `=` between columns ties the two sides."""
        it = side.identity
        if it is None:
            return {}
        (uid, uid_map), (gid, gid_map) = outside(now, side)
        ours = side.ns.get("user") == now.host.ns.get("user")
        around = ui.say("outside of the stage", "ステージの外では") if ours else ui.say("outside", "外では")
        # cat(1) in there shows the ids of the level around it, which may be another one than the host's side
        deep = not ours and side.parents.get("user") not in (None, now.host.ns.get("user"))
        level = ui.say("as the host's side has it", "右はホスト側の番号") if deep else ""
        return {
            "user": _who(ui, ui.say("user", "ユーザー"), it.uid, uid, around),
            "group": _who(ui, ui.say("group", "グループ"), it.gid, gid, around),
            "uid_map": Item("uid_map", mapped(ui, uid_map), level if uid_map else ""),
            "gid_map": Item("gid_map", mapped(ui, gid_map), level if gid_map else ""),
            "setgroups": Item("setgroups", it.setgroups or "-"),
        }


def outside(
    now: Snapshot, side: Side
) -> tuple[tuple[int, tuple[MapRow, ...]], tuple[int, tuple[MapRow, ...]]]:
    """User and uid_map, group and gid_map of a side, as the host's side has them: `id` there says the same. The host's
    own are the machine's: on an ordinary user's stage these are others.
    """
    it = side.identity
    assert it
    if side.ns.get("user") == now.host.ns.get("user"):
        return (it.uids.effective, it.uid_map), (it.gids.effective, it.gid_map)
    uids, gids = now.host_maps
    return as_in(it.uids.effective, it.uid_map, uids), as_in(it.gids.effective, it.gid_map, gids)


def _who(ui: Ui, label: str, inner: int, outer: int, around: str) -> Item:
    """around: the words for where it is the outer one."""
    notes = ["nobody"] * (inner == OVERFLOW != outer)
    notes += [ui.say(f"{outer} {around}", f"{around} {outer}")] * (inner != outer)
    return Item(label, str(inner), ui.say("; ", "。").join(notes), compared=f"{inner} {outer}")


def said(ui: Ui, rows: Sequence[MapRow]) -> str:
    """A map of somebody beside the host's side, as words where it is short."""
    if len(rows) != 1 or rows[0].size != 1:
        return mapped(ui, rows)
    inside, outside, _ = rows[0]
    return ui.say(f"{inside} in here is {outside} on the host", f"ここの {inside} はホストの {outside}")


def mapped(ui: Ui, rows: Sequence[MapRow]) -> str:
    """`0 = 1000`, `1-65536 = 100000-165535`."""
    if not rows:
        return ui.say("empty", "空")
    if [*rows] == [AS_THEY_ARE]:
        return ui.say("everybody as they are", "全員そのまま")
    return ui.listed(f"{_ids(row.inside, row.size)} = {_ids(row.outside, row.size)}" for row in rows)


def _ids(first: int, size: int) -> str:
    return str(first) if size == 1 else f"{first}-{first + size - 1}"
