"""Which wording of a step is it? A recording says which one it shows."""

import hashlib
from collections.abc import Iterator

from nsplay.lesson.model import Step


def edition(step: Step) -> str:
    """Eight hexadecimal digits that change with every word a room sees of the step: prose, guess, commands, checks, summary."""
    return hashlib.sha256("\0".join(_words(step)).encode()).hexdigest()[:8]


def _words(step: Step) -> Iterator[str]:
    yield from (step.title, *(block.kind + block.text for block in step.prose))
    if guess := step.predict:
        yield from (guess.question, *guess.options, str(guess.right), guess.because)
    yield from (line for console in step.consoles for line in (console.where, *console.commands))
    yield from (word for check in step.checks for word in (check.source, check.message))
    yield from (*step.summary, *step.views)
