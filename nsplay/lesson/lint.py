"""What is wrong in a lesson's text, said to its author: where, what, and what to write. Never raises on garbage."""

import os
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from nsplay.errors import LessonError
from nsplay.lesson.checks import facts_in, parse
from nsplay.lesson.fill import bare, names
from nsplay.lesson.loader import blocks, console, load, predict
from nsplay.lesson.outline import CARD, Document, Fence, Line, Section, document

WIDEST_WORD = 72  # columns of prose that can't be broken
WIDEST_COMMAND = 96  # columns; a longer one doesn't fit two rows of 80
FRONT = {"format", "title", "minutes", "needs", "views"}
NEEDS = {"tools", "namespaces", "controllers", "cgroup", "root", "kernel"}
SOURCE = {"predict", "console", "check", "guard", "hint", "summary", "views"}
TOLD = {"predict", "say", "hint", "summary"}
CARDS = {"commands", "gotchas", "see"}
ID = re.compile(r"^[a-z][a-z0-9-]*$")


@dataclass(frozen=True)
class Problem:
    """One thing to mend. line and column count from 1. text_of_line: the line itself; write: what to write, may be empty."""

    file: str
    line: int
    column: int
    text_of_line: str
    says: str
    write: str = ""


def lint(folder: str, *, known: Callable[[str], bool], views: Collection[str]) -> tuple[Problem, ...]:
    """All problems of a lesson and its translations. known: is there a fact of this name? views: names of views."""
    try:
        source = document(folder)
        assert source
    except LessonError as error:
        return (_broken(os.path.join(folder, "lesson.md"), error),)
    problems = [*_Source(source, known, views).problems()]
    if not problems:
        problems += _loads(folder, "en", source.path)
    for lang in _languages(folder):
        path = os.path.join(folder, f"lesson.{lang}.md")
        try:
            told = document(folder, lang)
            assert told
        except LessonError as error:
            problems.append(_broken(path, error))
            continue
        found = [*_Translation(source, told, known).problems()]
        problems += found or _loads(folder, lang, path)
    return tuple(sorted(problems, key=lambda problem: (problem.file, problem.line, problem.column)))


def _languages(folder: str) -> list[str]:
    found = (re.fullmatch(r"lesson\.([a-z]{2})\.md", name) for name in sorted(os.listdir(folder)))
    return [match[1] for match in found if match]


def _broken(path: str, error: LessonError) -> Problem:
    line = re.match(r".*?:(\d+):", error.what) or re.match(r"line (\d+):", error.what)
    return Problem(
        path, int(line[1]) if line else 1, 1, "", f"{error.what}; {error.why}".rstrip("; "), error.do
    )


def _loads(folder: str, lang: str, path: str) -> list[Problem]:
    """The loader has the last word: what it refuses is a problem even if no rule here names it."""
    try:
        load(folder, lang)
    except LessonError as error:
        return [_broken(path, error)]
    return []


class _Rules:
    """Rules that hold for every file."""

    def __init__(self, document: Document, known: Callable[[str], bool]) -> None:
        self.document, self.known = document, known

    def at(self, line: Line | int, says: str, write: str = "", part: str = "") -> Problem:
        number, text = (line, "") if isinstance(line, int) else line
        column = text.find(part) + 1 if part else 1
        clean = "".join(c if c.isprintable() else "?" for c in text)
        return Problem(self.document.path, number, max(1, column), clean[:200], says, write)

    def lines(self) -> Iterator[Line]:
        for section in self.document.sections:
            yield from section.prose
            for fence in section.fences:
                yield from fence.body

    def common(self) -> Iterator[Problem]:
        for line in self.lines():
            if bad := [c for c in line.text if unicodedata.category(c) in ("Cc", "Cf") and c != "\t"]:
                yield self.at(line, f"there is a control character in it: U+{ord(bad[0]):04X}", part=bad[0])
            for name in names(line.text):
                if not self.known(bare(name)):
                    yield self.at(
                        line, f"there is no fact {name}", "`nsplay lesson facts` lists them", part=name
                    )
        for section in self.document.sections:
            yield from self.prose(section)
        seen: dict[str, int] = {}
        for section in self.document.sections:
            if section.id in seen:
                yield self.at(
                    section.line,
                    f"the id {section.id} is at line {seen[section.id]}, too",
                    "an id of its own",
                )
            if section.id:
                seen[section.id] = section.line

    def prose(self, section: Section) -> Iterator[Problem]:
        for line in section.prose:
            for word in re.split(r"\s+", line.text):
                if _width(word) > WIDEST_WORD and not any(ord(c) > 0x2E80 for c in word):
                    yield self.at(
                        line, f"this word doesn't fit 80 columns: {word[:30]}..", "a shorter one", part=word
                    )

    def fence(self, fence: Fence, kinds: Collection[str]) -> Iterator[Problem]:
        if fence.kind not in kinds:
            there = ", ".join(sorted(kinds))
            yield self.at(fence.line, f"a block ```{fence.kind} means nothing here", f"one of {there}")
        for line in fence.body:
            if line.text.startswith("```"):
                yield self.at(line, f"a block in a block: the one at line {fence.line} has no end", "```")
        try:
            if fence.kind == "predict":
                predict(fence)
                rights = sum("- [x]" in line.text.lower() for line in fence.body)
                if rights != 1:
                    yield self.at(fence.line, f"{rights} options are right", "exactly one - [x]")
            elif fence.kind == "console":
                console(fence)
        except LessonError as error:
            yield self.at(fence.line, error.what.partition(": ")[2] or error.what, error.do)
        if fence.kind == "summary" and len([line for line in fence.body if line.text.strip()]) > 2:
            yield self.at(fence.line, "a summary has two lines at most")


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class _Source(_Rules):
    """lesson.md."""

    def __init__(self, document: Document, known: Callable[[str], bool], views: Collection[str]) -> None:
        super().__init__(document, known)
        self.views = views

    def problems(self) -> Iterator[Problem]:
        yield from self.front()
        yield from self.common()
        if not self.document.steps:
            yield self.at(1, "there is no step", "## Make one {#make}")
        for section in self.document.sections:
            kinds = CARDS if section.id == CARD else SOURCE
            for fence in section.fences:
                yield from self.fence(fence, kinds)
        for step in self.document.steps:
            yield from self.step(step)

    def front(self) -> Iterator[Problem]:
        front = self.document.front
        for key in front.keys() - FRONT:
            yield self.at(1, f"the front matter knows no {key}", f"one of {', '.join(sorted(FRONT))}")
        if not isinstance(front.get("title"), str):
            yield self.at(1, "the lesson has no title", 'title = "UTS: a host name of its own"')
        if not isinstance(front.get("minutes"), int):
            yield self.at(1, "how long does it take?", "minutes = 10")
        if front.get("format", 1) != 1:
            yield self.at(1, f"there is no format {front['format']}", "format = 1")
        wants = front.get("needs", {})
        if not isinstance(wants, dict):
            yield self.at(1, "needs is a table", 'needs = { tools = ["unshare"] }')
        elif unknown := wants.keys() - NEEDS:
            yield self.at(
                1, f"needs knows no {', '.join(sorted(unknown))}", f"one of {', '.join(sorted(NEEDS))}"
            )
        views = front.get("views", [])
        for view in views if isinstance(views, list) else [views]:
            if view not in self.views:
                yield self.at(1, f"there is no view {view}", f"one of {', '.join(sorted(self.views))}")

    def step(self, step: Section) -> Iterator[Problem]:
        if not ID.match(step.id):
            yield self.at(
                step.line, "a step needs an id: small letters, digits, -", f"## {step.title} {{#make}}"
            )
        kinds = [fence.kind for fence in step.fences]
        if "check" not in kinds:
            yield self.at(step.line, f"the step {step.id} has no check: nothing proves it", "```check")
        if "console" not in kinds:
            yield self.at(step.line, f"the step {step.id} has no command", "```console")
        if "hint" not in kinds:
            yield self.at(step.line, f"the step {step.id} has no hint", "```hint")
        if not blocks(step.prose):
            yield self.at(step.line, f"the step {step.id} says nothing")
        for fence in step.fences:
            yield from self.inside(fence)

    def inside(self, fence: Fence) -> Iterator[Problem]:
        for line in fence.body:
            if fence.kind in ("check", "guard") and line.text.strip():
                yield from self.check(line)
            if fence.kind == "views":
                for name in line.text.split():
                    if name not in self.views:
                        yield self.at(
                            line, f"there is no view {name}", f"one of {', '.join(sorted(self.views))}", name
                        )
            if fence.kind == "console" and _width(line.text) > WIDEST_COMMAND:
                yield self.at(
                    line, "this command is too wide for two rows of 80 columns", "two commands, or `> ` lines"
                )

    def check(self, line: Line) -> Iterator[Problem]:
        try:
            check = parse(line.text, line.number)
        except LessonError as error:
            yield self.at(line, f"this is no check: {error.why}", error.do)
            return
        for name in facts_in(check):
            if not self.known(bare(name)):
                yield self.at(line, f"there is no fact {name}", "`nsplay lesson facts` lists them", part=name)
        if not check.message:
            yield self.at(line, "a learner is told nothing when it fails", f"{check.source} | what is wrong")


class _Translation(_Rules):
    """lesson.LANG.md."""

    def __init__(self, source: Document, document: Document, known: Callable[[str], bool]) -> None:
        super().__init__(document, known)
        self.source = source

    def problems(self) -> Iterator[Problem]:
        if not isinstance(self.document.front.get("title"), str):
            yield self.at(1, "the translation has no title", 'title = "..."')
        for key in self.document.front.keys() - {"title"}:
            yield self.at(1, f"{key} stands in lesson.md, once", "title alone")
        yield from self.common()
        for section in self.document.sections:
            for fence in section.fences:
                yield from self.fence(fence, CARDS if section.id == CARD else TOLD)
        for section in self.source.sections:
            if section.level == 2:
                yield from self.pair(section, self.document.section(section.id))
        for section in self.document.sections:
            if section.level == 2 and not self.source.section(section.id):
                yield self.at(
                    section.line, f"lesson.md has no {section.id or section.title}", "its id, or nothing"
                )

    def pair(self, source: Section, told: Section | None) -> Iterator[Problem]:
        if told is None:
            yield self.at(
                1, f"{source.id} isn't translated", f"## {source.title} {{#{source.id} of={source.source}}}"
            )
            return
        head = f"## {told.title} {{#{told.id} of={source.source}}}"
        if told.of != source.source:
            says = "the source has changed since" if told.of else "which text was it made from?"
            yield self.at(told.line, f"{told.id}: {says}", head)
        for kind in ("predict", "hint", "summary", *CARDS):
            want, have = (sum(f.kind == kind for f in section.fences) for section in (source, told))
            if want != have:
                yield self.at(told.line, f"{told.id} has {have} blocks ```{kind}, the source {want}")
        spoken = [
            p
            for p in (
                _message(line) for f in source.fences if f.kind in ("check", "guard") for line in f.body
            )
            if p
        ]
        said = [line for f in told.fences if f.kind == "say" for line in f.body if line.text.strip()]
        if len(spoken) != len(said):
            yield self.at(
                told.line, f"{told.id} has {len(said)} messages in ```say, the source's checks {len(spoken)}"
            )
        options = [
            [line for f in s.fences if f.kind == "predict" for line in f.body if "- [" in line.text]
            for s in (source, told)
        ]
        if [_right(line) for line in options[0]] != [_right(line) for line in options[1]]:
            yield self.at(told.line, f"{told.id}: the options differ in number, or in which one is right")


def _message(line: Line) -> str:
    return line.text.partition("|")[2].strip()


def _right(line: Line) -> bool:
    return "- [x]" in line.text.lower()
