"""Odd words on the command line, and odd values in the environment: a sentence, and nothing of them moves the cursor."""

import os
from pathlib import Path
from typing import Final

import pytest

from tests.input.world import ESCAPES, environment, judge, play, run

ODD: Final[dict[str, str | bytes]] = {
    "above": "../x",
    "absolute": "/etc/passwd",
    "empty": "",
    "blank": " ",
    "a dot": ".",
    "10 kB": "x" * 10_000,
    "controls": "".join(ESCAPES) + "\r\x07\b",
    "two lines": "uts\nuts",
    "no UTF-8": b"uts\xff\xfe",
    "a bare slash": "/",
    "slashes": "uts//make/",
    "a brace": "{{host.hostname}}$(reboot)%s",
}
SHAPES: Final = {
    "lint": ("lesson", "lint", "%"),
    "test": ("lesson", "test", "%"),
    "step": ("lesson", "test", "uts", "--step", "%"),
    "folder": ("list", "--lessons", "%"),
    "lang": ("list", "--lang", "%"),
    "option": ("list", "--%"),
    "words": ("%", "%", "%"),
    "verb": ("lesson", "%"),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("odd", ODD)
def test_an_odd_word(tmp_path: Path, odd: str, shape: str) -> None:
    word = os.fsencode(ODD[odd])
    got = run([part.encode().replace(b"%", word) for part in SHAPES[shape]], environment(tmp_path))
    judge(got)
    fine = {("option", "empty"), ("folder", "empty"), ("folder", "a dot"), ("folder", "a bare slash")}
    assert got.status == 2 or (shape, odd) in fine, got


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("step", ["", "uts/"])
def test_an_odd_lesson(tmp_path: Path, odd: str, step: str) -> None:
    word = os.fsdecode(ODD[odd])
    got = play([f"{step}{word}"], environment(tmp_path))
    judge(got)
    assert got.status == 2 or got.played, got.text


@pytest.mark.parametrize(
    "name", ["XDG_STATE_HOME", "HOME", "NSPLAY_LESSONS", "TERM", "LANG", "SHELL", "PATH"]
)
@pytest.mark.parametrize("value", ["".join(ESCAPES), "x\ny", "/dev/null/x", "relative"])
def test_an_odd_environment(tmp_path: Path, name: str, value: str) -> None:
    env = environment(tmp_path, **{name: value})
    if name in ("HOME", "XDG_STATE_HOME"):
        env.pop("XDG_STATE_HOME")
        env[name] = value
    for words in (["list"], ["clean"]):
        judge(run(words, env, lambda: os.chdir(tmp_path)))
    judge(play(["uts", "--yes"], env, lambda: os.chdir(tmp_path)))
