"""How a person types: not evenly, and with a breath between words. Seeded, so that a rehearsal is the show."""

import random
from collections.abc import Iterator
from typing import Final

LETTER: Final = 0.055  # seconds from one letter to the next, on average
WORD: Final = 0.11  # seconds more at the end of a word
THOUGHT: Final = 0.45  # seconds before the first letter, and before Enter
SLOWEST: Final = 4.0  # times the average: a hand that hesitates
LONG: Final = 60  # letters: of a longer line, those behind are typed twice as fast


class Pace:
    """The times of every line, the same for the same seed. speed: 2 is twice as fast, 0 takes no time at all."""

    def __init__(self, seed: int = 1, speed: float = 1.0) -> None:
        self._seed, self._speed = seed, speed

    def strokes(self, line: str) -> Iterator[tuple[str, float]]:
        """Each letter, and the seconds before it; at last "" with those before Enter."""
        dice = random.Random(f"{self._seed}:{line}")
        yield from ((letter, self._scaled(wait)) for letter, wait in self._letters(line, dice))
        yield "", self._scaled(THOUGHT * dice.uniform(0.8, 1.4))

    def seconds(self, line: str) -> float:
        """That the line takes."""
        return sum(wait for _, wait in self.strokes(line))

    def _letters(self, line: str, dice: random.Random) -> Iterator[tuple[str, float]]:
        before = ""
        for number, letter in enumerate(line):
            wait = min(dice.expovariate(1 / LETTER) * 0.6 + LETTER * 0.4, LETTER * SLOWEST)
            if number > LONG:
                wait /= 2
            if before == " ":
                wait += WORD * dice.uniform(0.5, 1.5)
            if not number:
                wait = THOUGHT * dice.uniform(0.7, 1.3)
            yield letter, wait
            before = letter

    def _scaled(self, wait: float) -> float:
        return wait / self._speed if self._speed else 0.0
