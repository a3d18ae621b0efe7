"""`nsplay look PID --owe`: what a container has beyond the one that was built by hand, and what adds it."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.text import Text

from nsplay.owing import Owed, Row
from nsplay.portrait import Portrait
from nsplay.view.base import MARKS
from nsplay.view.grid import keys, marked, prose_row, row, sentences, title
from nsplay.view.look_facts import origin, problem, subject
from nsplay.view.tables import UNKNOWN
from nsplay.view.text import width
from nsplay.view.ui import Screen, Ui

BY_HAND: Final = "unshare -muinpfrC"


def owe(ui: Ui, it: Portrait, owed: Owed | None) -> Screen:
    """The whole page. owed: None for who is in no container."""
    if ui.plain:
        return sentences(_told(ui, it, owed))
    screen = Screen(title(ui, subject(ui, it), origin(ui, it)))
    if it.standing.problem:
        screen.part(marked(ui, Text("!", "warn"), problem(ui, it)))
    if owed is None:
        screen.part(marked(ui, "", nobody(ui, it)))
        screen.part([keys(ui, [("nsplay look --all", "")])])
        return screen
    screen.part(prose_row(ui, Text(ui.say("by hand", "手作り"), "head"), measure(ui)))
    screen.part(_rows(ui, ui.say("more", "多いもの"), _more(ui), owed.more, MARKS["came"]))
    screen.part(_rows(ui, ui.say("fewer", "少ないもの"), _fewer(ui), owed.fewer, MARKS["went"]))
    if owed.unknown:
        screen.part(
            prose_row(ui, ui.say("not known", "不明"), ui.listed(owed.unknown), UNKNOWN, widest=ui.body)
        )
    pid = it.standing.row.pid
    screen.part([keys(ui, [(f"nsplay look {pid}", ui.say("all of it", "全体")), ("--owe --json", "")])])
    return screen


def nobody(ui: Ui, it: Portrait) -> str:
    """Of a process in no container."""
    pid = it.standing.row.pid
    return ui.say(
        f"Process {pid} is in no container: it has no namespace of its own, so there is nothing to compare.",
        f"プロセス {pid} はコンテナの中ではありません。独自の名前空間がないので、比べるものがありません。",
    )


def measure(ui: Ui) -> str:
    """What it is held against."""
    return ui.say(
        f"{BY_HAND}, memory and cpu limited, a root folder of its own, tty and null bound, sys_chroot dropped",
        f"{BY_HAND}、memory と cpu に上限、独自のルート、tty と null を bind、sys_chroot なし",
    )


def _more(ui: Ui) -> str:
    return ui.say(
        "what it has beyond the container built by hand, and what adds it",
        "手作りのコンテナより余分に持つものと、それを足す打ち方",
    )


def _fewer(ui: Ui) -> str:
    return ui.say(
        "what the one built by hand has, and it hasn't", "手作りのコンテナにはあって、これにはないもの"
    )


def _rows(ui: Ui, label: str, head: str, rows: Sequence[Row], mark: str) -> Screen:
    if not rows:
        none = ui.say("nothing", "なし")
        return Screen(prose_row(ui, Text(label, "head"), f"{head}: {none}", MARKS["same"]))
    screen = Screen(prose_row(ui, Text(label, "head"), head))
    for one in rows:
        screen += prose_row(
            ui, Text(one.key, "inside"), ui.say(*one.words), Text(mark, "inside"), widest=ui.body
        )
        screen += _how(ui, one)
    return screen


def _how(ui: Ui, one: Row) -> list[Text]:
    """The command, and the lesson at the right where both fit; else one below the other."""
    lesson = f"nsplay {one.lesson}" if one.lesson else ""
    command = Text(one.add, "cmd")
    gap = ui.body - width(one.add) - width(lesson)
    if ui.body < 24 or not lesson or gap < 2:
        below = prose_row(ui, "", command, widest=ui.body)
        return [*below, *(prose_row(ui, "", Text(lesson, "faint")) if lesson else [])]
    return [row("", Text.assemble(command, " " * gap, (lesson, "faint")))]


def _told(ui: Ui, it: Portrait, owed: Owed | None) -> Iterator[str]:
    """For ears."""
    if it.standing.problem:
        yield problem(ui, it)
    if owed is None:
        yield nobody(ui, it)
        return
    yield f"{subject(ui, it).plain.replace('   ', ui.say(', ', '、'))}{ui.stop}"
    yield f"{ui.say('Built by hand', '手作りのコンテナ')}: {measure(ui)}{ui.stop}"
    for head, rows in ((_more(ui), owed.more), (_fewer(ui), owed.fewer)):
        yield f"{head[:1].upper()}{head[1:]}: {len(rows)}{ui.stop}"
        for one in rows:
            lesson = ui.say(f" Lesson {one.lesson}.", f"レッスン {one.lesson}。") if one.lesson else ""
            yield f"{one.key}: {ui.say(*one.words)}{ui.stop} {one.add}{ui.stop}{lesson}"
    if owed.unknown:
        yield f"{ui.say('Not known', '不明')}: {ui.listed(owed.unknown)}{ui.stop}"
