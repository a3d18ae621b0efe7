"""Reports: a learner's own, lesson by lesson, and a class's in one table with where it was hard."""

import html
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final, NamedTuple

from rich.text import Text

from nsplay.view.grid import marked, meter, para, sentences, title
from nsplay.view.html import page as html_page
from nsplay.view.text import fit, width
from nsplay.view.ui import Screen, Ui

HARDEST: Final = 5  # steps that are named


class Step(NamedTuple):
    """state: "done", "skipped" or "". seconds: 0 when nobody knows."""

    id: str
    title: str
    state: str
    seconds: int = 0
    hints: int = 0


class Lesson(NamedTuple):
    id: str
    title: str
    minutes: int
    steps: tuple[Step, ...]

    @property
    def done(self) -> int:
        return sum(step.state == "done" for step in self.steps)

    @property
    def skipped(self) -> int:
        return sum(step.state == "skipped" for step in self.steps)

    @property
    def seconds(self) -> int:
        return sum(step.seconds for step in self.steps)

    @property
    def hints(self) -> int:
        return sum(step.hints for step in self.steps)

    @property
    def begun(self) -> bool:
        return bool(self.done or self.skipped)


class Learner(NamedTuple):
    """name: what their file is called; "" for one's own. made: a date."""

    name: str
    made: str
    lessons: tuple[Lesson, ...]

    @property
    def begun(self) -> tuple[Lesson, ...]:
        return tuple(lesson for lesson in self.lessons if lesson.begun)


class Hard(NamedTuple):
    """A step that cost: hints and skips of all, and the median of its seconds."""

    name: str
    title: str
    hints: int
    skipped: int
    seconds: int


def own(ui: Ui, it: Learner) -> Screen:
    """A learner's own."""
    rows = [(one.id, _bar(one), _told(ui, one)) for one in it.begun]
    whole = _whole(ui, it)
    if ui.plain:
        return sentences([*(f"{name}: {told}{ui.stop}" for name, _, told in rows), whole])
    screen = Screen(title(ui, Text(ui.say("report", "レポート"), "head"), Text(it.made)))
    wide = max((len(name) for name, _, _ in rows), default=0) + 2
    screen += [fit(Text.assemble(f"   {name:{wide}}", bar, f"  {told}"), ui.cols) for name, bar, told in rows]
    screen.part(para(ui, whole, indent=3))
    screen.part(_hard(ui, [it]))
    return screen


def klass(ui: Ui, learners: Sequence[Learner]) -> Screen:
    """A class's."""
    ids = _ids(learners)
    if ui.plain:
        return sentences(
            f"{one.name}: "
            + ui.listed(f"{lesson.id} {lesson.done}/{len(lesson.steps)}" for lesson in one.begun)
            + ui.stop
            for one in learners
        )
    count = ui.say(f"{len(learners)} reports", f"{len(learners)} 件")
    screen = Screen(title(ui, Text(ui.say("class", "クラス"), "head"), Text(count)))
    wide = max(width(Text(one.name)) for one in learners) + 2
    for block in _blocks(ids, ui.cols - 3 - wide):
        head = "".join(f"{name:{_column(name)}}" for name in block)
        screen.part([Text(f"   {'':{wide}}{head}", "head")])
        for one in learners:
            by_id = {lesson.id: lesson for lesson in one.lessons}
            cells = "".join(f"{_cell(by_id.get(name)):{_column(name)}}" for name in block)
            pad = " " * (wide - width(Text(one.name)))
            screen += Text(f"   {one.name}{pad}{cells}")
    screen.part(_hard(ui, learners))
    return screen


def page(ui: Ui, learners: Sequence[Learner], *, alone: bool) -> str:
    """Either as a page that prints."""
    say = ui.say
    head = say("nsplay report", "nsplay レポート")
    body = [f"<h1>{head}</h1>"]
    if alone:
        (it,) = learners
        body.append(f"<p>{html.escape(_whole(ui, it))} ({html.escape(it.made)})</p>")
        for lesson in it.begun:
            body.append(f"<h2>{html.escape(lesson.title)}</h2><p>{html.escape(_told(ui, lesson))}</p>")
            body.append(
                _table(
                    [say("step", "ステップ"), "", say("time", "時間"), say("hints", "ヒント")],
                    _steps(ui, lesson),
                )
            )
    else:
        ids = _ids(learners)
        rows = []
        for one in learners:
            by_id = {lesson.id: lesson for lesson in one.lessons}
            rows.append([one.name, *(_cell(by_id.get(name)) for name in ids)])
        body.append(_table(["", *ids], rows))
    hard = [[f"{one.name} {one.title}", *_cost(ui, one)] for one in hardest(learners)]
    if hard:
        body.append(f"<h2>{say('where it was hard', '難しかったところ')}</h2>")
        body.append(
            _table(
                [
                    say("step", "ステップ"),
                    say("hints", "ヒント"),
                    say("skipped", "飛ばし"),
                    say("time", "時間"),
                ],
                hard,
            )
        )
    return html_page(head, "\n".join(body), lang=ui.lang)


def hardest(learners: Sequence[Learner]) -> list[Hard]:
    """The steps that cost most: by hints and skips, then by time."""
    steps: dict[tuple[str, str], list[Step]] = {}
    for one in learners:
        for lesson in one.lessons:
            for step in lesson.steps:
                if step.state:
                    steps.setdefault((f"{lesson.id}/{step.id}", step.title), []).append(step)
    found = [
        Hard(
            name,
            words,
            sum(step.hints for step in its),
            sum(step.state == "skipped" for step in its),
            round(median([step.seconds for step in its if step.seconds] or [0])),
        )
        for (name, words), its in steps.items()
    ]
    cost = [one for one in found if one.hints or one.skipped]
    return sorted(cost, key=lambda one: (-(one.hints + 3 * one.skipped), -one.seconds))[:HARDEST]


def _hard(ui: Ui, learners: Sequence[Learner]) -> list[Text]:
    rows = []
    for one in hardest(learners):
        hints, skipped, time = _cost(ui, one)
        words = ui.say(
            f"{one.name}: {hints} hints, {skipped} skipped{f', {time}' if time else ''}",
            f"{one.name}: ヒント {hints}、飛ばし {skipped}{f'、{time}' if time else ''}",
        )
        rows += marked(ui, "-", Text(words))
    head = [Text(f"   {ui.say('where it was hard', '難しかったところ')}", "head")]
    return [*head, *rows] if rows else []


def _cost(ui: Ui, one: Hard) -> list[str]:
    return [str(one.hints), str(one.skipped), _time(ui, one.seconds)]


def _whole(ui: Ui, it: Learner) -> str:
    steps = sum(len(lesson.steps) for lesson in it.lessons)
    done = sum(lesson.done for lesson in it.lessons)
    seconds = sum(lesson.seconds for lesson in it.lessons)
    took = _time(ui, seconds)
    return ui.say(
        f"{done} of {steps} steps done{f', {took}' if took else ''}.",
        f"{steps} ステップのうち {done} を終えました{f' ({took})' if took else ''}。",
    )


def _told(ui: Ui, one: Lesson) -> str:
    pieces = [ui.say(f"{one.done} of {len(one.steps)}", f"{one.done} / {len(one.steps)}")]
    if time := _time(ui, one.seconds):
        pieces.append(ui.say(f"{time} of {one.minutes} min", f"{time} (目安 {one.minutes} 分)"))
    if one.hints:
        pieces.append(ui.say(f"{one.hints} hints", f"ヒント {one.hints}"))
    if one.skipped:
        pieces.append(ui.say(f"{one.skipped} skipped", f"飛ばし {one.skipped}"))
    return ui.listed(pieces)


def _time(ui: Ui, seconds: int) -> str:
    if not seconds:
        return ""
    minutes = round(seconds / 60)
    return (
        ui.say(f"{seconds} s", f"{seconds} 秒") if seconds < 90 else ui.say(f"{minutes} min", f"{minutes} 分")
    )


def _bar(one: Lesson) -> Text:
    return meter(one.done + one.skipped, len(one.steps), 10)


def _steps(ui: Ui, lesson: Lesson) -> list[list[str]]:
    states = {"done": ui.yes, "skipped": ui.say("skipped", "飛ばした"), "": ""}
    return [
        [step.title, states[step.state], _time(ui, step.seconds), str(step.hints or "")]
        for step in lesson.steps
    ]


def _ids(learners: Sequence[Learner]) -> list[str]:
    """The lessons that anybody has begun, in the course's order."""
    begun = {lesson.id for one in learners for lesson in one.begun}
    return [
        name
        for name in dict.fromkeys(lesson.id for one in learners for lesson in one.lessons)
        if name in begun
    ]


def _cell(lesson: Lesson | None) -> str:
    return f"{lesson.done}/{len(lesson.steps)}" if lesson and lesson.begun else "-"


def _column(name: str) -> int:
    return max(7, len(name) + 2)


def _blocks(ids: Sequence[str], room: int) -> Iterator[list[str]]:
    """As many columns at a time as fit."""
    block: list[str] = []
    for name in ids:
        if block and sum(map(_column, block)) + _column(name) > room:
            yield block
            block = []
        block.append(name)
    if block:
        yield block


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    cells = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
    lines = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>\n" for row in rows
    )
    return f"<table><thead><tr>{cells}</tr></thead><tbody>\n{lines}</tbody></table>"
