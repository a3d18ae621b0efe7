"""`nsplay lesson test --mutate`: plays each step wrongly, every wrong way on a stage of its own, and wants it refused.

A wrong way is refused when a check or guard of the step fails that says something of its own. One that passes them all
and reached the very state that the step reaches has done the step. One that reached another state is a survivor: it
names the facts that no check looks at.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from nsplay.errors import LessonError, NsplayError
from nsplay.lesson.model import Check, Lesson
from nsplay.lesson.mutants import NOTHING, Mutant, aside, changed, left_out, named
from nsplay.lesson.states import State, differences, inside
from nsplay.repl.scene import ASIDE, OWN, Scene, opened
from nsplay.repl.script import consoles, moves, ways
from nsplay.settings import Settings

PATIENCE = 1.0  # seconds at least that a wrong way gets for a line
TIMES = 3  # it gets as many times what the whole step takes, if that is more
SHOWN = 6  # facts that a survivor names


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant.

    refused: a check of the step tells the learner. same: it did the step. unheard: refused, but nothing is said.
    survived: taken for the step, which it isn't. broken: it left something behind, or the stage didn't survive.
    story: the message, or what is wrong with the lesson. interrupted: it did not end by itself. by: what refused it.
    """

    mutant: Mutant
    kind: Literal["refused", "same", "unheard", "survived", "broken"]
    story: str = ""
    interrupted: bool = False
    by: tuple[Check, ...] = ()

    @property
    def fine(self) -> bool:
        return self.kind in ("refused", "same")


@dataclass
class StepMutants:
    """What became of a step's mutants. line: of the commands that they were made from."""

    id: str
    line: int
    outcomes: list[Outcome] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def problems(self) -> list[str]:
        return [
            f"line {self.line}: {outcome.mutant.says}: {outcome.story}"
            for outcome in self.outcomes
            if not outcome.fine
        ]

    @property
    def told(self) -> str:
        """Its numbers."""
        kinds = [outcome.kind for outcome in self.outcomes]
        refused, same = kinds.count("refused"), kinds.count("same")
        stuck = sum(outcome.interrupted for outcome in self.outcomes)
        return (
            f"{refused} mutant{'s' * (refused != 1)} refused"
            + (f", {same} the same state" if same else "")
            + (f", {stuck} interrupted" if stuck else "")
        )

    def as_json(self) -> dict[str, object]:
        mutants = [
            {
                "says": outcome.mutant.says,
                "commands": [{"line": move.line, "terminal": move.terminal} for move in outcome.mutant.moves],
                "outcome": outcome.kind,
                "story": outcome.story,
                "interrupted": outcome.interrupted,
            }
            for outcome in self.outcomes
        ]
        return {
            "id": self.id,
            "line": self.line,
            "passed": not self.problems,
            "problems": self.problems,
            "seconds": round(self.seconds, 3),
            "mutants": mutants,
        }


@dataclass(frozen=True)
class Straight:
    """A lesson played as it is written. states: before each step, and after the last. seconds: what each step took."""

    states: Sequence[State]
    seconds: Sequence[float]


class Mutation:
    """Plays one lesson's steps wrongly. alive is told what is being played."""

    def __init__(
        self,
        settings: Settings,
        lesson: Lesson,
        straight: Straight,
        alive: Callable[[str], None],
    ) -> None:
        self.settings, self.lesson, self.straight = settings, lesson, straight
        self.alive = alive
        self.ways = ways(lesson.steps)  # how steps are built again
        self.other_states = cache(self._other_states)

    def step(self, at: int) -> StepMutants:
        """All mutants of the step at `at`."""
        began, step = time.monotonic(), self.lesson.steps[at]
        (way, *_), done = consoles(step), self.ways[at][1]
        result, seen = StepMutants(step.id, way.line), {(done, False)}
        looks: set[int] = set()  # commands that change nothing: they have no wrong way

        def play(mutant: Mutant) -> bool:
            """Did it reach the step's own state?"""
            if (key := (mutant.moves, mutant.aside)) in seen:
                return False
            seen.add(key)
            self.alive(f"{step.id}: {len(result.outcomes)} mutants, now: {mutant.says}")
            result.outcomes.append(self._outcome(at, mutant))
            return result.outcomes[-1].kind == "same"

        self._shorten(at)
        play(NOTHING)
        for number in range(len(done)):
            if play(left_out(done, number)):
                looks.add(number)
        for number in range(len(done)):
            for mutant in changed(done, number, named(step.checks)) if number not in looks else ():
                play(mutant)
        if inside(self.straight.states[at]):
            play(aside(done))
        self.ways[at] = (
            step,
            tuple(
                move
                for number, move in enumerate(done)
                # (a look gives what was just put into the background the time to begin)
                if number not in looks or done[number - 1].line.endswith("&")
            ),
        )
        result.seconds = time.monotonic() - began
        return result

    def _shorten(self, at: int) -> None:
        """May the step be built without the commands that changed nothing? Else with all of them again."""
        full = ways(self.lesson.steps[:at])
        if self.ways[:at] == full:
            return
        with opened(self.settings, self.lesson.needs, [], plain=True) as scene:
            try:
                scene.replay(self.ways[:at])
                if scene.steady(self.straight.states[at]) == self.straight.states[at]:
                    return
            except LessonError:
                pass
        self.ways[:at] = full

    def _outcome(self, at: int, mutant: Mutant) -> Outcome:
        for _ in range(2):  # what is left behind only once was somebody else's, who came and went meanwhile
            left: list[str] = []
            try:
                with opened(self.settings, self.lesson.needs, left, plain=True) as scene:
                    outcome = self._played(scene, at, mutant)
            except NsplayError as error:
                return Outcome(mutant, "broken", str(error).replace("\n", "; "))
            if not left:
                return outcome
        return Outcome(mutant, "broken", "; ".join(left))

    def _played(self, scene: Scene, at: int, mutant: Mutant) -> Outcome:
        step = self.lesson.steps[at]
        scene.replay(self.ways[:at])
        before = scene.look(step)
        if mutant.aside:
            scene.step_aside()
        stuck = False
        try:
            for move in mutant.moves:
                stuck |= scene.type_anyhow(move, before, max(PATIENCE, TIMES * self.straight.seconds[at]))
                if (
                    mutant.aside and scene.here == OWN
                ):  # that shell has ended: the rest would be done on the right side
                    break
        except LessonError:  # it needs a fact that isn't there now: nobody could type it
            pass
        verdicts = scene.judge(step, scene.look(step), before, self.lesson.lang)
        if not (failed := [verdict for verdict in verdicts if not verdict.passed]):
            return self._accepted(scene, at, mutant, stuck)
        said = next((verdict for verdict in failed if verdict.check.message), None)
        if said is None:
            sources = ", ".join(f"line {one.check.line}: {one.check.source}" for one in failed)
            return Outcome(
                mutant, "unheard", f"refused without a word of the lesson's own ({sources})", stuck
            )
        return Outcome(mutant, "refused", said.message, stuck, tuple(verdict.check for verdict in failed))

    def _accepted(self, scene: Scene, at: int, mutant: Mutant, stuck: bool) -> Outcome:
        """What a mutant is that every check lets pass."""
        if mutant.aside:  # what was done counts, not where one stood: back to the learner's own shell
            scene.leave(ASIDE)
        wanted = self.straight.states[at + 1]
        state = scene.steady(wanted)
        if not (differ := differences(state, wanted)):
            return Outcome(mutant, "same", interrupted=stuck)
        if any(state == other for other in self.other_states(at)):
            return Outcome(mutant, "same", "as another accepted way does", stuck)
        facts = [str(one) for one in differ[:SHOWN]]
        more = [f"and {len(differ) - SHOWN} more facts"] if len(differ) > SHOWN else []
        story = "it passes every check, but the step reaches another state:"
        return Outcome(mutant, "survived", "\n".join((story, *facts, *more)), stuck)

    def _other_states(self, at: int) -> Sequence[State]:
        """What the other accepted ways of a step reach."""
        return tuple(self._reached(at))

    def _reached(self, at: int) -> Iterator[State]:
        step = self.lesson.steps[at]
        for way in step.consoles:
            if way.also:
                with opened(self.settings, self.lesson.needs, [], plain=True) as scene:
                    scene.replay(self.ways[:at])
                    before = scene.look(step)
                    for move in moves((way,)):
                        scene.type(move, before)
                    yield scene.steady()
