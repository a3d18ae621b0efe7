"""A light terminal is asked once, and gets colours that can be read on it; keys typed meanwhile aren't lost."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.play.learner import Learner, learner
from tests.terminal.person import Emulator

LIGHT = "\x1b]11;rgb:ffff/ffff/ffff\x1b\\"
DA1 = "\x1b[?6c"
Answers = Callable[[str], None]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """From now on a terminal answers nsplay's question so."""

    def set_it(answer: str) -> None:
        def report(self: Emulator, *_: object, **__: object) -> None:
            self.write_process_input(answer)

        monkeypatch.setattr(Emulator, "report_device_attributes", report)

    return set_it


def colour(person: Learner, word: str) -> str:
    """Of the word's first letter, where it stands last."""
    y, row = [(y, row) for y, row in enumerate(person.screen.rows()) if word in row][-1]
    return str(person.screen.buffer[y][row.rindex(word)].fg)


@pytest.mark.parametrize(
    ("answer", "words", "its"),
    [
        (LIGHT + DA1, (), "blue"),
        (LIGHT.replace("ffff", "0000") + DA1, (), "cyan"),
        (DA1, (), "cyan"),
        (LIGHT + DA1, ("--background", "dark"), "cyan"),
        (DA1, ("--background", "light"), "blue"),
    ],
)
def test_what_is_ones_own_can_be_read(
    answers: Answers, tmp_path: Path, answer: str, words: tuple[str, ...], its: str
) -> None:
    answers(answer)
    with learner(tmp_path, "uts/name", "--yes", *words) as person:
        person.until(r"Give it a name.*READY# $")
        assert colour(person, "[uts]") == its


def test_keys_typed_meanwhile_are_the_first_ones(answers: Answers, tmp_path: Path) -> None:
    answers("pw" + LIGHT + "d" + DA1)
    with learner(tmp_path, "uts", "--yes") as person:
        person.until("Make a UTS namespace.*READY# pwd$")
        person.key("\r").until(rf"READY# pwd\n{Path.cwd()}\n")


def test_so_is_an_answer_to_the_menu(answers: Answers, tmp_path: Path) -> None:
    for keys in ("q\r", "zz", "zz\r"):
        answers(keys + DA1)
        with learner(tmp_path) as person:
            if keys == "zz":
                person.until("> zz$").key("\r")
            if keys != "q\r":
                person.until("There is no lesson zz to play.*> $").key("q\r")
            assert person.gone() == 0


def test_and_to_another_screen(answers: Answers, tmp_path: Path) -> None:
    answers("q" + LIGHT + DA1)
    with learner(tmp_path, "watch") as person:
        assert person.gone() == 0


def test_a_recording_knows_and_has_no_question_in_it(answers: Answers, tmp_path: Path) -> None:
    answers("pwd" + LIGHT + DA1)
    path = tmp_path / "x.cast"
    with learner(tmp_path, "uts", "--yes", "--record", str(path)) as person:
        person.until("Make a UTS namespace.*READY# pwd$")
        assert "]11;" not in path.read_text()
    assert '"bg": "#ffffff"' in path.read_text().split("\n")[0]
