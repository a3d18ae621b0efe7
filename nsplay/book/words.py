"""What every form of the book is made of: runs of characters that look the same, parts, and which commands are one picture."""

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from typing import Final

from rich.text import Text

from nsplay.book.model import Book, Chapter, Shown
from nsplay.view.ui import DARK

STYLES: Final = frozenset(DARK)  # the palette's names
LETTERS: Final = "abcdefgh"


def pieces(text: Text) -> Iterator[tuple[str, frozenset[str]]]:
    """Runs of characters that look the same, and the palette's names for how."""
    styled = [(span.start, span.end, str(span.style)) for span in text.spans if str(span.style) in STYLES]
    whole = frozenset({str(text.style)} & STYLES)
    ends = sorted({0, len(text.plain), *(end for first, last, _ in styled for end in (first, last))})
    for start, stop in pairwise(ends):
        styles = {style for first, last, style in styled if first <= start and stop <= last}
        yield text.plain[start:stop], whole | styles


def parts(book: Book) -> list[tuple[str, list[tuple[int, Chapter]]]]:
    """The parts of the course with their chapters, numbered from 1; "" for the title of one that has none."""
    found: list[tuple[str, int, Chapter]] = []
    for number, it in enumerate(book.chapters, 1):
        found.append((it.part, number, it))
    return [
        (title, [(number, it) for _, number, it in group])
        for title, group in groupby(found, key=lambda each: each[0])
    ]


def pictures(shown: Iterable[Shown]) -> Iterator[list[Shown]]:
    """Commands that are one picture: up to one after which something was shown."""
    group: list[Shown] = []
    for one in shown:
        group.append(one)
        if one.screen:
            yield group
            group = []
    if group:
        yield group
