"""What a demo looks like: the lesson's pages, with the presenter's keys in place of the learner's."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.text import Text

from nsplay.demo.takes import Take, Takes
from nsplay.errors import NsplayError
from nsplay.lesson.model import Step
from nsplay.repl.pages import LessonPages
from nsplay.settings import Settings
from nsplay.view import notes
from nsplay.view.big import enlarged
from nsplay.view.grid import Key, marked, sentences
from nsplay.view.step import key_line
from nsplay.view.text import fit
from nsplay.view.ui import Screen, render

if TYPE_CHECKING:
    from nsplay.repl.session import Session


class DemoPages(LessonPages):
    """Pages of a lesson that types itself. takes: recordings of its rehearsal. big: for the back row."""

    def __init__(self, settings: Settings, takes: Takes, *, big: bool = False) -> None:
        super().__init__(settings)
        self.takes, self._big = takes, big
        if big:
            self.ui = enlarged(self.ui)

    def resized(self, columns: int, lines: int) -> None:
        super().resized(columns, lines)
        if self._big:
            self.ui = enlarged(self.ui)

    def task_keys(self, play: "Session", options: Sequence[str]) -> list[Key]:
        """While the step is before the room."""
        say = self.ui.say
        return [
            ("Enter", say("type it", "打つ")),
            ("e", say("edit it", "直して打つ")),
            ("a-z", say("by hand", "手で打つ")),
            *([(",", say("recorded", "録画"))] if self.takes.path(play.step).exists() else []),
            ("PgUp", say("back", "戻る")),
            ("Ctrl-]", say("menu", "メニュー")),
            (".", say("dark", "暗くする")),
        ]

    def result_keys(self, play: "Session", stuck: bool) -> list[Key]:
        """Behind a command."""
        say = self.ui.say
        if stuck:
            return []  # the offer has them
        last = play.done and play.at + 1 == len(play.lesson.steps)
        onward = say("type it", "打つ") if play.next_move() else say("next", "次へ")
        return [("Enter", say("the end", "終わり") if last else onward), ("PgUp", say("back", "戻る"))]

    def offer(self, play: "Session") -> str:
        """The step isn't done, and it can't be by what is left to type."""
        say = self.ui.say
        words = say("This step isn't done. What now?", "このステップはまだ済んでいません。どうしますか。")
        pairs: list[Key] = [
            ("Enter", say("go on", "先へ")),
            ("r", say("repair: do it on a fresh stage", "新しいステージで行う")),
            ("s", say("start the step over", "ステップの初めから")),
        ]
        if self.takes.path(play.step).exists():
            pairs.append((",", say("show the recording", "録画を見せる")))
        if self.ui.plain:
            return self.draw(sentences([words, key_line(self.ui, pairs)]))
        screen = Screen(marked(self.ui, Text("?", "warn"), Text(words, "head")))
        screen += notes.columns(self.ui, [(Text(key, "key"), Text(does)) for key, does in pairs])
        return self.draw(screen)

    def given_back(self) -> str:
        """Ctrl-] after a while by hand."""
        words = self.ui.say("The lesson types again.", "ここからまたレッスンが打ちます。")
        return self.draw(notes.note(self.ui, words, ">"))

    def recorded(self, take: Take, columns: int, *, ended: bool) -> tuple[list[str], list[str]]:
        """Lines above and below a recording while it is shown. columns: of the terminal."""
        say = self.ui.say
        made = time.strftime("%Y-%m-%d %H:%M", time.localtime(take.cast.began))
        head = f" {say('RECORDED', '録画')} {made}  {take.kernel}"
        warnings = [
            say("of another version of this lesson", "いまのレッスンとは別の版の録画です")
            if take.other
            else "",
            say("damaged: it ends before its end", "壊れています。途中までしかありません")
            if take.cast.problem
            else "",
        ]
        keys = (
            say("any key: back", "どのキーでも戻る")
            if ended
            else say("Enter on, others: back", "Enter 先へ、ほか 戻る")
        )
        foot = f" {say('RECORDED, not live', '録画です。実行していません')}   {keys}"
        marked = [f" ! {words}" for words in warnings if words]
        return [self._bar(words, columns) for words in (head, *marked)], [self._bar(foot, columns)]

    def _bar(self, words: str, columns: int) -> str:
        """In reverse, over the whole width but the last column."""
        bar = fit(words, max(0, columns - 1))
        bar.stylize("bold reverse")
        return render(replace(self.ui, width=columns), Screen([bar])).rstrip("\n")

    def no_take(self, step: Step, error: NsplayError | None = None) -> str:
        """There is no recording that could be shown. error: of one that is there."""
        say = self.ui.say
        words = f"nsplay demo {self.takes.lesson}/{step.id} --rehearse{' --big' if self._big else ''}"
        told = (
            say(f"The recording can't be shown: {error.what}. ", f"録画を再生できません ({error.what})。")
            if error
            else say("There is no recording of this step. ", "このステップの録画はありません。")
        )
        return self.draw(
            notes.note(self.ui, told + say(f"`{words}` makes one.", f"`{words}` で作れます。"), "!")
        )

    def left(self, where: str) -> str:
        """The presenter left before the end. where: LESSON/STEP."""
        words = self.ui.say(
            f"Nothing is left behind. `nsplay demo {where}` goes on here.",
            f"何も残っていません。`nsplay demo {where}` でここから続きます。",
        )
        return self.draw(notes.note(self.ui, words))
