"""What the host did meanwhile, in one line. Nothing is claimed that wasn't looked at twice."""

from dataclasses import dataclass, field

from rich.text import Text

from nsplay.kernel.ipc import Ipc
from nsplay.snapshot import Side, Snapshot
from nsplay.view.base import yours
from nsplay.view.grid import prose_row
from nsplay.view.mount_facts import differences
from nsplay.view.ui import Ui


@dataclass
class Felt:
    """What moved and what is the same, in words. Neither: nothing was looked at."""

    moved: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)


def fenced(now: Snapshot, kind: str) -> bool:
    """Whether the stage has a namespace of this kind that isn't the machine's."""
    stage, machine = now.host.ns.get(kind), now.machine.ns.get(kind)
    return None not in (stage, machine) and stage != machine


def felt(ui: Ui, before: Snapshot, after: Snapshot) -> Felt:
    """Names, mounts and processes of the host's side, as far as both snapshots have them."""
    found = Felt()
    _names(ui, before.host, after.host, found)
    if "mounts" in before.parts & after.parts:
        _mounts(ui, before.host, after.host, found)
    if "network" in before.parts & after.parts:
        _links(ui, before.host, after.host, found)
    _files(ui, before.host, after.host, found)
    if before.host.ipc and after.host.ipc:
        _ipc(ui, before.host.ipc, after.host.ipc, found)
    if "processes" in before.parts & after.parts:
        _processes(ui, before, after, found)
    return found


def machine_moved(ui: Ui, before: Snapshot, after: Snapshot) -> list[str]:
    """What moved on the machine itself, behind the fence: nobody on the stage can have done it."""
    found = Felt()
    if fenced(after, "uts"):
        _names(ui, before.machine, after.machine, found)
    if fenced(after, "mnt") and "mounts" in before.parts & after.parts:
        _mounts(ui, before.machine, after.machine, found)
    return found.moved


def host(ui: Ui, before: Snapshot, after: Snapshot) -> list[Text]:
    """The host's row; below it the machine's, if that moved."""
    found = felt(ui, before, after)
    mark = Text("~", "bad") if found.moved else Text("=" if found.same else "?")
    lines = prose_row(ui, Text(ui.say("host", "ホスト"), "head"), _words(ui, found), mark)
    if moved := machine_moved(ui, before, after):
        words = f"{ui.listed(moved)}: {ui.say('not by you', '自分以外による')}"
        lines += prose_row(ui, Text(ui.say("machine", "マシン"), "head"), words, Text("~", "warn"))
    return lines


def host_told(ui: Ui, before: Snapshot, after: Snapshot) -> str:
    """The host's row as a sentence or two."""
    found = felt(ui, before, after)
    if not found.moved and not found.same:
        return ui.say("Host: not looked at.", "ホスト: 見ていません。")
    moved, same = ui.listed(found.moved), ui.listed(found.same)
    if not moved:
        return ui.say(f"Host unchanged: {same}.", f"ホストは変化なし: {same}。")
    rest = ui.say(f" Unchanged: {same}.", f"変化なし: {same}。") if same else ""
    return ui.say(f"Host changed: {moved}.", f"ホストの変化: {moved}。") + rest


def _words(ui: Ui, found: Felt) -> Text:
    same = ui.listed(found.same)
    if found.moved:
        rest = ui.say(f"; unchanged: {same}", f"。変化なし: {same}") if same else ""
        return Text.assemble((ui.listed(found.moved), "head"), rest)
    if not found.same:
        return Text(ui.say("not looked at", "見ていない"))
    return Text.assemble((ui.say("unchanged", "変化なし"), "head"), ": ", same)


def _names(ui: Ui, before: Side, after: Side, found: Felt) -> None:
    was, now = before.names, after.names
    if not was or not now:
        return
    name, domain = ui.say("name", "名前"), ui.say("domain name", "ドメイン名")
    if was.hostname != now.hostname:
        found.moved.append(f"{name} {was.hostname} -> {now.hostname}")
    else:
        found.same.append(f"{name} {now.hostname}")
    if was.domainname != now.domainname:
        found.moved.append(f"{domain} {was.domainname} -> {now.domainname}")


def _mounts(ui: Ui, before: Side, after: Side, found: Felt) -> None:
    if before.lacks("mounts") or after.lacks("mounts"):
        return
    was, now, moved = len(before.mounts), len(after.mounts), differences(before.mounts, after.mounts)
    words = ui.say(f"{now} mounts", f"マウント {now}")
    if not moved:
        found.same.append(words)
    elif was != now:
        found.moved.append(ui.say(f"{words} (was {was})", f"{words} (前は {was})"))
    else:
        found.moved.append(ui.say(f"{words} ({moved} changed)", f"{words} ({moved} が変化)"))


def _links(ui: Ui, before: Side, after: Side, found: Felt) -> None:
    if not before.network or not after.network:
        return
    was, now = (
        [(link.name, link.up, link.master) for link in one.links] for one in (before.network, after.network)
    )
    words = ui.say(f"{len(now)} links", f"リンク {len(now)}")
    if was == now:
        found.same.append(words)
    elif len(was) != len(now):
        found.moved.append(ui.say(f"{words} (was {len(was)})", f"{words} (前は {len(was)})"))
    else:
        found.moved.append(ui.say(f"{words}, not the same", f"{words} に変化"))


def _files(ui: Ui, before: Side, after: Side, found: Felt) -> None:
    """Those that both looks asked for, by what they are and say."""
    was, now = (
        {path: file and (file.kind, file.text, file.capabilities) for path, file in side.files.items()}
        for side in (before, after)
    )
    changed = [path for path in now if path in was and was[path] != now[path]]
    if changed:
        found.moved.append(ui.listed(changed))


def _ipc(ui: Ui, before: Ipc, after: Ipc, found: Felt) -> None:
    was, now = (
        [*(sorted((row.key, row.id) for row in rows) for rows in (one.shm, one.sem, one.msg)), one.queues]
        for one in (before, after)
    )
    old, new = (sum(len(rows or ()) for rows in one) for one in (was, now))
    words = ui.say(f"{new} IPC object{'s' * (new != 1)}", f"IPC オブジェクト {new}")
    if was == now:
        found.same.append(words)
    elif old != new:
        found.moved.append(ui.say(f"{words} (was {old})", f"{words} (前は {old})"))
    else:
        found.moved.append(ui.say(f"{words}, not the same", f"{words} に変化"))


def _processes(ui: Ui, before: Snapshot, after: Snapshot, found: Felt) -> None:
    """Others come and go by themselves on a busy machine: that is told, but the host felt nothing of yours by it."""
    mine = len(yours(after))
    was, now = len(before.processes) - len(yours(before)), len(after.processes) - mine
    words = ui.say(f"{now} processes", f"プロセス {now}")
    if was != now:
        words = ui.say(f"{words} (was {was}, not by you)", f"{words} (前は {was}、自分以外の増減)")
    if mine:
        words = ui.say(f"{words} and your {mine}", f"{words} と自分の {mine}")
    found.same.append(words)
