"""{{fact}} in a lesson's words and commands: the lesson reads the machine."""

import re
import shlex
from collections.abc import Mapping

from nsplay.errors import LessonError

Value = str | int | bool | tuple[str, ...]
PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
PREFIXES = ("before.", "start.")


def text_of(value: Value) -> str:
    """A fact as a word."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def names(text: str) -> tuple[str, ...]:
    """The facts that a text names, with their prefixes."""
    return tuple(PLACE.findall(text))


def bare(name: str) -> str:
    """A fact's name without `before.` or `start.`."""
    for prefix in PREFIXES:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


def fill(text: str, facts: Mapping[str, Value]) -> str:
    """The text with its facts; what can't be read is a question mark."""
    return PLACE.sub(lambda m: text_of(facts[m[1]]) if m[1] in facts else "?", text)


def fill_command(text: str, facts: Mapping[str, Value]) -> str:
    """The same for a command: values are quoted for a shell. LessonError for a fact that can't be read."""

    def one(match: re.Match[str]) -> str:
        if match[1] not in facts:
            raise LessonError(
                f"the command needs a fact that can't be read here: {match[1]}", f"it is `{text}`"
            )
        return shlex.quote(text_of(facts[match[1]]))

    return PLACE.sub(one, text)
