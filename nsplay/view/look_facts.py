"""What there is to say of a process beside the host, before it is drawn: label, value, and the host's value."""

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
from nsplay.view.text import text
from nsplay.view.ui import Ui

MB: Final = 1_000_000
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
    "ja": (("いまここ", "見ているもの"), ("自分専用", "独自"), ("ここ", "中"), ("自分の", "対象の")),
}


def outside(ui: Ui) -> Ui:
    """For somebody who looks from outside."""
    return replace(ui, renamed=OUTSIDE[ui.lang])


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


def subject(ui: Ui, it: Portrait) -> Text:
    """The process: its number and name, its number in there, and how many there are."""
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
        return ui.say("no runtime that is known", "既知のランタイムではない")
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


def amount(ui: Ui, one: Bound) -> str:
    """`3.1 of 67.1 MB`, `30 % of one processor`, `3 of 50`."""
    if one.resource == "cpu":
        return ui.say(f"{one.limit} % of one processor", f"プロセッサ 1 個の {one.limit} %")
    unit, scale = (" MB", MB) if one.resource == "memory" else ("", 1)
    used, limit = (UNKNOWN if n is None else _number(n, scale) for n in (one.used, one.limit))
    return ui.say(f"{used} of {limit}{unit}", f"{used} / {limit}{unit}")


def _number(value: int, scale: int) -> str:
    return f"{value / scale:.1f}" if scale > 1 else str(value)


def unlimited(ui: Ui, it: Portrait, free: list[Bound]) -> str:
    """The resources without a limit, and what it uses of the memory."""
    names = ui.listed(one.resource for one in free)
    words = ui.say(f"no limit for {names}", f"{names} は上限なし")
    memory = next((one.used for one in free if one.resource == "memory" and _its(it, one)), None)
    if memory is not None:
        words += ui.say(f"; memory used: {memory / MB:.1f} MB", f"。使用メモリ {memory / MB:.1f} MB")
    return words


def _its(it: Portrait, one: Bound) -> bool:
    """Is that what it uses itself, and not what all of the machine or of a session does?"""
    return one.path != "/" and it.container is not None and it.container.grouped


def sentence(words: str) -> str:
    """As a sentence begins."""
    return words[:1].upper() + words[1:]
