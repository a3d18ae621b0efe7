"""Can it be read? By the back row, on a washed-out projector, with eyes that don't tell red from green."""

import math
from itertools import combinations
from typing import Final

import pytest
from rich.style import Style

from nsplay.background import luminance
from nsplay.view.big import enlarged
from nsplay.view.ui import Background, Ui

Colour = tuple[float, float, float]

# xterm's own, of which a theme may make others: 0 to 255.
XTERM: Final = {
    "red": (205, 0, 0),
    "green": (0, 205, 0),
    "yellow": (205, 205, 0),
    "blue": (0, 0, 238),
    "magenta": (205, 0, 205),
    "cyan": (0, 205, 205),
}
BLACK: Final = (0.0, 0.0, 0.0)
WHITE: Final = (1.0, 1.0, 1.0)
# Machado, Oliveira and Fernandes (2009), severity 1: of linear RGB.
DEUTERANOPIA: Final = (
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)
PROTANOPIA: Final = (
    (0.152286, 1.052583, -0.204868),
    (0.114503, 0.786281, 0.099216),
    (-0.003882, -0.048116, 1.051998),
)
WORDS: Final = ("inside", "head", "cmd", "key", "faint")
MARKS: Final = ("ok", "bad", "warn", "inside")
BARS: Final = ("bar", "hot")
BACKGROUNDS: Final[tuple[Background, ...]] = ("dark", "light")


def palette(background: Background, *, big: bool) -> dict[str, Style]:
    ui = Ui(background=background)
    return {name: Style.parse(style) for name, style in (enlarged(ui) if big else ui).palette.items()}


def seen(style: Style, background: Background) -> tuple[Colour, Colour]:
    """Ink and paper, 0 to 1."""
    usual = (WHITE, BLACK) if background == "dark" else (BLACK, WHITE)
    found = [
        tuple(part / 255 for part in XTERM[colour.name]) if colour else own
        for colour, own in zip((style.color, style.bgcolor), usual, strict=True)
    ]
    ink, paper = ((r, g, b) for r, g, b in found)
    return (paper, ink) if style.reverse else (ink, paper)


def contrast(one: Colour, other: Colour, flare: float = 0.05) -> float:
    """WCAG 2. flare: light that falls on the screen besides."""
    low, high = sorted((luminance(*one), luminance(*other)))
    return (high + flare) / (low + flare)


def linear(colour: Colour) -> list[float]:
    return [luminance(part, part, part) for part in colour]


def lab(parts: list[float]) -> tuple[float, float, float]:
    """CIELAB (D65) of linear RGB."""
    r, g, b = (min(1.0, max(0.0, part)) for part in parts)
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.0891,
    )
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one: Colour, other: Colour, eyes: tuple[Colour, ...]) -> float:
    """How far apart two colours are (CIE76) for such eyes; 2 can just be told."""
    a, b = (
        lab([sum(weight * part for weight, part in zip(row, linear(colour), strict=True)) for row in eyes])
        for colour in (one, other)
    )
    return math.dist(a, b)


def test_the_measures() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    red, green = (tuple(part / 255 for part in XTERM[name]) for name in ("red", "green"))
    assert contrast((1, 1, 1), (green[0], green[1], green[2])) == pytest.approx(2.2, abs=0.1)
    apart = difference((red[0], red[1], red[2]), WHITE, DEUTERANOPIA)
    assert apart > 50
    assert difference((0.5, 0.35, 0.0), (0.62, 0.3, 0.1), DEUTERANOPIA) < 25  # such eyes don't tell them well


@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("name", [*WORDS, *MARKS])
def test_the_back_row_can_read_it(background: Background, name: str) -> None:
    style = palette(background, big=True)[name]
    assert contrast(*seen(style, background)) >= 7
    assert not style.dim


@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("name", BARS)
def test_bars_can_be_seen(background: Background, big: bool, name: str) -> None:
    style = palette(background, big=big)[name]
    paper = BLACK if background == "dark" else WHITE
    assert contrast(seen(style, background)[1], paper) >= 3  # WCAG 1.4.11, of what isn't text


@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("name", WORDS)
def test_words_can_be_read_at_the_desk(background: Background, name: str) -> None:
    assert contrast(*seen(palette(background, big=False)[name], background)) >= 7


@pytest.mark.parametrize("eyes", [DEUTERANOPIA, PROTANOPIA], ids=["deuteranopia", "protanopia"])
@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("big", [False, True])
def test_marks_are_told_apart_by_all_eyes(
    background: Background, big: bool, eyes: tuple[Colour, ...]
) -> None:
    """By their colours, or by more than those. (In --big two are alike: there their shapes tell.)"""
    styles = palette(background, big=big)
    for one, other in combinations(MARKS, 2):
        a, b = styles[one], styles[other]
        if big and {one, other} == {"bad", "warn"}:
            continue
        same = (a.bold, a.reverse) == (b.bold, b.reverse)
        assert not same or difference(seen(a, background)[0], seen(b, background)[0], eyes) >= 20, (
            one,
            other,
        )


def test_a_washed_out_projector_takes_less_from_a_light_terminal() -> None:
    """What a rehearsal advises. Half of what is bright falls on the black, too."""
    left = {
        background: contrast(*seen(palette(background, big=True)["inside"], background), flare=0.2)
        for background in BACKGROUNDS
    }
    assert left["light"] > left["dark"] > 3
