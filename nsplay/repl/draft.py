"""`nsplay lesson draft`: a stage to play freely on, from which a lesson comes; and the proof of what came."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from nsplay.errors import LessonError
from nsplay.lesson.draft import Made, chosen
from nsplay.lesson.model import Lesson
from nsplay.lesson.states import State
from nsplay.repl.actors import Eyes, start_stage
from nsplay.repl.draft_pages import DraftPages
from nsplay.repl.draft_session import DraftSession
from nsplay.repl.entrance import alone, ask_background, make_ready
from nsplay.repl.mutate import Mutation, StepMutants, Straight
from nsplay.repl.rehearsal import Judged
from nsplay.repl.scene import opened
from nsplay.repl.script import consoles, moves
from nsplay.repl.seated import AGAIN, seated, tell_lacks
from nsplay.settings import Settings
from nsplay.stage.stage import Stage


class Recorder:
    """What is typed on one stage after the other, as steps. They stand in `steps` whatever ends it."""

    def __init__(self, settings: Settings, name: str) -> None:
        make_ready(settings)
        self.settings, self._ahead = ask_background(settings)
        self.name, self.pages = name, DraftPages(self.settings)
        self.session = DraftSession(self.pages)
        self._told = False

    @property
    def steps(self) -> Sequence[Made]:
        return tuple(self.session.steps)

    def play(self) -> list[str]:
        """Until its author has done; what stayed behind."""
        with alone():
            stage = start_stage(self.settings)
            try:
                while (reason := self._on(stage)) in AGAIN:
                    print(self.pages.rebuilding(reason), end="", flush=True)
                    stage = start_stage(self.settings)
            finally:
                left = stage.close()
        return list(left)

    def _on(self, stage: Stage) -> str:
        try:
            report = stage.wait()
            if not self._told:
                tell_lacks(self.settings, report)
                print(self.pages.opening(self.name), end="", flush=True)
            self._told = True
            self.session.rebuild(Eyes(stage))
            ahead, self._ahead = self._ahead, b""
            return seated(self.settings, stage, self.session, self.pages, ahead).reason
        finally:
            stage.close()


@dataclass(frozen=True)
class Proof:
    """What became of a draft's step. dropped: comparisons that were another time something else. mutants: None: none made."""

    step: Made
    dropped: Sequence[str]
    mutants: StepMutants | None

    @property
    def good(self) -> bool:
        """Is there a check, and is every wrong way refused?"""
        return bool(self.step.found.checks) and self.mutants is not None and not self.mutants.problems


def prove(
    settings: Settings, lesson: Lesson, steps: Sequence[Made], alive: Callable[[str], None]
) -> list[Proof]:
    """Plays the draft again and then every wrong way; the steps with the fewest checks that refuse them all.

    Where a step has no check that was right again, nothing is played wrongly. LessonError for a command that doesn't come
    back, or a stage that is left with something.
    """
    alive("once more, on a fresh stage")
    straight, judged = _replayed(settings, lesson)
    stable = [{one.after.check.source for one in each if one.good} for each in judged]
    firm = replace(
        lesson,
        steps=tuple(
            replace(step, checks=tuple(check for check in step.checks if check.source in kept))
            for step, kept in zip(lesson.steps, stable, strict=True)
        ),
    )
    mutation = Mutation(settings, firm, straight, alive)
    whole = all(any(not check.guard for check in step.checks) for step in firm.steps)
    proofs = []
    for at, (made, step, kept) in enumerate(zip(steps, firm.steps, stable, strict=True)):
        dropped = [check.source for check in lesson.steps[at].checks if check.source not in kept]
        if not whole:
            proofs.append(Proof(made.proved(kept), dropped, None))
            continue
        mutants = mutation.step(at)
        few = chosen([outcome.by for outcome in mutants.outcomes], step.checks)
        proofs.append(Proof(made.proved([check.source for check in few]), dropped, mutants))
    alive("")
    return proofs


def _replayed(settings: Settings, lesson: Lesson) -> tuple[Straight, list[list[Judged]]]:
    """The draft on a fresh stage: the states that it reaches, and every comparison before and after its step."""
    left: list[str] = []
    states, seconds, judged = list[State](), list[float](), list[list[Judged]]()
    with opened(settings, lesson.needs, left, plain=True) as scene:
        for step in lesson.steps:
            states.append(scene.steady())
            began, before = time.monotonic(), scene.look(step)
            held = scene.judge(step, before, before, lesson.lang)
            for move in moves(consoles(step)):
                scene.type(move, before)
            after = scene.judge_done(step, before, lesson.lang)
            seconds.append(time.monotonic() - began)
            judged.append([Judged(*both) for both in zip(held, after, strict=True)])
        states.append(scene.steady())
    if left:
        raise LessonError("the draft leaves something on the machine", "; ".join(left), "nsplay clean")
    return Straight(states, seconds), judged
