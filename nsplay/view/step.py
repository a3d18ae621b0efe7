"""A step on the screen: the task, and what a command did. The news is at the bottom, next to the prompt."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from nsplay.lesson.model import Block, Verdict
from nsplay.snapshot import Snapshot
from nsplay.view.base import View, own, place
from nsplay.view.namespaces import strip, told
from nsplay.view.text import code
from nsplay.view.ui import (
    MARGIN,
    Key,
    Screen,
    Ui,
    commands,
    keys,
    marked,
    meter,
    para,
    prose_row,
    row,
    sentences,
    title,
    verdict,
)

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
    commands: Sequence[str]
    keys: Sequence[Key]


def task(ui: Ui, it: Task, now: Snapshot) -> Screen:
    """What is to be done, and where one is."""
    if ui.plain:
        return _task_plain(ui, it, now)
    step = ui.say(f"step {it.number} of {it.total}  ", f"ステップ {it.number} / {it.total}  ")
    bar = Text.assemble(step, meter(it.number, it.total, 8)) if ui.width >= 60 else Text(step.strip())
    screen = Screen(title(ui, Text(it.lesson), bar))
    screen.part([Text.assemble(" ", (it.title, "head"))])
    screen.part(prose(ui, it.prose))
    if it.question:
        screen.part(prose_row(ui, Text(ui.say("predict", "予想"), "head"), code(it.question)))
        for letter, option in zip(LETTERS, it.options, strict=False):
            screen += prose_row(ui, "", Text.assemble((f"{letter}  ", "key"), code(option)))
    screen.part(commands(ui, it.commands, Text(ui.say("do", "すること"), "head")))
    screen.part([strip(ui, own(now), ui.say("you are in", "いまいる所"))])
    screen.part([keys(ui, it.keys)])
    return screen


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
    guess = [ui.say(f"Guess: {it.question}", f"予想: {it.question}")] if it.question else []
    options = [f"{letter}: {option}" for letter, option in zip(LETTERS, it.options, strict=False)]
    do = [ui.say(f"Type: {command}", f"打つもの: {command}") for command in it.commands]
    return sentences(
        [head, *(b.text for b in it.prose), *guess, *options, *do, told(ui, own(now)), key_line(ui, it.keys)]
    )


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
    todo: Sequence[str]
    answer: str
    summary: Sequence[str]
    done: str
    keys: Sequence[Key]
    fenced: bool = True


def result(ui: Ui, it: Result, before: Snapshot, now: Snapshot) -> Screen:
    """Views, then namespaces and host, then the verdict, then the keys."""
    if ui.plain:
        return _result_plain(ui, it, before, now)
    screen = Screen(
        title(ui, Text(ui.say("what changed", "変わったこと"), "head"), Text(it.command.split("\n")[0]))
    )
    for number, view in enumerate(_moved(it, before, now)):
        lines = view.after(ui, before, now)
        screen += [Text()] if number and len(lines) else []
        screen += lines
    screen.part([strip(ui, own(now)), *host(ui, before, now)])
    screen.part([line for each in _verdicts(ui, it) for line in each])
    screen.part([line for words in it.summary for line in para(ui, words, indent=MARGIN)])
    screen.part([keys(ui, it.keys, it.done)])
    return screen


def _moved(it: Result, before: Snapshot, now: Snapshot) -> list[View]:
    return [view for view in it.views if view.moved(before, now)]


def _verdicts(ui: Ui, it: Result) -> list[list[Text]]:
    if it.broken:
        return _not_yet(ui, it, it.broken)
    lines = [verdict(ui, True, code(it.answer))] if it.answer else []
    return [*(verdict(ui, one.passed, code(one.message)) for one in it.verdicts), *lines]


def _not_yet(ui: Ui, it: Result, failed: Verdict) -> list[list[Text]]:
    """What is safe comes second: the first thought of somebody who renamed the host is "did I break it?"."""
    head = ui.say("not yet: ", "まだです: ") + failed.message
    rows = ((ui.say("found", "いま"), failed.found), (ui.say("wanted", "めざす形"), failed.wanted))
    lines = [verdict(ui, False, code(head, "head"))]
    if it.fenced:
        safe = ui.say(
            "Nothing is broken: this is the stage, your machine has not moved.",
            "何も壊れていません。ここはステージで、あなたのマシンは動いていません。",
        )
        lines.append([Text("   ") + line for line in para(ui, safe, indent=0)])
    lines += [[Text()], *(prose_row(ui, Text(label, "head"), words) for label, words in rows)]
    lines.append(commands(ui, it.todo, Text(ui.say("to do", "すること"), "head")))
    return lines


def counts(ui: Ui, now: Snapshot) -> str:
    """What was looked at on the host: `name vm, 20 mounts, 76 processes`."""
    side = now.host
    found = []
    if side.names:
        found.append(ui.say(f"name {side.names.hostname}", f"名前 {side.names.hostname}"))
    if side.mounts:
        found.append(ui.say(f"{len(side.mounts)} mounts", f"マウント {len(side.mounts)}"))
    if side.processes:
        found.append(ui.say(f"{len(side.processes)} processes", f"プロセス {len(side.processes)}"))
    return ui.listed(found)


def host_moved(ui: Ui, before: Snapshot, now: Snapshot) -> list[str]:
    """What is different on the host's side, in words."""
    old, new = before.host, now.host
    moved = []
    if old.names and new.names and old.names.hostname != new.names.hostname:
        moved.append(ui.say("name ", "名前 ") + f"{old.names.hostname} -> {new.names.hostname}")
    if old.names and new.names and old.names.domainname != new.names.domainname:
        moved.append(
            ui.say("domain name ", "ドメイン名 ") + f"{old.names.domainname} -> {new.names.domainname}"
        )
    if len(old.mounts) != len(new.mounts):
        moved.append(ui.say("mounts ", "マウント ") + f"{len(old.mounts)} -> {len(new.mounts)}")
    elif [(m.id, m.propagation) for m in old.mounts] != [(m.id, m.propagation) for m in new.mounts]:
        moved.append(ui.say("a mount has other properties", "マウントの性質"))
    return moved


def host(ui: Ui, before: Snapshot, now: Snapshot) -> list[Text]:
    """The host's line: `unchanged` is said only of what was looked at twice."""
    label = Text(ui.say("host", "ホスト"), "head")
    if moved := host_moved(ui, before, now):
        return prose_row(ui, label, Text(ui.listed(moved)), mark=Text("~", "warn"))
    words = Text.assemble((ui.say("unchanged", "変化なし"), "head"), ": ", counts(ui, now))
    return prose_row(ui, label, words, mark="=")


def _result_plain(ui: Ui, it: Result, before: Snapshot, now: Snapshot) -> Screen:
    lines = []
    if it.broken:
        lines.append(ui.say(f"Not yet: {it.broken.message}.", f"まだです。{it.broken.message}。"))
        lines += [
            f"{ui.say('Found', 'いま')}: {it.broken.found}.",
            f"{ui.say('Wanted', 'めざす形')}: {it.broken.wanted}.",
        ]
        lines += [ui.say(f"Type: {command}", f"打つもの: {command}") for command in it.todo]
    elif it.done:
        lines.append(ui.say(f"Done: {it.done}.", f"{it.done}。"))
    else:
        lines += [one.message for one in it.verdicts]
    lines.append(it.answer)
    for view in _moved(it, before, now):
        lines += [line.plain for line in view.after(ui, before, now).lines]
    moved = host_moved(ui, before, now)
    what = ui.listed(moved) if moved else ui.say("unchanged", "変化なし") + f", {counts(ui, now)}"
    lines += [
        told(ui, own(now)),
        ui.say(f"Host: {what}.", f"ホスト: {what}。"),
        *it.summary,
        key_line(ui, it.keys),
    ]
    return sentences(lines)


def where(ui: Ui, now: Snapshot, views: Sequence[View]) -> Screen:
    """`:views`: host | in here."""
    screen = Screen(title(ui, Text(ui.say("the host, and in here", "ホストと、ここ"), "head")))
    for view in views:
        screen.part(view.sides(ui, now))
    if not ui.plain:
        side = place(now)
        pid = Text(str(side.pid), "inside" if own(now) else "")
        screen.part([row(Text(ui.say("you are", "あなたは"), "head"), "pid ", pid)])
    return screen
