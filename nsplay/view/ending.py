"""The end of a lesson: the receipt (what was typed, what the kernel made, what the host felt, what is left), then the card."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from nsplay.lesson.model import Card
from nsplay.view.grid import marked, prose_row, sentences, title
from nsplay.view.notes import columns
from nsplay.view.step import prose
from nsplay.view.text import code
from nsplay.view.ui import Screen, Ui


@dataclass(frozen=True)
class Entry:
    """A line that was typed. mark: `+`, `-`, `~` or "". made: what the kernel did for it."""

    typed: str
    mark: str
    made: str


@dataclass(frozen=True)
class Receipt:
    """felt: what the host is, or how it moved; left: what stayed behind; you: steps, minutes, guesses, hints."""

    lesson: str
    entries: Sequence[Entry]
    felt: str
    moved: bool
    left: Sequence[str]
    you: str


def receipt(ui: Ui, it: Receipt) -> Screen:
    """The receipt."""
    kinds = ui.say("no process, mount, cgroup or link", "プロセス、マウント、cgroup、リンクはなし")
    left = f"{len(it.left)}: {ui.listed(it.left) if it.left else kinds}"
    nothing = ui.say("nothing", "なし")
    if ui.plain:
        typed = (ui.say(f"You typed {e.typed}: {e.made}.", f"{e.typed}: {e.made}。") for e in it.entries)
        felt = it.felt if it.moved else f"{nothing}, {it.felt}"
        return sentences(
            [
                *typed,
                ui.say(f"The host felt: {felt}.", f"ホストの変化: {felt}。"),
                ui.say(f"Left behind: {left}.", f"残ったもの: {left}。"),
                it.you,
            ]
        )
    screen = Screen(title(ui, Text(ui.say("receipt", "レシート"), "head"), Text(it.lesson)))
    head = (
        Text(ui.say("you typed", "打ったもの"), "head"),
        Text("  " + ui.say("the kernel did", "カーネルがしたこと"), "head"),
    )
    rows = [
        (Text(e.typed, "cmd"), Text(f"{e.mark or ' '} {e.made}", "inside" if e.mark else ""))
        for e in it.entries
    ]
    screen += columns(ui, [head, *rows] if rows else [])
    told = Text(it.felt) if it.moved else Text.assemble((nothing, "head"), ": ", it.felt)
    screen.part(
        prose_row(
            ui, Text(ui.say("the host felt", "ホストの変化"), "head"), told, mark="~" if it.moved else "="
        )
    )
    sign = Text(ui.yes, "ok") if not it.left else Text(ui.no, "bad")
    screen += prose_row(ui, Text(ui.say("left behind", "残ったもの"), "head"), left, mark=sign)
    screen += prose_row(ui, Text(ui.say("you", "記録"), "head"), it.you)
    return screen


def card(ui: Ui, lesson: str, it: Card) -> Screen:
    """What is worth keeping."""
    if ui.plain:
        lines = [
            *(b.text for b in it.prose),
            *(f"{command}: {what}" for command, what in it.commands),
            *it.gotchas,
        ]
        return sentences([*lines, f"man: {ui.listed(it.see)}"])
    screen = Screen(title(ui, Text(ui.say(f"card: {lesson}", f"カード: {lesson}"), "head")))
    screen += prose(ui, it.prose)
    screen.part(columns(ui, [(Text(command, "cmd"), code(what)) for command, what in it.commands]))
    screen.part([line for words in it.gotchas for line in marked(ui, Text("!", "warn"), code(words))])
    screen.part(marked(ui, "", Text("man  " + "  ".join(it.see))) if it.see else [])
    return screen
