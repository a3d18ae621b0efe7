r"""{{fact}} in a lesson's words and commands: the lesson reads the machine. `\{{` is written for two braces themselves."""

import re
import shlex
from collections.abc import Mapping

from nsplay.errors import LessonError
from nsplay.lesson.text import printable

Value = str | int | bool | tuple[str, ...]
PLACE = re.compile(r"(\\?)\{\{([^{}]*)\}\}")
PREFIXES = ("before.", "start.")


def text_of(value: Value) -> str:
    """A fact as a word. A name in the kernel may hold anything: what a terminal would obey is a question mark."""
    return printable(_raw(value))


def _raw(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def names(text: str) -> tuple[str, ...]:
    """The facts that a text names, with their prefixes."""
    return tuple(match[2].strip() for match in PLACE.finditer(text) if not match[1])


def bare(name: str) -> str:
    """A fact's name without `before.` or `start.`."""
    for prefix in PREFIXES:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


def fill(text: str, facts: Mapping[str, Value]) -> str:
    """The text with its facts; what can't be read is a question mark."""

    def one(match: re.Match[str]) -> str:
        if match[1]:
            return match[0][1:]
        name = match[2].strip()
        return text_of(facts[name]) if name in facts else "?"

    return PLACE.sub(one, text)


def fill_command(text: str, facts: Mapping[str, Value]) -> str:
    """The same for a command: values are quoted for a shell. LessonError for a fact that can't be read or typed."""

    def one(match: re.Match[str]) -> str:
        if match[1]:
            return match[0][1:]
        name = match[2].strip()
        if name not in facts:
            raise LessonError(f"the command needs a fact that can't be read here: {name}", f"it is `{text}`")
        value = _raw(facts[name])
        if printable(value) != value:  # typed, it would be a key: Enter, Ctrl-C
            raise LessonError(
                f"the command needs a fact with a control character in it: {name}", f"it is `{text}`"
            )
        return shlex.quote(value)

    return PLACE.sub(one, text)
