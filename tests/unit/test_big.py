"""Screens for the back row."""

from typing import Final

import pytest

from nsplay import facts
from nsplay.lesson.course import course, lessons_folder
from nsplay.lesson.loader import load
from nsplay.lesson.model import Block
from nsplay.view.big import WIDE, enlarged, opening, sentence, task
from nsplay.view.registry import VIEWS
from nsplay.view.step import Task
from nsplay.view.ui import Lang, Ui, render

ROWS: Final = 20


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


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_every_step_of_the_course_fits_on_its_screen(lang: Lang) -> None:
    ui = enlarged(Ui(width=WIDE, rows=ROWS, lang=lang))
    for path in course(lessons_folder()):
        lesson = load(path, lang, variant=lambda _: 2, known=facts.known, views=VIEWS)
        for number, it in enumerate(lesson.steps):
            asks = (it.predict.question, it.predict.options) if it.predict else ("", ())
            shown = Task(lesson.title, number + 1, len(lesson.steps), it.title, it.prose, *asks, (), ())
            screens = [*([opening(ui, lesson.prose)] if not number else []), task(ui, shown)]
            rows = sum(1 + render(ui, screen).count("\n") for screen in screens)
            assert rows < ROWS, f"{lesson.id}/{it.id} has {rows} rows, and no room for the prompt"


def test_a_lesson_opens_with_one_sentence() -> None:
    ui = enlarged(Ui())
    said = render(ui, opening(ui, [Block("paragraph", "One thing. And more.", 1)]))
    assert said.split("\n") == [" One thing.", ""]
    assert not len(opening(ui, []))


def test_nothing_is_faint_and_the_sides_are_loud() -> None:
    ui = enlarged(Ui(width=200))
    assert ui.width == WIDE
    assert ui.palette["faint"] == ""
    assert ui.say("in here", "ここ") == "IN HERE"
    assert enlarged(Ui(width=40)).width == 40
