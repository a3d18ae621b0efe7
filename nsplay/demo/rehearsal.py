"""A demo without a room: what each step takes, and what the back row couldn't read."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from rich.text import Text

from nsplay.demo.pace import Pace
from nsplay.demo.show import Show
from nsplay.repl.listener import Reply
from nsplay.view.grid import marked, para, sentences, title
from nsplay.view.text import fit
from nsplay.view.ui import Screen, Ui

Say = Callable[[str, str], str]

BACK_ROW: Final = 20  # rows of a screen that can be read from there
LONGEST: Final = 60  # columns of a command


@dataclass
class Timed:
    """One step. typing: seconds at the pace of the show; running: that its commands took now. rows: of its task.
    longest: columns of its longest command. done: was it?
    """

    id: str
    rows: int = 0
    typing: float = 0.0
    running: float = 0.0
    longest: int = 0
    done: bool = True


@dataclass
class Rehearsal(Show):
    """A show that waits for nobody. as_shown: the pace that the room will see."""

    as_shown: Pace = field(default_factory=Pace)
    steps: dict[str, Timed] = field(default_factory=dict)
    _since: float = 0.0

    @property
    def _step(self) -> Timed:
        name = self.session.step.id
        return self.steps.setdefault(name, Timed(name))

    def entered(self, line: str) -> None:
        step = self._step
        step.typing += self.as_shown.seconds(line)
        step.longest = max(step.longest, len(line))
        self._since = time.monotonic()

    def settled(self) -> None:
        if self._since:
            self._step.running += time.monotonic() - self._since
            self._since = 0.0
        if self.session.before and not self._step.rows:
            self._step.rows = self.session.pages.task(self.session).count("\n")

    def go_on(self) -> Reply:
        self._step.done = False
        return super().go_on()


def report(ui: Ui, minutes: int, steps: Sequence[Timed]) -> Screen:
    """The table, and what to look at before the room is there. minutes: that the lesson says it takes."""
    typing, running = sum(step.typing for step in steps), sum(step.running for step in steps)
    left = minutes * 60 - typing - running
    talk = left / len(steps) if steps else 0.0
    say = ui.say
    whole = say(
        f"typing {typing:.0f} s, running {running:.0f} s, of the lesson's {minutes} min: "
        f"{max(0.0, talk):.0f} s a step are left to talk",
        f"打つのに {typing:.0f} 秒、実行に {running:.0f} 秒。レッスンの目安は {minutes} 分なので、"
        f"話す時間は 1 ステップあたり {max(0.0, talk):.0f} 秒です",
    )
    rows = [_row(step, say) for step in steps]
    warnings = _warnings(steps, say)
    if ui.plain:
        return sentences([*(f"{name}: {what}" for name, what in rows), whole, *warnings])
    screen = Screen(title(ui, Text(say("rehearsal", "リハーサル"), "head")))
    width = max((len(name) for name, _ in rows), default=0) + 2
    screen += [fit(Text(f"   {name:{width}}{what}"), ui.cols) for name, what in rows]
    screen.part(para(ui, whole + ui.stop, indent=3))
    for words in warnings:
        screen += marked(ui, Text("!", "warn"), Text(words))
    return screen


def _row(step: Timed, say: Say) -> tuple[str, str]:
    return step.id, say(
        f"typing {step.typing:5.1f} s   running {step.running:5.1f} s   {step.rows:3} rows",
        f"打つ {step.typing:5.1f} 秒   実行 {step.running:5.1f} 秒   {step.rows:3} 行",
    )


def _warnings(steps: Sequence[Timed], say: Say) -> list[str]:
    undone = [step.id for step in steps if not step.done]
    tall = [step.id for step in steps if step.rows > BACK_ROW]
    wide = [step.id for step in steps if step.longest > LONGEST]
    kinds = (
        (undone, "not done by its own commands", "コマンドどおりに打っても済まないステップ"),
        (
            tall,
            f"more than {BACK_ROW} rows, which is what the back row can read at once",
            f"後ろの席から一度に読める {BACK_ROW} 行を超えるステップ",
        ),
        (
            wide,
            f"a command of more than {LONGEST} columns, which breaks on a large font",
            f"{LONGEST} 桁を超え、大きな文字では折れるコマンドのあるステップ",
        ),
    )
    return [f"{say(en, ja)}: {', '.join(names)}" for names, en, ja in kinds if names]
