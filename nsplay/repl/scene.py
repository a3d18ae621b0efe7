"""A lesson's commands typed on a stage of their own, and the kernel's state before and after them. Knows nothing of what
was expected."""

import os
import select
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from nsplay.facts import Value
from nsplay.kernel import processes
from nsplay.lesson.checks import evaluate
from nsplay.lesson.fill import fill_command, names
from nsplay.lesson.model import Move, Needs, Step, Verdict
from nsplay.lesson.states import State, state
from nsplay.repl.actors import Eyes, Facts, here, start_stage, typists_shell
from nsplay.repl.machine import machine
from nsplay.repl.player import Ended, Player, Stuck
from nsplay.repl.pty import LAST_WORDS
from nsplay.repl.script import Way, parts_of
from nsplay.settings import Settings
from nsplay.snapshot import PARTS
from nsplay.stage.stage import Stage

STEADY = 0.015  # seconds between two looks that have to agree
UNSTEADY = 2.0  # seconds after which they need not any more
OWN, SECOND, ASIDE = (
    1,
    2,
    3,
)  # terminals: the learner's own, the lesson's second, and one that no lesson knows


class Scene:
    """A stage, shells on it as a learner would have, and the looks at both. Terminals have numbers, as in Move.

    here: the number of the one in which the learner is taken to be.
    """

    def __init__(self, stage: Stage, *, plain: bool = False) -> None:
        """plain: the learner's own shell without what it reads at its start, which may take longer than all the rest."""
        self.stage, self.eyes = stage, Eyes(stage)
        self.argv, self.env = typists_shell(plain=plain)
        self.players: dict[int, Player] = {}
        self.here = OWN
        self.parts: frozenset[str] = frozenset()  # what the step at hand needs of a look
        self.start: Facts | None = None
        self._standing: Facts | None = None  # what `steady` just saw, while nothing was typed
        self.player(OWN)

    def player(self, terminal: int) -> Player:
        """Who types in that terminal. It is opened, on the host's side, when it is first typed in."""
        if terminal not in self.players:
            self.players[terminal] = Player(self.stage.open_terminal, self.argv, self.env, here())
            self.players[terminal].settle()
        return self.players[terminal]

    def step_aside(self) -> None:
        """From now on the learner is in a fresh shell on the host's side."""
        self.here, self._standing = ASIDE, None

    def close(self) -> None:
        """Hangs up all terminals."""
        for player in self.players.values():
            player.close()

    def look(self, step: Step) -> Facts:
        """All facts that the step needs, now."""
        self.parts = parts_of(step)
        found, self._standing = self._standing, None
        return found if found and self.parts <= PARTS else self._seen(self.parts)

    def _seen(self, parts: frozenset[str]) -> Facts:
        second = self.players[SECOND].place() if SECOND in self.players else None
        now = Eyes.facts(self.eyes.look(self.player(self.here).place(), parts, second))
        # `start.` must hold whatever a later step asks for: what is new in it was not touched before.
        self.start = {**now, **(self.start or {})}
        return now

    def steady(self, wanted: State | None = None) -> State:
        """The state by all facts there are, as soon as it is the one that is wanted, or else as soon as two looks agree.

        What runs in the background may just begin, or end: on a busy machine later than two looks.
        """
        began, last = time.monotonic(), None
        while True:
            seen = self._seen(PARTS)
            now = state(seen, self.stage.options.ident)
            there = now == last if wanted is None else now == wanted
            if there or time.monotonic() - began > UNSTEADY:
                self._standing = seen
                return now
            last = now
            self._pause()

    def _pause(self) -> None:
        select.select([self.player(self.here).master], [], [], STEADY)  # something may be said meanwhile

    def replay(self, ways: Iterable[Way]) -> None:
        """Does earlier steps without judging them."""
        self.start = self.start or self._seen(PARTS)
        for step, moves in ways:
            before = self.look(step) if any(names(move.line) for move in moves) else {}
            for move in moves:
                self.type(move, before)

    def type(self, move: Move, before: Facts, seconds: float = 30.0) -> list[str]:
        """Types one command of a step; what it said, row by row. LessonError when that can't be done, or is not done in
        so many seconds.

        before: the facts when the step began.
        """
        self._standing = None
        player = self.player(self._where(move))
        player.run(self._filled(move.line, before), seconds)
        return player.answer()

    def _where(self, move: Move) -> int:
        return self.here if move.terminal == OWN else move.terminal

    def _filled(self, line: str, before: Facts) -> str:
        if not names(line):
            return fill_command(line, {})
        now = self._seen(self.parts)
        prefixed = {f"before.{name}": value for name, value in before.items()}
        prefixed |= {f"start.{name}": value for name, value in (self.start or {}).items()}
        return fill_command(line, {**now, **prefixed})

    def type_anyhow(self, move: Move, before: Facts, seconds: float) -> bool:
        """Types a line that may do anything; was it interrupted, since it didn't end?

        After the end of a shell it goes on where a learner would: aside, in the learner's own, else in a new one.
        """
        where, stuck = self._where(move), False
        try:
            try:
                self.type(move, before, seconds)
            except Stuck:
                stuck = True
                self.player(where).interrupt()
        except (Ended, Stuck):
            self.leave(where)
        return stuck

    def leave(self, terminal: int) -> None:
        """Closes a terminal, and waits until its shell is gone."""
        self.here, self._standing = OWN if terminal == self.here else self.here, None
        if (player := self.players.pop(terminal, None)) is None:
            return
        shell = self._pidfd(player.shell)
        player.close()
        if shell is not None:
            select.select([shell], [], [], LAST_WORDS)
            os.close(shell)
        self.stage.status(player.shell)  # till then a dead shell is a process of the learner's

    @staticmethod
    def _pidfd(pid: int) -> int | None:
        try:
            return processes.pidfd(pid)
        except ProcessLookupError:
            return None

    def judge(self, step: Step, now: Facts, before: Facts, lang: str) -> tuple[Verdict, ...]:
        """Every check of the step."""
        start: dict[str, Value] = dict(self.start or {})
        return evaluate(step.checks, now, before, start, lang)

    def judge_done(self, step: Step, before: Facts, lang: str) -> tuple[Verdict, ...]:
        """Every check of the step, as soon as all hold: what was started in the background, or killed, takes its time."""
        until = time.monotonic() + UNSTEADY
        while True:
            verdicts = self.judge(step, self.look(step), before, lang)
            if all(verdict.passed for verdict in verdicts) or time.monotonic() > until:
                return verdicts
            self._pause()


@contextmanager
def opened(settings: Settings, needs: Needs, left: list[str], *, plain: bool = False) -> Iterator[Scene]:
    """A stage that lends what the lesson needs, with a shell on it. What is left behind afterwards is added to `left`."""
    before = machine()
    stage = start_stage(settings, needs)
    try:
        stage.wait()
        scene = Scene(stage, plain=plain)
        try:
            yield scene
        finally:
            scene.close()
    finally:
        behind = stage.close()
        moved, _ = machine().compared(before)
        left += [f"left behind: {thing}" for thing in (*behind, *moved)]
