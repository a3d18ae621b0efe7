"""What stands beside a session on other screens: the room's (`nsplay watch`) and the presenter's own (`nsplay notes`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text

from nsplay.facts import Value
from nsplay.lesson.fill import fill
from nsplay.lesson.model import Block, Lesson, Move, Step
from nsplay.snapshot import Snapshot
from nsplay.view.base import View
from nsplay.view.grid import commands, marked, meter, prose_row, title
from nsplay.view.namespaces import strips
from nsplay.view.step import LETTERS, prose
from nsplay.view.text import code
from nsplay.view.ui import Screen, Ui


@dataclass(frozen=True)
class Scene:
    """Where a session is. at counts from 0. last: the line that was typed last. todo: what is left of the step.
    facts: what the words are filled in with. seconds: since it began. others: more sessions that are being played.
    """

    lesson: Lesson
    at: int
    done: bool
    last: str
    todo: Sequence[Move]
    facts: Mapping[str, Value]
    seconds: float
    others: int = 0

    @property
    def step(self) -> Step:
        return self.lesson.steps[self.at]


def waiting(ui: Ui) -> Screen:
    """Nothing is being played yet, or any more."""
    words = ui.say(
        "No session is being played. `nsplay LESSON` or `nsplay demo LESSON` in another terminal begins one.",
        "いま動いているセッションはありません。別の端末で `nsplay LESSON` か `nsplay demo LESSON` を起動してください。",
    )
    return Screen(marked(ui, Text(">", "head"), code(words)))


def watched(ui: Ui, it: Scene, now: Snapshot | None, views: Sequence[View]) -> Screen:
    """The room's: the host and in here in the step's views, as they are now; for the back row the first of them. now: None when
    nobody is to be seen in there.
    """
    screen = Screen(_head(ui, it))
    if it.last:
        screen.part(commands(ui, [it.last.replace("\n", " ; ")], Text(ui.say("last", "直前"), "head")))
    if now:
        for view in views[:1] if ui.big else views:
            screen.part(view.sides(ui, now))
        if not ui.big:
            screen.part(strips(ui, now, 1, ui.say("they are in", "いる場所")))
    if it.done:
        screen.part(marked(ui, Text(ui.yes, "ok"), Text(ui.say("the step is done", "ステップは済みました"))))
    return screen


def notes(ui: Ui, it: Scene) -> Screen:
    """The presenter's own: what to say, what comes next, and how much time there is."""
    step, say = it.step, ui.say
    screen = Screen(_head(ui, it))
    screen.part(_clock(ui, it))
    if it.todo:
        screen.part(commands(ui, it.todo, Text(say("next", "次"), "head")))
    if it.done:
        screen.part(_told(ui, say("say now", "話すこと"), it))
        screen.part(_onward(ui, it))
        return screen
    blocks = [Block(one.kind, fill(one.text, it.facts), one.line) for one in step.prose]
    screen.part(prose(ui, blocks))
    if step.predict:
        screen.part(_question(ui, it))
    screen.part(_told(ui, say("say then", "終わったら"), it))
    hints = [
        prose_row(ui, Text(say(f"hint {number}", f"ヒント {number}"), "head"), code(fill(hint, it.facts)))
        for number, hint in enumerate(step.hints, 1)
    ]
    screen.part(line for lines in hints for line in lines)
    return screen


def _head(ui: Ui, it: Scene) -> list[Text]:
    number, total = it.at + 1, len(it.lesson.steps)
    step = ui.say(f"step {number} of {total}  ", f"ステップ {number} / {total}  ")
    lines = title(ui, Text(it.lesson.title), Text.assemble(step, meter(number, total, 8)))
    more = ui.say(f"  ({it.others} more sessions)", f"  (ほかに {it.others} セッション)") if it.others else ""
    return [*lines, Text(), Text.assemble(" ", (fill(it.step.title, it.facts), "head"), (more, "faint"))]


def _clock(ui: Ui, it: Scene) -> list[Text]:
    """Against what the lesson says for the steps that came before."""
    spent, whole = it.seconds / 60, it.lesson.minutes
    meant = whole * (it.at + it.done) / len(it.lesson.steps)
    behind = round(spent - meant)
    told = ui.say(
        f"{int(spent)}:{int(it.seconds) % 60:02} of {whole} min",
        f"{whole} 分のうち {int(spent)}:{int(it.seconds) % 60:02}",
    )
    how = (
        ui.say(f", {behind} min behind", f"、{behind} 分遅れ")
        if behind > 0
        else ui.say(f", {-behind} min ahead", f"、{-behind} 分の余裕")
        if behind < 0
        else ""
    )
    bar = meter(min(spent, whole), whole, 20)
    return prose_row(ui, Text(ui.say("time", "時間"), "head"), Text.assemble(bar, "  ", told, how))


def _question(ui: Ui, it: Scene) -> list[Text]:
    predict = it.step.predict
    assert predict
    right = f"{LETTERS[predict.right]}  {fill(predict.options[predict.right], it.facts)}"
    because = fill(predict.because, it.facts)
    return [
        *prose_row(ui, Text(ui.say("ask", "質問"), "head"), code(fill(predict.question, it.facts))),
        *prose_row(ui, Text(ui.say("answer", "答え"), "head"), code(right)),
        *prose_row(ui, "", code(because)),
    ]


def _told(ui: Ui, label: str, it: Scene) -> list[Text]:
    """What was understood, in the lesson's words."""
    lines: list[Text] = []
    for words in it.step.summary:
        lines += prose_row(ui, Text("" if lines else label, "head"), code(fill(words, it.facts)))
    return lines


def _onward(ui: Ui, it: Scene) -> list[Text]:
    if it.at + 1 == len(it.lesson.steps):
        words = ui.say("That was the last step.", "これが最後のステップでした。")
        return prose_row(ui, Text(ui.say("then", "この先"), "head"), words)
    following = it.lesson.steps[it.at + 1]
    return prose_row(ui, Text(ui.say("then", "この先"), "head"), Text(fill(following.title, it.facts)))
