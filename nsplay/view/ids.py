"""Who one is on both sides of a user namespace. user_namespaces(7)."""

from collections.abc import Sequence

from nsplay.kernel.identity import OVERFLOW, MapRow, as_in
from nsplay.snapshot import Side, Snapshot
from nsplay.view.listed import Item, Items, Listed
from nsplay.view.ui import Ui

EVERYBODY = 0xFFFFFFFF


class Ids(Listed):
    """User and group in there and outside, and the two maps."""

    name = "ids"
    parts = frozenset({"identity"})
    kind = ""

    def head(self, ui: Ui) -> str:
        """What the list is of."""
        return ui.say("ids", "ID")

    def items(self, ui: Ui, now: Snapshot, side: Side) -> Items:
        """Two ids that are one are tied by `=`: inside = outside."""
        it = side.identity
        if it is None:
            return {}
        (uid, uid_map), (gid, gid_map) = outside(now, side)
        return {
            "user": Item(ui.say("user", "ユーザー"), *_who(ui, it.uid, uid)),
            "group": Item(ui.say("group", "グループ"), *_who(ui, it.gid, gid)),
            "uid_map": Item("uid_map", mapped(ui, uid_map)),
            "gid_map": Item("gid_map", mapped(ui, gid_map)),
            "setgroups": Item("setgroups", it.setgroups or "-"),
        }


def outside(
    now: Snapshot, side: Side
) -> tuple[tuple[int, tuple[MapRow, ...]], tuple[int, tuple[MapRow, ...]]]:
    """User and uid_map, group and gid_map of a side, as the host's side has them: `id` there says the same. The host's
    own are the machine's: on an ordinary user's stage these are others.
    """
    it, host = side.identity, now.host.identity
    assert it
    if host is None or side.ns.get("user") == now.host.ns.get("user"):
        return (it.uids.effective, it.uid_map), (it.gids.effective, it.gid_map)
    return (
        as_in(it.uids.effective, it.uid_map, host.uid_map),
        as_in(it.gids.effective, it.gid_map, host.gid_map),
    )


def _who(ui: Ui, inner: int, outer: int) -> tuple[str, str]:
    if inner == OVERFLOW != outer:
        return f"{inner} = {outer}", ui.say("nobody: not in the map", "nobody: 対応表にない")
    return (str(inner), "") if inner == outer else (f"{inner} = {outer}", "")


def mapped(ui: Ui, rows: Sequence[MapRow]) -> str:
    """`0 = 1000`, `1-65536 = 100000-165535`."""
    if not rows:
        return ui.say("empty", "空")
    if [*rows] == [MapRow(0, 0, EVERYBODY)]:
        return ui.say("everybody as they are", "全員そのまま")
    return ui.listed(f"{_ids(row.inside, row.size)} = {_ids(row.outside, row.size)}" for row in rows)


def _ids(first: int, size: int) -> str:
    return str(first) if size == 1 else f"{first}-{first + size - 1}"
