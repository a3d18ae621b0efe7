"""`nsplay lesson test`: plays a lesson as a learner would, in a real terminal on a real stage, and judges its checks."""

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from nsplay import facts
from nsplay.errors import LessonError, NsplayError, UsageError
from nsplay.facts import Value
from nsplay.lesson.checks import evaluate, exempt
from nsplay.lesson.course import course, find
from nsplay.lesson.fill import fill_command
from nsplay.lesson.loader import load
from nsplay.lesson.model import Console, Lesson, Move, Step, Verdict
from nsplay.needs import missing
from nsplay.repl.actors import Eyes, Facts, here, shell, start_stage
from nsplay.repl.machine import machine
from nsplay.repl.player import Player
from nsplay.repl.script import cgroup_version, consoles, moves, parts_of
from nsplay.settings import Settings, make_state_folder
from nsplay.stage.stage import Stage
from nsplay.view.registry import VIEWS


@dataclass
class StepResult:
    """What came of one step; no problems: it passed."""

    id: str
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass
class LessonResult:
    """What came of a lesson. skipped: why it could not run here, empty when it ran."""

    id: str
    steps: list[StepResult] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    skipped: str = ""

    @property
    def passed(self) -> bool:
        return not self.problems and not any(step.problems for step in self.steps)

    def as_json(self) -> dict[str, object]:
        steps = [
            {
                "id": step.id,
                "passed": not step.problems,
                "problems": step.problems,
                "seconds": round(step.seconds, 3),
            }
            for step in self.steps
        ]
        return {
            "id": self.id,
            "passed": self.passed,
            "skipped": self.skipped,
            "problems": self.problems,
            "steps": steps,
        }


def run_tests(settings: Settings, ids: Sequence[str], only: str | None, *, as_json: bool) -> int:
    """Tests the lessons with these ids, all when there are none. 0 when all passed, else 1; 3 when none could run."""
    make_state_folder(settings.state)
    folders = [find(settings.lessons, name) for name in ids] or list(course(settings.lessons))
    say = (lambda text: None) if as_json else (lambda text: print(text, flush=True))
    results = [LessonTest(settings, folder, only, say).run() for folder in folders]
    if as_json:
        print(json.dumps({"lessons": [result.as_json() for result in results]}, ensure_ascii=False, indent=2))
    if results and all(result.skipped for result in results):
        return 3
    return 0 if all(result.passed for result in results) else 1


class LessonTest:
    """Tests one lesson."""

    def __init__(self, settings: Settings, folder: str, only: str | None, say: Callable[[str], None]) -> None:
        self.settings, self.folder, self.only, self.say = settings, folder, only, say
        self.version = cgroup_version()

    def run(self) -> LessonResult:
        """Every step in one go, then every other accepted way of a step on a stage of its own."""
        result = LessonResult(os.path.basename(self.folder))
        try:
            lesson = load(self.folder, self.settings.lang, known=facts.known, views=VIEWS)
            self._known_step(lesson)
            why, mend = missing(vars(lesson.needs))
            if why:
                result.skipped = why
                self.say(f"- {result.id}: can't run here: {why}" + (f" (try: {mend})" if mend else ""))
                return result
            self._straight(lesson, result)
            self._other_ways(lesson, result)
        except UsageError:
            raise
        except NsplayError as error:
            result.problems.append(str(error))
            self.say(f"  x {error}")
        self.say(f"{'ok' if result.passed else 'FAILED'} {result.id}: {len(result.steps)} steps")
        return result

    def _known_step(self, lesson: Lesson) -> None:
        if self.only is not None and self.only not in [step.id for step in lesson.steps]:
            raise UsageError(
                f"the lesson {lesson.id} has no step {self.only}", do=f"nsplay lesson test {lesson.id}"
            )

    def _straight(self, lesson: Lesson, result: LessonResult) -> None:
        with self._scene(result) as scene:
            for step in lesson.steps:
                judged = self.only in (None, step.id)
                outcome = scene.play(step, consoles(step, self.version), lesson.lang)
                if judged:
                    result.steps.append(outcome)
                    self._tell(outcome)
                if self.only == step.id:
                    break

    def _other_ways(self, lesson: Lesson, result: LessonResult) -> None:
        for at, step in enumerate(lesson.steps):
            ways = [c for c in step.consoles if c.also and c.version in (None, self.version)]
            for way in ways if self.only in (None, step.id) else ():
                with self._scene(result) as scene:
                    scene.replay(lesson.steps[:at], self.version)
                    outcome = scene.play(step, (way,), lesson.lang)
                    outcome.id += f" (line {way.line})"
                    result.steps.append(outcome)
                    self._tell(outcome)

    def _tell(self, outcome: StepResult) -> None:
        self.say(f"  {'x' if outcome.problems else '.'} {outcome.id}  {outcome.seconds:.2f} s")
        for problem in outcome.problems:
            self.say(f"      {problem}")

    @contextmanager
    def _scene(self, result: LessonResult) -> Iterator["Scene"]:
        """A stage with a shell on it; what is left behind afterwards is a problem of the lesson's."""
        before = machine()
        stage = start_stage(self.settings)
        try:
            stage.wait()
            scene = Scene(stage)
            try:
                yield scene
            finally:
                scene.close()
        finally:
            left = stage.close()
            moved, _ = machine().compared(before)
            result.problems += [f"left behind: {thing}" for thing in (*left, *moved)]


class Scene:
    """A stage, a learner's shell on it, and the looks at both."""

    def __init__(self, stage: Stage) -> None:
        self.eyes = Eyes(stage)
        self.stage = stage
        self.players: dict[int, Player] = {}  # by the number of their terminal
        self._player(1)
        self.start: Facts | None = None

    def close(self) -> None:
        """Hangs up on every terminal."""
        for player in self.players.values():
            player.close()

    def _player(self, terminal: int) -> Player:
        """Who types in that terminal; the second one is opened when something is typed in it."""
        if terminal not in self.players:
            env = {**os.environ, "TERM": "xterm-256color", "HISTFILE": "/dev/null"}
            self.players[terminal] = Player(self.stage.open_terminal, shell(), env, here())
            self.players[terminal].settle()
        return self.players[terminal]

    def _places(self) -> tuple[int | None, int | None]:
        second = self.players.get(2)
        return self.players[1].place(), second.place() if second else None

    def look(self, step: Step) -> Facts:
        """All facts that the step needs, now."""
        place, second = self._places()
        now = Eyes.facts(self.eyes.look(place, parts_of(step), second))
        # `start.` must hold whatever a later step asks for: what is new in it was not touched before.
        self.start = {**now, **(self.start or {})}
        return now

    def replay(self, steps: Sequence[Step], version: int) -> None:
        """Does earlier steps without judging them."""
        for step in steps:
            before = self.look(step)
            for move in moves(consoles(step, version)):
                self.type(move, before)

    def type(self, move: Move, before: Facts) -> None:
        """Types one command of a step."""
        place, second = self._places()
        now = Eyes.facts(self.eyes.look(place, (), second))
        prefixed = {f"before.{name}": value for name, value in before.items()}
        prefixed |= {f"start.{name}": value for name, value in (self.start or {}).items()}
        self._player(move.terminal).run(fill_command(move.line, {**now, **prefixed}))

    def play(self, step: Step, ways: Sequence[Console], lang: str) -> StepResult:
        """Does a step, judging before and after."""
        began, outcome = time.monotonic(), StepResult(step.id)
        if not ways:
            outcome.problems.append("there is no command for this machine's cgroup version")
            return outcome
        before = self.look(step)
        held = self._judge(step, before, before, lang)
        outcome.problems += proves_nothing(held)
        try:
            for move in moves(ways):
                self.type(move, before)
        except LessonError as error:
            outcome.problems.append(str(error).replace("\n", "; "))
        for verdict in self._judge(step, self.look(step), before, lang):
            if not verdict.passed:
                outcome.problems.append(
                    f"line {verdict.check.line}: {verdict.check.source}: fails after the step: "
                    f"found {verdict.found}; wanted {verdict.wanted}"
                )
        outcome.seconds = time.monotonic() - began
        return outcome

    def _judge(self, step: Step, now: Facts, before: Facts, lang: str) -> tuple[Verdict, ...]:
        start: dict[str, Value] = dict(self.start or {})
        return evaluate(step.checks, now, before, start, lang)


def proves_nothing(held: Sequence[Verdict]) -> list[str]:
    """What is wrong with verdicts taken before anything was typed.

    A check has to fail then. Those that say that something stays (a `guard`, or an equality with its own past) may
    hold; but one of the step's checks has to fail, or the step is done before it begins.
    """
    problems = [
        f"line {verdict.check.line}: {verdict.check.source}: holds before the step's command: it proves nothing"
        for verdict in held
        if verdict.passed and not exempt(verdict.check)
    ]
    problems += [
        f"line {verdict.check.line}: {verdict.check.source}: a guard that doesn't hold when the step begins"
        for verdict in held
        if verdict.check.guard and not verdict.passed
    ]
    if held and all(verdict.passed for verdict in held) and not problems:
        problems.append("all checks hold before the step's command: nothing has to be done")
    return problems
