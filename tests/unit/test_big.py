"""Screens for the back row."""

import pytest

from nsplay.view.big import WIDE, enlarged, sentence
from nsplay.view.ui import Ui


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("One thing. And another.", "One thing."),
        ("A version, 6.18, is one word. Yes.", "A version, 6.18, is one word."),
        ("一つめです。二つめです。", "一つめです。"),
        ("no end", "no end"),
        ("", ""),
    ],
)
def test_the_first_sentence(words: str, first: str) -> None:
    assert sentence(words) == first


def test_nothing_is_faint_and_the_sides_are_loud() -> None:
    ui = enlarged(Ui(width=200))
    assert ui.width == WIDE
    assert ui.palette["faint"] == ""
    assert ui.say("in here", "ここ") == "IN HERE"
    assert enlarged(Ui(width=40)).width == 40
