"""Processes. One process is one row, so that its two numbers stand beside each other. pid_namespaces(7)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from nsplay.kernel.processes import Process
from nsplay.snapshot import Side, Snapshot
from nsplay.view.base import MARKS, View, is_own, numbers, place, yours
from nsplay.view.ledger import Columns, Entry, ledger
from nsplay.view.ui import Screen, Ui, marked, sentences

ANCHORS: Final = 2  # the first two of the host stay, so that one sees where one is
FRAME: Final = 17  # rows of the terminal that are not for rows of ours
FEWEST: Final = 3

Key = tuple[int, int]  # pid and start: a process for good


@dataclass(frozen=True)
class Facts:
    """Two moments of the process table. Others come and go on a busy machine by themselves: only yours are news."""

    old: Mapping[Key, Process]
    new: Mapping[Key, Process]
    inner: Mapping[int, int]  # pid on the host → in here; empty when the place has the host's pid namespace
    inner_before: int | None  # how many were seen in here before, when it was the same namespace
    you: int
    came: frozenset[Key]
    went: frozenset[Key]

    @classmethod
    def of(cls, before: Snapshot, after: Snapshot) -> "Facts":
        """What became of everybody between the two."""
        old, new = ({_key(row): row for row in one.processes} for one in (before, after))
        mine, was_mine = yours(after), yours(before)
        here = place(after)
        same = is_own(before, "pid") and place(before).ns.get("pid") == here.ns.get("pid")
        return cls(
            old,
            new,
            inner=numbers(here) if is_own(after, "pid") else {},
            inner_before=len(place(before).processes) if same else None,
            you=here.pid,
            came=frozenset(key for key, row in new.items() if key not in old and row.pid in mine),
            went=frozenset(key for key, row in old.items() if key not in new and row.pid in was_mine),
        )

    @property
    def isolated(self) -> bool:
        """Whether the place has a pid namespace of its own."""
        return bool(self.inner)

    def doors(self) -> set[int]:
        """Who made the namespace and stayed outside: the parents of those inside, if they aren't in there, too."""
        parents = {row.ppid for row in self.new.values() if row.pid in self.inner}
        return parents - set(self.inner)

    def everybody(self) -> dict[Key, Process]:
        """Of both moments, by pid."""
        return dict(sorted({**self.old, **self.new}.items()))

    def told(self) -> list[Key]:
        """Whom a picture must not leave out: news, who made it, you. Ordered by pid."""
        doors = self.doors() if self.isolated else set()
        return [
            key
            for key, row in self.everybody().items()
            if key in self.came or key in self.went or (key in self.new and row.pid in {self.you, *doors})
        ]


def _key(row: Process) -> Key:
    return row.pid, row.start


class Ps(View):
    """Before | on the host | in here."""

    name = "ps"
    parts = frozenset({"processes"})

    def moved(self, before: Snapshot, after: Snapshot) -> bool:
        """Whether one of yours came or went, or the place is in another pid namespace."""
        facts = Facts.of(before, after)
        return bool(facts.came or facts.went) or place(before).ns.get("pid") != place(after).ns.get("pid")

    def after(self, ui: Ui, before: Snapshot, after: Snapshot) -> Screen:
        """News in full, the rest folded to counts."""
        facts = Facts.of(before, after)
        lie = _lie(ui, after)
        if ui.plain:
            return _sentences(ui, facts, lie)
        screen = ledger(
            ui,
            ui.say("processes", "プロセス"),
            _headings(ui, facts),
            _rows(ui, facts),
            Columns(before=True, inside=facts.isolated),
        )
        if lie:
            screen += marked(ui, Text("!", "warn"), lie)
        return screen

    def sides(self, ui: Ui, now: Snapshot) -> Screen:
        """On the host | in here, with all of yours."""
        mine = yours(now)
        facts = Facts.of(now, now)
        news = frozenset(key for key, row in facts.new.items() if row.pid in mine)
        seen = Facts({}, facts.new, facts.inner, None, facts.you, news, frozenset())
        lie = _lie(ui, now)
        if ui.plain:
            return _sentences(ui, facts, lie)
        rows = [_unmarked(one) for one in _rows(ui, seen)]
        columns = Columns(before=False, inside=facts.isolated)
        screen = ledger(ui, ui.say("processes", "プロセス"), _headings(ui, facts), rows, columns)
        if lie:
            screen += marked(ui, Text("!", "warn"), lie)
        return screen

    def alone(self, ui: Ui, side: Side) -> Screen:
        """The numbers as that side has them."""
        inner = numbers(side)
        everybody = [row for row in side.processes if row.pid in inner]
        room = max(FEWEST, ui.rows - FRAME)
        cut = len(everybody) - room if len(everybody) > room + 1 else 0
        shown = everybody[: len(everybody) - cut]
        if ui.plain:
            more = ui.say(f"{cut} processes more.", f"ほか {cut} 個。") if cut else ""
            return sentences([*(f"{row.comm}: pid {inner[row.pid]}." for row in shown), more])
        here = ui.say("you are here", "いまここ") if side.name == "inside" else ""
        rows = [
            Entry(row.comm, host=str(inner[row.pid]), note=here if row.pid == side.pid else "")
            for row in shown
        ]
        rows += [Entry("...", host=_more(ui, cut))] if cut else []
        seen = Entry("", host=ui.say(f"{len(everybody)} seen", f"{len(everybody)} 個"))
        return ledger(ui, ui.say("processes", "プロセス"), seen, rows, Columns(before=False, inside=False))


def _unmarked(one: Entry) -> Entry:
    mark = "" if one.mark == MARKS["came"] else one.mark
    return Entry(one.name, one.before, one.host, one.inside, one.note, mark, one.inner)


def _headings(ui: Ui, facts: Facts) -> Entry:
    """What the columns are, each with its count: `76 before`, `80 on the host`, `2 in here`."""
    before, host, inside = len(facts.old), len(facts.new), len(facts.inner)
    grown = f"{facts.inner_before} -> {inside}" if facts.inner_before not in (None, inside) else f"{inside}"
    after = (
        ui.say(f"{host} on the host", f"ホストに {host}")
        if facts.isolated
        else ui.say(f"{host} after", f"後 {host}")
    )
    return Entry(
        "",
        before=ui.say(f"{before} before", f"前 {before}"),
        host=after,
        inside=ui.say(f"{grown} in here", f"ここに {grown}") if facts.isolated else "",
    )


def _more(ui: Ui, count: int) -> str:
    return ui.say(f"{count} more", f"ほか {count}") if count else ""


def _rows(ui: Ui, facts: Facts) -> list[Entry]:
    """The first two, a fold, then all that matters; what of that doesn't fit is counted in a last row."""
    everybody = facts.everybody()
    told = facts.told()
    anchors = [key for key in facts.new if key not in set(told)][:ANCHORS]
    cut = _overflow(ui, facts, told)
    cut_set = set(cut)
    shown = [key for key in told if key not in cut_set]
    folded = [key for key in everybody if key not in {*anchors, *told}]
    if len(folded) == 1:  # a fold of one row would take as much room as the row
        shown, folded = sorted([*shown, *folded]), []
    rows = [_entry(ui, facts, key, everybody[key]) for key in anchors]
    if folded:
        rows.append(_fold(ui, facts, folded, "..."))
    rows += [_entry(ui, facts, key, everybody[key]) for key in shown]
    for mark, keys in (("came", facts.came), ("went", facts.went)):
        hidden = [key for key in cut if key in keys]
        if hidden:
            rows.append(_fold(ui, facts, hidden, "...", MARKS[mark]))
    return rows


def _overflow(ui: Ui, facts: Facts, told: Collection[Key]) -> list[Key]:
    """The news that doesn't fit, from the end; never you, never who made the namespace."""
    room = max(FEWEST, ui.rows - FRAME)
    news = [key for key in told if key in facts.went or (key in facts.came and _may_go(facts, key[0]))]
    over = len(told) - room
    return news[-(over + 1) :] if over > 0 and len(news) > 1 else []  # + 1: the row that counts them


def _may_go(facts: Facts, pid: int) -> bool:
    return pid != facts.you and not (facts.isolated and pid in facts.doors())


def _fold(ui: Ui, facts: Facts, keys: Collection[Key], name: str, mark: str = "") -> Entry:
    before = sum(key in facts.old for key in keys)
    after = [key for key in keys if key in facts.new]
    inside = sum(key[0] in facts.inner for key in after)
    unseen = facts.isolated and after and not inside
    return Entry(
        name,
        before=_more(ui, before),
        host=_more(ui, len(after)),
        inside=_more(ui, inside) if facts.isolated else "",
        note=ui.say("not visible in here", "ここからは見えない") if unseen else "",
        mark=mark,
    )


def _entry(ui: Ui, facts: Facts, key: Key, row: Process) -> Entry:
    pid = row.pid
    here = key in facts.new
    inner = facts.inner.get(pid) if here else None
    mark = MARKS["came"] if key in facts.came else MARKS["went"] if key in facts.went else ""
    return Entry(
        row.comm,
        before=str(pid) if key in facts.old else "-",
        host=str(pid) if here else "-",
        inside="" if inner is None else str(inner),
        note=_note(ui, facts, row, here),
        mark=mark,
        inner=inner is not None,
    )


def _note(ui: Ui, facts: Facts, row: Process, here: bool) -> str:
    if not here:
        return ui.say("ended", "終わった")
    if row.pid == facts.you:
        return ui.say("you are here", "いまここ")
    if facts.isolated and row.pid in facts.doors():
        return ui.say("its parent, outside", "親は外にいる")
    if row.state == "Z":
        return ui.say("zombie: nobody waits for it", "ゾンビ: 待つ者がいない")
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


def _sentences(ui: Ui, facts: Facts, lie: str) -> Screen:
    everybody, told = facts.everybody(), facts.told()
    cut = set(_overflow(ui, facts, told))
    before, host, inside = len(facts.old), len(facts.new), len(facts.inner)
    words = [
        ui.say(
            f"Processes on the host: {host}, before: {before}.",
            f"プロセスはホストに {host} 個、前は {before} 個。",
        )
    ]
    if facts.isolated:
        hidden = host - inside
        words = [
            ui.say(
                f"Processes seen in here: {inside}. On the host: {host}, before: {before}.",
                f"ここから見えるプロセスは {inside} 個。ホストには {host} 個、前は {before} 個。",
            ),
            ui.say(
                f"{hidden} of them are not visible in here.", f"そのうち {hidden} 個はここからは見えません。"
            ),
        ]
    words += [_sentence(ui, facts, key, everybody[key]) for key in told if key not in cut]
    if cut:
        words.append(
            ui.say(f"{len(cut)} more came or went.", f"ほかに {len(cut)} 個が現れたか終わりました。")
        )
    return sentences([*words, f"{lie}." if lie else ""])


def _sentence(ui: Ui, facts: Facts, key: Key, row: Process) -> str:
    if key in facts.went:
        return ui.say(
            f"{row.comm}: ended, it was pid {row.pid}.",
            f"{row.comm} は終わりました。pid は {row.pid} でした。",
        )
    inner = facts.inner.get(row.pid)
    you = ui.say(" You are here.", "いまここです。") if row.pid == facts.you else ""
    if inner is not None:
        return ui.say(
            f"{row.comm}: pid {inner} in here, pid {row.pid} on the host.{you}",
            f"{row.comm} はここでは pid {inner}、ホストでは pid {row.pid}。{you}",
        )
    return ui.say(
        f"{row.comm}: pid {row.pid} on the host.{you}", f"{row.comm} はホストで pid {row.pid}。{you}"
    )
