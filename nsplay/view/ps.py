"""Processes. One process is one row, so that its two numbers stand beside each other. pid_namespaces(7)."""

from collections.abc import Collection

from rich.text import Text

from nsplay.kernel.processes import Process
from nsplay.snapshot import Side, Snapshot
from nsplay.view.base import MARKS, View, is_own, numbers, place
from nsplay.view.grid import marked, sentences
from nsplay.view.ledger import Columns, Entry, crowded, ledger
from nsplay.view.process_facts import Chosen, Facts, Key, choose, room
from nsplay.view.ui import Screen, Ui


class Ps(View):
    """Before | on the host | in here."""

    name = "ps"
    parts = frozenset({"processes"})

    def moved(self, before: Snapshot, after: Snapshot) -> bool:
        """Whether one of yours came, went or became a zombie, or the place is in another pid namespace."""
        facts = Facts.of(before, after)
        news = facts.came or facts.went or facts.turned
        return bool(news) or place(before).ns.get("pid") != place(after).ns.get("pid")

    def after(self, ui: Ui, before: Snapshot, after: Snapshot) -> Screen:
        """News in full, the rest folded to counts."""
        return _shown(ui, Facts.of(before, after), _lie(ui, after), moments=True)

    def sides(self, ui: Ui, now: Snapshot) -> Screen:
        """On the host | in here, with all of yours."""
        return _shown(ui, Facts.now(now), _lie(ui, now), moments=False)

    def alone(self, ui: Ui, side: Side) -> Screen:
        """The numbers as that side has them."""
        inner = numbers(side)
        everybody = [row for row in side.processes if row.pid in inner]
        cut = len(everybody) - room(ui) if len(everybody) > room(ui) + 1 else 0
        shown = everybody[: len(everybody) - cut]
        if ui.plain:
            words = [ui.say(f"Processes seen: {len(everybody)}.", f"見えるプロセスは {len(everybody)} 個。")]
            words += [f"{row.comm}: pid {inner[row.pid]}{ui.stop}" for row in shown]
            return sentences([*words, f"{_more(ui, cut)}{ui.stop}" if cut else ""])
        here = ui.say("you are here", "いまここ") if side.name == "inside" else ""
        rows = [
            Entry(row.comm, host=str(inner[row.pid]), note=here if row.pid == side.pid else "")
            for row in shown
        ]
        rows += [Entry("...", host=_more(ui, cut))] if cut else []
        seen = Entry("", host=ui.say(f"{len(everybody)} seen", f"{len(everybody)} 個"))
        return ledger(ui, ui.say("processes", "プロセス"), seen, rows, Columns(before=False, inside=False))


def _shown(ui: Ui, facts: Facts, lie: str, moments: bool) -> Screen:
    chosen = choose(ui, facts)
    if ui.plain:
        return _told(ui, facts, chosen, lie, moments)
    head = ui.say("processes", "プロセス")
    between = any(facts.between.get(key[0]) for key in chosen.shown)
    columns = Columns(before=moments, inside=facts.isolated, between=between)
    screen = ledger(
        ui,
        head,
        _headings(ui, facts, moments, crowded(ui, columns)),
        _rows(ui, facts, chosen, moments),
        columns,
    )
    if lie:
        screen += marked(ui, Text("!", "warn"), lie)
    return screen


def _headings(ui: Ui, facts: Facts, moments: bool, bare: bool) -> Entry:
    """What the columns are, each with its count: `76 before`, `80 on the host`, `2 in here`."""
    before, host, inside = len(facts.old), len(facts.new), len(facts.inner)
    grown = f"{facts.inner_before} -> {inside}" if facts.inner_before not in (None, inside) else f"{inside}"
    there = ui.say(f"{host} after", f"後 {host}") if moments else ui.say(f"{host} seen", f"{host} 個")
    if facts.isolated:
        there = ui.say(f"{host} host" if ui.narrow else f"{host} on the host", f"ホストに {host}")
    return Entry(
        "",
        before=str(before) if bare else ui.say(f"{before} before", f"前 {before}"),
        host=there,
        between=ui.say("between", "中間"),
        inside=ui.say(f"{grown} in here", f"ここに {grown}") if facts.isolated else "",
    )


def _more(ui: Ui, count: int) -> str:
    return ui.say(f"{count} more", f"ほか {count}") if count else ""


def _rows(ui: Ui, facts: Facts, chosen: Chosen, moments: bool) -> list[Entry]:
    """The first two, a fold, then all that matters; what of that doesn't fit is counted in a last row."""
    rows = [_entry(ui, facts, key, moments) for key in chosen.anchors]
    if chosen.folded:
        rows.append(_fold(ui, facts, chosen.folded))
    rows += [_entry(ui, facts, key, moments) for key in chosen.shown]
    if chosen.came:
        rows.append(_fold(ui, facts, chosen.came, MARKS["came"] if moments else ""))
    if chosen.went:
        rows.append(_fold(ui, facts, chosen.went, MARKS["went"]))
    return rows


def _fold(ui: Ui, facts: Facts, keys: Collection[Key], mark: str = "") -> Entry:
    before = sum(key in facts.old for key in keys)
    after = [key for key in keys if key in facts.new]
    inside = sum(key[0] in facts.inner for key in after)
    unseen = facts.isolated and after and not inside
    return Entry(
        "...",
        before=_more(ui, before),
        host=_more(ui, len(after)),
        inside=_more(ui, inside) if facts.isolated else "",
        note=ui.say("not visible in here", "ここからは見えない") if unseen else "",
        mark=mark,
    )


def _entry(ui: Ui, facts: Facts, key: Key, moments: bool) -> Entry:
    pid, here = key[0], key in facts.new
    row = facts.new[key] if here else facts.old[key]
    inner = facts.inner.get(pid) if here else None
    marks = {"came": facts.came if moments else (), "went": facts.went, "changed": facts.turned}
    mark = next((MARKS[what] for what, keys in marks.items() if key in keys), "")
    return Entry(
        row.comm,
        before=str(pid) if key in facts.old else "-",
        host=str(pid) if here else "-",
        between=" = ".join(map(str, facts.between.get(pid, ()) if here else ())),
        inside="" if inner is None else str(inner),
        note=_note(ui, facts, row, here),
        mark=mark,
        inner=inner is not None,
    )


def _note(ui: Ui, facts: Facts, row: Process, here: bool) -> str:
    if not here and row.state == "Z":
        return ui.say("zombie no more: somebody waited", "ゾンビが回収された")
    if not here:
        return ui.say("ended", "終わった")
    if row.state == "Z":
        return ui.say("zombie: nobody waits for it", "ゾンビ: 待つ者がいない")
    if row.pid == facts.you:
        return ui.say("you are here", "いまここ")
    if row.pid in facts.doors:
        return ui.say("its parent, outside", "親は外にいる")
    if further := facts.further.get(row.pid):
        numbers = " = ".join(map(str, further))
        return ui.say(f"= {numbers} further in", f"= {numbers} (さらに内側)")
    return ""


def _lie(ui: Ui, now: Snapshot) -> str:
    """What `ps` would tell in here, where its /proc belongs to another pid namespace."""
    here = place(now)
    if not is_own(now, "pid") or here.proc_own is not False or here.ps is None:
        return ""
    return ui.say(
        f"ps in here would list {here.ps}: its /proc belongs to another pid namespace",
        f"ここで ps は {here.ps} 個を出す: /proc が別の pid 名前空間のもの",
    )


# ---- for ears


def _told(ui: Ui, facts: Facts, chosen: Chosen, lie: str, moments: bool) -> Screen:
    before, host, inside = len(facts.old), len(facts.new), len(facts.inner)
    was = ui.say(f", before: {before}", f"、前は {before} 個") if moments else ""
    words = [ui.say(f"Processes on the host: {host}{was}.", f"プロセスはホストに {host} 個{was}。")]
    if facts.isolated:
        hidden = host - inside
        words += [
            ui.say(
                f"Seen in here: {inside}. Not visible in here: {hidden}.",
                f"ここから見えるのは {inside} 個。見えないのは {hidden} 個。",
            )
        ]
    words += [_sentence(ui, facts, key) for key in chosen.shown if key in facts.told]
    if cut := len(chosen.came):
        words.append(
            ui.say(f"{cut} more, new.", f"ほかに {cut} 個が新しい。")
            if moments
            else f"{_more(ui, cut)}{ui.stop}"
        )
    if cut := len(chosen.went):
        words.append(ui.say(f"{cut} more ended.", f"ほかに {cut} 個が終わりました。"))
    return sentences([*words, f"{lie}{ui.stop}" if lie else ""])


def _sentence(ui: Ui, facts: Facts, key: Key) -> str:
    if key in facts.went:
        comm = facts.old[key].comm
        return ui.say(
            f"{comm}: ended, it was pid {key[0]}.", f"{comm} は終わりました。pid は {key[0]} でした。"
        )
    pid, comm = key[0], facts.new[key].comm
    inner = facts.inner.get(pid)
    places = {
        ui.say("in here", "ここでは"): () if inner is None else (inner,),
        ui.say("in between", "中間では"): facts.between.get(pid, ()),
        ui.say("further in", "さらに内側では"): facts.further.get(pid, ()),
    }
    told = [
        ui.say(f"pid {n} {where}", f"{where} pid {n}") for where, numbers in places.items() for n in numbers
    ]
    told.append(ui.say(f"pid {pid} on the host", f"ホストで{'は' * bool(told)} pid {pid}"))
    you = ui.say(" You are here.", "いまここです。") if pid == facts.you else ""
    dead = facts.new[key].state == "Z"
    zombie = ui.say(" A zombie: nobody waits for it.", "ゾンビです。待つ者がいません。") if dead else ""
    return ui.say(f"{comm}: {', '.join(told)}.{you}{zombie}", f"{comm} は{'、'.join(told)}。{you}{zombie}")
