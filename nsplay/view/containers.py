"""`nsplay look --all`: one line a container. Containers first, then what else was fenced in: services, browsers."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal

from rich.text import Text

from nsplay.containers import Container
from nsplay.dangers import Judgement
from nsplay.kernel.namespaces import KINDS
from nsplay.portrait import Line, Overview
from nsplay.view.grid import keys, marked, sentences, title
from nsplay.view.tables import UNKNOWN
from nsplay.view.text import Cell, clean, fit, width
from nsplay.view.ui import MARGIN, Screen, Ui

# As unshare(1) calls them
LETTERS: Final = dict(zip(KINDS, "upmniUCT", strict=True))
# Of the table: how wide, which end is kept, and whether it is there in a narrow terminal, too
COLUMNS: Final[Sequence[tuple[int, Literal["head", "right"], bool]]] = (
    *((18, "head", True), (11, "head", True), (7, "right", True)),
    *((6, "right", False), (9, "right", True), (14, "right", False)),
)
MB: Final = 1_000_000


def containers(ui: Ui, all_: Overview) -> Screen:
    """The page."""
    lines, hidden = all_
    if ui.plain:
        return sentences(_told(ui, lines, hidden))
    real = [line for line in lines if line.it.real]
    other = [line for line in lines if not line.it.real]
    screen = Screen(
        title(ui, Text(ui.say("look --all", "look --all"), "head"), counts(ui, len(real), len(other)))
    )
    if lines:
        *heads, last = (Text(word, "faint") for word in _heads(ui))
        screen += _line(ui, "", heads, lambda _: last.plain)
        for line in (*real, *other):
            screen += _row(ui, line)
    else:
        screen += marked(
            ui,
            "",
            ui.say("every process is in the host's namespaces", "どのプロセスもホストの名前空間にいる"),
        )
    if hidden:
        screen.part(marked(ui, UNKNOWN, _hidden(ui, hidden)))
    screen.part(_letters(ui) if lines else [])
    first = lines[0].it.pid if lines else 1
    screen.part(
        [
            keys(
                ui,
                [
                    (f"nsplay look {first}", ui.say("one of them", "その一つ")),
                    ("--watch", ""),
                    ("--json", ""),
                ],
            )
        ]
    )
    return screen


def counts(ui: Ui, real: int, other: int) -> str:
    """`2 containers, 5 others with namespaces of their own`."""
    plural = "" if real == 1 else "s"
    words = ui.say(f"{real} container{plural}", f"コンテナ {real}")
    if other:
        words += ui.say(f", {other} more with namespaces of their own", f"、ほかに名前空間を持つもの {other}")
    return words


def many(ui: Ui, count: int) -> str:
    """So many processes."""
    return ui.say("1 process" if count == 1 else f"{count} processes", f"プロセス {count}")


def news(ui: Ui, mark: str, it: Container) -> str:
    """One that came or went, in one line."""
    who = " ".join(filter(None, (it.runtime, it.called)))
    if ui.plain:
        came = mark == "+"
        return ui.say(
            f"{'Came' if came else 'Gone'}: {who}, pid {it.pid}.",
            f"{'現れた' if came else '消えた'}: {who}、pid {it.pid}。",
        )
    return f" {mark} {who}  pid {it.pid}"


def _heads(ui: Ui) -> tuple[str, ...]:
    return (
        ui.say("name", "名前"),
        ui.say("made by", "作ったもの"),
        "pid",
        ui.say("procs", "数"),
        ui.say("its own", "独自"),
        ui.say("memory", "メモリ"),
        ui.say("dangers", "危険"),
    )


def _row(ui: Ui, line: Line) -> Text:
    it = line.it
    mark = Text("!", "warn") if line.judged and line.judged.dangers else Text("" if line.judged else UNKNOWN)
    cells = (
        Text(clean(it.called), "inside"),
        it.runtime or ui.say("by hand", "手作り"),
        str(it.pid),
        str(len(it.pids)),
        letters(it),
        _memory(line),
    )
    return _line(ui, mark, cells, lambda room: _dangers(ui, line.judged, room))


def _line(ui: Ui, mark: Cell, cells: Sequence[Cell], last: Callable[[int], str]) -> Text:
    """The number of processes and the memory go in a narrow terminal. last: what stands in the room that is left."""
    columns = [
        fit(cell, wide, keep)
        for cell, (wide, keep, always) in zip(cells, COLUMNS, strict=True)
        if always or not ui.narrow
    ]
    room = max(0, ui.cols - MARGIN - sum(map(width, columns)) - 2)
    line = Text.assemble(" ", fit(mark, 1), " ", *columns, "  ", fit(last(room), room))
    line.rstrip()
    return line


def letters(it: Container) -> str:
    """`upmni---`: the letters of unshare(1), `-` for what is the host's, `?` for what may not be read."""
    if it.own is None:
        return UNKNOWN
    return "".join(letter if kind in it.own else "-" for kind, letter in LETTERS.items())


def _letters(ui: Ui) -> list[Text]:
    words = ui.listed(f"{letter} {kind}" for kind, letter in LETTERS.items())
    return marked(
        ui, "", Text(f"{words}{ui.say('; - is shared with the host', '。- はホストと共有')}", "faint")
    )


def _memory(line: Line) -> str:
    """What it has of what it may have; nothing of a group that isn't its own."""
    bound = next((one for one in line.bounds or () if one.resource == "memory"), None)
    if bound is None or bound.used is None:
        return UNKNOWN
    if bound.limit is None:
        return f"{bound.used / MB:.0f} MB" if line.it.grouped and bound.path != "/" else "-"
    return f"{bound.used / MB:.0f} / {bound.limit / MB:.0f} MB"


def _dangers(ui: Ui, judged: Judgement | None, room: int) -> str:
    """How many, and as many of them by name as have room, the gravest first."""
    if judged is None:
        return ""
    names = [one.key for one in judged.dangers]
    if not names:
        return ui.say("none", "なし")
    for shown in range(len(names), 0, -1):
        more = " .." if shown < len(names) else ""
        if width(words := f"{len(names)}: {' '.join(names[:shown])}{more}") <= room:
            return words
    return str(len(names))


def _hidden(ui: Ui, hidden: int) -> str:
    return ui.say(
        f"{many(ui, hidden)} may not be looked into: only what their cgroups tell is here. With sudo: all",
        f"{hidden} 個のプロセスは中を見せてもらえず、cgroup から分かることだけ。sudo なら全部",
    )


def _told(ui: Ui, lines: Sequence[Line], hidden: int) -> Iterator[str]:
    real = sum(line.it.real for line in lines)
    yield f"{counts(ui, real, len(lines) - real)}{ui.stop}"
    comma = ui.say(", ", "、")
    for line in lines:
        it, judged, memory = line.it, line.judged, _memory(line)
        made = it.runtime or ui.say("by hand", "手作り")
        own = UNKNOWN if it.own is None else ui.listed(it.own)
        words = [
            f"{it.called}{comma}{made}",
            f"pid {it.pid}",
            many(ui, len(it.pids)),
            ui.say(f"its own: {own}", f"独自: {own}") if it.own is not None else "",
            ui.say(f"memory {memory}", f"メモリ {memory}") if memory not in ("-", UNKNOWN) else "",
            ui.say(f"dangers {_dangers(ui, judged, 200)}", f"危険 {_dangers(ui, judged, 200)}")
            if judged
            else "",
        ]
        yield f"{comma.join(filter(None, words))}{ui.stop}"
    if hidden:
        yield f"{_hidden(ui, hidden)}{ui.stop}"
