"""The command line as a program sees it: output, exit status, and never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from nsplay.settings import language, state_folder
from tests.patience import patience


def nsplay(*words: str, state: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Runs nsplay with no terminal."""
    environment = {**os.environ, "XDG_STATE_HOME": str(state), "LC_ALL": "C.UTF-8", **env}
    return subprocess.run(
        [sys.executable, "-m", "nsplay", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment,
        timeout=patience(300.0),
        check=False,
    )


def test_list_is_json_of_the_agreed_shape(tmp_path: Path) -> None:
    answer = nsplay("list", "--json", state=tmp_path)
    assert answer.returncode == 0 and answer.stderr == ""
    lesson = json.loads(answer.stdout)["lessons"][0]
    assert set(lesson) == {"id", "title", "minutes", "pack", "steps", "done", "needs", "runnable", "why_not"}
    assert lesson["id"] == "look" and lesson["done"] is False
    assert set(lesson["steps"][0]) == {"id", "title", "done"}
    assert not (tmp_path / "nsplay").exists(), "a list writes nothing"


def test_list_speaks_the_locale_and_lang(tmp_path: Path) -> None:
    assert "ホスト名" in nsplay("list", state=tmp_path, LC_ALL="ja_JP.UTF-8").stdout
    assert "ホスト名" in nsplay("--lang", "ja", "list", state=tmp_path).stdout
    assert "host name" in nsplay("list", "--lang", "en", state=tmp_path, LC_ALL="ja_JP.UTF-8").stdout


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("--version",), 0, "nsplay 0"),
        (("--help",), 0, "nsplay lesson test"),
        (("nothing-of-the-kind",), 2, "needs a terminal"),
        ((), 2, "needs a terminal"),
        (("lesson",), 2, "needs a verb"),
        (("lesson", "tset"), 2, "needs a verb"),
        (("a", "b"), 2, "too many words"),
        (("--nonsense",), 2, "unrecognized"),
        (("lesson", "lint"), 0, "nothing to mend"),
        (("lesson", "lint", "no"), 2, "there is no lesson no"),
        (("lesson", "test", "no"), 2, "there is no lesson no"),
        (("lesson", "test", "uts", "--step", "no"), 2, "has no step no"),
        (("list", "--lessons", "/does/not/exist"), 2, "there is no folder"),
        (("check",), 3, "no session is being played"),
        (("check", "uts/make"), 3, "no session is being played"),
        (("check", "no"), 3, "no session is being played"),
        (("check", "uts/no"), 2, "has no step no"),
        (("check", "no/make"), 2, "there is no lesson no"),
        (("check", "--pid", "x"), 2, "no process number: x"),
        (("check", "a", "b"), 2, "too many words"),
        (("lesson", "facts"), 3, "no session is being played"),
        (("lesson", "facts", "--diff"), 3, "no session is being played"),
        (("look",), 2, "needs a terminal"),  # the lesson
        (("look", "--json"), 2, "look at whom?"),
        (("look", "--all", "1"), 2, "--all is about everybody"),
        (("look", "--all"), 0, "look --all"),
        (("look", "1", "no"), 2, "there is no view no"),
        (("look", "999999999"), 3, "there is no process 999999999"),
        (("look", "--container", "no-such-one"), 3, "there is no container no-such-one"),
        (("diff", "1"), 2, "diff needs two"),
        (("diff", "1", "no-such-one"), 3, "there is no container no-such-one"),
        (("clean",), 0, "Nothing was left behind"),
    ],
)
def test_exit_status_and_words(tmp_path: Path, words: tuple[str, ...], status: int, says: str) -> None:
    answer = nsplay(*words, state=tmp_path)
    assert (answer.returncode, says in answer.stdout + answer.stderr) == (status, True), answer
    assert "Traceback" not in answer.stderr


def test_a_broken_lesson_is_listed_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "lessons" / "bad").mkdir(parents=True)
    (tmp_path / "lessons" / "bad" / "lesson.md").write_text("+++\ntitle = \n+++\n")
    answer = nsplay("list", "--json", state=tmp_path, NSPLAY_LESSONS=str(tmp_path / "lessons"))
    (lesson,) = json.loads(answer.stdout)["lessons"]
    assert not lesson["runnable"] and "no TOML" in lesson["why_not"]


def test_a_lesson_says_what_it_lacks(tmp_path: Path) -> None:
    folder = tmp_path / "lessons" / "x"
    folder.mkdir(parents=True)
    (folder / "lesson.md").write_text(
        '+++\ntitle = "x"\nneeds = { tools = ["no-such-tool"] }\n+++\n## A {#a}\n'
    )
    answer = nsplay("list", state=tmp_path, NSPLAY_LESSONS=str(folder.parent))
    assert "missing: no-such-tool" in answer.stdout


def test_state_lies_where_platformdirs_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUDO_UID", raising=False)
    for value in ("/somewhere", "", None):
        if value is None:
            monkeypatch.delenv("XDG_STATE_HOME", raising=False)
        else:
            monkeypatch.setenv("XDG_STATE_HOME", value)
        assert state_folder() == platformdirs.user_state_dir("nsplay")


def test_under_sudo_the_state_is_the_invoking_users(monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid():
        pytest.skip("needs root: sudo is played")
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("SUDO_UID", "1")  # daemon, whose home is /usr/sbin
    assert state_folder() == "/usr/sbin/.local/state/nsplay"


@pytest.mark.parametrize(
    ("asked", "env", "lang"),
    [
        (None, {}, "en"),
        (None, {"LANG": "ja_JP.UTF-8"}, "ja"),
        (None, {"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, "en"),
        ("ja", {"LANG": "C"}, "ja"),
        (None, {"LC_MESSAGES": "ja_JP", "LANG": "C"}, "ja"),
        (None, {"NSPLAY_LANG": "ja", "LANG": "C"}, "ja"),  # on a stage
        (None, {"NSPLAY_LANG": "en", "LC_ALL": "ja_JP"}, "en"),
        ("en", {"NSPLAY_LANG": "ja"}, "en"),
    ],
)
def test_language(asked: str | None, env: dict[str, str], lang: str) -> None:
    assert language(asked, env) == lang


def test_a_card_without_a_terminal(tmp_path: Path) -> None:
    answer = nsplay("card", "uts", state=tmp_path)
    assert answer.returncode == 0 and "unshare -u CMD" in answer.stdout and "\x1b" not in answer.stdout
    assert "カード: uts" in nsplay("card", "uts", "--lang", "ja", state=tmp_path).stdout
    answer = nsplay("card", "nothing", state=tmp_path)
    assert answer.returncode == 2 and "there is no lesson nothing" in answer.stderr


def test_a_ctrl_c_while_it_is_imported(tmp_path: Path) -> None:
    (tmp_path / "argparse.py").write_text("raise KeyboardInterrupt\n")
    answer = nsplay("list", state=tmp_path, PYTHONPATH=str(tmp_path))
    assert (answer.returncode, answer.stdout, answer.stderr) == (130, "", "")
