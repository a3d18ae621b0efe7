"""The one scanner of lesson files: front matter, sections, fences. And what of it the list and the menu need.

Light to import (no dataclasses, no Markdown library: 46 ms): `nsplay list` must be quick. The format is in lessons/README.md.
"""

import os
import re
import zlib
from typing import Any, NamedTuple

from nsplay.errors import LessonError

LARGEST = 1 << 20  # bytes of a lesson's file
HEADING = re.compile(r"^(#{1,2}) +(.*?)(?: +\{#([^}]*)\})?\s*$")
FENCE = re.compile(r"^(`{3,}|~{3,})\s*(.*?)\s*$")
CARD = "card"  # the section with this id is no step


class Line(NamedTuple):
    """A line of the file, from 1."""

    number: int
    text: str


class Fence(NamedTuple):
    """A fenced block: `words` is what stands behind the back quotes."""

    words: tuple[str, ...]
    body: tuple[Line, ...]
    line: int

    @property
    def kind(self) -> str:
        return self.words[0] if self.words else ""


class Section(NamedTuple):
    """A heading and what is below it. `of`: the hash of the source that a translation was made from."""

    level: int
    title: str
    id: str
    of: str
    line: int
    prose: tuple[Line, ...]
    fences: tuple[Fence, ...]

    @property
    def digest(self) -> str:
        """Changes with what the step asks for, not with its prose."""
        asked = [f for f in self.fences if f.kind in ("console", "check", "guard")]
        return _hash("\n".join(" ".join(f.words) + "\n" + _text(f.body) for f in asked))

    @property
    def source(self) -> str:
        """Changes with anything that a translator has to know of."""
        told = [f for f in self.fences if f.kind != "console"]
        words = "\n".join(" ".join(f.words) + "\n" + _text(f.body) for f in told)
        return _hash(f"{self.title}\n{_text(self.prose)}\n{words}")


class Document(NamedTuple):
    """A lesson's file."""

    path: str
    front: dict[str, Any]
    sections: tuple[Section, ...]

    @property
    def steps(self) -> tuple[Section, ...]:
        return tuple(s for s in self.sections if s.level == 2 and s.id != CARD)

    def section(self, name: str) -> Section | None:
        """The section with this id."""
        return next((s for s in self.sections if s.id == name), None)


class StepLine(NamedTuple):
    id: str
    title: str
    digest: str


class Outline(NamedTuple):
    """What the list shows of a lesson."""

    id: str
    title: str
    minutes: int
    steps: tuple[StepLine, ...]
    needs: dict[str, Any]


def _text(lines: tuple[Line, ...]) -> str:
    return "\n".join(line.text.rstrip() for line in lines).strip()


def _hash(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"


def read(path: str) -> str:
    """The text of a lesson's file; LessonError with a sentence for everything that can be wrong with a file."""
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            raise LessonError(f"{path} is not a file")
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise LessonError(f"{path} can't be read", error.strerror or str(error)) from None
    if len(data) > LARGEST:
        raise LessonError(f"{path} is too large for a lesson", f"more than {LARGEST >> 20} MB")
    try:
        return data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise LessonError(f"{path} is not UTF-8 text", f"byte {error.start} can't be decoded") from None


def scan(text: str, path: str) -> Document:
    """Splits a lesson's text. LessonError for front matter that is no TOML, and for a fence that never ends."""
    lines = [Line(number, line) for number, line in enumerate(text.split("\n"), 1)]
    front, rest = _front(lines, path)
    sections: list[Section] = []
    prose: list[Line] = []
    fences: list[Fence] = []
    head = (0, "", "", "", 1)
    at = 0
    while at < len(rest):
        line = rest[at]
        if fence := FENCE.match(line.text):
            end = _end(rest, at, fence[1], path)
            fences.append(Fence(tuple(fence[2].split()), tuple(rest[at + 1 : end]), line.number))
            at = end
        elif heading := HEADING.match(line.text):
            sections.append(Section(*head, tuple(prose), tuple(fences)))
            name, of = _attributes(heading[3] or "")
            head = (len(heading[1]), heading[2], name, of, line.number)
            prose, fences = [], []
        else:
            prose.append(line)
        at += 1
    sections.append(Section(*head, tuple(prose), tuple(fences)))
    return Document(path, front, tuple(s for s in sections if s.level or s.fences or _text(s.prose)))


def _front(lines: list[Line], path: str) -> tuple[dict[str, Any], list[Line]]:
    if lines[0].text.strip() != "+++":
        return {}, lines
    end = next((i for i, line in enumerate(lines[1:], 1) if line.text.strip() == "+++"), 0)
    if not end:
        raise LessonError(
            f"{path}:1: the front matter has no end", "it begins with +++", "a line +++ behind it"
        )
    import tomllib

    try:
        return tomllib.loads("\n".join(line.text for line in lines[1:end]) + "\n"), lines[end + 1 :]
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise LessonError(f"{path}:1: the front matter is no TOML", str(error)) from None


def _end(lines: list[Line], at: int, marks: str, path: str) -> int:
    for i in range(at + 1, len(lines)):
        closing = lines[i].text.strip()
        if closing.startswith(marks) and not closing.strip(marks[0]):
            return i
    raise LessonError(f"{path}:{lines[at].number}: this block never ends", do=f"a line {marks} behind it")


def _attributes(text: str) -> tuple[str, str]:
    """`make of=5f3a9c1e` -> id, hash."""
    words = text.split()
    of = next((word[3:] for word in words[1:] if word.startswith("of=")), "")
    return (words[0] if words else ""), of


def document(folder: str, lang: str = "en") -> Document | None:
    """The lesson's file in this language; None for a translation that there isn't. English is `lesson.md`."""
    path = os.path.join(folder, "lesson.md" if lang == "en" else f"lesson.{lang}.md")
    if lang != "en" and not os.path.lexists(path):
        return None
    return scan(read(path), path)


def outline(folder: str, lang: str) -> Outline:
    """Titles in that language where they are translated. LessonError when the file is broken."""
    source = document(folder)
    assert source
    told = document(folder, lang) if lang != "en" else None
    name = os.path.basename(os.path.normpath(folder))
    steps = []
    for step in source.steps:
        other = told.section(step.id) if told and step.id else None
        steps.append(StepLine(step.id, other.title if other else step.title, step.digest))
    title = str((told.front.get("title") if told else "") or source.front.get("title") or name)
    minutes, needs = source.front.get("minutes"), source.front.get("needs")
    return Outline(
        name,
        title,
        minutes if isinstance(minutes, int) else 0,
        tuple(steps),
        needs if isinstance(needs, dict) else {},
    )
