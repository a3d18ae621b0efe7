"""Capabilities as words: which were lost and which came, from which sets. What was kept is folded by what it is about.

capabilities(7).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich.text import Text

from nsplay.kernel.identity import CAPABILITIES, Identity, ordered
from nsplay.snapshot import Side, Snapshot
from nsplay.view.base import MARKS, View, is_own, place
from nsplay.view.grid import prose_row, row, sentences
from nsplay.view.tables import UNKNOWN
from nsplay.view.text import fit, text, width
from nsplay.view.ui import MARGIN, Screen, Ui

SETS: Final = ("effective", "permitted", "inheritable", "bounding", "ambient")
NAME: Final = 18  # columns: checkpoint_restore is never cut
ROOM: Final = 6  # so many are named; more are counted

ABOUT: Final[Mapping[tuple[str, str], str]] = {
    ("files", "ファイル"): (
        "chown dac_override dac_read_search fowner fsetid linux_immutable mknod lease setfcap ipc_owner"
    ),
    ("ids", "ID"): "setgid setuid setpcap",
    ("network", "ネットワーク"): "net_bind_service net_broadcast net_admin net_raw",
    ("machine", "マシン"): (
        "sys_module sys_rawio sys_boot sys_time sys_nice sys_resource sys_pacct sys_tty_config syslog wake_alarm "
        "block_suspend ipc_lock"
    ),
    ("processes", "プロセス"): "kill sys_ptrace sys_chroot checkpoint_restore",
    ("audit", "監査"): "audit_write audit_control audit_read mac_override mac_admin",
    ("nearly all", "ほぼ全部"): "sys_admin bpf perfmon",
}
MEANS: Final[Mapping[str, tuple[str, str]]] = {
    "chown": ("give files away: chown(1)", "ファイルの持ち主を変える: chown(1)"),
    "dac_override": ("read and write whatever the modes say", "許可ビットを無視して読み書きする"),
    "kill": ("signals to anybody's processes", "誰のプロセスにもシグナルを送る"),
    "setgid": ("become any group", "どのグループにもなる"),
    "setuid": ("become any user", "どのユーザーにもなる"),
    "setpcap": ("drop from the bounding set", "bounding から落とす"),
    "setfcap": ("give files capabilities: setcap(8)", "ファイルに付ける: setcap(8)"),
    "net_bind_service": ("ports below 1024", "1024 より下のポート"),
    "net_admin": ("links, addresses, rules: ip(8), nft(8)", "リンク、アドレス、ルール: ip(8)、nft(8)"),
    "net_raw": ("raw sockets: ping, tcpdump", "生のソケット: ping、tcpdump"),
    "sys_chroot": ("change the root folder: chroot(2)", "ルートを変える: chroot(2)"),
    "sys_ptrace": ("look into others' processes", "ほかのプロセスの中を見る"),
    "sys_admin": ("mounts, namespaces: nearly root", "マウント、名前空間: ほぼ root"),
    "sys_time": ("set the clock", "時計を合わせる"),
    "sys_module": ("load modules into the kernel", "カーネルにモジュールを入れる"),
    "mknod": ("make device files", "デバイスファイルを作る"),
}


class Capabilities(View):
    """Five sets at two moments or on two sides, and the two other limits of a process."""

    name = "capabilities"
    parts = frozenset({"identity"})

    def moved(self, before: Snapshot, after: Snapshot) -> bool:
        """Whether a set of the place's or the host's is another one."""
        return _limits(place(before).identity) != _limits(place(after).identity) or _limits(
            before.host.identity
        ) != _limits(after.host.identity)

    def after(self, ui: Ui, before: Snapshot, after: Snapshot) -> Screen:
        """What the place has now against what it had."""
        return _drawn(ui, place(before).identity, place(after).identity, _scope(ui, after))

    def sides(self, ui: Ui, now: Snapshot) -> Screen:
        """What the place has against the host's."""
        return _drawn(ui, now.host.identity, place(now).identity, _scope(ui, now))

    def alone(self, ui: Ui, side: Side) -> Screen:
        """The sets of one side."""
        return _drawn(ui, side.identity, side.identity, "")


def _limits(who: Identity | None) -> object:
    return (who.capabilities, who.no_new_privs, who.seccomp, who.filters) if who else None


def _scope(ui: Ui, now: Snapshot) -> str:
    """Where they count at all."""
    if not is_own(now, "user"):
        return ""
    number = place(now).ns["user"]
    return ui.say(
        f"they count in user {number}, not on the host",
        f"効くのは user {number} の中だけ。ホストでは効かない",
    )


def _drawn(ui: Ui, old: Identity | None, new: Identity | None, scope: str) -> Screen:
    head = Text(ui.say("capabilities", "ケーパビリティ"), "head")
    if not old or not new:
        words = ui.say("not looked at", "見ていない")
        return (
            sentences([f"{head.plain}: {words}{ui.stop}"])
            if ui.plain
            else Screen([row(head, words, mark=UNKNOWN)])
        )
    shown = [name for name in SETS if name != "inheritable" or _set(old, name) or _set(new, name)]
    news = ordered({one for name in shown for one in _set(old, name) ^ _set(new, name)})
    if ui.plain:
        return sentences(_told(ui, old, new, shown, scope))
    return Screen([*_table(ui, head, old, new, shown, news), *_rest(ui, old, new, scope)])


def _set(who: Identity, name: str) -> frozenset[str]:
    found: frozenset[str] = getattr(who.capabilities, name)
    return found


def _counts(old: Identity, new: Identity, name: str) -> str:
    was, now = len(_set(old, name)), len(_set(new, name))
    return str(now) if _set(old, name) == _set(new, name) else f"{was} -> {now}"


def _table(
    ui: Ui, head: Text, old: Identity, new: Identity, shown: Sequence[str], news: Sequence[str]
) -> Iterator[Text]:
    """A column a set; on a narrow terminal a row a set."""
    if ui.narrow:
        yield row(head)
        for name in shown:
            yield row(f"  {name}", _counts(old, new, name))
            for verb, style, which in _changes(ui, old, new, name):
                yield from prose_row(ui, "", text(ui.say(f"{verb}: ", f"{verb}: ") + _few(ui, which), style))
        return
    columns = 12 if "inheritable" in shown else 11

    def line(mark: str, style: str, label: Text, cells: Sequence[Text | str]) -> Text:
        return Text.assemble(
            " ", (mark or " ", style), " ", fit(label, NAME + 3), *(fit(cell, columns) for cell in cells)
        )

    yield line("", "", head, shown)
    yield line("", "", Text(), [_counts(old, new, name) for name in shown])
    named = news[:ROOM] if len(news) > ROOM + 1 else news
    means = {one: ui.say(*MEANS[one]) for one in named if one in MEANS}
    left = MARGIN + NAME + 3
    beside = left + len(shown) * columns + max(map(width, means.values()), default=0) <= ui.cols
    for one in named:
        lost = any(one in _set(old, name) - _set(new, name) for name in shown)
        mark, style = (MARKS["went"], "bad") if lost else (MARKS["came"], "inside")
        cells = [
            Text(ui.say("lost", "失った"), "head")
            if one in _set(old, name) - _set(new, name)
            else Text(ui.say("new", "新しい"), "inside")
            if one in _set(new, name) - _set(old, name)
            else Text()
            for name in shown
        ]
        found = line(mark, style, Text(f"  {one}", "head"), cells)
        yield Text.assemble(found, means[one]) if beside and one in means else found
        if one in means and not beside:
            yield Text(" " * left + means[one])
    if len(news) > ROOM + 1:
        yield Text(f"     {_more(ui, len(news) - ROOM)}")


def _more(ui: Ui, count: int) -> str:
    return ui.say(f"... {count} more", f"... ほか {count}")


def _few(ui: Ui, names: Sequence[str]) -> str:
    return ui.listed([*names[:ROOM], *([_more(ui, len(names) - ROOM)] if len(names) > ROOM else [])])


def _changes(ui: Ui, old: Identity, new: Identity, name: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Verb, style and names of what came into a set and what left it."""
    was, now = _set(old, name), _set(new, name)
    for verb, style, which in (
        (("lost", "失った"), "head", was - now),
        (("new", "新しい"), "inside", now - was),
    ):
        if which:
            yield ui.say(*verb), style, ordered(which)


def about(ui: Ui, names: frozenset[str]) -> str:
    """A few by their names, more of them by what they are about."""
    if len(names) <= ROOM:
        return ui.listed(ordered(names))
    groups = ((label, len(names & set(which.split()))) for label, which in ABOUT.items())
    other = len(names - set(CAPABILITIES))
    words = [f"{ui.say(*label)} {count}" for label, count in groups if count]
    return ui.listed([*words, *([ui.say(f"unknown {other}", f"不明 {other}")] if other else [])])


def _kept(ui: Ui, old: Identity, new: Identity) -> tuple[str, str]:
    """How many effective ones stayed, and what they are about."""
    kept = _set(old, "effective") & _set(new, "effective")
    return str(len(kept)), about(ui, kept)


def _limit_rows(ui: Ui, old: Identity, new: Identity) -> Iterator[tuple[str, str, str]]:
    """Mark, label and words of no_new_privs and seccomp."""
    on, off = ui.say("on", "あり"), ui.say("off", "なし")
    flags = [None if who.no_new_privs is None else on if who.no_new_privs else off for who in (old, new)]
    for label, (was, now) in (
        ("no_new_privs", flags),
        ("seccomp", [_seccomp(ui, who) for who in (old, new)]),
    ):
        if now is not None:
            moved = was != now
            yield MARKS["changed"] if moved else "", label, f"{was} -> {now}" if moved else now


def _seccomp(ui: Ui, who: Identity) -> str | None:
    """What filters it, and how many of them there are where the kernel says it."""
    if who.seccomp != "filter" or not who.filters:
        return who.seccomp
    several = "s" if who.filters > 1 else ""
    return ui.say(f"{who.filters} filter{several}", f"フィルター {who.filters} 個")


def _rest(ui: Ui, old: Identity, new: Identity, scope: str) -> Iterator[Text]:
    count, words = _kept(ui, old, new)
    label = ui.say(f"  {count} kept", f"  残り {count}")
    if words:
        yield from prose_row(ui, label, words, mark=MARKS["same"])
    if "sys_admin" in _set(old, "effective") & _set(new, "effective") and int(count) > ROOM:
        yield from prose_row(
            ui,
            "",
            ui.say(
                "sys_admin is among them: it alone is nearly root", "その中の sys_admin だけでも、ほぼ root"
            ),
        )
    for mark, name, value in _limit_rows(ui, old, new):
        yield row(name, value, mark=mark)
    if scope:
        yield from prose_row(ui, "", scope)


def _told(ui: Ui, old: Identity, new: Identity, shown: Sequence[str], scope: str) -> Iterator[str]:
    for name in shown:
        what = ui.say(f"{name.capitalize()} capabilities", f"{name} ケーパビリティ")
        now = len(_set(new, name))
        changes = [
            f"{verb} {_few(ui, which).replace('... ', '')}" for verb, _, which in _changes(ui, old, new, name)
        ]
        yield f"{what}: {now}{ui.say('; ', '。') if changes else ''}{ui.say('; ', '。').join(changes)}{ui.stop}"
    for _, label, value in _limit_rows(ui, old, new):
        yield f"{label}: {value.replace(' -> ', ui.say(', then ', '、いまは '))}{ui.stop}"
    yield f"{scope}{ui.stop}" if scope else ""
