"""What is wrong in a translation: what it lacks, and what was made from an English text that has changed since."""

from collections.abc import Callable, Iterator

from nsplay.errors import LessonError
from nsplay.lesson.document import CARD, VERSIONS, Document, Section, Version, split_check, under
from nsplay.lesson.loader import predict
from nsplay.lesson.model import Predict
from nsplay.lesson.rules import CARDS, Problem, Rules

TOLD = {"prose", "predict", "say", "hint", "summary"}


class Translation(Rules):
    """lesson.LANG.md, beside its source."""

    def __init__(self, source: Document, document: Document, known: Callable[[str], bool]) -> None:
        super().__init__(document, known)
        self.source = source

    def problems(self) -> Iterator[Problem]:
        """All of them."""
        if not isinstance(self.document.front.get("title"), str):
            yield self.at(self.front_line("title"), "the translation has no title", 'title = "..."')
        yield from self.format()
        for key in sorted(self.document.front.keys() - {"format", "title"}):
            yield self.at(self.front_line(key), f"{key} stands in lesson.md, once", "format and title alone")
        yield from self.common(lambda name: CARDS if name == CARD else TOLD)
        yield from self.opening()
        for section in self.source.sections:
            if section.level == 2:
                yield from self.pair(section, self.document.section(section.id))
        for section in self.document.sections:
            if section.level == 2 and not self.source.section(section.id):
                says = f"lesson.md has no {section.id or section.title}"
                yield self.at(section.line, says, "its id, or nothing")

    def opening(self) -> Iterator[Problem]:
        """What the lesson is for: the heading of the first level, and the words below it."""
        source, told = opening(self.source), opening(self.document)
        if source is None:
            return
        of = f"{{#opening of={source.source}}}"
        if told is None:
            yield self.at(1, "the opening isn't translated", f"# {source.title} {of}")
        elif told.of != source.source:
            says = "the source has changed since" if told.of else "which text was it made from?"
            yield self.at(told.line, f"the opening: {says}", f"# {told.title} {of}")

    def pair(self, source: Section, told: Section | None) -> Iterator[Problem]:
        """A section and what was made of it."""
        if told is None:
            write = f"## {source.title} {{#{source.id} of={source.source}}}"
            yield self.at(1, f"{source.id} isn't translated", write)
            return
        if told.of != source.source:
            says = "the source has changed since" if told.of else "which text was it made from?"
            yield self.at(
                told.line, f"{told.id}: {says}", f"## {told.title} {{#{told.id} of={source.source}}}"
            )
        for version in (None, *VERSIONS):
            want, have = (_messages(section, version) for section in (source, told))
            if want != have:
                kind = f"say v{version}" if version else "say"
                says = f"{told.id} has {have} messages in ```{kind}, the source's checks {want}"
                yield self.at(told.line, says)
        for version in VERSIONS:
            yield from self.blocks(under(source, version), under(told, version))

    def blocks(self, source: Section, told: Section) -> Iterator[Problem]:
        """The blocks of a section and what was made of them, for one cgroup version."""
        for kind in ("predict", "hint", "summary", *sorted(CARDS)):
            want, have = (sum(f.kind == kind for f in section.fences) for section in (source, told))
            if want != have:
                yield self.at(told.line, f"{told.id} has {have} blocks ```{kind}, the source {want}")
        for kind in sorted(CARDS):
            want, have = _lines(source, kind), _lines(told, kind)
            if want != have and any(fence.kind == kind for fence in told.fences):
                yield self.at(told.line, f"{told.id} has {have} lines in ```{kind}, the source {want}")
        asked, answered = _prediction(source), _prediction(told)
        if asked and answered and _answer(asked) != _answer(answered):
            says = f"{told.id}: the options differ in number, or in which one is right"
            yield self.at(answered.line, says)


def opening(document: Document) -> Section | None:
    """The section of the lesson's own heading."""
    return next((section for section in document.sections if section.level == 1), None)


def _messages(section: Section, version: Version | None) -> int:
    """How many there are for one cgroup version alone, or for both: a line of `say` each, or of a check that has one."""
    mine = (fence for fence in section.fences if fence.version == version)
    return sum(
        bool(line.text.strip() if fence.kind == "say" else split_check(line.text)[1])
        for fence in mine
        if fence.kind in ("check", "guard", "say")
        for line in fence.body
    )


def _lines(section: Section, kind: str) -> int:
    fences = (fence for fence in section.fences if fence.kind == kind)
    return sum(bool(line.text.strip()) for fence in fences for line in fence.body)


def _prediction(section: Section) -> Predict | None:
    """The question; None where there is none, or none that can be read: that is told elsewhere."""
    try:
        return next((predict(fence) for fence in section.fences if fence.kind == "predict"), None)
    except LessonError:
        return None


def _answer(question: Predict) -> tuple[int, int]:
    return len(question.options), question.right
