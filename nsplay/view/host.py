"""What the host did meanwhile, in one line. Nothing is claimed that wasn't looked at."""

from dataclasses import dataclass, field

from rich.text import Text

from nsplay.snapshot import Side, Snapshot
from nsplay.view.base import yours
from nsplay.view.mounts import differences
from nsplay.view.ui import Ui, prose_row


@dataclass
class Felt:
    """What was looked at twice: sentences on what moved, and what is the same. Neither: nothing was looked at."""

    moved: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)


def felt(ui: Ui, before: Snapshot, after: Snapshot) -> Felt:
    """Names, mounts and processes of the host's side, as far as both snapshots have them."""
    found = Felt()
    _names(ui, before.host, after.host, found)
    _mounts(ui, before, after, before.host, after.host, found)
    if before.processes and after.processes:
        _processes(ui, before, after, found)
    return found


def machine_felt(ui: Ui, before: Snapshot, after: Snapshot) -> Felt:
    """The same of the machine itself, where the stage's names and mounts are fenced off from it."""
    found = Felt()
    for kind, look in (("uts", _names), ("mnt", None)):
        if after.machine.ns.get(kind) == after.host.ns.get(kind):
            continue
        if look:
            look(ui, before.machine, after.machine, found)
        else:
            _mounts(ui, before, after, before.machine, after.machine, found)
    return found


def host_lines(ui: Ui, before: Snapshot, after: Snapshot) -> list[Text]:
    """The host's row; below it the machine's, if that moved behind the fence."""
    found, machine = felt(ui, before, after), machine_felt(ui, before, after)
    label = Text(ui.say("host", "ホスト"), "head")
    mark = Text("~", "bad") if found.moved else Text("=" if found.same else "?")
    lines = prose_row(ui, label, _words(ui, found), mark)
    if machine.moved:
        words = f"{ui.listed(machine.moved)}: {ui.say('not by you', 'あなたではない')}"
        lines += prose_row(ui, Text(ui.say("machine", "マシン"), "head"), words, Text("~", "warn"))
    return lines


def host_told(ui: Ui, before: Snapshot, after: Snapshot) -> str:
    """The same as a sentence."""
    return ui.say(
        f"Host: {_words(ui, felt(ui, before, after))}.", f"ホスト: {_words(ui, felt(ui, before, after))}。"
    )


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
    name = ui.say("name", "名前")
    if was.hostname != now.hostname:
        found.moved.append(f"{name} {was.hostname} -> {now.hostname}")
    else:
        found.same.append(f"{name} {now.hostname}")
    if was.domainname != now.domainname:
        domain = ui.say("domain name", "ドメイン名")
        found.moved.append(f"{domain} {was.domainname} -> {now.domainname}")


def _mounts(ui: Ui, before: Snapshot, after: Snapshot, old: Side, new: Side, found: Felt) -> None:
    if "mounts" not in before.parts & after.parts or old.lacks("mounts") or new.lacks("mounts"):
        return
    was, now, moved = len(old.mounts), len(new.mounts), differences(old.mounts, new.mounts)
    if not moved:
        found.same.append(ui.say(f"{now} mounts", f"マウント {now}"))
    elif was != now:
        found.moved.append(ui.say(f"{now} mounts (was {was})", f"マウント {now} (前は {was})"))
    else:
        found.moved.append(ui.say(f"{now} mounts ({moved} changed)", f"マウント {now} ({moved} が変化)"))


def _processes(ui: Ui, before: Snapshot, after: Snapshot, found: Felt) -> None:
    """Others come and go by themselves on a busy machine: that is told, and isn't the host feeling anything."""
    was, mine = len(before.processes) - len(yours(before)), len(yours(after))
    now = len(after.processes) - mine
    words = ui.say(f"{now} processes", f"プロセス {now}")
    if was != now:
        words = ui.say(f"{words} (was {was}, not by you)", f"{words} (前は {was}、あなたではない)")
    if mine:
        words = ui.say(f"{words} and your {mine}", f"{words} とあなたの {mine}")
    found.same.append(words)
