"""A step on the screen: the task, and what a command did. The news is at the bottom, next to the prompt."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from nsplay.lesson.model import Block, Move, Verdict
from nsplay.snapshot import Snapshot
from nsplay.view import big
from nsplay.view.base import View, own, own_of, place
from nsplay.view.grid import (
    Key,
    commands,
    keys,
    marked,
    meter,
    para,
    prose_row,
    row,
    sentences,
    title,
    typed,
    verdict,
)
from nsplay.view.host import felt, fenced, host, host_told, machine_moved
from nsplay.view.namespaces import places_told, strips
from nsplay.view.text import clean, code, fit, spoken, width, wrap
from nsplay.view.ui import LABEL, MARGIN, PROSE, SUB, Screen, Ui

LETTERS: Final = "abcdefgh"


@dataclass(frozen=True)
class Task:
    """A step before it is done; all words filled in. number counts from 1. question and options are empty without a guess."""

    lesson: str
    number: int
    total: int
    title: str
    prose: Sequence[Block]
    question: str
    options: Sequence[str]
    commands: Sequence[Move]
    keys: Sequence[Key]
    terminal: int = 1  # the one that is shown


def task(ui: Ui, it: Task, now: Snapshot) -> Screen:
    """What is to be done, and where one is."""
    if ui.plain:
        return _task_plain(ui, it, now)
    if ui.big:
        return big.task(ui, it)
    step = ui.say(f"step {it.number} of {it.total}  ", f"ステップ {it.number} / {it.total}  ")
    bar = Text.assemble(step, meter(it.number, it.total, 8)) if ui.width >= 60 else Text(step.strip())
    screen = Screen(title(ui, Text(it.lesson), bar))
    screen.part([Text.assemble(" ", (it.title, "head"))])
    screen.part(prose(ui, it.prose))
    if it.question:
        screen.part(prose_row(ui, Text(ui.say("predict", "予想"), "head"), code(it.question)))
        for letter, option in zip(LETTERS, it.options, strict=False):
            screen += _option(ui, letter, option)
    screen.part(_todo(ui, it))
    screen.part(strips(ui, now, it.terminal, ui.say("you are in", "いる場所")))
    screen.part([keys(ui, it.keys)])
    return screen


def _todo(ui: Ui, it: Task) -> list[Text]:
    """The commands. Where they begin in another terminal than the one that is shown, that takes the label's place."""
    begins = it.commands[0].terminal if it.commands else it.terminal
    elsewhere = ui.say(f"in terminal {begins}", f"端末 {begins} で実行")
    label = ui.say("do", "実行") if begins == it.terminal else elsewhere
    return commands(ui, it.commands, Text(label, "head"), begins)


def _option(ui: Ui, letter: str, option: str) -> list[Text]:
    """It wraps under itself, never under its letter."""
    first, *rest = wrap(code(option), max(8, min(ui.body if ui.body >= 24 else ui.cols - SUB, PROSE) - 3))
    left = " " * (MARGIN + LABEL if ui.body >= 24 else SUB)
    return [
        Text.assemble(left, (f"{letter}  ", "key"), first),
        *(Text.assemble(left, "   ", line) for line in rest),
    ]


def prose(ui: Ui, blocks: Sequence[Block]) -> list[Text]:
    """A lesson's paragraphs with a blank line between; items of a list stand together."""
    lines: list[Text] = []
    for number, block in enumerate(blocks):
        if number and not (block.kind == "item" and blocks[number - 1].kind == "item"):
            lines.append(Text())
        match block.kind:
            case "item":
                lines += [Text(" ") + line for line in marked(ui, "-", code(block.text))]
            case "code":
                lines += [Text.assemble("   ", (line, "cmd")) for line in block.text.split("\n")]
            case "paragraph":
                lines += para(ui, block.text)
    return lines


def _task_plain(ui: Ui, it: Task, now: Snapshot) -> Screen:
    head = ui.say(
        f"Step {it.number} of {it.total}: {it.title}.", f"ステップ {it.number} / {it.total}: {it.title}。"
    )
    guess = [ui.say(f"Predict: {it.question}", f"予想: {it.question}")] if it.question else []
    options = [f"{letter}: {option}" for letter, option in zip(LETTERS, it.options, strict=False)]
    do = [typed(ui, command, it.terminal) for command in it.commands]
    words = [head, *(block.text for block in it.prose), *guess, *options]
    return sentences([*map(spoken, words), *do, *places_told(ui, now), key_line(ui, it.keys)])


def key_line(ui: Ui, pairs: Sequence[Key]) -> str:
    """The keys as a sentence."""
    listed = ui.listed(f"{key} ({does})" if does else key for key, does in pairs)
    return ui.say(f"Keys: {listed}.", f"キー: {listed}。")


@dataclass(frozen=True)
class Result:
    """What a command did. verdicts: those that are worth telling; broken: the first failed one that isn't just unfinished.

    answer: what became of the guess. done: "" while the step isn't; else "step 4 of 8 done". fenced: on a stage.
    """

    command: str
    views: Sequence[View]
    verdicts: Sequence[Verdict]
    broken: Verdict | None
    todo: Sequence[Move | str]
    answer: str
    summary: Sequence[str]
    done: str
    keys: Sequence[Key]
    fenced: bool = True
    terminal: int = 1  # the one that is shown


def news(ui: Ui, it: Result, before: Snapshot, now: Snapshot) -> bool:
    """Is there anything to show? What no view of the step's shows, and the host doesn't feel, is none."""
    places = [(place(before), place(now))]
    places += [(before.second, now.second)] if before.second and now.second else []
    kinds = [(own_of(old, before.host), own_of(new, now.host)) for old, new in places]
    felt_it = felt(ui, before, now).moved or machine_moved(ui, before, now)
    return bool(_moved(it, before, now) or felt_it) or any(old != new for old, new in kinds)


def result(ui: Ui, it: Result, before: Snapshot, now: Snapshot) -> Screen:
    """Views, then namespaces and host, then the verdict, then the keys."""
    if ui.plain:
        return _result_plain(ui, it, before, now)
    if ui.big:
        return big.result(ui, it, before, now)
    screen = Screen(title(ui, Text(ui.say("what changed", "変わったこと"), "head"), _short(ui, it.command)))
    for number, view in enumerate(_moved(it, before, now)):
        lines = view.after(ui, before, now)
        screen += [Text()] if number and len(lines) else []
        screen += lines
    screen.part([*strips(ui, now, it.terminal), *host(ui, before, now)])
    screen.part([line for each in _verdicts(ui, it, now) for line in each])
    screen.part([line for words in it.summary for line in para(ui, words, indent=MARGIN)])
    screen.part([keys(ui, it.keys, it.done)])
    return screen


def _short(ui: Ui, typed: str) -> Text:
    """The first line of a command, cut at its end where the title has no room for it."""
    first, more, _ = typed.partition("\n")
    words = clean(f"{first} .." if more else first)
    return fit(words, min(width(words), max(0, ui.cols - 20)))


def _moved(it: Result, before: Snapshot, now: Snapshot) -> list[View]:
    return [view for view in it.views if view.moved(before, now)]


def _verdicts(ui: Ui, it: Result, now: Snapshot) -> list[list[Text]]:
    if it.broken:
        return _not_yet(ui, it, it.broken, now)
    lines = [marked(ui, "", code(it.answer))] if it.answer else []  # no mark: a guess is never a score
    return [*(verdict(ui, one.passed, code(one.message)) for one in it.verdicts), *lines]


def _not_yet(ui: Ui, it: Result, failed: Verdict, now: Snapshot) -> list[list[Text]]:
    """What is safe comes second: the first thought of somebody who renamed the host is "did I break it?"."""
    head = ui.say("not yet: ", "まだです: ") + failed.message
    rows = ((ui.say("found", "いま"), failed.found), (ui.say("wanted", "めざす形"), failed.wanted))
    lines = [verdict(ui, False, code(head, "head"))]
    if it.fenced:
        lines.append(para(ui, safe(ui, now), indent=MARGIN))
    lines += [[Text()], *(prose_row(ui, Text(label, "head"), words) for label, words in rows)]
    lines.append(commands(ui, it.todo, Text(ui.say("to do", "すること"), "head"), it.terminal))
    return lines


def safe(ui: Ui, now: Snapshot) -> str:
    """What didn't break behind the fence: the stage began with the machine's name, so another one is the stage's alone."""
    machine = now.machine.names
    if machine and machine != now.host.names and fenced(now, "uts"):
        return ui.say(
            f"Nothing is broken: only the stage was renamed. Your machine is still called {machine.hostname}.",
            f"何も壊れていません。名前が変わったのはステージだけで、本物のマシンは {machine.hostname} のままです。",
        )
    return ui.say(
        "Nothing is broken: all of this is the stage's, not your machine's.",
        "何も壊れていません。ここはステージで、本物のマシンではありません。",
    )


def _result_plain(ui: Ui, it: Result, before: Snapshot, now: Snapshot) -> Screen:
    lines = []
    if it.broken:
        lines.append(spoken(ui.say(f"Not yet: {it.broken.message}.", f"まだです。{it.broken.message}。")))
        lines += [safe(ui, now)] if it.fenced else []
        lines += [
            f"{ui.say('Found', 'いま')}: {it.broken.found}{ui.stop}",
            f"{ui.say('Wanted', 'めざす形')}: {it.broken.wanted}{ui.stop}",
        ]
        lines += [typed(ui, command, it.terminal) for command in it.todo]
    elif it.done:
        lines.append(ui.say(f"{it.done.capitalize()}.", f"{it.done}。"))
    told_of = () if it.broken else it.verdicts
    lines += [ui.say(f"Checked: {spoken(one.message)}.", f"確認: {spoken(one.message)}。") for one in told_of]
    lines.append(spoken(it.answer[:1].upper() + it.answer[1:]))
    for view in _moved(it, before, now):
        lines += [line.plain for line in view.after(ui, before, now).lines]
    lines += [
        *places_told(ui, now),
        host_told(ui, before, now),
        *map(spoken, it.summary),
        key_line(ui, it.keys),
    ]
    return sentences(lines)


def where(ui: Ui, now: Snapshot, views: Sequence[View]) -> Screen:
    """`:views`: host | in here."""
    side, screen = place(now), Screen()
    for view in views:
        screen += view.sides(ui, now) if ui.plain else []
        screen.part([] if ui.plain else view.sides(ui, now))
    if ui.plain:
        return screen
    pid = Text(str(side.pid), "inside" if own(now) else "")
    screen.part([row(Text(ui.say("you are", "いまここ"), "head"), Text.assemble("pid ", pid))])
    return Screen(
        [*title(ui, Text(ui.say("the host, and in here", "ホストと、ここ"), "head")), *screen.lines]
    )
