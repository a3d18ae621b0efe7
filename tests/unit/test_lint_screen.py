"""What doesn't fit a screen of 80 columns is told by drawing it with the views themselves."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from nsplay.lesson.course import lessons_folder
from nsplay.linting import lesson_problems, lint_lessons
from nsplay.settings import Settings
from tests.unit.test_lesson import ENGLISH, JAPANESE, make

__all__ = ["make"]  # a fixture

WIDE = "x" * 60


def settings(lessons: Path | str) -> Settings:
    return Settings("en", False, True, str(lessons), "/nonexistent", False, "edit")


def problems(folder: Path) -> list[str]:
    found = lesson_problems(settings(folder.parent), folder.name)
    return [f"{Path(p.file).name}:{p.line}:{p.says}" for p in found]


def test_a_good_lesson_fits(make: Callable[..., Path]) -> None:
    assert problems(make()) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Prose in\n", "A word of prose, and more. " * 45 + "\n", "12:the task takes"),
        ("What it is for.", "A word of prose, and more. " * 20, "8:the opening takes"),
        ("## Make it", f"## Make it {WIDE} {WIDE}", "12:the step's title doesn't fit"),
        ("- another", "- another\n\n    " + "x " * 39, "this line, shown as it stands, doesn't fit"),
        ("- [ ] this", f"- [ ] this `{WIDE}`", f"22:`{WIDE}` is broken"),
        ("What now?", f"What does `{WIDE}abc` say?", "is broken at 80 columns"),
        ("A nudge.", f"A nudge: `{WIDE}abc`", "is broken at 80 columns"),
        ("still outside", "still outside, and more words " * 6, "this takes 3 rows"),
        ("One line.", "One line with many words in it. " * 6, "this takes 3 rows"),
        ("a | b c", "unshare --mount --uts --ipc --net --pid CMD", "this command is cut on the card"),
        ("what it does", f"what `{WIDE}abcdefghijkl` does", "is broken at 80 columns"),
    ],
)
def test_what_does_not_fit_is_told(make: Callable[..., Path], old: str, new: str, says: str) -> None:
    found = problems(make(old, new))
    assert any(text.startswith("lesson.md") and says in text for text in found), found


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("## 作る", "## " + "作る" * 20, "9:the step's title doesn't fit"),
        ("文です。", "文です。" * 110, "the task takes"),
        ('title = "一"', f'title = "{"一" * 34}"', "2:the title is cut in the menu"),
        ('title = "一"', f'title = "{"一" * 26}"', "2:the title leaves no room"),
        ("まだ外です", "まだ外です。" * 14, "this takes 3 rows"),
        ("すること", f"`{WIDE}abcdefghijkl`", "is broken at 80 columns"),
    ],
)
def test_a_translation_is_drawn_too(make: Callable[..., Path], old: str, new: str, says: str) -> None:
    assert old in JAPANESE
    found = problems(make(ja=JAPANESE.replace(old, new)))
    assert any(text.startswith("lesson.ja.md") and says in text for text in found), found


def test_the_longest_id_of_the_course_narrows_the_menu(make: Callable[..., Path]) -> None:
    folder = make('title = "One"', f'title = "{"One two " * 6}"')
    assert not any("menu" in text for text in problems(folder))
    other = folder.parent / "a-lesson-with-quite-a-long-name"
    other.mkdir()
    (other / "lesson.md").write_text(ENGLISH)
    assert any("cut in the menu" in text for text in problems(folder))


def test_an_id_that_parts_beside_each_other_cut_is_told(make: Callable[..., Path]) -> None:
    folder = make()
    long = folder.rename(folder.parent / "a-lesson-with-a-name")
    assert any("id is cut in the menu" in text for text in problems(long))


def test_nobody_does_many_steps_in_a_minute(make: Callable[..., Path]) -> None:
    folder = make("minutes = 3", "minutes = 1")
    step = ENGLISH[ENGLISH.index("## Make it") : ENGLISH.index("## Card")]
    more = "".join(step.replace("{#make}", f"{{#make-{number}}}") for number in range(5))
    lesson = folder / "lesson.md"
    lesson.write_text(lesson.read_text().replace("## Card", more + "## Card"))
    assert "lesson.md:3:6 steps in 1 min: nobody is that quick" in problems(folder)


def test_json_is_for_programs(make: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    folder = make("minutes = 3", "minutes = 600")
    assert lint_lessons(settings(folder.parent), [], as_json=True) == 1
    answer = json.loads(capsys.readouterr().out)
    (problem,) = answer["problems"]
    assert answer["lessons"] == ["one"] and set(problem) == {
        "file",
        "line",
        "column",
        "text",
        "says",
        "write",
    }
    assert (problem["line"], problem["column"], problem["text"]) == (3, 1, "minutes = 600")


def test_a_broken_course_is_a_problem_and_hides_nothing(
    make: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make("minutes = 3", "minutes = 600")
    (folder.parent / "course.toml").write_text("order = [")
    assert lint_lessons(settings(folder.parent), []) == 1
    said = capsys.readouterr().out
    assert "course.toml:1:1: this is no TOML" in said and "600 minutes" in said


def test_what_is_garbage_gets_a_sentence(make: Callable[..., Path]) -> None:
    folder, chance = make(), random.Random(5)
    pieces = ["```", "+++\n", "{{", "}}", "## ", "{#", "|", "`", " | ", "- [x] ", "# ", "\n\n", "# (", "    "]
    drawn = 0
    for _ in range(200):
        name, text = chance.choice((("lesson.md", ENGLISH), ("lesson.ja.md", JAPANESE)))
        for _ in range(chance.randint(1, 4)):
            at, gone = chance.randrange(len(text)), chance.choice((0, 1, 5, 60))
            text = text[:at] + chance.choice(pieces) + text[at + gone :]
        (folder / name).write_text(text)
        found = lesson_problems(settings(folder.parent), folder.name)
        assert all(p.line >= 1 and p.column >= 1 and p.says for p in found)
        drawn += any("80 columns" in p.says for p in found)
    assert drawn


def test_the_lessons_that_come_with_nsplay_have_nothing_to_mend(capsys: pytest.CaptureFixture[str]) -> None:
    assert lint_lessons(settings(lessons_folder()), []) == 0
    assert "nothing to mend" in capsys.readouterr().out
