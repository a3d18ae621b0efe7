"""Recordings of a rehearsal: kept, found again, and never taken for anything else."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from nsplay import facts
from nsplay.cast.ansi import ansi
from nsplay.cast.format import Cast, Event, read
from nsplay.cast.screen import step_rows
from nsplay.demo.pages import DemoPages
from nsplay.demo.takes import Camera, Take, Takes
from nsplay.errors import UsageError
from nsplay.lesson.course import find, lessons_folder
from nsplay.lesson.edition import edition
from nsplay.lesson.loader import load
from nsplay.lesson.model import Lesson
from nsplay.repl.pty import Size
from nsplay.settings import Settings
from nsplay.view.registry import VIEWS

SIZE = Size(60, 20)
EVENTS = (Event(0.5, "o", "seen"), Event(1.0, "i", "uname -n\r"))


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    folder = find(lessons_folder(), "uts")
    return load(folder, "en", variant=lambda _: 2, known=facts.known, views=VIEWS)


def settings(state: Path, lang: str = "en") -> Settings:
    return Settings(lang, False, True, lessons_folder(), str(state), False, "edit", background="light")


@pytest.fixture
def takes(tmp_path: Path, lesson: Lesson) -> Takes:
    return Takes(settings(tmp_path), lesson, big=True)


def test_it_is_found_as_it_was_kept(takes: Takes, lesson: Lesson) -> None:
    step = lesson.steps[0]
    assert takes.find(step) is None
    takes.keep(step, SIZE, EVENTS)
    found = takes.find(step)
    assert found
    assert (found.cast.events, found.cast.columns, found.cast.rows) == (EVENTS, 60, 20)
    assert found.cast.background == "light"
    assert found.kernel.startswith("Linux ")
    assert not found.other
    assert takes.find(lesson.steps[1]) is None
    assert [path.name for path in takes.folder.iterdir()] == [f"{step.id}.en.big.cast"]


def test_a_screen_of_another_kind_has_its_own(takes: Takes, tmp_path: Path, lesson: Lesson) -> None:
    takes.keep(lesson.steps[0], SIZE, EVENTS)
    assert Takes(settings(tmp_path), lesson, big=False).find(lesson.steps[0]) is None
    assert Takes(settings(tmp_path)._replace(plain=True), lesson, big=True).find(lesson.steps[0]) is None
    assert Takes(settings(tmp_path), replace(lesson, lang="ja"), big=True).find(lesson.steps[0]) is None


def test_another_wording_of_the_step_is_told(takes: Takes, lesson: Lesson) -> None:
    step = lesson.steps[1]
    takes.keep(step, SIZE, EVENTS)
    for other in (
        replace(step, title="Another one"),
        replace(step, prose=()),
        replace(step, consoles=step.consoles[:-1]),
        replace(step, summary=("Another.",)),
        replace(step, predict=None),
    ):
        assert edition(other) != edition(step)
        found = takes.find(other)
        assert found
        assert found.other
    moved = replace(step, line=step.line + 7, hints=())  # what the room doesn't see
    assert edition(moved) == edition(step)


@pytest.mark.parametrize(
    "text", ["", "no recording", '{"version": 3, "term": {"cols": 60, "rows": 20}}\n[0.1, "o']
)
def test_one_that_is_no_use_is_a_sentence(takes: Takes, lesson: Lesson, text: str) -> None:
    step = lesson.steps[0]
    takes.keep(step, SIZE, EVENTS)
    takes.path(step).write_text(text)
    with pytest.raises(UsageError):
        takes.find(step)


def test_one_that_was_cut_off_is_shown_and_says_so(takes: Takes, lesson: Lesson) -> None:
    step = lesson.steps[0]
    takes.keep(step, SIZE, EVENTS)
    path = takes.path(step)
    path.write_text(path.read_text()[:-5])
    found = takes.find(step)
    assert found
    assert "line 3" in found.cast.problem


def test_no_link_is_followed_and_nothing_half_is_left(takes: Takes, tmp_path: Path, lesson: Lesson) -> None:
    step, other = lesson.steps[0], tmp_path / "somebody's"
    other.write_text("theirs")
    path = takes.path(step)
    path.parent.mkdir(parents=True)
    path.symlink_to(other)
    path.with_suffix(".new").symlink_to(other)
    takes.keep(step, SIZE, EVENTS)
    assert other.read_text() == "theirs"
    assert not path.is_symlink()
    path.unlink()
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        takes.keep(step, SIZE, EVENTS)
    assert list(takes.folder.iterdir()) == [path]


def test_a_folder_that_cannot_be_made(tmp_path: Path, lesson: Lesson) -> None:
    (tmp_path / "rehearsals").write_text("in the way")
    with pytest.raises(OSError, match="rehearsals"):
        Takes(settings(tmp_path), lesson, big=False).keep(lesson.steps[0], SIZE, EVENTS)


def test_typing_takes_the_shows_time(lesson: Lesson) -> None:
    camera = Camera(lesson.steps[0], SIZE)
    camera.sees(b"# ", SIZE)
    camera.passes(30.0)
    camera.sees("日".encode()[:2], SIZE)
    camera.sees("日".encode()[2:], SIZE)
    camera.entered("日")
    camera.sees(b"\r\n", Size(80, 24))
    events = camera.events
    assert [(event.code, event.data) for event in events] == [
        ("o", "# "),
        ("o", "日"),
        ("i", "日\r"),
        ("r", "80x24"),
        ("o", "\r\n"),
    ]
    assert events[1].at - events[0].at == pytest.approx(30, abs=5)


def bars(take: Take, tmp_path: Path, lesson: Lesson, lang: str, columns: int) -> list[str]:
    its = settings(tmp_path, lang)
    head, foot = DemoPages(its, Takes(its, lesson, big=True)).recorded(take, columns, ended=False)
    return [*head, *foot]


CAST = Cast(60, 20, "x", 1795984623, EVENTS, tags=("Linux 6.12.9",))


@pytest.mark.parametrize("columns", [80, 60, 50, 20, 8])
@pytest.mark.parametrize(("lang", "word"), [("en", "RECORDED"), ("ja", "録画")])
def test_the_label(tmp_path: Path, lesson: Lesson, columns: int, lang: str, word: str) -> None:
    lines = bars(Take(CAST, other=False), tmp_path, lesson, lang, columns)
    assert len(lines) == 2
    for line in lines:
        assert word[: columns - 4] in line
        assert cell_len(line) < columns
    if columns >= 50:
        assert "2026-11" in lines[0]
        assert "Linux 6.12.9" in lines[0]


def test_what_is_wrong_with_it_stands_below_the_label(tmp_path: Path, lesson: Lesson) -> None:
    lines = bars(Take(CAST._replace(problem="line 3"), other=True), tmp_path, lesson, "en", 60)
    assert "another version of this lesson" in lines[1]
    assert "damaged" in lines[2]


def test_rows_for_a_terminal_have_its_own_colours(tmp_path: Path) -> None:
    told = "\x1b[1;36mcyan\x1b[m \x1b[7mturned\x1b[m \x1b[91mred\x1b[m \x1b[38;2;1;2;3mown\x1b[m \x1b[38;5;208mso\x1b[m"
    cast = Cast(40, 5, events=(Event(0.0, "m", "x"), Event(0.1, "o", told)))
    (row,) = step_rows(cast, "x")
    drawn = ansi(row, 40)
    for code in ("0;1;36mcyan", "0;7mturned", "0;91mred", "38;2;1;2;3mown", "38;2;255;135;0mso"):
        assert code in drawn
    again = Cast(40, 5, events=(Event(0.0, "m", "x"), Event(0.1, "o", drawn)))
    assert step_rows(again, "x") == [row]


def test_rows_are_cut_where_the_terminal_ends() -> None:
    cast = Cast(40, 5, events=(Event(0.0, "m", "x"), Event(0.1, "o", "ab日本\x1b[1mcd")))
    (row,) = step_rows(cast, "x")
    for columns in range(9):
        again = Cast(40, 5, events=(Event(0.0, "m", "x"), Event(0.1, "o", ansi(row, columns))))
        drawn = step_rows(again, "x")
        assert sum(run.columns for line in drawn for run in line) <= columns


def test_it_can_be_rendered_as_any_recording(takes: Takes, lesson: Lesson) -> None:
    takes.keep(lesson.steps[0], SIZE, EVENTS)
    assert read(str(takes.path(lesson.steps[0]))).title == "nsplay demo uts/make"
