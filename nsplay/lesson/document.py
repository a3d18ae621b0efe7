"""The one scanner of lesson files: front matter, sections, fences, and the hashes that tell what has changed in them.

Light to import (no dataclasses, no Markdown library: 46 ms): `nsplay list` must be quick. The format is in lessons/README.md.
"""

import os
import re
import zlib
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Literal, NamedTuple

from nsplay.lesson.text import LineError, printable, read, toml

FORMAT = 1  # of lessons: the newest that this nsplay reads. A file says `format = 1`; one that says none is of the first
MOST = 200  # headings of a file
HEADING = re.compile(r"(#{1,2}) +(.*?)(?: +\{#([^{}]*)\})?")  # fullmatch of a stripped line
FENCE = re.compile(r"(`{3,}|~{3,})(.*)")
CARD = "card"  # the section with this id is no step


class Line(NamedTuple):
    """A line of the file, from 1."""

    number: int
    text: str


Version = Literal[1, 2]  # of cgroups
VERSIONS: tuple[Version, ...] = (1, 2)
Variant = Callable[[Collection[str]], Version]  # which one a machine has these controllers under


class Fence(NamedTuple):
    """A fenced block: `words` is what stands behind the back quotes, such as `console v1 host`."""

    words: tuple[str, ...]
    body: tuple[Line, ...]
    line: int

    @property
    def kind(self) -> str:
        return self.words[0] if self.words else ""

    @property
    def version(self) -> Version | None:
        """The cgroup version that it is for; None: for both."""
        return version_in(self.words[1:])


class Section(NamedTuple):
    """A heading and what is below it.

    of: the hash of the source that a translation was made from. version: the cgroup version that it is for; None: both.
    """

    level: int
    title: str
    id: str
    of: str
    version: Version | None
    line: int
    prose: tuple[Line, ...]
    fences: tuple[Fence, ...]

    @property
    def digest(self) -> str:
        """Changes with what the step asks for: not with its prose, a check's message, or another accepted way."""
        asked = [fence for fence in self.fences if fence.kind in ("console", "check", "guard")]
        return _hash(
            text
            for fence in asked
            if "also" not in fence.words
            for text in (" ".join(fence.words), *(_asked(fence.kind, line.text) for line in fence.body))
        )

    @property
    def source(self) -> str:
        """Changes with the words that a translation is made from, however they are wrapped."""
        told = [fence for fence in self.fences if fence.kind not in ("console", "views")]
        return _hash(
            (
                self.title,
                *(line.text for line in self.prose),
                *(_told(fence.kind, line.text) for fence in told for line in fence.body),
            )
        )


class Document(NamedTuple):
    """A lesson's file. lines: as they stand in it."""

    path: str
    front: dict[str, Any]
    sections: tuple[Section, ...]
    lines: tuple[str, ...]

    @property
    def steps(self) -> tuple[Section, ...]:
        return tuple(s for s in self.sections if s.level == 2 and s.id != CARD)

    def section(self, name: str) -> Section | None:
        """The section with this id."""
        return next((s for s in self.sections if s.id == name), None)

    @property
    def varied(self) -> bool:
        """Is anything in it for one cgroup version alone?"""
        return any(s.version or any(fence.version for fence in s.fences) for s in self.sections)

    def under(self, version: Version) -> "Document":
        """The lesson as it is where there is this cgroup version: without what is for the other one."""
        mine = (under(s, version) for s in self.sections if s.version in (None, version))
        return self._replace(sections=tuple(mine))


def version_in(words: Sequence[str]) -> Version | None:
    """The cgroup version among the words of a block or a heading."""
    return 1 if "v1" in words else 2 if "v2" in words else None


def under(section: Section, version: Version) -> Section:
    """A section without its blocks for the other cgroup version; a block ```prose is prose in its place."""
    mine = [fence for fence in section.fences if fence.version in (None, version)]
    told = [line for fence in mine if fence.kind == "prose" for line in (*fence.body, Line(fence.line, ""))]
    prose = sorted([*section.prose, *told], key=lambda line: line.number) if told else section.prose
    return section._replace(prose=tuple(prose), fences=tuple(f for f in mine if f.kind != "prose"))


def split_check(text: str) -> tuple[str, str]:
    """A check's line as comparison and message. A | in quotes is no border."""
    quoted = False
    for at, sign in enumerate(text):
        quoted ^= sign == '"'
        if sign == "|" and not quoted:
            return text[:at].strip(), text[at + 1 :].strip()
    return text.strip(), ""


def _asked(kind: str, text: str) -> str:
    return text if kind == "console" else split_check(text)[0]


def _told(kind: str, text: str) -> str:
    return split_check(text)[1] if kind in ("check", "guard") else text


def _hash(texts: Iterable[str]) -> str:
    """Eight hex digits. Nobody attacks them, and hashlib would take 2 ms to import."""
    return f"{zlib.crc32(' '.join(' '.join(texts).split()).encode()):08x}"


def scan(text: str, path: str) -> Document:
    """Splits a lesson's text. LessonError for front matter that is no TOML, and for a fence that never ends."""
    lines = [Line(number, line) for number, line in enumerate(text.split("\n"), 1)]
    front, rest = _front(lines, path)
    sections: list[Section] = []
    prose: list[Line] = []
    fences: list[Fence] = []
    head: tuple[int, str, str, str, Version | None, int] = (0, "", "", "", None, 1)
    at = 0
    while at < len(rest):
        line = rest[at]
        if not line.text.startswith(("#", "```", "~~~")):  # most lines: no pattern is tried on them
            prose.append(line)
        elif fence := FENCE.match(line.text):
            end = _end(rest, at, fence[1], path)
            fences.append(Fence(tuple(fence[2].split()), tuple(rest[at + 1 : end]), line.number))
            at = end
        elif heading := HEADING.fullmatch(line.text.rstrip()):
            sections.append(Section(*head, tuple(prose), tuple(fences)))
            head = (len(heading[1]), heading[2], *_attributes(heading[3] or ""), line.number)
            prose, fences = [], []
            if len(sections) > MOST:
                raise LineError(line.number, "there are too many headings", f"more than {MOST}").within(path)
        else:
            prose.append(line)
        at += 1
    sections.append(Section(*head, tuple(prose), tuple(fences)))
    kept = (s for s in sections if s.level or s.fences or any(line.text.strip() for line in s.prose))
    return Document(path, front, tuple(kept), tuple(line.text for line in lines))


def _front(lines: list[Line], path: str) -> tuple[dict[str, Any], list[Line]]:
    if lines[0].text.strip() != "+++":
        return {}, lines
    end = next((i for i, line in enumerate(lines[1:], 1) if line.text.strip() == "+++"), 0)
    if not end:
        error = LineError(1, "the front matter has no end", "it begins with +++", "a line +++ behind it")
        raise error.within(path)
    return toml("\n".join(line.text for line in lines[1:end]) + "\n", path, first=2), lines[end + 1 :]


def _end(lines: list[Line], at: int, marks: str, path: str) -> int:
    for i in range(at + 1, len(lines)):
        if marks in lines[i].text:
            closing = lines[i].text.strip()
            if not closing.strip(marks[0]):
                return i
    raise LineError(lines[at].number, "this block never ends", do=f"a line {marks} behind it").within(path)


def _attributes(text: str) -> tuple[str, str, Version | None]:
    """`make v2 of=5f3a9c1e` -> id, hash, cgroup version."""
    words = text.split()
    of = next((word[3:] for word in words[1:] if word.startswith("of=")), "")
    name = (
        word
        for at, word in enumerate(words)
        if not (at and word in ("v1", "v2")) and not word.startswith("of=")
    )
    return " ".join(name), of, version_in(words[1:])


def document(folder: str, lang: str = "en") -> Document | None:
    """The lesson's file in this language; None for a translation that there isn't. English is `lesson.md`.

    LessonError for one that can't be read, or is written in a format of tomorrow: half of it would be misunderstood.
    """
    path = os.path.join(folder, "lesson.md" if lang == "en" else f"lesson.{lang}.md")
    if lang != "en" and not os.path.lexists(path):
        return None
    found = scan(read(path), path)
    _understood(found)
    return found


def _understood(found: Document) -> None:
    written = found.front.get("format", FORMAT)
    if type(written) is int and 1 <= written <= FORMAT:
        return
    newer = type(written) is int and written > FORMAT
    says = f"{'it is written in' if newer else 'there is no'} format {printable(str(written))}"
    why = f"this nsplay reads lessons up to format {FORMAT}"
    line = front_line(found.lines, "format")
    raise LineError(line, says, why, "update nsplay" if newer else f"format = {FORMAT}").within(found.path)


def front_line(lines: Sequence[str], key: str) -> int:
    """Where a key of the front matter stands, from 1; its first line when it can't be told."""
    for number, text in enumerate(lines, 1):
        if re.match(rf"[\s\"']*{re.escape(key)}[\s\"']*=", text):
            return number
        if number > 1 and text.strip() == "+++":
            break
    return 1
