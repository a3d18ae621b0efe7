"""What a draft looks like while it is typed: what a command changed, what became of it, and what may be asked."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal

from rich.text import Text

from nsplay.lesson.draft import ids
from nsplay.repl.page import Page
from nsplay.repl.sayings import sentence
from nsplay.snapshot import Snapshot
from nsplay.view import notes, step
from nsplay.view.grid import Key, commands, sentences, title, typed
from nsplay.view.ui import Screen

if TYPE_CHECKING:
    from nsplay.repl.draft_session import DraftSession

HELP: Final = (
    (":steps", "the steps so far", "これまでのステップ"),
    (":name", "a title for the last step: :name A host name", "最後のステップの題名。:name ホスト名 など"),
    (
        ":undo",
        "without the last step, on a fresh stage",
        "最後のステップを取り消す。ステージは作り直す",
    ),
    (
        ":done",
        "write the lesson, and play it wrongly at once",
        "レッスンを書き出し、すぐに間違った打ち方も試す",
    ),
    (":reset", "a fresh stage, built up to here", "新しいステージでここまでやり直す"),
    (
        ":views",
        "the host and in here, beside each other; :views ps",
        "ホストとここを並べて見る。:views ps など",
    ),
    (":both", "a command here and on the host's side: :both ps ax", "一つのコマンドを両側で実行する"),
    (":why", "why was that refused?", "なぜ断られたか"),
)
LESSONS: Final = (":hint", ":solution", ":run", ":skip", ":next", ":back", ":check", ":play", ":menu")
NotKept = Literal["control", "interrupted", "failed", "many"]


class DraftPages(Page):
    """Pages of a draft."""

    def words(self) -> Sequence[str]:
        """What Tab offers behind a colon."""
        return [*(command for command, _, _ in HELP), ":quit", *super().words()]

    def opening(self, name: str) -> str:
        """Before the first prompt."""
        words = self.ui.say(
            f"A draft of the lesson {name}. Type what a learner is to type: each command that changes something becomes a "
            "step, one that only looks goes with the step before it. `:done` or Ctrl-D ends; `:help` has the rest.",
            f"レッスン {name} の下書きです。学ぶ人が打つコマンドを打ってください。何かを変えたコマンドが一つのステップに"
            "なり、見るだけのコマンドは前のステップに入ります。`:done` か Ctrl-D で終わります。ほかは `:help` で。",
        )
        return self.draw(notes.note(self.ui, words))

    def ready(self, play: "DraftSession") -> str:
        """A fresh stage stands, with the steps so far done on it."""
        return self._steps(play) if play.steps else ""

    def result(self, play: "DraftSession", before: Snapshot, now: Snapshot, line: str, told: str) -> str:
        """What a command changed, and what became of it."""
        self.grown(play.shown, before, now)
        changed = step.Result(
            line, self.shown(play.shown), (), None, (), "", (), "", self._keys(), True, play.front
        )
        if not play.shown or not step.news(self.ui, changed, before, now):
            return told
        return self.draw(step.result(self.ui, changed, before, now)) + told

    def _keys(self) -> list[Key]:
        say = self.ui.say
        return [
            (":undo", say("drop it", "取り消す")),
            (":name TITLE", ""),
            (":steps", ""),
            (":done", say("write it", "書き出す")),
            (":help", ""),
        ]

    def kept(self, play: "DraftSession") -> str:
        """A step was made of it."""
        number, name, checks = len(play.steps), ids(play.steps)[-1], len(play.steps[-1].found.checks)
        words = self.ui.say(
            f"step {number}, {name}: {checks} check{'s' * (checks != 1)} could prove it",
            f"ステップ {number}、{name}: チェックの候補が {checks} 個あります",
        )
        return self.draw(notes.note(self.ui, words, "+"))

    def looked(self, number: int) -> str:
        """It changed nothing."""
        words = self.ui.say(
            f"a look, kept with step {max(1, number)}",
            f"見るだけのコマンドとして、ステップ {max(1, number)} に入れました",
        )
        return self.draw(notes.note(self.ui, words, "="))

    def not_kept(self, why: NotKept, number: int = 0) -> str:
        """It isn't in the lesson."""
        say = self.ui.say
        words = {
            "control": say(
                "not kept: there is a control character in it", "制御文字があるので、レッスンには入れません"
            ),
            "interrupted": say(
                "not kept: it was interrupted, and a lesson's command has to end by itself",
                "中断されたので、レッスンには入れません。レッスンのコマンドは自分で終わるものに限ります",
            ),
            "failed": say(
                f"not kept: it changed nothing and failed (exit status {number})",
                f"何も変えずに失敗したので (終了ステータス {number})、レッスンには入れません",
            ),
            "many": say(
                f"not kept: {number} steps are enough for one lesson; `:done` writes it",
                f"レッスンのステップは {number} 個までです。`:done` で書き出してください",
            ),
        }
        return self.draw(notes.note(self.ui, words[why], "-"))

    def answer(self, play: "DraftSession", word: str, argument: str) -> str:
        """The text of a colon command that only shows something."""
        ui, say = self.ui, self.ui.say
        mine = (
            ("s", say("steps so far", "これまでのステップ")),
            ("u", say("drop the last step", "最後のステップを取り消す")),
            ("r", say("fresh stage", "新しいステージ")),
        )
        usual = play.shown or ["hostname", "ps", "mounts"]
        if told := self.asked(play, word, argument, usual, HELP, mine):
            return told
        if word in (":steps", ":show"):
            return self._steps(play) if play.steps else self.answer(play, ":no-step", "")
        words = {
            ":no-step": say(
                "There is no step yet: no command has changed anything.",
                "ステップはまだありません。何かを変えたコマンドがないからです。",
            ),
            ":no-title": say(
                f"A title has {argument} columns at most, no braces, # or back quotes: `:name A host name`.",
                f"題名は {argument} 桁以内で、波括弧、#、バッククォートは使えません。例: `:name ホスト名を付ける`",
            ),
            ":named": say(f"the last step is called: {argument}", f"最後のステップの題名: {argument}"),
        }
        if word in LESSONS:
            words[word] = say(
                f"{word} belongs to lessons; this is one being made. :help lists what there is.",
                f"{word} はレッスンのものです。いまは作っているところです。:help に一覧があります。",
            )
        said = words.get(word) or sentence(ui, word, argument)
        return self.draw(notes.note(ui, said)) if said else self.unknown(word)

    def _steps(self, play: "DraftSession") -> str:
        ui, screen = self.ui, Screen()
        names = ids(play.steps)
        if ui.plain:
            return self.draw(
                sentences(
                    f"{number}, {made.title or name}: {typed(ui, move)}"
                    for number, (made, name) in enumerate(zip(play.steps, names, strict=True), 1)
                    for move in made.moves
                )
            )
        screen += title(ui, Text(ui.say("steps so far", "これまでのステップ"), "head"))
        for number, (made, name) in enumerate(zip(play.steps, names, strict=True), 1):
            screen += commands(ui, made.moves, Text(f"{number} {made.title or name}", "head"))
        return self.draw(screen)

    def rebuilding(self, reason: str) -> str:
        """Said before a fresh stage is made."""
        say = self.ui.say
        gone = say("The stage is gone: something on it ended it. ", "ステージがなくなりました。")
        fresh = say("A fresh stage, built up to here ...", "新しいステージでここまでやり直します ...")
        return self.draw(notes.note(self.ui, (gone if reason == "stage" else "") + fresh))
