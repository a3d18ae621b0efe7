"""Cells and prose: text of a known width in columns.

Widths are columns of a terminal, not characters (rich's `cell_len`). Nothing here knows what a screen is for.
"""

from collections.abc import Iterator
from typing import Literal

from rich.cells import cell_len
from rich.text import Text

Cell = str | Text
"""A str is plain words; a Text brings its styles. Both are made safe by `text`."""

GUTTER = "  "  # between two columns
WIDE_SPACE = "\u3000"  # Japanese prose may hold it; Python doesn't count it as printable

NEVER_FIRST = frozenset(
    "、。，．・：；？！）」』】〉》〕ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々ゝゞ,.:;!?)]}"
)
NEVER_LAST = frozenset("（「『【〈《〔([{")


# ---- cells


def clean(words: str) -> str:
    """The words with every character that could move the cursor, paint or hide made visible: `\\x1b`, `\\u202e`.

    A byte that isn't UTF-8 (os.fsdecode keeps it as a surrogate) is shown as that byte.
    """
    if words.isprintable():
        return words
    return "".join(c if c.isprintable() or c == WIDE_SPACE else _escape(ord(c)) for c in words)


def _escape(point: int) -> str:
    if 0xDC80 <= point <= 0xDCFF:
        point -= 0xDC00
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}"


def text(cell: Cell, style: str = "") -> Text:
    """A cell as a Text of its own that can't paint the screen. A Text that held control characters loses its styles."""
    if isinstance(cell, str):
        return Text(clean(cell), style)
    safe = clean(cell.plain)
    return cell.copy() if safe == cell.plain else Text(safe, cell.style)


def width(cell: Cell) -> int:
    """Columns that the cell takes."""
    return cell_len(clean(cell)) if isinstance(cell, str) else cell.cell_len


def fit(cell: Cell, columns: int, keep: Literal["head", "tail", "right"] = "head") -> Text:
    """Exactly `columns` wide: padded, or cut with `..` (rich's own ellipsis is of ambiguous width).

    head: cut at the end. tail: cut at the start, as a path is told apart by its end. right: as head, but padded on the left.
    """
    cut = text(cell)
    if cut.cell_len > columns:
        cut = _tail(cut, columns) if keep == "tail" else _head(cut, columns)
    pad = " " * (columns - cut.cell_len)
    return Text.assemble(pad, cut) if keep == "right" else Text.assemble(cut, pad)


def _head(long: Text, columns: int) -> Text:
    long.truncate(max(0, columns - 2))
    return Text.assemble(long, ".."[: max(0, columns)])


def _tail(long: Text, columns: int) -> Text:
    room, start = columns - 2, len(long.plain)
    while start and room - cell_len(long.plain[start - 1]) >= 0:
        start -= 1
        room -= cell_len(long.plain[start])
    return Text.assemble(".."[: max(0, columns)], long[start:])


def join(*cells: Cell, sep: str = GUTTER) -> Text:
    """The cells in one line."""
    return Text(sep).join(text(cell) for cell in cells)


# ---- prose


def code(prose: str, style: str = "") -> Text:
    """Prose with its `code` in the style of commands; back quotes are left out. A single one stays as it is."""
    parts = _flat(prose).split("`")
    if len(parts) % 2 == 0:  # an unpaired back quote is a back quote
        parts[-2:] = [f"{parts[-2]}`{parts[-1]}"]
    return Text.assemble(*((clean(part), "cmd" if n % 2 else style) for n, part in enumerate(parts)))


def spoken(prose: str) -> str:
    """Prose without its back quotes, for ears."""
    return code(prose).plain


def _flat(prose: str) -> str:
    """One paragraph from several lines of a file: joined by a space, between two Japanese characters by nothing."""
    lines = [line.strip() for line in prose.split("\n")]
    flat = lines[0]
    for line in lines[1:]:
        glue = "" if flat and line and _is_wide(flat[-1]) and _is_wide(line[0]) else " "
        flat = f"{flat}{glue}{line}"
    return flat


def wrap(prose: Cell, columns: int, hang: int = 0) -> list[Text]:
    """Broken into lines of at most `columns`, later ones `hang` in: at spaces and, in Japanese, between characters by kinsoku
    (rich's own wrap puts `、` first in a line). `code` stays together if it fits on a line at all.
    """
    whole = text(prose)
    breaks: list[tuple[int, int]] = []  # where each line starts and ends
    start = at = used = 0
    for atom, size in _atoms(whole, max(1, columns - hang)):
        if used + size > columns and used > (hang if breaks else 0):
            breaks.append((start, at))
            start, used = at, hang
        at += len(atom)
        if atom == " " and breaks and used == hang:
            start = at
        else:
            used += size
    breaks.append((start, at))
    return [_line(whole, first, last, hang if n else 0) for n, (first, last) in enumerate(breaks)]


def _line(whole: Text, start: int, end: int, hang: int) -> Text:
    line = Text.assemble(" " * hang, whole[start:end]) if hang else whole[start:end]
    line.rstrip()
    return line


def _atoms(whole: Text, longest: int) -> Iterator[tuple[str, int]]:
    """Pieces that a line may be broken between, and their columns: words, runs of code, and single Japanese characters
    held by kinsoku.

    Only what fits on no line is broken itself.
    """
    together = _code_positions(whole, longest)
    atom, columns = "", 0
    for at, char in enumerate(whole.plain):
        size = cell_len(char)
        held = bool(atom) and (at in together or _holds(atom[-1], char))
        if atom and (not held or columns + size > longest):
            yield atom, columns
            atom, columns = "", 0
        atom += char
        columns += size
    if atom:
        yield atom, columns


def _code_positions(whole: Text, longest: int) -> set[int]:
    """Where a break would split a run of code that fits on a line."""
    inside: set[int] = set()
    for span in whole.spans:
        if span.style == "cmd" and cell_len(whole.plain[span.start : span.end]) <= longest:
            inside.update(range(span.start + 1, span.end))
    return inside


def _holds(left: str, right: str) -> bool:
    """Whether no line may end between the two."""
    if " " in (left, right):
        return False
    if right in NEVER_FIRST or left in NEVER_LAST:
        return True
    return not (_is_wide(left) or _is_wide(right))


def _is_wide(char: str) -> bool:
    return cell_len(char) == 2
