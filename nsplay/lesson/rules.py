"""Rules that hold for every file of a lesson, and what a broken one is told as."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from nsplay.errors import LessonError
from nsplay.lesson.document import FORMAT, Document, Fence, Line, front_line
from nsplay.lesson.fill import bare, names
from nsplay.lesson.loader import console, homeless, predict, wrong_ids
from nsplay.lesson.text import LineError, printable

WIDEST_WORD = 72  # columns of prose that can't be broken
LONGEST_SHOWN = 200  # characters of a line
CARDS = {"commands", "gotchas", "see"}
VERSIONS = {"v1", "v2"}  # any block may be for one cgroup version alone
OPTIONS = {"console": {"host", "also"}}
TYPED = {"console", "check", "guard", "views", "commands", "see"}  # blocks that aren't prose

# What can't be broken: code, and everything between spaces that isn't Chinese or Japanese.
UNBROKEN = re.compile(r"`[^`]*`|[^\s`\u2e80-\U0010ffff]+")
MARKUP = re.compile(r"^#{3,} |^#{1,2}[^ #]|\*\*|\]\(|^> |^\|")
INSTEAD = {
    "…": "...",
    "→": "->",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "—": ":",
    "×": "x",
    "·": "-",
    "●": "*",
}


@dataclass(frozen=True)
class Problem:
    """One thing to mend. line and column count from 1. text_of_line: the line itself; write: what to write, may be empty."""

    file: str
    line: int
    column: int
    text_of_line: str
    says: str
    write: str = ""

    def as_json(self) -> dict[str, str | int]:
        """For programs."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "text": self.text_of_line,
            "says": self.says,
            "write": self.write,
        }


def one_of(words: Collection[str]) -> str:
    """What to write instead."""
    return f"one of {', '.join(sorted(words))}"


def width(text: str) -> int:
    """Columns on a terminal."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class Rules:
    """Rules for one file. known: is there a fact of this name?"""

    def __init__(self, document: Document, known: Callable[[str], bool]) -> None:
        self.document, self.known = document, known

    def at(self, line: Line | int, says: str, write: str = "", part: str = "") -> Problem:
        """A problem; `part` is what the column points at."""
        number = line if isinstance(line, int) else line.number
        text = printable(self.document.lines[number - 1])
        column = text.find(part) + 1 if part else 1
        shown = text[:LONGEST_SHOWN]
        return Problem(self.document.path, number, max(1, column), shown, printable(says), printable(write))

    def front_line(self, key: str) -> int:
        """Where a key of the front matter stands; its first line when it can't be told."""
        return front_line(self.document.lines, key)

    def format(self) -> Iterator[Problem]:
        """Which format is it written in? (One that isn't read here is refused before.)"""
        if "format" not in self.document.front:
            yield self.at(1, "it doesn't say which format it is written in", f"format = {FORMAT}")

    def common(self, kinds: Callable[[str], Collection[str]]) -> Iterator[Problem]:
        """The rules. kinds: the blocks that a section may have, by its id."""
        for error in (*wrong_ids(self.document), *homeless(self.document)):
            yield self.at(error.line, error.says, error.do)
        for section in self.document.sections:
            for line in section.prose:
                yield from self.prose(line)
            for fence in section.fences if section.level > 1 else ():
                yield from self.fence(fence, kinds(section.id))

    def line(self, line: Line) -> Iterator[Problem]:
        """Any line outside of the front matter."""
        if hidden := next((c for c in line.text if unicodedata.category(c) == "Cf"), None):
            yield self.at(line, f"there is a sign in it that nobody sees: U+{ord(hidden):04X}")
        for name in names(line.text):
            if not self.known(bare(name)):
                yield self.at(line, f"there is no fact {name}", "lessons/README.md lists them", part=name)

    def prose(self, line: Line) -> Iterator[Problem]:
        """A line that is wrapped and shown."""
        yield from self.line(line)
        for word in UNBROKEN.findall(line.text):
            if width(word) > WIDEST_WORD:
                yield self.at(line, f"this doesn't fit 80 columns: {word[:30]}..", "a shorter one", part=word)
        if markup := MARKUP.search(line.text):
            says = f"`code` and lists are all the markup there is: {markup[0].strip()} is shown as it stands"
            yield self.at(line, says, part=markup[0])
        for sign in line.text:
            if unicodedata.east_asian_width(sign) == "A" and unicodedata.category(sign)[0] != "L":
                says = f"{sign} is one column wide on one terminal and two on the next"
                yield self.at(line, says, INSTEAD.get(sign, ""), part=sign)
                break

    def fence(self, fence: Fence, kinds: Collection[str]) -> Iterator[Problem]:
        """A block: its name, its words, its lines."""
        if fence.kind not in kinds:
            yield self.at(fence.line, f"a block ```{fence.kind} means nothing here", one_of(kinds))
        elif odd := set(fence.words[1:]) - (options := VERSIONS | OPTIONS.get(fence.kind, set())):
            says = f"```{fence.kind} knows no {', '.join(sorted(odd))}"
            yield self.at(fence.line, says, " ".join(sorted(options)))
        elif fence.kind == "prose" and not fence.version:
            says = "prose for both cgroup versions needs no block"
            yield self.at(fence.line, says, "```prose v1, or its lines without a block")
        for line in fence.body:
            yield from self.line(line) if fence.kind in TYPED else self.prose(line)
            if line.text.startswith("```"):
                yield self.at(line, f"a block in a block: the one at line {fence.line} has no end", "```")
        try:
            if fence.kind in ("predict", "console"):
                (predict if fence.kind == "predict" else console)(fence)
        except LineError as error:
            yield self.at(error.line, error.says, error.do)
        if fence.kind == "summary" and sum(bool(line.text.strip()) for line in fence.body) > 2:
            yield self.at(fence.line, "a summary has two lines at most")


def broken(path: str, error: LessonError, text: str) -> Problem:
    """A file that can't be read at all, as a problem. text: the line that is meant."""
    if isinstance(error, LineError):
        says = f"{error.says}; {error.why}".removesuffix("; ")
        return Problem(printable(path), error.line, 1, text[:LONGEST_SHOWN], says, error.do)
    return Problem(printable(path), 1, 1, "", f"{error.what}; {error.why}".removesuffix("; "), error.do)
