"""`nsplay lesson new` writes a lesson that holds; `nsplay lesson edit` shows what is being written, and survives its author."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nsplay.authoring import new_lesson
from nsplay.errors import UsageError
from nsplay.settings import Settings
from tests.play import program
from tests.play.learner import DEADLINE, Learner

WAITS = r"waiting for a save[^\n]*\n$"


def nsplay(state: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Runs nsplay with no terminal, on the lessons in state/lessons."""
    return program.nsplay(state, *words, cwd=None, **{"NSPLAY_LESSONS": str(state / "lessons")} | env)


@pytest.fixture
def lessons(tmp_path: Path) -> Path:
    """An empty folder for lessons."""
    folder = tmp_path / "lessons"
    folder.mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_new_lesson_lints_and_plays_at_once(tmp_path: Path, lessons: Path, lang: str) -> None:
    (lessons / "course.toml").write_text("# mine\norder = []\n")
    made = nsplay(tmp_path, "lesson", "new", "my-first", "--lang", lang)
    assert made.returncode == 0 and "nsplay lesson edit my-first" in made.stdout
    files = ["lesson.ja.md"] if lang == "ja" else []
    assert names(lessons) == ["course.toml", *(f"my-first/{name}" for name in [*files, "lesson.md"])]
    assert (lessons / "course.toml").read_text() == '# mine\norder = ["my-first"]\n'
    lint = nsplay(tmp_path, "lesson", "lint")
    assert (lint.returncode, lint.stdout) == (0, "1 lesson: nothing to mend\n")
    played = nsplay(tmp_path, "lesson", "test", "--lang", lang)
    assert played.returncode == 0 and "ok my-first: 4 steps" in played.stdout, played.stdout
    assert ("書き換えて" in nsplay(tmp_path, "list", "--lang", "ja").stdout) == (lang == "ja")


def test_a_translation_is_added_to_any_lesson_with_the_right_hashes(tmp_path: Path, lessons: Path) -> None:
    shutil.copytree("lessons/uts", lessons / "uts")
    (lessons / "uts" / "lesson.ja.md").unlink()
    made = nsplay(tmp_path, "lesson", "new", "uts", "--lang", "ja")
    assert made.returncode == 0 and names(lessons) == ["uts/lesson.ja.md", "uts/lesson.md"]
    lint = nsplay(tmp_path, "lesson", "lint", "uts")
    assert (lint.returncode, lint.stdout) == (0, "1 lesson: nothing to mend\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("there",), "there is a lesson there already"),
        (("there", "--lang", "en"), "there is a lesson there already"),
        (("list",), "a lesson can't be called list"),
        (("lesson",), "a lesson can't be called lesson"),
        (("Upper",), "no id for a lesson"),
        (("../up",), "no id for a lesson"),
        (("-",), "no id for a lesson"),
        (("x" * 15,), "no id for a lesson"),
        ((), "takes one id"),
        (("a", "b"), "takes one id"),
    ],
)
def test_what_new_refuses_is_said_and_nothing_is_written(
    tmp_path: Path, lessons: Path, words: tuple[str, ...], says: str
) -> None:
    (lessons / "there").mkdir()
    (lessons / "there" / "lesson.md").write_text("mine")
    answer = nsplay(tmp_path, "lesson", "new", *words)
    assert answer.returncode == 2 and says in answer.stderr and "Traceback" not in answer.stderr
    assert names(lessons) == ["there/lesson.md"] and (lessons / "there" / "lesson.md").read_text() == "mine"


def test_watch_is_edit(tmp_path: Path, lessons: Path) -> None:
    for verb in ("watch", "edit"):
        answer = nsplay(tmp_path, "lesson", verb)
        assert answer.returncode == 2 and "takes one id" in answer.stderr


def test_a_translation_is_never_written_over(tmp_path: Path, lessons: Path) -> None:
    assert nsplay(tmp_path, "lesson", "new", "one", "--lang", "ja").returncode == 0
    (lessons / "one" / "lesson.ja.md").write_text("mine")
    answer = nsplay(tmp_path, "lesson", "new", "one", "--lang", "ja")
    assert answer.returncode == 2 and "is translated already" in answer.stderr
    assert (lessons / "one" / "lesson.ja.md").read_text() == "mine"


def test_a_folder_with_something_else_in_it_keeps_it(tmp_path: Path, lessons: Path) -> None:
    (lessons / "one").mkdir()
    (lessons / "one" / "notes").write_text("mine")
    (lessons / "one" / "lesson.ja.md").write_text("mine")
    assert nsplay(tmp_path, "lesson", "new", "one", "--lang", "ja").returncode != 0
    assert names(lessons) == ["one/lesson.ja.md", "one/notes"]


def test_a_course_that_cannot_be_read_is_left_alone_and_told(tmp_path: Path, lessons: Path) -> None:
    (lessons / "course.toml").write_text("order = [")
    answer = nsplay(tmp_path, "lesson", "new", "one")
    assert answer.returncode == 0 and "one isn't in it" in answer.stdout
    assert (lessons / "course.toml").read_text() == "order = ["


def test_lessons_of_an_installed_nsplay_are_not_added_to(tmp_path: Path) -> None:
    package = tmp_path / "site"
    shutil.copytree("nsplay", package / "nsplay", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree("lessons", package / "nsplay" / "lessons")
    answer = nsplay(
        tmp_path, "lesson", "new", "mine", NSPLAY_LESSONS="", PYTHONPATH=str(package), PYTHONSAFEPATH="1"
    )
    assert answer.returncode == 2 and "an update of nsplay would take yours away" in answer.stderr
    assert "--lessons lessons" in answer.stderr and not (package / "nsplay" / "lessons" / "mine").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: becomes an ordinary user")
def test_a_folder_of_somebody_elses_is_told_with_where_to_make_one(lessons: Path) -> None:
    child = os.fork()
    if child == 0:
        os.setresuid(65534, 65534, 65534)
        try:
            new_lesson(
                Settings("en", False, True, str(lessons), "/nonexistent", False, "edit"), ["one"], None, []
            )
        except UsageError as error:
            os._exit(0 if "can't be written to" in str(error) and "--lessons lessons" in str(error) else 2)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0 and names(lessons) == []


# --- edit


@pytest.fixture
def author(tmp_path: Path, lessons: Path) -> Iterator[Learner]:
    """An author with a new lesson, `one`, open."""
    assert nsplay(tmp_path, "lesson", "new", "one").returncode == 0
    person = Learner(tmp_path, "lesson", "edit", "one", "--lessons", str(lessons))
    try:
        yield person.until(WAITS)
    finally:
        person.close()


def save(path: Path, old: str, new: str) -> None:
    """The way of most editors: the old file out of the way, a new one in its place."""
    text = path.read_text()
    assert old in text
    path.rename(f"{path}~")
    path.write_text(text.replace(old, new))
    Path(f"{path}~").unlink()


def test_a_save_shows_the_step_that_was_written(author: Learner, lessons: Path) -> None:
    lesson = lessons / "one" / "lesson.md"
    assert author.shows("step 1 of 3, make: proved")
    save(lesson, "Change something", "Now rename it")
    author.until(
        rf"Now rename it.*~ my-lesson.*fails -> holds   inside.hostname.*step 2 of 3, name: proved\n.*{WAITS}"
    )
    save(lesson, "# hostname my-lesson", "# hostname")
    author.until(rf"step 2 of 3, name: not proved.*fails after the step.*{WAITS}")
    save(lesson, "set the name of the UTS", "name the UTS")  # the card
    author.until(rf"card: one.*name the UTS namespace.*{WAITS}")
    author.key("\x03")
    assert author.gone() == 0


def test_nothing_that_is_saved_ends_it(author: Learner, lessons: Path) -> None:
    lesson = lessons / "one" / "lesson.md"
    good = lesson.read_text()
    lesson.write_text(good.replace("minutes = 5", "minutes = ="))
    author.until(rf":4:1: this is no TOML.*{WAITS}")
    lesson.write_bytes(b"\xff\x00")
    author.until(rf"this is not UTF-8 text.*{WAITS}")
    lesson.write_text("")
    author.until(rf"there is no step.*{WAITS}")
    lesson.unlink()
    author.until(rf"there is no lesson one.*{WAITS}")
    shutil.rmtree(lesson.parent)
    lesson.parent.mkdir()
    lesson.write_text(good.replace("Leave it as it was", "Go away").replace("# exit", "# exit\n# exit"))
    author.until(rf"step 3 of 3.*Go away.*the shell ended.*{WAITS}")
    lesson.write_text(good)
    author.until(rf"Leave it as it was.*step 3 of 3, leave: proved.*{WAITS}")
    author.key("q\r")
    assert author.gone() == 0


def test_a_save_in_the_middle_of_a_command_starts_over(author: Learner, lessons: Path) -> None:
    lesson = lessons / "one" / "lesson.md"
    save(lesson, "# hostname my-lesson", "# sleep 600")
    author.runs("sleep")
    save(lesson, "# sleep 600", "# hostname other")
    author.until(rf"saved again: once more.*~ other.*step 2 of 3, name: proved.*{WAITS}")


@pytest.mark.parametrize("end", ["key", "hangup", "term"])
def test_in_the_middle_of_a_command_it_can_be_ended(author: Learner, lessons: Path, end: str) -> None:
    save(lessons / "one" / "lesson.md", "# hostname my-lesson", "# sleep 600")
    author.runs("sleep")
    if end == "key":
        author.key("\x03")
    elif end == "term":
        author.process.send_signal(signal.SIGTERM)
    else:
        author.hang_up()
    status = author.process.wait(DEADLINE) if end == "hangup" else author.gone()
    assert status == {"key": 0, "hangup": 129, "term": 143}[end]


def test_a_step_can_be_asked_for_and_another_one_is_refused(tmp_path: Path, lessons: Path) -> None:
    assert nsplay(tmp_path, "lesson", "new", "one", "--lang", "ja").returncode == 0
    words = ("lesson", "edit", "one", "--lessons", str(lessons), "--lang", "ja", "--step")
    person = Learner(tmp_path, *words, "leave")
    try:
        person.until(rf"元に戻す.*step 3 of 3, leave: proved.*{WAITS}")
        save(lessons / "one" / "lesson.ja.md", "何かを変える", "名前を変える")
        person.until(rf"名前を変える.*step 2 of 3, name: proved.*{WAITS}")
        person.key("\x04")
        assert person.gone() == 0
    finally:
        person.close()
    answer = nsplay(tmp_path, *words, "no")
    assert (
        answer.returncode == 2 and "has no step no" in answer.stderr and "make, name, leave" in answer.stderr
    )
