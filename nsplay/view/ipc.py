"""Shared memory, semaphores and queues on both sides, and the two folders that are no part of the namespace.

ipc_namespaces(7), mq_overview(7).
"""

from collections.abc import Sequence

from nsplay.fact.ipc import MQUEUE, SHM
from nsplay.kernel.ipc import Entry
from nsplay.snapshot import Side, Snapshot
from nsplay.view.listed import Listed
from nsplay.view.listed_rows import Item, Items
from nsplay.view.ui import Ui

FEW = 2  # so many of a kind are named


class Ipc(Listed):
    """`ipcs`, the POSIX queues, and whose /dev/shm and /dev/mqueue are."""

    name = "ipc"
    parts = frozenset({"ipc"})
    kind = ""

    def head(self, ui: Ui) -> str:
        """What the list is of."""
        return "IPC"

    def items(self, ui: Ui, now: Snapshot, side: Side) -> Items:
        """A row a kind of object."""
        it = side.ipc
        if it is None:
            return {}
        rows = {
            "shm": Item(ui.say("shared memory", "共有メモリ"), _entries(ui, it.shm, "B")),
            "sem": Item(ui.say("semaphores", "セマフォ"), _entries(ui, it.sem, "")),
            "msg": Item(ui.say("queues", "キュー"), _entries(ui, it.msg, "B")),
        }
        if it.queues is not None:
            rows["posix"] = Item(ui.say("POSIX queues", "POSIX キュー"), _names(ui, it.queues))
        if mqueue := side.folders.get(MQUEUE):
            own = it.device is None or mqueue.device == it.device
            note = "" if own else ui.say("another namespace's queues", "別の名前空間のキュー")
            rows[MQUEUE] = Item(MQUEUE, _names(ui, mqueue.names), note)
        if shm := side.folders.get(SHM):
            rows[SHM] = Item(SHM, _names(ui, shm.names), self._whose(ui, now, side))
        return rows

    def _whose(self, ui: Ui, now: Snapshot, side: Side) -> str:
        mine, host = side.folders[SHM], now.host.folders.get(SHM)
        if side is now.host or not host:
            return ""
        if mine.device != host.device:
            return ui.say("its own", "自分専用")
        shared = side.ns.get("ipc") != now.host.ns.get("ipc")
        return (
            ui.say("the host's: a file system, not IPC", "ホストのもの: IPC ではなくファイルシステム")
            if shared
            else ""
        )


def _entries(ui: Ui, rows: Sequence[Entry], unit: str) -> str:
    some = [f"{row.key} {row.size}{' ' if unit else ''}{unit}" if unit else row.key for row in rows[:FEW]]
    return _counted(ui, some, len(rows))


def _names(ui: Ui, names: Sequence[str]) -> str:
    return _counted(ui, list(names[:FEW]), len(names))


def _counted(ui: Ui, some: list[str], count: int) -> str:
    if not count:
        return ui.say("none", "なし")
    more = [ui.say(f"{count - len(some)} more", f"ほか {count - len(some)}")] if count > len(some) else []
    return ui.listed([*some, *more])
