"""What a demo looks like: the lesson's pages, with the presenter's keys in place of the learner's."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nsplay.repl.pages import LessonPages
from nsplay.settings import Settings
from nsplay.view import notes
from nsplay.view.big import enlarged
from nsplay.view.grid import Key

if TYPE_CHECKING:
    from nsplay.repl.session import Session


class DemoPages(LessonPages):
    """Pages of a lesson that types itself. big: for the back row."""

    def __init__(self, settings: Settings, *, big: bool = False) -> None:
        super().__init__(settings)
        self._big = big
        if big:
            self.ui = enlarged(self.ui)

    def resized(self, columns: int) -> None:
        super().resized(columns)
        if self._big:
            self.ui = enlarged(self.ui)

    def task_keys(self, play: "Session", options: Sequence[str]) -> list[Key]:
        """While the step is before the room."""
        say = self.ui.say
        return [
            ("Enter", say("type it", "打つ")),
            ("e", say("edit it", "直して打つ")),
            ("a-z", say("by hand", "手で打つ")),
            ("PgUp", say("back", "戻る")),
            (".", say("dark", "暗くする")),
            ("Ctrl-]", say("menu", "メニュー")),
        ]

    def result_keys(self, play: "Session", stuck: bool) -> list[Key]:
        """Behind a command."""
        say = self.ui.say
        if stuck:
            return []  # the offer has them
        last = play.done and play.at + 1 == len(play.lesson.steps)
        onward = say("type it", "打つ") if play.next_move() else say("next", "次へ")
        return [("Enter", say("the end", "終わり") if last else onward), ("PgUp", say("back", "戻る"))]

    def offer(self) -> str:
        """The step isn't done, and it can't be by what is left to type."""
        say = self.ui.say
        words = say("This step isn't done. What now?", "このステップはまだ済んでいません。どうしますか。")
        pairs: list[Key] = [
            ("Enter", say("go on", "先へ")),
            ("r", say("repair: do it on a fresh stage", "新しいステージで行う")),
            ("s", say("start the step over", "ステップの初めから")),
        ]
        return self.draw(notes.note(self.ui, words, "?", pairs))

    def given_back(self) -> str:
        """Ctrl-] after a while by hand."""
        words = self.ui.say("The lesson types again.", "ここからまたレッスンが打ちます。")
        return self.draw(notes.note(self.ui, words, ">"))

    def left(self, where: str) -> str:
        """The presenter left before the end. where: LESSON/STEP."""
        words = self.ui.say(
            f"Nothing is left behind. `nsplay demo {where}` goes on here.",
            f"何も残っていません。`nsplay demo {where}` でここから続きます。",
        )
        return self.draw(notes.note(self.ui, words))
