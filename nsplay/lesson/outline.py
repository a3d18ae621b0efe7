"""What the list and the menu need of a lesson: its title, its minutes, its steps, what the machine has to have.

Light to import, as the scanner is: `nsplay list` must be quick.
"""

import os
from typing import Any, NamedTuple

from nsplay.lesson.document import Document, Variant, Version, document
from nsplay.lesson.text import printable

STRINGS = ("tools", "namespaces", "controllers", "features")  # of needs


class StepLine(NamedTuple):
    id: str
    title: str
    digest: str


class Outline(NamedTuple):
    """What the list shows of a lesson. needs: as in the front matter, without what can't be understood."""

    id: str
    title: str
    minutes: int
    steps: tuple[StepLine, ...]
    needs: dict[str, Any]


def needs(value: object) -> dict[str, Any]:
    """`needs` of the front matter, without what can't be understood: lint tells of that."""
    table: dict[str, Any] = value if isinstance(value, dict) else {}
    understood: dict[str, Any] = {}
    for key, wanted in table.items():
        if key in STRINGS:
            words = wanted if isinstance(wanted, list) else []
            understood[key] = [word for word in words if isinstance(word, str)]
        elif (
            (key == "cgroup" and type(wanted) is int and wanted in (1, 2))
            or (key == "root" and isinstance(wanted, bool))
            or (key == "kernel" and isinstance(wanted, str))
        ):
            understood[key] = wanted
    return understood


def minutes(value: object) -> int:
    """How long a lesson takes; 0 for what is no such number."""
    return value if type(value) is int and 0 < value < 1000 else 0


def title(source: Document, told: Document | None) -> str:
    """The lesson's title, translated where it is; else its folder's name."""
    found = (document.front.get("title") for document in (told, source) if document)
    return next((words for words in found if words and isinstance(words, str)), name_of(source.path))


def name_of(path: str) -> str:
    """The id of the lesson that a file belongs to: its folder's name."""
    return printable(os.path.basename(os.path.dirname(os.path.abspath(path))))


def here(source: Document, variant: Variant | None) -> tuple[Document, Version | None]:
    """The lesson on a machine that has its controllers under that version, and which one; all of it without a variant."""
    if variant is None:
        return source, None
    version = variant(needs(source.front.get("needs")).get("controllers", ())) if source.varied else 2
    return source.under(version), version


def outline(folder: str, lang: str, variant: Variant | None = None) -> Outline:
    """Titles in that language where they are translated, of the steps for this variant. LessonError when the file is broken."""
    whole = document(folder)
    assert whole
    source, _ = here(whole, variant)
    told = document(folder, lang) if lang != "en" else None
    steps = []
    for step in source.steps:
        other = told.section(step.id) if told and step.id else None
        steps.append(StepLine(step.id, other.title if other else step.title, step.digest))
    front = source.front
    return Outline(
        name_of(source.path),
        title(source, told),
        minutes(front.get("minutes")),
        tuple(steps),
        needs(front.get("needs")),
    )
