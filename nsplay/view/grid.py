"""What every screen is made of: rows of the grid (ui.py), titles, commands, paragraphs, keys and bars."""

from collections.abc import Iterable, Sequence

from rich.text import Text

from nsplay.lesson.model import Move
from nsplay.view.text import Cell, code, fit, join, text, width, wrap
from nsplay.view.ui import LABEL, MARGIN, PROSE, SUB, Screen, Ui


def row(label: Cell, *cells: Cell, mark: Cell = "") -> Text:
    """One line of the grid."""
    return Text.assemble(" ", fit(mark, 1), " ", fit(label, LABEL), join(*cells))


def spread(ui: Ui, left: Cell, right: Cell = "") -> Text:
    """Left and right on one line; where both don't fit, the right one goes."""
    start, end = text(left), text(right)
    gap = ui.cols - start.cell_len - end.cell_len
    return Text.assemble(start, " " * gap, end) if end and gap >= 2 else start


def title(ui: Ui, left: Cell, right: Cell = "") -> list[Text]:
    """A title, underlined over the whole width: an attribute needs no line glyph (those are two columns wide in a Japanese
    terminal) and costs no row. Without attributes, a row of `-`.
    """
    head = Text.assemble(" ", text(left))
    line = fit(spread(ui, head, Text.assemble(text(right), " ") if width(right) else ""), ui.cols)
    if not ui.attributes:
        line.rstrip()
        return [line, Text("-" * ui.cols)]
    line.stylize("rule")
    return [line]


def command(typed: str, prompt: str = "# ") -> Text:
    """A command as it is typed at root's prompt; a colon command is nsplay's and has none."""
    return Text.assemble(("" if typed.startswith(":") else prompt, "faint"), text(typed, "cmd"))


def commands(ui: Ui, wanted: Iterable[Move | str], label: Cell = "", terminal: int = 1) -> list[Text]:
    """Commands to type, one below the other; never cut, never wrapped by us where they fit. Those of another terminal
    than the one that is shown stand below its name.
    """
    lines = []
    for one in wanted:
        move = Move(one, terminal) if isinstance(one, str) else one  # nsplay's own: wherever one is
        if move.terminal != terminal:
            terminal = move.terminal
            lines.append(
                Text(
                    ui.say(
                        f"in terminal {terminal} (Ctrl-] {terminal}):",
                        f"端末 {terminal} で (Ctrl-] {terminal}):",
                    ),
                    "faint",
                )
            )
        first, *more = move.line.split("\n")
        lines += [command(first), *(command(part, "> ") for part in more)]
    return _labelled(ui, label, lines)


def _labelled(ui: Ui, label: Cell, lines: Sequence[Text]) -> list[Text]:
    """One that doesn't fit beside the labels stands below them, further left. A long label is cut before them."""
    rows = []
    label = fit(label, min(width(label), LABEL - 1))
    if lines and lines[0].cell_len > ui.body:
        rows, label = [row(label)] * bool(width(label)), ""
    for line in lines:
        rows.append(row(label, line) if line.cell_len <= ui.body else Text.assemble(" " * SUB, line))
        label = ""
    return rows


def typed(ui: Ui, one: Move | str, terminal: int = 1) -> str:
    """A command to type, as a sentence; where it has several lines the key between them is named. terminal: the one that is
    shown.
    """
    move = Move(one, terminal) if isinstance(one, str) else one
    line = move.line.replace("\n", " (Enter) ")
    if move.terminal == terminal == 1:
        return ui.say(f"Type: {line}", f"打つもの: {line}")
    return ui.say(f"Type in terminal {move.terminal}: {line}", f"端末 {move.terminal} で打つもの: {line}")


def prose_row(ui: Ui, label: Cell, words: Cell, mark: Cell = "", widest: int = PROSE) -> list[Text]:
    """A line whose body is words: it wraps under itself, never under its label."""
    if ui.body < 24:
        head = [row(label, mark=mark)] if width(label) or width(mark) else []
        return [*head, *(Text.assemble(" " * SUB, line) for line in wrap(words, ui.cols - SUB))]
    first, *rest = wrap(words, min(ui.body, widest))
    return [row(label, first, mark=mark), *(row("", line) for line in rest)]


def para(ui: Ui, prose: str, indent: int = 1, widest: int = PROSE) -> list[Text]:
    """A paragraph of a lesson, with its `code`."""
    return [Text.assemble(" " * indent, line) for line in wrap(code(prose), min(widest, ui.cols - indent))]


def marked(ui: Ui, mark: Cell, words: Cell) -> list[Text]:
    """Words behind a mark; they wrap under themselves."""
    first, *rest = wrap(words, ui.cols - MARGIN)
    return [
        Text.assemble(" ", fit(mark, 1), " ", first),
        *(Text.assemble(" " * MARGIN, line) for line in rest),
    ]


def verdict(ui: Ui, passed: bool, words: Cell) -> list[Text]:
    """What became of a check: the mark is in colour, the words are not."""
    return marked(ui, Text(ui.yes, "ok") if passed else Text(ui.no, "bad"), words)


Key = tuple[str, str]
"""What is pressed or typed, and what it does ("" where that is plain)."""


def keys(ui: Ui, pairs: Iterable[Key], right: Cell = "") -> Text:
    """The last line: what may be pressed or typed now, the most wanted first. What doesn't fit is left off from the end."""
    line = Text(" ")
    for key, does in pairs:
        gap = "   " if line.cell_len > 1 else ""
        part = Text.assemble(gap, text(key, "key"), " " if does else "", text(does, "faint"))
        if line.cell_len + part.cell_len > ui.cols:
            break
        line.append_text(part)
    return spread(ui, line, Text.assemble(text(right), " ") if width(right) else "")


def meter(value: float, top: float, columns: int, style: str = "bar") -> Text:
    """A bar that is text first: `[####----]`. In colour the # is painted on its own colour and becomes a solid block; a copy,
    a screen reader and NO_COLOR still have the #.
    """
    full = max(0, min(columns, round(columns * value / top))) if top > 0 else 0
    return Text.assemble("[", ("#" * full, style), ("-" * (columns - full), "faint"), "]")


def sentences(lines: Iterable[str]) -> Screen:
    """For `--plain`: one fact a sentence; empty ones are left out."""
    return Screen(line for line in lines if line)
