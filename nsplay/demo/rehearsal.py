"""A demo without a room: what each step takes, what the back row couldn't read, and recordings for the worst case."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from rich.text import Text

from nsplay.demo.pace import Pace
from nsplay.demo.show import Show
from nsplay.demo.takes import Camera, Takes
from nsplay.repl.listener import Reply
from nsplay.repl.pty import Size
from nsplay.repl.session import Session
from nsplay.view.grid import marked, para, sentences, title
from nsplay.view.text import fit, spoken
from nsplay.view.ui import Screen, Ui

Say = Callable[[str, str], str]

BACK_ROW: Final = 20  # rows of a screen that can be read from there
LONGEST: Final = 60  # columns of a command and its prompt
ECHO: Final = 0.003  # seconds that a letter's echo may take
READING: Final = 1.5  # seconds of a recording that what is on the screen is left alone, before more is typed


@dataclass
class Timed:
    """One step. typing: seconds at the pace of the show; running: that its commands took now. rows: of its task.
    longest: columns of its longest command, prompt and all. done: was it?
    """

    id: str
    rows: int = 0
    typing: float = 0.0
    running: float = 0.0
    longest: int = 0
    done: bool = True


class Kept(NamedTuple):
    """Recordings: how many, of how many steps; and why one couldn't be kept, "" for none."""

    done: int = 0
    steps: int = 0
    problem: str = ""


class Rehearsal(Show):
    """A show that waits for nobody, and keeps a recording of every step that was done. pace: that the room will see."""

    def __init__(self, session: Session, pace: Pace, takes: Takes) -> None:
        super().__init__(session, pace, auto=0.0, alone=True)
        self.takes, self.steps, self._kept = takes, dict[str, Timed](), Kept()
        self._camera: Camera | None = None
        self._since = 0.0

    @property
    def _step(self) -> Timed:
        name = self.session.step.id
        return self.steps.setdefault(name, Timed(name))

    def strokes(self, line: str) -> Iterator[tuple[str, float]]:
        """In no time, but for that of an echo: what is recorded is what is seen letter by letter."""
        self._passes(READING)
        for letter, wait in super().strokes(line):
            yield "", ECHO  # of the letter before
            self._passes(wait)
            yield letter, 0.0

    def _passes(self, seconds: float) -> None:
        """In the recording, where nobody waits now."""
        if self._camera:
            self._camera.passes(seconds)

    def sees(self, data: bytes, size: Size) -> None:
        step = self.session.step
        if not self.session.before:  # the steps before it are done again, in an instant
            return
        if not self._camera or self._camera.step is not step:
            self._keep()
            self._camera = Camera(step, size)
        self._camera.sees(data, size)

    def entered(self, line: str, columns: int) -> None:
        step = self._step
        step.typing += self.pace.seconds(line)
        step.longest = max(step.longest, columns)
        if self._camera:
            self._camera.entered(line)
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

    def kept(self) -> Kept:
        """All of it, now that it is over: the last step's recording is kept, too."""
        if self.session.done:
            self._keep()
        return self._kept._replace(steps=len(self.steps))

    def _keep(self) -> None:
        """What was recorded up to here, if it is a step that was done."""
        camera, self._camera = self._camera, None
        if not camera or not self.steps.setdefault(camera.step.id, Timed(camera.step.id)).done:
            return
        try:
            self.takes.keep(camera.step, camera.size, camera.events)
            self._kept = self._kept._replace(done=self._kept.done + 1)
        except OSError as error:
            problem = f"{error.filename or self.takes.folder}: {error.strerror or error}"
            self._kept = self._kept._replace(problem=problem)


def report(ui: Ui, minutes: int, steps: Sequence[Timed], kept: Kept) -> Screen:
    """The table, what is kept, and what to look at before the room is there. minutes: that the lesson says it takes."""
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
    warnings, also = _warnings(steps, kept, say), _also(ui, kept)
    if ui.plain:
        return sentences([*(f"{name}: {what}" for name, what in rows), whole, *map(spoken, also), *warnings])
    screen = Screen(title(ui, Text(say("rehearsal", "リハーサル"), "head")))
    width = max((len(name) for name, _ in rows), default=0) + 2
    screen += [fit(Text(f"   {name:{width}}{what}"), ui.cols) for name, what in rows]
    screen.part(para(ui, whole + ui.stop, indent=3))
    for words in also:
        screen += para(ui, words, indent=3)
    for words in warnings:
        screen += marked(ui, Text("!", "warn"), Text(words))
    return screen


def _row(step: Timed, say: Say) -> tuple[str, str]:
    return step.id, say(
        f"typing {step.typing:5.1f} s   running {step.running:5.1f} s   {step.rows:3} rows",
        f"打つ {step.typing:5.1f} 秒   実行 {step.running:5.1f} 秒   {step.rows:3} 行",
    )


def _also(ui: Ui, kept: Kept) -> list[str]:
    """What is kept, and what is to be had for the asking."""
    say, said = ui.say, []
    if kept.done:
        said.append(
            say(
                f"Recorded: {kept.done} of {kept.steps} steps. In the demo the comma key shows the step's, marked RECORDED.",
                f"{kept.steps} ステップのうち {kept.done} ステップを録画しました。"
                "本番ではコンマ (`,`) のキーで、そのステップの録画を録画と明示して見せられます。",
            )
        )
    if ui.background == "dark":
        said.append(
            say(
                "In a bright room a light terminal is easier to read: projectors wash out what is dark.",
                "明るい部屋では、明るい背景の端末のほうが読みやすくなります。プロジェクターでは暗い色ほど白っぽくなります。",
            )
        )
    return said


def _warnings(steps: Sequence[Timed], kept: Kept, say: Say) -> list[str]:
    lost = say(f"not recorded: {kept.problem}", f"録画できませんでした: {kept.problem}")
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
            f"a command and its prompt take more than {LONGEST} columns and break on a large font "
            "(SHELL=/bin/sh has a short prompt)",
            f"プロンプトと合わせて {LONGEST} 桁を超え、大きな文字では折れるコマンドのあるステップ "
            "(SHELL=/bin/sh ならプロンプトが短い)",
        ),
    )
    told = [f"{say(en, ja)}: {', '.join(names)}" for names, en, ja in kinds if names]
    return [*told, lost] if kept.problem else told
