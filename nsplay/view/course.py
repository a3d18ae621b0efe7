"""The menu: which lessons there are, how far one is, and what can't run here; and what stands on what."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest
from typing import Final

from rich.text import Text

from nsplay.view.grid import Key, keys, marked, meter, prose_row, row, sentences, title
from nsplay.view.text import fit, width
from nsplay.view.ui import Screen, Ui

FAR: Final = 7  # columns of "12 min" and "4/8"


@dataclass(frozen=True)
class Entry:
    """A lesson in the menu. done of steps; at: the number of the first step that isn't done, and its title."""

    id: str
    title: str
    minutes: int
    steps: int
    done: int
    why_not: str = ""
    mend: str = ""
    part: str = ""
    stands_on: Sequence[str] = ()
    at: int = 0
    at_title: str = ""

    @property
    def name(self) -> str:
        """Its id as it stands below its part: a pack's name is that part's title."""
        return self.id.rpartition(":")[2]

    @property
    def complete(self) -> bool:
        return 0 < self.steps == self.done


def menu(ui: Ui, entries: Sequence[Entry], onward: str, problems: Sequence[str] = ()) -> Screen:
    """The map of the course. onward: the lesson that Enter takes, "" for none. problems: sentences about the progress
    file.
    """
    if ui.plain:
        return _plain(ui, entries, onward, problems)
    parts = [(name, list(of)) for name, of in groupby(entries, lambda entry: entry.part)]
    screen = _head(ui, entries)
    if len(parts) > 1 and ui.width >= 50:
        screen += _columns(ui, parts, onward)
    else:
        screen += _list(ui, parts, onward)
    screen.part(_notes(ui, entries, onward))
    screen.part([line for words in problems for line in marked(ui, Text("!", "warn"), words)])
    screen.part([keys(ui, _keys(ui, entries, onward))])
    return screen


def _head(ui: Ui, entries: Sequence[Entry]) -> Screen:
    done, steps = sum(e.done for e in entries), sum(e.steps for e in entries)
    total = ui.say(f"{done} of {steps} steps  ", f"{steps} ステップ中 {done}  ")
    what = ui.say("what a container is made of", "コンテナは何でできているか")
    right = Text.assemble(total, meter(done, steps, 14)) if ui.width >= 60 else Text()
    return Screen([*title(ui, Text.assemble(("nsplay", "head"), f"   {what}"), right), Text()])


def _keys(ui: Ui, entries: Sequence[Entry], onward: str) -> list[Key]:
    pairs: list[Key] = [("Enter", onward)] if onward else []
    pairs.append((ui.say("NAME", "名前"), ui.say("another lesson", "別のレッスン")))
    if any(entry.stands_on for entry in entries):
        pairs.append(("l", ui.say("what stands on what", "順序のつながり")))
    return [*pairs, ("q", ui.say("leave", "終わる"))]


def _columns(ui: Ui, parts: Sequence[tuple[str, list[Entry]]], onward: str) -> Iterator[Text]:
    """Parts beside each other, as many as fit."""
    abreast = 3 if ui.width >= 76 else 2
    room = ui.cols // abreast
    for first in range(0, len(parts), abreast):
        if first:
            yield Text()
        columns = [list(_column(ui, part, of, onward, room)) for part, of in parts[first : first + abreast]]
        for cells in zip_longest(*columns, fillvalue=Text()):
            line = Text.assemble(*(fit(cell, room) for cell in cells))
            line.rstrip()
            yield line


def _column(ui: Ui, part: str, entries: Sequence[Entry], onward: str, room: int) -> Iterator[Text]:
    """One part: its title with how many lessons are done, then its lessons."""
    wide = max(8, min(room - FAR - 5, max(width(part), *(width(e.name) for e in entries)) + 2))
    done = sum(entry.complete for entry in entries)
    yield Text.assemble(" ", fit(Text(part, "head"), wide + 2), fit(f"{done}/{len(entries)}", FAR, "right"))
    for entry in entries:
        name = Text(entry.name, "inside" if entry.id == onward else "")
        far = "" if entry.complete or entry.why_not else _far(entry)
        yield Text.assemble(" ", fit(_mark(ui, entry, onward), 2), fit(name, wide), fit(far, FAR, "right"))


def _far(entry: Entry) -> str:
    return f"{entry.done}/{entry.steps}" if entry.done else f"{entry.minutes} min"


def _mark(ui: Ui, entry: Entry, onward: str) -> Text:
    if entry.why_not:
        return Text("!", "warn")
    if entry.complete:
        return Text(ui.yes, "ok")
    return Text(">" if entry.id == onward else "", "inside")


def _list(ui: Ui, parts: Sequence[tuple[str, list[Entry]]], onward: str) -> Iterator[Text]:
    """One lesson a row, with its title."""
    wide = max((len(e.name) for _, of in parts for e in of), default=0)
    for number, (part, of) in enumerate(parts):
        if len(parts) > 1:
            yield from [Text()] * bool(number)
            yield Text.assemble(" ", (part, "head"))
        for entry in of:
            yield _row(ui, entry, onward, wide)


def _row(ui: Ui, entry: Entry, onward: str, wide: int) -> Text:
    name = Text.assemble(
        " ",
        fit(_mark(ui, entry, onward), 1),
        " ",
        fit(Text(entry.name, "inside" if entry.id == onward else "head"), wide),
        "  ",
        fit(_far(entry), FAR, "right"),
        "  ",
    )
    return Text.assemble(name, fit(entry.title, max(8, ui.cols - name.cell_len)))


def _notes(ui: Ui, entries: Sequence[Entry], onward: str) -> list[Text]:
    """Where one goes on, and what is missing here."""
    lines: list[Text] = []
    for entry in entries:
        if entry.id == onward and entry.at:
            words = ui.say(
                f"go on at step {entry.at} of {entry.steps}: {entry.at_title}" if entry.done else entry.title,
                f"ステップ {entry.at} / {entry.steps} から: {entry.at_title}" if entry.done else entry.title,
            )
            lines += prose_row(ui, Text(entry.name, "inside"), words, Text(">", "inside"))
        if entry.why_not:
            words_of = Text.assemble(entry.why_not, "   ", (entry.mend, "cmd"))
            lines += prose_row(ui, Text(entry.name, "head"), words_of, Text("!", "warn"))
    return lines


def map_of(ui: Ui, entries: Sequence[Entry], onward: str) -> Screen:
    """Every lesson with its title, its minutes and what it stands on."""
    if ui.plain:
        return sentences(f"{_sentence(ui, entry)}{_stands(ui, entry)}" for entry in entries)
    done = {entry.id for entry in entries if entry.complete}
    screen = Screen(title(ui, Text(ui.say("what stands on what", "順序のつながり"), "head")))
    for part, of in groupby(entries, lambda entry: entry.part):
        if part:
            screen.part([Text.assemble(" ", (part, "head"))])
        for entry in of:
            mark = _mark(ui, entry, onward)
            screen += row(entry.name, Text(entry.title), mark=mark)
            if entry.stands_on:
                names = Text(", ").join(
                    Text(name, "faint" if name in done else "warn") for name in entry.stands_on
                )
                screen += row("", Text.assemble((ui.say("after ", "先に "), "faint"), names))
    screen.part([keys(ui, _keys(ui, [], onward))])
    return screen


def _sentence(ui: Ui, e: Entry) -> str:
    return ui.say(
        f"{e.id}: {e.title}. {e.done} of {e.steps} steps done, {e.minutes} minutes.",
        f"{e.id}: {e.title}。{e.steps} ステップ中 {e.done} 済み、{e.minutes} 分。",
    )


def _stands(ui: Ui, e: Entry) -> str:
    if not e.stands_on:
        return ""
    return ui.say(f" Stands on {ui.listed(e.stands_on)}.", f" 先に {ui.listed(e.stands_on)}。")


def _plain(ui: Ui, entries: Sequence[Entry], onward: str, problems: Sequence[str]) -> Screen:
    lines = [_sentence(ui, e) + (f" {e.why_not}. {e.mend}" if e.why_not else "") for e in entries]
    last = ui.say(f"Enter for {onward}, or type a name, or q.", f"Enter で {onward}。名前か q も打てます。")
    return sentences([*lines, *problems, last])
