"""A lesson by others for real: what it can run by itself is shown and asked about before its first run, and once."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.play.learner import Learner, learner
from tests.play.program import nsplay

TEXT = Path("nsplay/lesson/template/lesson.md").read_text()
TASK = r"step 1 of 3.*READY# $"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A git checkout of somebody's, with a lesson called first."""
    folder = tmp_path / "theirs" / "lessons" / "first"
    folder.mkdir(parents=True)
    (folder / "lesson.md").write_text(TEXT)
    return tmp_path / "theirs"


@pytest.fixture
def play(tmp_path: Path, checkout: Path) -> Iterator[Learner]:
    """Asked about it."""
    with learner(tmp_path, "theirs:first", "--lessons", str(checkout)) as me:
        yield me.until(r"May it\? y, or Enter for no > $")


def test_what_it_runs_is_shown_and_asked_about_once(tmp_path: Path, checkout: Path, play: Learner) -> None:
    for line in ("unshare -u /bin/sh", "unshare --uts /bin/sh", "hostname my-lesson", "exit"):
        assert line in play.text()
    assert str(checkout) in "".join(flat(play).split()) and "against accidents" in play.text()
    play.key("y\r").until(TASK)
    told = next((tmp_path / "nsplay" / "sessions").glob("*.json")).read_text()
    session = json.loads(told)
    assert (session["lesson"], session["lessons"]) == ("theirs:first", str(checkout / "lessons"))
    play.key(":quit\r")
    assert play.gone() == 0
    with learner(tmp_path, "first", "--lessons", str(checkout)) as again:
        again.until(TASK).key(":skip\r").until(r"step 1 of 3 done.*# $").key(":quit\r")
        assert again.gone() == 0 and "May it" not in again.text()
    words = ("list", "--json", "--lessons", str(checkout))
    listed = json.loads(nsplay(tmp_path, *words).stdout)
    (row,) = (row for row in listed["lessons"] if row["pack"])
    assert (row["id"], row["steps"][0]["done"]) == ("theirs:first", True)
    file = checkout / "lessons" / "first" / "lesson.md"
    file.write_text(TEXT.replace("# hostname my-lesson", "# hostname other"))
    with learner(tmp_path, "first", "--lessons", str(checkout)) as changed:
        changed.until(r"hostname other.*May it\? y, or Enter for no > $")


def flat(me: Learner) -> str:
    """What is on the screen, as if it was as wide as it takes."""
    return me.text().replace("\n", "")


@pytest.mark.parametrize("answer", ["\r", "no\r", "\x04"])
def test_without_a_yes_nothing_runs(tmp_path: Path, play: Learner, answer: str) -> None:
    play.key(answer)
    assert play.gone() == 2 and "theirs:first isn't played" in play.text()
    assert not (tmp_path / "nsplay" / "trusted").exists()


def test_nobody_to_be_asked(tmp_path: Path, checkout: Path) -> None:
    with learner(tmp_path, "first", "--lessons", str(checkout), CI="1") as me:
        assert me.gone() == 2 and "there is nobody to be asked" in flat(me) and "--yes" in me.text()
    with learner(tmp_path, "first", "--lessons", str(checkout), "--yes") as me:
        me.until(TASK).key(":quit\r")
        assert me.gone() == 0


def test_the_menu_shows_where_a_lesson_is_from(tmp_path: Path, checkout: Path) -> None:
    (checkout / "lessons" / "uts").mkdir()
    (checkout / "lessons" / "uts" / "lesson.md").write_text(TEXT)
    with learner(tmp_path, "--lessons", str(checkout), size=(80, 60)) as me:
        me.until(r"theirs: +0/2.*first +5 min.*> $").key("theirs:uts\r").until(
            r"theirs:uts comes.*May it\? y[^\n]*> $"
        )


def test_a_broken_pack_does_not_hold_up_our_own_course(tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    with learner(tmp_path, "--lessons", str(tmp_path / "bad"), size=(80, 60)) as me:
        me.until(r"there are no lessons in.*> $").key("q\r")
        assert me.gone() == 0


def test_authors_work_in_a_checkout(tmp_path: Path, checkout: Path) -> None:
    words = ("--lessons", str(checkout))
    assert nsplay(tmp_path, "lesson", "new", "more", *words).returncode == 0
    assert (checkout / "lessons" / "more" / "lesson.md").exists()
    assert nsplay(tmp_path, "lesson", "lint", *words).stdout == "2 lessons: nothing to mend\n"


def test_an_installed_package_is_listed_and_not_executed(tmp_path: Path) -> None:
    """As pip leaves it, read by importlib.metadata in a process of its own."""
    info, package = tmp_path / "site" / "their_pack-1.0.dist-info", tmp_path / "site" / "their_pack"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-pack\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[nsplay.lessons]\ntheirs = their_pack\nbad = gone\n")
    (package / "lessons" / "first").mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('it was executed')")
    (package / "lessons" / "first" / "lesson.md").write_text(TEXT)
    listed = nsplay(tmp_path, "list", PYTHONPATH=f"{os.getcwd()}:{tmp_path / 'site'}")
    assert listed.returncode == 0 and "theirs: their-pack 1.0" in listed.stdout, listed.stderr
    assert "theirs:first" in listed.stdout and "there is no package gone" in listed.stdout
    played = nsplay(tmp_path, "card", "theirs:first", PYTHONPATH=f"{os.getcwd()}:{tmp_path / 'site'}")
    assert played.returncode == 0 and "unshare -u CMD" in played.stdout, played.stderr
