"""One step as a learner meets it, on a stage of its own: the task, its commands typed, what they did; and each check,
before and after. For `nsplay lesson edit`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from nsplay.lesson.checks import exempt
from nsplay.lesson.model import Lesson, Move, Verdict
from nsplay.lesson.progress import Progress
from nsplay.lesson.text import printable
from nsplay.repl.actors import Eyes, environment, here, shell, start_stage
from nsplay.repl.asks import LETTERS
from nsplay.repl.lesson_test import proves_nothing
from nsplay.repl.pages import LessonPages
from nsplay.repl.player import Player
from nsplay.repl.script import consoles
from nsplay.repl.session import Session
from nsplay.repl.terminal import Moment, Reply
from nsplay.settings import Settings
from nsplay.stage.stage import Stage
from nsplay.view.grid import marked, para, title
from nsplay.view.ui import SUB, Screen, Ui

SHOWN: Final = 12  # lines of a command's output
ESCAPE: Final = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[=>78])")

Say = Callable[[str], None]
Idle = Callable[[], None]


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


class _Rehearsal:
    def __init__(
        self, settings: Settings, lesson: Lesson, at: int, stage: Stage, say: Say, idle: Idle
    ) -> None:
        self.pages = LessonPages(settings)
        self.stage, self.say, self.idle = stage, say, idle
        self.players: dict[int, Player] = {}  # by the number of their terminal
        progress = Progress.in_memory()  # an author's playing is no progress of theirs
        self.session = Session(lesson, at, progress, self.pages)
        self.session.rebuild(Eyes(stage), self.place)

    def close(self) -> None:
        """Hangs up on every terminal."""
        for player in self.players.values():
            player.close()

    def player(self, terminal: int) -> Player:
        """Who types in that terminal; it is opened when something is typed in it."""
        if terminal not in self.players:
            env = {**environment(), "TERM": "xterm-256color", "HISTFILE": "/dev/null"}
            self.players[terminal] = Player(self.stage.open_terminal, shell(), env, here())
            self.players[terminal].settle(idle=self.idle)
        return self.players[terminal]

    def place(self, terminal: int) -> int | None:
        """Whoever is in front there."""
        player = self.players.get(terminal)
        return player.place() if player else None

    def play(self) -> list[str]:
        """The step; what is wrong with it."""
        play = self.session
        self.player(1)
        self.say(self._until(self._settled(Move(""))).text)
        assert play.before
        held = play.verdicts(play.before)
        ways = consoles(play.step)
        if not ways:
            return ["there is no command for this machine's cgroup version"]
        if play.step.predict:
            play.submit(LETTERS[play.step.predict.right])  # so that the answer is told with the result
        for place in range(sum(len(way.commands) for way in ways)):
            move = play.moves()[place]
            reply = self._typed(move)
            self.say(
                "".join(f"{text}\n" for text in (*_prompted(move), *_output(self.player(move.terminal).said)))
            )
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

    def _until(self, reply: Reply) -> Reply:
        """Earlier steps, done again."""
        while reply.type:
            for move in reply.type:
                reply = self._typed(move)
        return reply

    def _typed(self, move: Move) -> Reply:
        self.idle()
        self.player(move.terminal).run(move.line, idle=self.idle)
        return self._settled(move)

    def _settled(self, move: Move) -> Reply:
        self.idle()
        moment = Moment(self.place(move.terminal) or 0, "sh", move.line, 0, False, True)
        return self.session.settled(moment, move.terminal)


def _prompted(move: Move) -> Iterator[str]:
    """A command as it stands in a terminal; the second one is named."""
    first, *rest = move.line.split("\n")
    yield f"{'' if move.terminal == 1 else f'({move.terminal}) '}# {printable(first)}"
    yield from (f"> {printable(text)}" for text in rest)


def _output(said: bytes) -> list[str]:
    """What a command wrote, between its own echo and the next prompt, shortened."""
    lines = ESCAPE.sub(b"", said).decode(errors="replace").replace("\r", "").split("\n")[1:-1]
    more = [f".. {len(lines) - SHOWN} more lines"] if len(lines) > SHOWN else []
    return [*map(printable, lines[:SHOWN]), *more]


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
