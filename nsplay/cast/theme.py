"""The colours of a terminal in a picture: a dark one's and a light one's. Names are pyte's, which are xterm's."""

from typing import Final, NamedTuple

from nsplay.background import of_colour

NAMES: Final = ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")


class Theme(NamedTuple):
    """As #rrggbb. colours: of NAMES, then the bright ones."""

    paper: str
    ink: str
    colours: tuple[str, ...]

    def colour(self, name: str) -> str:
        """Of a name, or of six hexadecimal digits."""
        plain = name.removeprefix("bright")
        return self.colours[NAMES.index(plain) + 8 * (plain != name)] if plain in NAMES else f"#{name}"

    def told(self) -> dict[str, str]:
        """As the header of an asciicast has it."""
        return {"fg": self.ink, "bg": self.paper, "palette": ":".join(self.colours)}


DARK: Final = Theme(
    "#15181e",
    "#d8dce4",
    (
        *("#2e3440", "#d0524f", "#5aa15a", "#c2923a", "#5b8bd0", "#b07ac0", "#45a3a8", "#d8dce4"),
        *("#6b7385", "#ec6f6b", "#79c079", "#e0b45c", "#7fabe8", "#cd9bdd", "#66c4c9", "#f4f6fa"),
    ),
)
LIGHT: Final = Theme(
    "#ffffff",
    "#1d2129",
    (
        *("#1d2129", "#b3261e", "#1a7037", "#7a5200", "#0b48b5", "#852a9e", "#00666e", "#6b7385"),
        *("#4a5160", "#c5392f", "#217f42", "#8a5f00", "#1a58c8", "#9638b0", "#00747d", "#8a92a3"),
    ),
)


def theme(background: str) -> Theme:
    """Of a terminal that is "light"; any other counts as dark."""
    return LIGHT if background == "light" else DARK


def background(told: object) -> str:
    """ "dark" or "light", of what a header says of its theme; "" when it says nothing that can be read."""
    paper = told.get("bg") if isinstance(told, dict) else None
    try:
        parts = [int(str(paper)[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    except ValueError:
        return ""
    return of_colour(*parts)
