"""What a terminal can do, the palette, and the one grid that every screen stands on.

A line of the grid is ` m label         body`: a space, a mark, a space, 14 columns of label, the body. A view returns a
`Screen`, a list of lines; `render` turns it into the characters that the caller writes. Nothing here prints.
"""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from rich.console import Console
from rich.text import Text
from rich.theme import Theme

from nsplay.view.text import Cell, text, wrap

LABEL: Final = 14  # the left column of every screen: what the line is about
MARGIN: Final = 3  # space, mark, space
SUB: Final = 5  # where subrows begin
NARROWEST: Final = 20
WIDEST: Final = 110  # wider terminals stay at this: the eye loses the line
PROSE: Final = 76  # prose is read, not scanned

Lang = Literal["en", "ja"]
Background = Literal["dark", "light"]

# Colour is for where, marks are for what: `inside` is the only colour that words have, green, red and yellow are for marks
# alone (on white, ANSI green is 2:1). Only ANSI names, so that the user's theme rules; never black, white or bright_*,
# which Solarized has as greys, hence `dim`.
DARK: Final[Mapping[str, str]] = {
    "inside": "bold cyan",
    "bar": "cyan on cyan",
    "hot": "red on red",
    "ok": "green",
    "bad": "bold red",
    "warn": "bold yellow",
    "head": "bold",
    "cmd": "bold",
    "key": "bold",
    "faint": "dim",
    "rule": "underline",
}
LIGHT: Final[Mapping[str, str]] = {
    **DARK,
    "inside": "bold blue",
    "bar": "blue on blue",
    "warn": "bold magenta",
}
# What a projector eats: whatever is dim, and every colour that isn't at least 7:1 on its background (red on black, green on
# white). There a mark is told by its shape and by black on white, in both; `inside` keeps its colour, which has as much.
BIG: Final[Mapping[str, str]] = {
    "ok": "bold",
    "bad": "bold reverse",
    "warn": "bold reverse",
    "hot": "bold reverse",
    "faint": "",
}


@dataclass(frozen=True)
class Ui:
    """What this terminal can do and whom it speaks to. Found once at the start, then handed to every view.

    width, rows: of the terminal, in columns and rows.
    """

    width: int = 80
    rows: int = 24
    lang: Lang = "en"
    background: Background = "dark"  # asked with OSC 11; no answer counts as dark
    colour: bool = True
    attributes: bool = True  # bold, dim and underline; NO_COLOR leaves them alone
    utf8: bool = True  # whether the terminal shows more than ASCII
    plain: bool = False  # --plain: sentences for a screen reader
    big: bool = False  # --big: for the back row (view/big.py)
    renamed: tuple[
        tuple[str, str], ...
    ] = ()  # where nobody is "in here": what the two sides are called instead

    @classmethod
    def detect(
        cls,
        env: Mapping[str, str],
        isatty: bool,
        columns: int | None = None,
        lang: Lang | None = None,
        *,
        rows: int | None = None,
        plain: bool = False,
    ) -> "Ui":
        """From TERM, NO_COLOR, the locale and COLUMNS. A size or a language that the caller knows goes before those."""
        term = env.get("TERM", "")
        utf8 = locale_of(env).lower().replace("-", "").endswith("utf8") and term != "linux"
        attributes = isatty and term not in ("", "dumb", "unknown")
        return cls(
            width=max(NARROWEST, columns or _number(env.get("COLUMNS")) or 80),
            rows=rows or _number(env.get("LINES")) or 24,
            lang=lang or ("ja" if utf8 and locale_of(env).startswith("ja") else "en"),
            colour=attributes and not env.get("NO_COLOR"),
            attributes=attributes,
            utf8=utf8,
            plain=plain,
        )

    @property
    def cols(self) -> int:
        """Columns we draw in: never the last one (some terminals wrap there), never too many."""
        return min(max(self.width, NARROWEST) - 1, WIDEST)

    @property
    def body(self) -> int:
        """Columns right of the label."""
        return self.cols - MARGIN - LABEL

    @property
    def narrow(self) -> bool:
        """Values stack instead of standing side by side."""
        return self.width < 76

    @property
    def palette(self) -> Mapping[str, str]:
        """Style names and what rich makes of them."""
        usual = LIGHT if self.background == "light" else DARK
        return {**usual, **BIG} if self.big else usual

    @property
    def yes(self) -> str:
        """The mark of a check that holds."""
        return "✓" if self.utf8 else "*"

    @property
    def no(self) -> str:
        """The mark of a check that doesn't."""
        return "✗" if self.utf8 else "x"

    def say(self, en: str, ja: str) -> str:
        """One of the two."""
        words = ja if self.lang == "ja" else en
        for usual, now in self.renamed:
            words = words.replace(usual, now)
        return words

    @property
    def stop(self) -> str:
        """What ends a sentence."""
        return self.say(".", "。")

    def listed(self, words: Iterable[str]) -> str:
        """Words, with the commas of the language."""
        return self.say(", ", "、").join(words)


def locale_of(env: Mapping[str, str]) -> str:
    """The locale that counts for messages and characters (locale(7)): `ja_JP.UTF-8`, or "" for none."""
    return env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or ""


def _number(words: str | None) -> int:
    return int(words) if words and words.isdecimal() else 0


class Screen:
    """Lines, top to bottom. Nothing is ever redrawn."""

    def __init__(self, lines: Iterable[Cell] = ()) -> None:
        self.lines = [text(line) for line in lines]

    def __iadd__(self, more: "Cell | Screen | Iterable[Cell]") -> "Screen":
        if isinstance(more, Screen):
            self.lines += more.lines
        elif isinstance(more, str | Text):
            self.lines.append(text(more))
        else:
            self.lines += [text(line) for line in more]
        return self

    def __len__(self) -> int:
        return len(self.lines)

    def part(self, more: "Screen | Iterable[Cell]") -> None:
        """Adds lines below a blank one. No lines, no blank one."""
        added = list(more.lines if isinstance(more, Screen) else more)
        if added and self.lines:
            self.lines.append(Text())
        self += added

    def fitted(self, columns: int) -> list[Text]:
        """The lines as they are printed. One that is too long goes on below, five columns in: what has to be cut was cut by
        its view with `fit`, and nothing is lost at the edge.
        """
        out: list[Text] = []
        for line in self.lines:
            if line.cell_len > columns:
                line = line.copy()
                line.rstrip()
            out += [line] if line.cell_len <= columns else wrap(line, columns, hang=SUB)
        return out


def render(ui: Ui, screen: Screen) -> str:
    """The characters to write: ANSI where the terminal has attributes, `\\n` at the end of every line."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=ui.width,
        height=ui.rows,  # with both given, rich asks neither the terminal nor the environment
        theme=Theme(dict(ui.palette), inherit=False),
        force_terminal=ui.attributes,
        # no_color and not color_system=None: the latter drops bold and underline too
        color_system="standard" if ui.attributes else None,
        no_color=not ui.colour,
        legacy_windows=False,
    )
    for line in screen.fitted(ui.cols):
        console.print(line, soft_wrap=True, highlight=False, emoji=False, markup=False)
    return out.getvalue()
