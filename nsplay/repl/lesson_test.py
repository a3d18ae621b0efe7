"""`nsplay lesson test`: plays a lesson as a learner would, in a real terminal on a real stage, and judges its checks."""

import json
import os
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from nsplay import facts
from nsplay.errors import LessonError, NsplayError, UsageError
from nsplay.kernel.cgroups import variant
from nsplay.lesson.checks import exempt
from nsplay.lesson.course import course, find
from nsplay.lesson.loader import load
from nsplay.lesson.model import Console, Lesson, Move, Step, Verdict
from nsplay.lesson.states import State, differences
from nsplay.needs import missing
from nsplay.repl.mutate import Mutation, StepMutants, Straight
from nsplay.repl.scene import Scene, opened
from nsplay.repl.script import consoles, moves, ways
from nsplay.settings import Settings, make_state_folder
from nsplay.view.registry import VIEWS
from nsplay.view.text import fit

SAID = 3  # rows of what a command said, where a step fails


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
    mutated: list[StepMutants] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return (
            not self.problems
            and not any(step.problems for step in self.steps)
            and not any(step.problems for step in self.mutated)
        )

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
            **({"mutated": [step.as_json() for step in self.mutated]} if self.mutated else {}),
        }


@dataclass(frozen=True)
class Wanted:
    """What to test: steps' ids (None: all), and also wrong ways of doing them."""

    only: str | None = None
    mutate: bool = False


class Voice:
    """Tells a person how it goes. as_json: nothing is said, a program reads the result."""

    def __init__(self, as_json: bool) -> None:
        self.silent = as_json
        self.live = not as_json and sys.stdout.isatty()

    def say(self, text: str) -> None:
        """A line that stays."""
        if not self.silent:
            self.alive("")
            print(text, flush=True)

    def alive(self, text: str) -> None:
        """What is being done, until something else is said."""
        if self.live:
            columns = os.get_terminal_size(1).columns or 80
            line = fit(text.splitlines()[0], columns - 1).plain.rstrip() if text else ""
            print(f"\r\033[K{line}", end="", flush=True)


def run_tests(settings: Settings, ids: Sequence[str], wanted: Wanted, *, as_json: bool) -> int:
    """Tests the lessons with these ids, all when there are none. 0 when all passed, else 1; 3 when none could run."""
    make_state_folder(settings.state)
    folders = [find(settings.lessons, name) for name in ids] or list(course(settings.lessons))
    voice = Voice(as_json)
    results = [LessonTest(settings, folder, wanted, voice).run() for folder in folders]
    if as_json:
        print(json.dumps({"lessons": [result.as_json() for result in results]}, ensure_ascii=False, indent=2))
    if results and all(result.skipped for result in results):
        return 3
    return 0 if all(result.passed for result in results) else 1


class LessonTest:
    """Tests one lesson."""

    def __init__(self, settings: Settings, folder: str, wanted: Wanted, voice: Voice) -> None:
        self.settings, self.folder, self.voice = settings, folder, voice
        self.only, self.mutate = wanted.only, wanted.mutate

    def run(self) -> LessonResult:
        """Every step in one go and once more from a fresh stage, every other accepted way of a step and then, if wanted,
        every wrong way."""
        result = LessonResult(os.path.basename(self.folder))
        try:
            lesson = load(self.folder, self.settings.lang, variant=variant, known=facts.known, views=VIEWS)
            self._known_step(lesson)
            why, mend = missing(vars(lesson.needs))
            if why:
                result.skipped = why
                self.voice.say(f"- {result.id}: can't run here: {why}" + (f" (try: {mend})" if mend else ""))
                return result
            before = self._straight(lesson, result)
            if result.passed:
                self._reset(lesson, result, before)
            self._other_ways(lesson, result, before)
            if self.mutate:
                self._wrong_ways(lesson, result)
        except UsageError:
            raise
        except NsplayError as error:
            self._problem(result, str(error))
        for problem in result.problems:
            if problem.startswith("left behind"):  # told by the stage's end, after its steps
                self.voice.say(f"  x {problem}")
        self.voice.say(f"{'ok' if result.passed else 'FAILED'} {result.id}: {len(result.steps)} steps")
        return result

    def _known_step(self, lesson: Lesson) -> None:
        if self.only is not None and self.only not in [step.id for step in lesson.steps]:
            raise UsageError(
                f"the lesson {lesson.id} has no step {self.only}", do=f"nsplay lesson test {lesson.id}"
            )

    def _steps(self, lesson: Lesson) -> tuple[Step, ...]:
        """Those that are played: up to the one that is wanted."""
        return lesson.steps[: lesson.index(self.only) + 1] if self.only else lesson.steps

    def _straight(self, lesson: Lesson, result: LessonResult) -> list[State]:
        """The lesson as it is written; the state before each step."""
        before = []
        with opened(self.settings, lesson.needs, result.problems) as scene:
            for step in self._steps(lesson):
                before.append(scene.steady())
                outcome = play(scene, step, consoles(step), lesson.lang)
                if self.only in (None, step.id):
                    result.steps.append(outcome)
                    self._tell(outcome)
        return before

    def _again(
        self, lesson: Lesson, result: LessonResult, before: Sequence[State] = (), *, plain: bool = False
    ) -> Straight:
        """The same on a fresh stage, unjudged: what `:reset` to any of the steps builds.

        before: the states that it should reach.
        """
        states, seconds = [], []
        with opened(self.settings, lesson.needs, result.problems, plain=plain) as scene:
            for step, wanted in zip_longest(self._steps(lesson), before):
                states.append(scene.steady(wanted))
                began = time.monotonic()
                scene.replay(ways([step]))
                seconds.append(time.monotonic() - began)
            states.append(scene.steady())
        return Straight(states, seconds)

    def _reset(self, lesson: Lesson, result: LessonResult, before: Sequence[State]) -> None:
        again = self._again(lesson, result, before).states
        if all(not differences(*pair) for pair in zip(again, before, strict=False)):
            return
        # Once more: what a program in the background was just about to do is no difference.
        more = self._again(lesson, result, before).states
        for step, here, other, there in zip(lesson.steps, again, more, before, strict=False):
            if (differ := differences(here, there)) and differences(other, there):
                facts = "; ".join(map(str, differ))
                self._problem(result, f"{step.id}: after :reset it doesn't begin as it did: {facts}")
                break  # what follows from it differs, too

    def _other_ways(self, lesson: Lesson, result: LessonResult, before: Sequence[State]) -> None:
        """On as few stages as it takes: from a way that leads where the step leads, the lesson goes on to the next.

        before: the state before each step.
        """
        steps = self._steps(lesson)
        others = [
            deque(c for c in step.consoles if c.also and self.only in (None, step.id)) for step in steps
        ]
        while any(others):
            with opened(self.settings, lesson.needs, result.problems) as scene:
                for at, step in enumerate(steps):
                    if not others[at]:
                        scene.replay(ways([step]))
                        continue
                    way = others[at].popleft()
                    outcome = play(scene, step, (way,), lesson.lang)
                    outcome.id += f" (line {way.line})"
                    result.steps.append(outcome)
                    self._tell(outcome)
                    more = any(others[at + 1 :]) and not outcome.problems
                    if not more or differences(scene.steady(before[at + 1]), before[at + 1]):
                        break

    def _wrong_ways(self, lesson: Lesson, result: LessonResult) -> None:
        if not result.passed:
            self.voice.say("  - not played wrongly: it has to pass first")
            return
        straight = self._again(lesson, result, plain=True)
        mutation = Mutation(self.settings, lesson, straight, self.voice.alive)
        for at, step in enumerate(self._steps(lesson)):
            if self.only in (None, step.id):
                outcome = mutation.step(at)
                result.mutated.append(outcome)
                self._tell(outcome, outcome.told)

    def _tell(self, outcome: StepResult | StepMutants, told: str = "") -> None:
        mark = "x" if outcome.problems else "."
        self.voice.say("  ".join(filter(None, (f"  {mark} {outcome.id}", told, f"{outcome.seconds:.2f} s"))))
        for problem in outcome.problems:
            self.voice.say("      " + problem.replace("\n", "\n        "))

    def _problem(self, result: LessonResult, problem: str) -> None:
        result.problems.append(problem)
        self.voice.say(f"  x {problem}")


def play(scene: Scene, step: Step, way: Sequence[Console], lang: str) -> StepResult:
    """Does a step, judging before and after."""
    began, outcome = time.monotonic(), StepResult(step.id)
    if not way:
        outcome.problems.append("there is no command for this machine's cgroup version")
        return outcome
    before = scene.look(step)
    outcome.problems += proves_nothing(scene.judge(step, before, before, lang))
    said: list[str] = []
    try:
        for move in moves(way):
            said += _told(move, scene.type(move, before))
    except LessonError as error:
        outcome.problems.append(str(error).replace("\n", "; "))
    failed = [verdict for verdict in scene.judge_done(step, before, lang) if not verdict.passed]
    outcome.problems += [
        f"line {one.check.line}: {one.check.source}: fails after the step: "
        f"found {one.found}; wanted {one.wanted}"
        for one in failed
    ]
    if failed:
        outcome.problems += said
    outcome.seconds = time.monotonic() - began
    return outcome


def _told(move: Move, answer: Sequence[str]) -> list[str]:
    rows = list(filter(None, answer))
    return ["\n".join([f"`{move.line}` said:", *rows[-SAID:]])] if rows else []


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
