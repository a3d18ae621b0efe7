"""Every screen of nsplay with made-up content, in both languages: for tests that hold of all of them."""

from nsplay.lesson.model import Block, Card, Check, Move, Verdict
from nsplay.snapshot import Snapshot
from nsplay.view import course, ending, notes, step
from nsplay.view.grid import Key
from nsplay.view.registry import VIEWS
from nsplay.view.ui import Screen, Ui
from tests.unit.view_world import at_host, in_mnt, in_pid, in_uts, mount, table


def verdict(
    ui: Ui, passed: bool, message: tuple[str, str], found: tuple[str, str], wanted: tuple[str, str]
) -> Verdict:
    check = Check("inside.hostname", "==", '"x"', ui.say(*message), 1, "")
    return Verdict(check, passed, ui.say(*message), ui.say(*found), ui.say(*wanted))


def keys(ui: Ui) -> list[Key]:
    return [("Enter", ui.say("next", "次へ")), (":again", ""), (":views", ""), (":play", ""), (":help", "")]


def task(ui: Ui) -> Screen:
    prose = ui.say(
        "You are in a UTS namespace of your own. It began as a copy, so `uname -n` still says vm. "
        "Give it another name, and watch what the host is called meanwhile.",
        "いまは自分の UTS 名前空間の中にいます。始まりは写しなので、`uname -n` はまだ vm と答えます。"
        "ここに別の名前を付けて、その間ホストの名前がどうなるかを見ましょう。",
    )
    asked = ui.say(
        "What will `uname -n` print on the host?", "このあと、ホストで `uname -n` は何と答えるでしょう?"
    )
    pairs = [("a b c", ui.say("guess", "予想する")), (":hint", ""), (":help", "")]
    it = step.Task(
        ui.say("UTS: a host name of its own", "UTS: 自分だけのホスト名"),
        4,
        8,
        ui.say("Give the new namespace a name", "新しい名前空間に名前を付ける"),
        [Block("paragraph", prose, 1)],
        asked,
        ["my-new-hostname", "vm", ui.say("neither", "どちらでもない")],
        [Move("hostname my-new-hostname")],
        pairs,
    )
    return step.task(ui, it, in_uts())


def done(ui: Ui, typed: str, before: Snapshot, after: Snapshot, *views: str) -> Screen:
    found = ("host name in here: my-new-hostname", "ここのホスト名: my-new-hostname")
    held = verdict(ui, True, found, found, ("", ""))
    answer = ui.say(
        "you guessed b, and b it is. Each namespace has its own.", "予想 b が当たり。名前は名前空間ごとです。"
    )
    summary = [
        ui.say(
            "`hostname NAME` names the place you are in.", "`hostname 名前` はいまいる場所に名前を付けます。"
        )
    ]
    where = ui.say("step 4 of 8 done", "ステップ 4 / 8 済み")
    shown = [VIEWS[name] for name in views]
    it = step.Result(typed, shown, [held], None, (), answer, summary, where, keys(ui))
    return step.result(ui, it, before, after)


def not_yet(ui: Ui) -> Screen:
    failed = verdict(
        ui,
        False,
        (
            "you named the host's side, not a new namespace",
            "新しい名前空間ではなく、ホスト側に名前が付きました",
        ),
        ("uts namespace in here: 4026531177", "ここの uts 名前空間: 4026531177"),
        ("uts namespace in here must not be the host's", "ここの uts 名前空間がホストのものではないこと"),
    )
    todo = [":reset", "unshare -u /bin/sh", "hostname my-new-hostname"]
    shown = [VIEWS["hostname"], VIEWS["namespaces"]]
    it = step.Result("hostname my-new-hostname", shown, [failed], failed, todo, "", (), "", keys(ui))
    return step.result(ui, it, at_host(), at_host("my-new-hostname"))


def mounted(ui: Ui) -> Screen:
    host = table(20, mount("/mnt/shared", "tmpfs", "shared:1"))
    mine = table(20, mount("/mnt/shared", "tmpfs", "master:1"))
    after = in_mnt((*mine, mount("/mnt/scratch")), host)
    return done(ui, "mount -t tmpfs scratch /mnt/scratch", in_mnt(mine, host), after, "mounts")


def steps(ui: Ui) -> dict[str, Screen]:
    """The screens of a step: these have to fit in a terminal of 24 rows."""
    return {
        "task": task(ui),
        "made": done(ui, "unshare -u /bin/sh", at_host(), in_uts(), "hostname", "namespaces"),
        "named": done(ui, "hostname my-new-hostname", in_uts(), in_uts("my-new-hostname"), "hostname"),
        "left": done(ui, "exit", in_uts("my-new-hostname"), at_host(), "hostname", "namespaces"),
        "pid": done(ui, "unshare --mount-proc -p --fork /bin/bash", at_host(), in_pid(), "ps"),
        "mounts": mounted(ui),
        "not yet": not_yet(ui),
    }


def everything(ui: Ui) -> dict[str, Screen]:
    """All screens, and every view in all of its pairings."""
    entry, made = course.Entry, ending.Entry
    lessons = [
        entry("look", ui.say("Where am I?", "いまどこ?"), 5, 4, 4),
        entry("uts", ui.say("UTS: a host name of its own", "UTS: 自分だけのホスト名"), 12, 11, 4),
        entry("runtime", ui.say("A runtime", "ランタイム"), 20, 8, 0, "runc", "apt-get install runc"),
    ]
    typed = [
        made("unshare -u /bin/sh", "+", "uts 4026532178"),
        made("uname -n", "", ui.say("nothing", "なし")),
    ]
    receipt = ending.Receipt(
        "UTS", typed, ui.say("name vm", "名前 vm"), False, (), ui.say("8 steps", "8 ステップ")
    )
    card = Card(
        (Block("paragraph", ui.say("Two names.", "名前は二つ。"), 1),),
        (("unshare -u CMD", ui.say("a new one", "新しいもの")),),
        (ui.say("`hostname` on the wrong side", "ホスト側で `hostname`"),),
        ("uts_namespaces(7)",),
    )
    views = {
        f"{view.name} {pairing}": screen
        for view in VIEWS.values()
        for pairing, screen in (
            ("after", view.after(ui, at_host(), in_pid(40))),
            ("sides", view.sides(ui, in_pid())),
            ("alone", view.alone(ui, in_uts("my-new-hostname").host)),
        )
    }
    return {
        **steps(ui),
        **views,
        "where": step.where(ui, in_uts("my-new-hostname"), list(VIEWS.values())[:5]),
        "menu": course.menu(ui, lessons, "uts", [ui.say("progress can't be read", "進み具合が読めません")]),
        "receipt": ending.receipt(ui, receipt),
        "card": ending.card(ui, "uts", card),
        "help": notes.help_screen(ui),
        "hint": notes.hint(ui, 1, 3, ui.say("`unshare -h` helps.", "`unshare -h` を見ましょう。")),
        "solution": notes.solution(ui, [Move("hostname x")]),
        "failure": notes.failure(ui, ui.say("no stage", "ステージがない"), "EPERM", "nsplay clean"),
        "way out": notes.way_out(ui, [("h", ui.say("hint", "ヒント"))]),
    }
