"""A step for the back row (`--big`, 60 columns and 20 rows): one view, few words, air between the lines, nothing faint."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from rich.text import Text

from nsplay.snapshot import Snapshot
from nsplay.view.grid import marked, title, verdict
from nsplay.view.text import code, wrap
from nsplay.view.ui import Screen, Ui

if TYPE_CHECKING:
    from nsplay.lesson.model import Block
    from nsplay.view.step import Result, Task

WIDE: Final = 60  # columns
MOST: Final = 8  # rows of a view
LOUD: Final = (("on the host", "ON THE HOST"), ("in here", "IN HERE"), ("the host", "THE HOST"))
_SENTENCE: Final = re.compile(r"(.*?[.。!?])(?:\s|(?<=。)|$)")


def enlarged(ui: Ui) -> Ui:
    """The same terminal as the back row has it."""
    return replace(ui, width=min(ui.width, WIDE), big=True, renamed=LOUD)


def task(ui: Ui, it: "Task") -> Screen:
    """What it is about, or the question to the room. What to type is typed before everybody's eyes."""
    screen = Screen(title(ui, Text(it.lesson, "head"), Text(f"{it.number} / {it.total}", "head")))
    screen.part([Text.assemble(" ", (it.title, "head"))])
    if not it.question:
        screen.part(_first_sentence(ui, it.prose))
        return _aired(screen)
    screen.part(marked(ui, "?", code(it.question, "head")))
    for letter, option in zip("abcdefgh", it.options, strict=False):
        screen.part(marked(ui, Text(letter, "key"), code(option)))
    return _aired(screen)


def opening(ui: Ui, prose: Sequence["Block"]) -> Screen:
    """What the lesson is about, above its first step."""
    return Screen(_first_sentence(ui, prose))


def _first_sentence(ui: Ui, prose: Sequence["Block"]) -> list[Text]:
    words = next((block.text for block in prose if block.kind == "paragraph"), "")
    return [Text(" ") + line for line in wrap(code(sentence(words)), ui.cols - 2)] if words else []


def _aired(screen: Screen) -> Screen:
    """With a blank line below: the prompt comes next."""
    if screen.lines:
        screen += Text()
    return screen


def result(ui: Ui, it: "Result", before: Snapshot, now: Snapshot) -> Screen:
    """The first view that moved, and one sentence. The command stands above, as it was typed."""
    screen = Screen()
    for view in [view for view in it.views if view.moved(before, now)][:1]:
        screen.part(_airy(view.after(ui, before, now).lines[:MOST]))
    if it.broken:
        screen.part([Text(), *verdict(ui, False, code(it.broken.message, "head"))])
    elif it.done:
        words = sentence(it.summary[0]) if it.summary else it.done
        screen.part([Text(), *verdict(ui, True, code(words, "head"))])
    return _aired(screen)


def sentence(words: str) -> str:
    """The first one."""
    found = _SENTENCE.match(" ".join(words.split()))
    return found[1] if found else words


def _airy(lines: Iterable[Text]) -> list[Text]:
    """A blank line between, where there are few."""
    full = [line for line in lines if line.plain.strip()]
    if len(full) > MOST // 2 + 1:
        return full
    return [one for line in full for one in (line, Text())][:-1]
