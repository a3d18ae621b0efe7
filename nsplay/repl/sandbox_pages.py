"""What the sandbox looks like: what it is made of, what a command changed in it, and what may be asked."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from rich.text import Text

from nsplay.byhand import shown
from nsplay.repl.page import Page
from nsplay.repl.sayings import sentence
from nsplay.snapshot import Snapshot
from nsplay.view import notes, step
from nsplay.view.base import own
from nsplay.view.grid import Key, commands, para, prose_row, sentences, title, typed
from nsplay.view.grid import keys as key_row
from nsplay.view.namespaces import strip, strips, told
from nsplay.view.step import key_line
from nsplay.view.text import code
from nsplay.view.ui import Screen

if TYPE_CHECKING:
    from nsplay.repl.sandbox_session import SandboxSession

# The view of each kind of namespace
VIEW: Final = {
    "user": "ids",
    "mnt": "mounts",
    "uts": "hostname",
    "ipc": "ipc",
    "net": "links",
    "pid": "ps",
    "cgroup": "cgroup",
    "time": "clocks",
}
HELP: Final = (
    (
        ":views",
        "the host and in here, beside each other; :views ps",
        "ホストとここを並べて見る。:views ps など",
    ),
    (
        ":both",
        "a command here and on the host's side: :both ps ax",
        "一つのコマンドを両側で実行する。:both ps ax など",
    ),
    (
        ":why",
        "why was that refused? the system call, the rule, and what would pass",
        "なぜ断られたか。システムコール、規則、通る打ち方",
    ),
    (":show", "the commands that make this sandbox by hand", "このサンドボックスを手で作るコマンド"),
    (":reset", "a fresh stage, and the sandbox made on it again", "新しいステージに作り直す"),
    (":quit", "leave; everything of the sandbox goes", "終わる。サンドボックスはすべて消える"),
)
LESSONS: Final = (":hint", ":solution", ":run", ":skip", ":next", ":back", ":check", ":play", ":menu")


class SandboxPages(Page):
    """Pages of the sandbox."""

    first = ("the sandbox", "サンドボックス")

    def words(self) -> Sequence[str]:
        """What Tab offers behind a colon."""
        return [*(command for command, _, _ in HELP), *super().words()]

    def opening(self, play: "SandboxSession") -> str:
        """What will be made, before it is."""
        ui, made = self.ui, play.plan
        say = ui.say
        line = say(
            "These commands make it. The same ones would by hand, in a shell that may end with it.",
            "これから打たれるコマンドがサンドボックスを作ります。手で打っても同じものができます (そのシェルは一緒に終わります)。",
        )
        limits = ui.listed(self._limits(made.limits))
        if ui.plain:
            what = [
                f"{say('Sandbox', 'サンドボックス')}: {ui.listed(made.kinds)}{ui.stop}",
                f"{say('Limits', '上限')}: {limits}{ui.stop}" if limits else "",
                f"{say('Root', 'ルート')}: {made.root}{ui.stop}" if made.root else "",
            ]
            return self.draw(sentences([*what, *made.left_out, line]))
        screen = Screen(title(ui, Text(say("sandbox", "サンドボックス"), "head")))
        screen += strip(ui, made.kinds, say("to be made", "作るもの"))
        screen += prose_row(ui, Text(say("limits", "上限"), "head"), limits) if limits else []
        screen += prose_row(ui, Text(say("root", "ルート"), "head"), made.root) if made.root else []
        for words in made.left_out:
            screen += prose_row(ui, say("left out", "ないもの"), code(words), Text("!", "warn"))
        screen.part(para(ui, line))
        return self.draw(screen)

    def _limits(self, limits: Mapping[str, int]) -> list[str]:
        say = self.ui.say
        words = {
            "memory": lambda value: f"memory {shown(value)}",
            "cpu": lambda value: say(f"cpu {value} % of one processor", f"cpu はプロセッサ 1 個の {value} %"),
            "pids": lambda value: f"pids {value}",
        }
        return [words[name](value) for name, value in limits.items()]

    def made(self, play: "SandboxSession") -> str:
        """It stands, and one is in it."""
        assert play.last
        ui, say = self.ui, self.ui.say
        pairs = self._keys()
        if ui.plain:
            mine = own(play.last)
            return self.draw(
                sentences(
                    [
                        say("The sandbox stands.", "サンドボックスができました。"),
                        told(ui, mine),
                        key_line(ui, pairs),
                    ]
                )
            )
        screen = Screen(title(ui, Text(say("in the sandbox", "サンドボックスの中"), "head")))
        screen += strips(ui, play.last, play.front, say("you are in", "いる場所"))
        screen.part([key_row(ui, pairs)])
        return self.draw(screen)

    def stuck(self, line: str, rest: Sequence[str]) -> str:
        """A line went wrong, and what follows isn't typed."""
        say = self.ui.say
        words = say(
            f"`{line}` went wrong, so the rest isn't typed. You are on the stage; `exit` ends.",
            f"`{line}` が失敗したので、続きは打ちません。いまはステージの上です。`exit` で終わります。",
        )
        return self.draw(notes.note(self.ui, words, "!")) + (self._by_hand(rest) if rest else "")

    def result(self, play: "SandboxSession", before: Snapshot, now: Snapshot, line: str) -> str:
        """What a command changed; "" when that is nothing to be seen."""
        self.grown(play.views, before, now)
        changed = step.Result(
            line, self.shown(play.views), (), None, (), "", (), "", self._keys(), True, play.front
        )
        if not step.news(self.ui, changed, before, now):
            return ""
        return self.draw(step.result(self.ui, changed, before, now))

    def _keys(self) -> list[Key]:
        end = self.ui.say("ends it", "終わる")
        return [(":views", ""), (":both CMD", ""), (":why", ""), (":show", ""), (":help", ""), ("exit", end)]

    def answer(self, play: "SandboxSession", word: str, argument: str) -> str:
        """The text of a colon command that only shows something."""
        ui, say = self.ui, self.ui.say
        mine = (("s", say("how it is made", "作り方")), ("r", say("fresh stage", "新しいステージ")))
        if told := self.asked(play, word, argument, play.views, HELP, mine):
            return told
        if word == ":show":
            return self._by_hand(play.plan.lines)
        if word in LESSONS:
            words = say(
                f"{word} belongs to lessons; here is none. :help lists what there is.",
                f"{word} はレッスンのものです。ここにはありません。:help に一覧があります。",
            )
            return self.draw(notes.note(ui, words))
        said = sentence(ui, word, argument)
        return self.draw(notes.note(ui, said)) if said else self.unknown(word)

    def _by_hand(self, lines: Sequence[str]) -> str:
        ui = self.ui
        if ui.plain:
            return self.draw(sentences(typed(ui, line) for line in lines))
        return self.draw(Screen(commands(ui, lines, Text(ui.say("by hand", "手で"), "head"))))

    def rebuilding(self, reason: str) -> str:
        """Said before a fresh stage is made."""
        say = self.ui.say
        gone = say("The stage is gone: something on it ended it. ", "ステージがなくなりました。")
        fresh = say("A fresh stage, and the sandbox once more ...", "新しいステージに作り直します ...")
        return self.draw(notes.note(self.ui, (gone if reason == "stage" else "") + fresh))

    def farewell(self, reason: str, left: Sequence[str], made: bool) -> str:
        """What is left behind: usually nothing. made: has there been a sandbox?"""
        say = self.ui.say
        words = say("The sandbox is gone;", "サンドボックスは消えました。")
        if not made:
            words = say(
                "The sandbox could not be made: what went wrong stands above;",
                "サンドボックスを作れませんでした。理由は上にあります。",
            )
        stayed = say(
            f"left behind: {', '.join(left)}. `nsplay clean` mends it.",
            f"残ったもの: {', '.join(left)}。`nsplay clean` で片付きます。",
        )
        gone = say("nothing is left behind.", "何も残っていません。")
        why = "" if reason in ("quit", "exit", "hangup") else f"{reason}. "
        return self.draw(notes.note(self.ui, f"{why}{words}{say(' ', '')}{stayed if left else gone}"))
