"""`nsplay look PID`: any process beside the host. What it shares comes first, since that is where it can do harm."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from rich.text import Text

from nsplay.hostfiles import same_root, shared
from nsplay.kernel.namespaces import KINDS
from nsplay.limits import Bound
from nsplay.portrait import Portrait
from nsplay.snapshot import Side
from nsplay.view.capabilities import about
from nsplay.view.tables import UNKNOWN
from nsplay.view.text import fit, join, text, width
from nsplay.view.ui import LABEL, Screen, Ui, keys, marked, meter, prose_row, row, sentences, title

# Nobody is in there: the views' words for the two sides, and what they are called for somebody who looks from outside.
OUTSIDE: Final = {
    "en": (
        ("you are here", "looked at"),
        ("You are here", "Looked at"),
        ("your own", "its own"),
        ("of yours", "of its own"),
        ("none is yours", "all are the host's"),
        ("yours", "its own"),
        ("in here", "in there"),
    ),
    "ja": (("いまここ", "見ているもの"), ("自分専用", "独自"), ("ここ", "中"), ("あなたの", "それの")),
}
BAR: Final = 20  # columns of a bar
VALUE: Final = 22  # of a value that has the host's beside it
MB: Final = 1_000_000


def outside(ui: Ui) -> Ui:
    """For somebody who looks from outside."""
    return replace(ui, renamed=OUTSIDE[ui.lang])


def look(ui: Ui, it: Portrait) -> Screen:
    """The whole page."""
    if ui.plain:
        return sentences(_told(ui, it))
    screen = Screen(title(ui, _who(ui, it), origin(ui, it)))
    if it.standing.problem:
        screen.part(marked(ui, Text("!", "warn"), problem(ui, it)))
        screen += ""
    screen += _namespaces(ui, it)
    for label, value, host in rows(ui, it):
        screen += _beside(ui, label, value, host)
    screen += _limits(ui, it)
    if it.standing.problem in ("", "hidden"):
        screen.part(_dangers(ui, it))
    screen.part([_keys(ui, it)])
    return screen


# ---- what there is to say, for eyes and for ears


def problem(ui: Ui, it: Portrait) -> str:
    """Why not all of it can be said."""
    error, pid = it.standing.error, it.standing.row.pid
    who = it.side.identity
    user = f" (ユーザー {who.uids.effective} のもの)" if who else ""
    ja = {
        "ended": f"プロセス {pid} は終わっている。親が結果を受け取るのを待つだけで、もうどこにもいない。",
        "kernel": f"プロセス {pid} はカーネル自身のスレッド。どこかに入れられたものではない。",
        "hidden": f"プロセス {pid} の中は見せてもらえない{user}。sudo なら見える。",
    }[it.standing.problem]
    en = f"{error.what}: {error.why}" + (f" ({error.do} shows all)" if error.do else "")
    return ui.say(f"{en}. What can be said all the same:", f"{ja}それでも言えること:")


def _who(ui: Ui, it: Portrait) -> Text:
    row_ = it.standing.row
    inner = (
        ui.say(f", pid {row_.nspids[-1]} in there", f"、中では pid {row_.nspids[-1]}")
        if len(row_.nspids) > 1
        else ""
    )
    count = len(it.container.pids) if it.container else 0
    many = ui.say(f", {count} processes", f"、プロセス {count}") if count > 1 else ""
    return Text.assemble((f"look {row_.pid}", "head"), "   ", text(row_.comm), inner, many)


def origin(ui: Ui, it: Portrait) -> str:
    """Who made it, as far as that can be seen."""
    one = it.container
    if one is None:
        return ui.say("no container", "コンテナではない")
    if not one.runtime:
        return ui.say("no runtime that is known", "知られたランタイムではない")
    if one.runtime == "unshare":
        return ui.say("made by hand: unshare", "手作り: unshare")
    name = one.name or one.id[:12]
    return " ".join(filter(None, (one.runtime, name, f"({one.image})" if one.image else "")))


def counted(ui: Ui, it: Portrait) -> str:
    """How many of the eight are its own, and which aren't."""
    unknown = [kind for kind in KINDS if it.whose(kind) is None]
    theirs = ui.listed(kind for kind in KINDS if it.whose(kind) is False)
    stop = ui.say("; ", "。")
    if len(unknown) == len(KINDS):
        inner = ui.say("pid is its own: it has a number in there", "pid は独自: 中での番号がある")
        return ui.say("may not be read", "読めない") + (
            stop + inner if len(it.standing.row.nspids) > 1 else ""
        )
    if unknown:
        known = [ui.say(f"{theirs}: the host's", f"{theirs} はホストのもの")] if theirs else []
        known += [ui.say(f"{', '.join(it.own)}: its own", f"{'、'.join(it.own)} は独自")] if it.own else []
        return stop.join([*known, ui.say("the others may not be read", "ほかは読めない")])
    if not it.own:
        return ui.say("all of them are the host's", "どれもホストのもの")
    own = ui.say(f"{len(it.own)} of 8 are its own", f"8 のうち {len(it.own)} は独自")
    return own + (stop + ui.say(f"{theirs}: the host's", f"{theirs} はホストのもの") if theirs else "")


def rows(ui: Ui, it: Portrait) -> Iterator[tuple[str, str, str]]:
    """Label, what it has, what the host has; the host is told where the two aren't one."""
    side, host = it.side, it.now.host
    theirs = ui.say("the host: ", "ホスト: ")
    if side.names:
        there = theirs + host.names.hostname if host.names and it.whose("uts") else ""
        yield ui.say("host name", "ホスト名"), side.names.hostname, there
    if side.mounts:
        there = f"{theirs}{root_of(ui, host)}" if it.whose("mnt") else ""
        yield ui.say("root", "ルート"), root_of(ui, side), there
    elif it.standing.problem != "ended":
        yield ui.say("root", "ルート"), UNKNOWN, ui.say("mounts may not be read", "マウントは読めない")
    if folders := _folders(ui, it):
        yield ui.say("from the host", "ホストから"), folders, ""
    if who := side.identity:
        yield ui.say("user", "ユーザー"), _user(ui, it), ""
        power = who.capabilities.effective
        scope = ""
        if power and it.whose("user"):
            scope = ui.say(" (in its own user namespace)", " (独自の user の中で)")
        words = f": {about(ui, power)}{scope}" if power else ""
        yield "capabilities", f"{len(power)}{words}", ""
        yield "seccomp", _fences(ui, it), ""
    if path := _path(it):
        yield "cgroup", path, ""


def root_of(ui: Ui, side: Side) -> str:
    """What is mounted on its root, and how many mounts there are."""
    if not side.mounts:
        return UNKNOWN
    root = next((mount for mount in reversed(side.mounts) if mount.target == "/"), None)
    kind = f"{root.fstype}, " if root else ""
    if root and root.source.startswith("/dev/"):
        kind = f"{root.fstype} {root.source}, "
    count = len(side.mounts)
    return ui.say(f"{kind}{count} mounts", f"{kind}マウント {count}".replace(", ", "、"))


def _folders(ui: Ui, it: Portrait) -> str:
    """What is mounted of the host's, beside the usual three files."""
    if not it.whose("mnt") or same_root(it.side, it.now.host):
        return ""
    found = [one for one in shared(it.side, it.now.host) if one.inside not in ("/etc/hosts", "/etc/hostname")]
    found = [one for one in found if one.inside != "/etc/resolv.conf"]
    ro = ui.say(" (read-only)", " (読み取り専用)")
    return ui.listed(f"{one.host} -> {one.inside}{'' if one.writable else ro}" for one in found[:3]) + (
        ui.say(f" and {len(found) - 3} more", f" ほか {len(found) - 3}") if len(found) > 3 else ""
    )


def _user(ui: Ui, it: Portrait) -> str:
    who = it.side.identity
    assert who
    inner, outer = who.uid, who.uids.effective
    if not it.whose("user"):
        root = ui.say(": root", ": root") if outer == 0 else ""
        return f"{outer}{root}"
    if inner == outer:
        return ui.say(f"{inner} in there and out here", f"中でも外でも {inner}")
    return ui.say(f"{inner} in there, {outer} out here", f"中では {inner}、外では {outer}")


def _fences(ui: Ui, it: Portrait) -> str:
    who = it.side.identity
    assert who
    filters = {
        "none": ui.say("no filter", "フィルターなし"),
        "filter": ui.say("a filter", "フィルターあり"),
        "strict": ui.say("strict: read, write, exit", "strict: read、write、exit だけ"),
    }
    on = {True: ui.say("on", "あり"), False: ui.say("off", "なし")}
    told = [filters.get(who.seccomp or "", UNKNOWN)]
    if who.no_new_privs is not None:
        told.append(f"no_new_privs {on[who.no_new_privs]}")
    return ui.listed(told)


def _path(it: Portrait) -> str:
    return it.container.path if it.container and it.container.path != "/" else ""


def states(ui: Ui, it: Portrait) -> Mapping[str, str]:
    """Everything that may move, by its label."""
    found = {ui.say("namespaces", "名前空間"): counted(ui, it)}
    found |= {label: value for label, value, _ in rows(ui, it)}
    found |= amounts(ui, it)
    found[ui.say("dangers", "危険")] = ui.listed(one.key for one in it.judged.dangers) or "-"
    return found


def amounts(ui: Ui, it: Portrait) -> Mapping[str, str]:
    """How many processes, and what they use of what they may have."""
    found = {ui.say("processes", "プロセス"): str(len(it.container.pids) if it.container else 1)}
    found |= {one.resource: amount(ui, one) for one in it.bounds or () if one.limit is not None}
    return found | {
        one.resource: _used(ui, one) for one in it.bounds or () if one.limit is None and one.path != "/"
    }


def _used(ui: Ui, one: Bound) -> str:
    if one.used is None:
        return ui.say("no limit", "上限なし")
    used = f"{one.used / MB:.1f} MB" if one.resource == "memory" else str(one.used)
    return ui.say(f"{used}, no limit", f"{used}、上限なし")


def news(ui: Ui, before: Portrait, after: Portrait) -> Screen:
    """What moved between two looks: a line each; none when nothing did."""
    old, new = states(ui, before), states(ui, after)
    moved = [(label, old.get(label, "-"), new.get(label, "-")) for label in {**new, **old}]
    moved = [(label, was, now) for label, was, now in moved if was != now]
    if ui.plain:
        return sentences(
            ui.say(f"{_first(label)}: {now}. It was {was}.", f"{label}: {now}。前は {was}。")
            for label, was, now in moved
        )
    screen = Screen()
    for label, was, now in moved:
        screen += prose_row(ui, Text(label, "head"), f"{was} -> {now}", Text("~", "inside"), widest=ui.body)
    return screen


# ---- the grid


def _namespaces(ui: Ui, it: Portrait) -> list[Text]:
    cells = (_kind(kind, it.whose(kind)) for kind in KINDS)
    legend = Text.assemble(("[ ] ", "inside"), ui.say("its own", "独自")) if it.own else Text()
    line = join(*cells, sep=" " if ui.width >= 100 else "")
    strip = row(Text(ui.say("namespaces", "名前空間"), "head"), line, legend)
    strip.rstrip()
    return [strip, *prose_row(ui, "", counted(ui, it), widest=ui.body)]


def _kind(kind: str, own: bool | None) -> Text:
    if own is None:
        return Text(f"{UNKNOWN}{kind} ")
    return Text(f"[{kind}]", "inside") if own else Text(f" {kind} ")


def _beside(ui: Ui, label: str, value: str, host: str) -> list[Text]:
    mark = UNKNOWN if value == UNKNOWN else ""
    if value == UNKNOWN:
        value, host = host, ""
    if not host:
        return prose_row(ui, Text(label, "head"), value, mark, widest=ui.body)
    style = "inside" if mark == "" else ""
    if ui.narrow or max(width(value), VALUE) + 2 + width(host) > ui.body:
        return [*prose_row(ui, Text(label, "head"), text(value, style)), *prose_row(ui, "", host)]
    return [row(Text(label, "head"), fit(text(value, style), max(VALUE, width(value))), host)]


def _limits(ui: Ui, it: Portrait) -> list[Text]:
    if it.bounds is None:
        if it.standing.problem == "kernel":
            return []
        words = ui.say("no cgroup tree can be read", "読める cgroup の木がない")
        return [row(Text(ui.say("limits", "上限"), "head"), words, mark=UNKNOWN)]
    bound = [one for one in it.bounds if one.limit is not None]
    free = [one for one in it.bounds if one.limit is None]
    lines = [_bar(ui, one) for one in bound]
    if free:
        lines.append(text(_unlimited(ui, it, free)))
    label = Text(ui.say("limits", "上限"), "head")
    return [
        line
        for n, cells in enumerate(lines)
        for line in prose_row(ui, label if n == 0 else "", cells, widest=ui.body)
    ]


def _bar(ui: Ui, one: Bound) -> Text:
    bar = Text()
    if one.used is not None and one.limit and ui.body >= 40:
        style = "hot" if one.used > one.limit * 0.9 else "bar"
        bar = Text.assemble(meter(one.used, one.limit, BAR, style), "  ")
    return Text.assemble(fit(one.resource, 8), bar, amount(ui, one))


def amount(ui: Ui, one: Bound) -> str:
    """`3.1 of 67.1 MB`, `30 % of one processor`, `3 of 50`."""
    if one.resource == "cpu":
        return ui.say(f"{one.limit} % of one processor", f"プロセッサー 1 個の {one.limit} %")
    unit, scale = (" MB", MB) if one.resource == "memory" else ("", 1)
    used, limit = (UNKNOWN if n is None else _number(n, scale) for n in (one.used, one.limit))
    return ui.say(f"{used} of {limit}{unit}", f"{used} / {limit}{unit}")


def _number(value: int, scale: int) -> str:
    return f"{value / scale:.1f}" if scale > 1 else str(value)


def _unlimited(ui: Ui, it: Portrait, free: list[Bound]) -> str:
    names = ui.listed(one.resource for one in free)
    words = ui.say(f"no limit for {names}", f"{names} は上限なし")
    memory = next((one.used for one in free if one.resource == "memory" and _its(it, one)), None)
    if memory is not None:
        words += ui.say(f"; memory used: {memory / MB:.1f} MB", f"。使用メモリ {memory / MB:.1f} MB")
    return words


def _its(it: Portrait, one: Bound) -> bool:
    """Is that what it uses itself, and not what all of the machine or of a session does?"""
    return one.path != "/" and it.container is not None and it.container.grouped


def _dangers(ui: Ui, it: Portrait) -> Screen:
    screen = Screen()
    if it.judged.dangers:
        head = ui.say(
            "what it could do to the host, and what would stop it",
            "ホストにできてしまうことと、それを止めるもの",
        )
        screen += prose_row(ui, Text(ui.say("dangers", "危険"), "head"), head)
    widest = min(58, ui.body)
    for one in it.judged.dangers:
        lines = prose_row(ui, fit(one.key, LABEL), ui.say(*one.words), Text("!", "warn"), widest=widest)
        if ui.width >= 100 and one.cure:
            first = lines[0].copy()
            first.pad_right(max(0, LABEL + 3 + widest + 2 - first.cell_len))
            lines[0] = Text.assemble(first, (one.cure, "cmd"))
        screen += lines
    if it.judged.fine:
        fine = ui.listed(dict.fromkeys(ui.say(*words) for words in it.judged.fine))
        screen += prose_row(ui, ui.say("fine", "よし"), fine, Text(ui.yes, "ok"), widest=ui.body)
    if it.judged.unknown:
        screen += prose_row(
            ui, ui.say("not known", "不明"), ui.listed(it.judged.unknown), UNKNOWN, widest=ui.body
        )
    return screen


def _keys(ui: Ui, it: Portrait) -> Text:
    pid = it.standing.row.pid
    views = ui.say("a view in full", "ビューを全部")
    if it.standing.problem:
        return keys(ui, [("nsplay look --all", ""), ("--json", "")])
    return keys(
        ui,
        [
            (f"nsplay look {pid} mounts", views),
            ("--watch", ""),
            ("--json", ""),
            (f"nsplay diff {pid} PID", ""),
        ],
    )


# ---- for ears


def _told(ui: Ui, it: Portrait) -> Iterator[str]:
    count = len(it.judged.dangers)
    if it.standing.problem:
        yield problem(ui, it)
    elif count:
        yield ui.say(f"Dangers: {count}.", f"危険は {count} 個。")
    else:
        yield ui.say("Nothing looks dangerous.", "危険そうなものはありません。")
    comma = ui.say(", ", "、")
    yield f"{_who(ui, it).plain.replace('   ', comma)}{comma}{origin(ui, it)}{ui.stop}"
    yield f"{ui.say('Namespaces', '名前空間')}: {counted(ui, it)}{ui.stop}"
    for label, value, host in rows(ui, it):
        told = ui.listed(words for words in (value, host) if words and words != UNKNOWN)
        yield f"{_first(label)}: {told}{ui.stop}"
    for one in it.bounds or ():
        if one.limit is not None:
            limit = ui.say(f"Limit of {one.resource}", f"{one.resource} の上限")
            yield f"{limit}: {amount(ui, one)}{ui.stop}"
    if free := [one for one in it.bounds or () if one.limit is None]:
        yield f"{_first(_unlimited(ui, it, free))}{ui.stop}"
    for danger in it.judged.dangers:
        cure = (
            ui.say(f" What would stop it: {danger.cure}", f"止めるもの: {danger.cure}") if danger.cure else ""
        )
        yield f"{ui.say('Danger', '危険')}{comma}{danger.key}: {ui.say(*danger.words)}{ui.stop}{cure}"
    if it.judged.fine:
        yield f"{ui.say('Fine', 'よし')}: {ui.listed(dict.fromkeys(ui.say(*w) for w in it.judged.fine))}{ui.stop}"
    if it.judged.unknown:
        yield f"{ui.say('Not known', '不明')}: {ui.listed(it.judged.unknown)}{ui.stop}"


def _first(words: str) -> str:
    """As a sentence begins."""
    return words[:1].upper() + words[1:]
