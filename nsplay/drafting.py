"""A draft as a file: written when its author has done, then proved, with what is proved and what is left to write."""

import os
from collections.abc import Sequence

from nsplay import facts
from nsplay.errors import LessonError
from nsplay.kernel.cgroups import variant
from nsplay.lesson.draft import UNWRITTEN, Made, controllers, ids, places, written
from nsplay.lesson.loader import load
from nsplay.linting import lesson_problems, told
from nsplay.repl.draft import Proof, prove
from nsplay.repl.lesson_test import LessonTest, Voice, Wanted
from nsplay.settings import Settings
from nsplay.view.registry import VIEWS


class Draft:
    """The lesson of that name, of these steps (which may still grow, until it is written)."""

    def __init__(self, settings: Settings, name: str, steps: Sequence[Made]) -> None:
        self.settings, self.name, self.steps = settings, name, steps
        self.folder = os.path.join(settings.lessons, name)
        self.voice = Voice(as_json=False)

    def text(self) -> str:
        """As lesson.md holds it."""
        return written(self.steps, variant(controllers(self.steps)))

    def prove(self, option: str) -> int:
        """Plays the written draft, rightly and wrongly, writes it with the checks that this left, and tests that file.

        0 when every wrong way is refused; 1 when something isn't proved. option: what names the folder on a command line.
        """
        try:
            proofs = self._proofs()
        except KeyboardInterrupt:
            self.voice.say(
                f"\nStopped: it isn't proved.\n    nsplay lesson test --mutate {self.name}{option}"
            )
            return 130
        except LessonError as error:
            self.voice.say(f"\nIt isn't proved: {error}\n    nsplay lesson edit {self.name}{option}")
            return 1
        self._write()
        for proof, name in zip(proofs, ids(self.steps), strict=True):
            self._tell(proof, name)
        passed = LessonTest(self.settings, self.folder, Wanted(), self.voice).run().passed
        problems = lesson_problems(self.settings, self.name)
        for problem in problems:
            print(told(problem))
        self._onward(option)
        return 0 if passed and not problems and all(proof.good for proof in proofs) else 1

    def _proofs(self) -> list[Proof]:
        """A step that nothing proves goes with the one before it (the first with the next): its commands stay."""
        while True:
            lesson = load(self.folder, self.settings.lang, variant=variant, known=facts.known, views=VIEWS)
            proofs = prove(self.settings, lesson, self.steps, self.voice.alive)
            empty = next((at for at, proof in enumerate(proofs) if not proof.step.found.checks), None)
            if empty is None or len(proofs) == 1:
                self.steps = [proof.step for proof in proofs]
                return proofs
            name, at = ids(self.steps)[empty], max(0, empty - 1)
            self.voice.say(f"! {name}: nothing that it changed was the same again: joined with its neighbour")
            one = self.steps[at].joined(self.steps[at + 1])
            self.steps = [*self.steps[:at], one, *self.steps[at + 2 :]]
            self._write()

    def _write(self) -> None:
        with open(os.path.join(self.folder, "lesson.md"), "r+", encoding="utf-8") as file:
            file.truncate()
            file.write(self.text())

    def _tell(self, proof: Proof, name: str) -> None:
        """What proves the step, and what doesn't."""
        found, mutants = proof.step.found, proof.mutants
        self.voice.say(
            f"{'.' if proof.good else '!'} {name}: {mutants.told if mutants else 'nothing proves it'}"
        )
        for line in (*found.guards, *found.checks):
            self.voice.say(f"    {line.comparison}")
        if proof.dropped:
            self.voice.say(f"    dropped, another time it was otherwise: {'; '.join(proof.dropped)}")
        for problem in mutants.problems if mutants else ():
            self.voice.say("    ! " + problem.partition(": ")[2].replace("\n", "\n        "))

    def _onward(self, option: str) -> None:
        count, path = places(self.text()), os.path.join(self.folder, "lesson.md")
        print(f"\nThe words are yours: {count} places in {path} begin with {UNWRITTEN}")
        print(f"    nsplay lesson edit {self.name}{option}")
        print(f"    nsplay lesson test --mutate {self.name}{option}")
