"""A lesson drawn as a learner at 80 columns and 24 rows sees it: what is cut, broken or off the screen is told its author."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from rich.text import Text

from nsplay.lesson.document import CARD, VERSIONS, Document, Fence, Line, Section, document, split_check
from nsplay.lesson.fill import fill, names
from nsplay.lesson.loader import OPTION, blocks, load
from nsplay.lesson.model import Block, Lesson, Move, Step
from nsplay.lesson.rules import Problem, Rules
from nsplay.snapshot import Side, Snapshot
from nsplay.view import course, ending, notes, step
from nsplay.view.grid import marked
from nsplay.view.text import code
from nsplay.view.ui import Screen, Ui

COLUMNS: Final = 80
OPENING: Final = 5  # rows of what a lesson is for
ROWS: Final = 23  # of 24: the prompt has the last one
MESSAGE: Final = 2  # rows of what a failed check says, and of a line of a summary
CODE: Final = re.compile(r"`([^`]+)`")
VALUE: Final = "my-host-name"  # stands for every {{fact}}
NOWHERE: Final = Snapshot(frozenset(), Side("machine", 0), Side("host", 0), None, None, (), {}, 0, 0)


def proof(folder: str, lang: str, ids: Sequence[str]) -> tuple[Problem, ...]:
    """What doesn't fit in this language. ids: of all lessons, for the menu. LessonError for a lesson that can't be loaded."""
    source, told = document(folder), document(folder, lang)
    if not source or not told:  # no translation into this language
        return ()
    ui = Ui(COLUMNS, lang="ja" if lang == "ja" else "en", colour=False)
    found: list[Problem] = []
    for version in VERSIONS if source.varied else VERSIONS[-1:]:
        lesson = load(folder, lang, variant=lambda _, version=version: version)  # type: ignore[misc]
        found += _Proof(ui, lesson, told.under(version)).problems(ids)
    return tuple(dict.fromkeys(found))


def fitted(screen: Screen) -> list[Text]:
    """The rows that a screen takes."""
    return screen.fitted(COLUMNS - 1)


def whole(screen: Screen, words: str) -> bool:
    """Do the words stand in one row, as they are?"""
    return any(words in line.plain for line in fitted(screen))


def _filled(text: str) -> str:
    return fill(text, dict.fromkeys(names(text), VALUE))


def _moves(it: Step) -> list[Move]:
    """What is typed where: in each terminal what is for one cgroup version, else what is for all."""
    ways = [console for console in it.consoles if not console.also]
    varied = {console.where for console in ways if console.version}
    chosen = (console for console in ways if console.version or console.where not in varied)
    return [Move(_filled(line), 2 if c.where == "host" else 1) for c in chosen for line in c.commands]


class _Proof(Rules):
    """told: the file whose words are drawn, the source itself for English."""

    def __init__(self, ui: Ui, lesson: Lesson, told: Document) -> None:
        super().__init__(told, lambda _: True)
        self.ui, self.lesson = ui, lesson

    def problems(self, ids: Sequence[str]) -> Iterator[Problem]:
        yield from self.titles(ids)
        yield from self.opening()
        for number, each in enumerate(self.lesson.steps):
            if section := self.document.section(each.id):
                screen = self.drawn(number, each)
                yield from self.task(each, section, screen)
                yield from self.words(section, screen)
        if section := self.document.section(CARD):
            yield from self.card(section)

    def titles(self, ids: Sequence[str]) -> Iterator[Problem]:
        """In the menu, beside the longest id; and above a task, beside how far one is."""
        line = self.front_line("title")
        lesson, total = self.lesson, len(self.lesson.steps)
        rows = [course.Entry(name, "", 1, 1, 0) for name in ids if name != lesson.id]
        mine = course.Entry(lesson.id, lesson.title, lesson.minutes, total, 0)
        parts = [replace(mine, part="a"), replace(mine, part="b")]  # beside each other, by their ids
        if not whole(course.menu(self.ui, parts, ""), lesson.id):
            yield self.at(
                1, f"the lesson's id is cut in the menu: {lesson.id}", "a shorter name for its folder"
            )
        elif not whole(course.menu(self.ui, [*rows, mine], ""), lesson.title):
            yield self.at(line, "the title is cut in the menu at 80 columns", "a shorter one")
        elif not whole(self._task(total - 1, lesson.steps[-1], []), f" {total} "):
            yield self.at(line, "the title leaves no room for the step's number", "a shorter one")

    def opening(self) -> Iterator[Problem]:
        """What the lesson is for stands above the first task."""
        screen = Screen(step.prose(self.ui, self._blocks(self.lesson.prose)))
        sections = [section for section in self.document.sections if section.level < 2]
        for section in sections[-1:]:
            if (rows := len(fitted(screen))) > OPENING:
                yield self.at(
                    section.line, f"the opening takes {rows} rows of 80 columns", f"{OPENING} at most"
                )
            for block in blocks(section.prose):
                yield from self.code(block.line, block.text, screen)

    def drawn(self, number: int, it: Step) -> Screen:
        """The task."""
        return self._task(number, it, _moves(it))

    def task(self, it: Step, section: Section, screen: Screen) -> Iterator[Problem]:
        """The task's own screen."""
        if (rows := len(fitted(screen))) > ROWS:
            says = f"the task takes {rows} rows of 80 columns; {ROWS} fit a screen"
            yield self.at(section.line, says, "less prose, or two steps")
        if not whole(screen, _filled(it.title)):
            yield self.at(section.line, "the step's title doesn't fit 80 columns", "a shorter one")
        for line in section.prose:
            shown = _filled(line.text)
            if shown.startswith("    ") and shown.strip() and not whole(screen, shown[4:].rstrip()):
                yield self.at(line, "this line, shown as it stands, doesn't fit 80 columns", "two lines")

    def _task(self, number: int, it: Step, commands: Sequence[Move]) -> Screen:
        predict = it.predict
        earlier = [move.terminal for done in self.lesson.steps[:number] for move in _moves(done)]
        now = replace(NOWHERE, second=Side("second", 0)) if 2 in earlier else NOWHERE
        shown = step.Task(
            self.lesson.title,
            number + 1,
            len(self.lesson.steps),
            _filled(it.title),
            self._blocks(it.prose),
            _filled(predict.question) if predict else "",
            [_filled(option) for option in predict.options] if predict else [],
            commands,
            [(":help", "")],
            earlier[-1] if earlier else 1,
        )
        return step.task(self.ui, shown, now)

    @staticmethod
    def _blocks(blocks: Iterable[Block]) -> list[Block]:
        return [Block(b.kind, _filled(b.text), b.line) for b in blocks]

    def words(self, section: Section, task: Screen) -> Iterator[Problem]:
        """Everything else that a step says: drawn where it is said."""
        for block in blocks(section.prose):
            yield from self.code(block.line, block.text, task)
        for fence in section.fences:
            if fence.kind == "hint":
                yield from self.code(
                    fence.line, _joined(fence), notes.hint(self.ui, 1, 3, _filled(_joined(fence)))
                )
            if fence.kind == "predict":
                yield from self.prediction(fence, task)
            for line in fence.body:
                yield from self.said(fence.kind, line)

    def prediction(self, fence: Fence, task: Screen) -> Iterator[Problem]:
        """Question and options stand in the task; why it is so is told with the result."""
        options = [OPTION.fullmatch(line.text) for line in fence.body]
        asked = max((place for place, option in enumerate(options) if option), default=-1)
        for place, (line, option) in enumerate(zip(fence.body, options, strict=True)):
            because = Screen(marked(self.ui, "", code(_filled(line.text))))
            yield from self.code(
                line.number, option[2] if option else line.text, because if place > asked else task
            )

    def said(self, kind: str, line: Line) -> Iterator[Problem]:
        """A message or a line of a summary."""
        message = line.text if kind in ("say", "summary") else split_check(line.text)[1]
        if kind in ("check", "guard", "say", "summary") and message:
            head = "" if kind == "summary" else self.ui.say("not yet: ", "まだです: ")
            rows = marked(self.ui, "", code(head + _filled(message)))
            if len(rows) > MESSAGE:
                yield self.at(
                    line, f"this takes {len(rows)} rows of 80 columns", f"{MESSAGE} at most", message
                )
            yield from self.code(line.number, message, Screen(rows))

    def code(self, line: int, words: str, drawn: Screen) -> Iterator[Problem]:
        """`code` that isn't whole on the screen on which it is shown."""
        for run in CODE.findall(_filled(words)):
            if not whole(drawn, run):
                yield self.at(line, f"`{run}` is broken at 80 columns", "a shorter one", part=run)

    def card(self, section: Section) -> Iterator[Problem]:
        """The card: its commands are cut where they leave no room for their meaning."""
        screen = ending.card(self.ui, self.lesson.id, self.lesson.card)
        for fence in section.fences:
            for line in fence.body:
                command, _, meaning = (
                    line.text.rpartition(" | ") if fence.kind == "commands" else ("", "", line.text)
                )
                if command.strip() and not whole(screen, command.strip()):
                    says = f"this command is cut on the card at 80 columns: {command.strip()}"
                    yield self.at(line, says, "a shorter one")
                yield from self.code(line.number, meaning, screen)


def _joined(fence: Fence) -> str:
    return " ".join(line.text.strip() for line in fence.body)
