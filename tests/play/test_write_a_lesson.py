"""docs/write-a-lesson.md keeps its word: its lesson lints, plays and refuses wrong ways, as it stands on the page."""

import re
from pathlib import Path

from nsplay.commands import COMMANDS
from tests.play.program import nsplay

PAGE = Path("docs/write-a-lesson.md").read_text()


def test_the_lesson_of_the_page(tmp_path: Path) -> None:
    (text,) = re.findall(r"^````markdown\n(.*?)^````$", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "my-lessons" / "own-srv").mkdir(parents=True)
    (tmp_path / "my-lessons" / "own-srv" / "lesson.md").write_text(text)
    words = ("own-srv", "--lessons", str(tmp_path / "my-lessons"))
    assert nsplay(tmp_path, "lesson", "lint", *words).stdout == "1 lesson: nothing to mend\n"
    played = nsplay(tmp_path, "lesson", "test", "--mutate", *words)
    assert played.returncode == 0 and "ok own-srv: 4 steps" in played.stdout, played.stdout
    listed = nsplay(tmp_path, "list", *words[1:])
    assert "my-lessons:own-srv" in listed.stdout


def test_the_page_names_commands_that_there_are() -> None:
    verbs = {words.split()[1] for words, _ in COMMANDS if words.startswith("lesson ")}
    assert set(re.findall(r"nsplay lesson ([a-z]+)", PAGE)) <= verbs
