"""One step as a learner meets it, on a stage of its own: the task, its commands typed, what they did; and each check,
before and after. For `nsplay lesson edit`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.text import Text

from nsplay.lesson.checks import exempt
from nsplay.lesson.model import Lesson, Verdict
from nsplay.lesson.text import printable
from nsplay.repl.actors import start_stage
from nsplay.repl.asks import LETTERS
from nsplay.repl.lesson_test import proves_nothing
from nsplay.repl.pages import LessonPages
from nsplay.repl.performance import Idle, Performance
from nsplay.repl.script import consoles
from nsplay.settings import Settings
from nsplay.stage.stage import Stage
from nsplay.view.grid import marked, para, title
from nsplay.view.ui import SUB, Screen, Ui

Say = Callable[[str], None]


@dataclass(frozen=True)
class Judged:
    """A check with its verdicts before and after the step's commands."""

    before: Verdict
    after: Verdict

    @property
    def good(self) -> bool:
        """It has to hold after; before it a guard has to hold, a check has to fail, and "as it was" may do either."""
        check = self.before.check
        return self.after.passed and (
            self.before.passed if check.guard else exempt(check) or not self.before.passed
        )


def rehearse(settings: Settings, lesson: Lesson, at: int, say: Say, idle: Idle) -> list[str]:
    """Plays the lesson up to the step `at` and then that step, saying what a learner sees. What is wrong with the step.

    idle is called all the time; what it raises ends the rehearsal, with the stage taken down. Raises LessonError for a
    command that never comes back, MachineError where no stage can be made.
    """
    stage = start_stage(settings, lesson.needs)
    try:
        stage.wait()
        rehearsal = _Rehearsal(settings, lesson, at, stage, say, idle)
        try:
            problems = rehearsal.play()
        finally:
            rehearsal.close()
    finally:
        left = stage.close()
    return [*problems, *(f"left behind: {thing}" for thing in left)]


class _Rehearsal(Performance):
    def __init__(
        self, settings: Settings, lesson: Lesson, at: int, stage: Stage, say: Say, idle: Idle
    ) -> None:
        super().__init__(lesson, at, stage, LessonPages(settings), idle)
        self.say = say

    def play(self) -> list[str]:
        """The step; what is wrong with it."""
        play = self.session
        self.say(self.begin().text)
        assert play.before
        held = play.verdicts(play.before)
        ways = consoles(play.step)
        if not ways:
            return ["there is no command for this machine's cgroup version"]
        if play.step.predict:
            play.submit(LETTERS[play.step.predict.right])  # so that the answer is told with the result
        for place in range(sum(len(way.commands) for way in ways)):
            move = play.moves()[place]
            reply = self.typed(move)
            typed = (prompt + printable(text) for prompt, text in move.prompted())
            self.say("".join(f"{text}\n" for text in (*typed, *self.output(move))))
            self.say(reply.text)
        assert play.last
        judged = [Judged(*both) for both in zip(held, play.verdicts(play.last), strict=True)]
        self.say(self.pages.draw(checks(self.pages.ui, judged)))
        if not judged:
            return ["no check: nothing proves it"]
        failed = [each.after for each in judged if not each.after.passed]
        return proves_nothing(held) + [
            f"line {verdict.check.line}: {verdict.check.source}: fails after the step: "
            f"found {verdict.found}; wanted {verdict.wanted}"
            for verdict in failed
        ]


def checks(ui: Ui, judged: Sequence[Judged]) -> Screen:
    """Each check: does it hold before the step's commands, and after them? And what a learner is told when it fails."""
    words = {True: "holds", False: "fails"}
    if ui.plain:
        return Screen(
            f"Line {one.after.check.line}: {one.after.check.source}: {words[one.before.passed]} before, "
            f"{words[one.after.passed]} after. It says: {one.before.message}."
            for one in judged
        )
    screen = Screen(title(ui, Text("checks", "head"), Text("before -> after")))
    for one in judged:
        mark = Text(ui.yes, "ok") if one.good else Text(ui.no, "bad")
        moved = f"{words[one.before.passed]} -> {words[one.after.passed]}"
        kind = "guard " if one.after.check.guard else ""
        screen += marked(ui, mark, Text.assemble(f"{moved}   ", (f"{kind}{one.after.check.source}", "cmd")))
        screen += para(ui, one.before.message, indent=SUB)
    return screen
