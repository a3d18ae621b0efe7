"""Keys that come before their time: while nsplay types, or finds something out; and what a key of the menu ends."""

import os
import re
import signal
from pathlib import Path

import pytest

from nsplay.repl.play import READING
from tests.play.learner import learner


@pytest.mark.parametrize("line", [":both sleep 1", ":why sleep 1"])
def test_keys_typed_while_something_is_found_out_come_after_it(tmp_path: Path, line: str) -> None:
    with learner(tmp_path, "uts") as person:
        person.until(r"Make a UTS namespace.*READY# $").type("true", r"READY# $").key(line + "\r")
        person.runs("sleep") if "why" in line else person.until("sleep 1\n")
        person.key("echo A$((1+1))B\r").until(r"sleep 1\n.*A2B\n.*READY# $")
        person.key(line.replace("1", "60") + "\r").until(r"60\nstill running; Ctrl-C stops it").key("\x03")
        person.until(r"60\nstill.*READY# $").type("echo C$((1+1))D", "C2D")


def test_a_guess_typed_before_the_first_prompt_is_one(tmp_path: Path) -> None:
    with learner(tmp_path, "uts") as person:
        person.until("").key("b\r").until("Make a UTS namespace.*you guess b.*READY# $")
        person.key("c\r").until("you guess c.*READY# $").key(":reset\r").until("fresh stage")
        person.key("a\r").until("fresh stage.*you guess a.*READY# $")


def test_keys_typed_while_earlier_steps_are_done_again_come_after_them(tmp_path: Path) -> None:
    with learner(tmp_path, "uts/join") as person:
        person.until("READY# ").key("echo A$((1+1))B\r")
        person.until(r"step 7 of .*READY# .*A2B\n.*READY# $")
        again = re.findall(r"READY# (.*)", person.text().split("step 7 of")[0])
        assert "unshare -u /bin/sh" in again and not any("echo" in line for line in again)


def test_the_menu_says_what_it_has_ended(tmp_path: Path) -> None:
    with learner(tmp_path, "uts") as person:
        person.until(r"Make a UTS namespace.*READY# $").key("sleep 1000\r").runs("sleep")
        person.key("\x1d").until("end the program").key("k")
        person.until(r"sleep \(pid \d+\) was ended\..*READY# $")
        person.key("sh -c 'trap : HUP; while :; do sleep 0.1; done'\r").runs("sleep")
        person.key("\x1d").until(r"was ended.*end the program").key("k").until(
            r"\d+\) was ended.*\d+\) was ended.*READY# $"
        )
        person.key("\x1d").key("k").until(r"Only your outermost shell is in front")


# A shell that isn't the stage's, as the one that nsplay is started from: it gets the terminal when nsplay has ended.
OUTER = ("sh", "-c", 'nsplay() { "$@"; }; nsplay "$@"; PS1="OUTER# " ENV= exec sh', "outer")


def outside(state: Path) -> Path:
    """A file that only the shell around nsplay makes: on the stage it is an overlay's."""
    return state / "typed"


def test_what_follows_one_exit_too_many_is_typed_nowhere(tmp_path: Path) -> None:
    """Not into the new shell of the stage either, and never into the shell around."""
    with learner(tmp_path, "uts", through=OUTER) as person:
        person.until(r"READY# $").key("sleep .3; exit\r").runs("sleep")
        person.key(f"exit\rexit\recho L$((1+1))ST | tee {outside(tmp_path)}\r")
        person.until("outermost shell of the stage.*READY# $").type("echo A$((1+1))B", "A2B\n.*READY# $")
        assert "L2ST" not in person.text() and "OUTER" not in person.text()
        person.key("exit\r").until("outermost shell.*outermost shell.*READY# $").still(READING).key("exit\r")
        person.until(r"OUTER#\s$").key("exit\r").gone()
    assert not outside(tmp_path).exists()


@pytest.mark.parametrize("words", [("uts",), ("sandbox",)])
def test_whatever_ends_nsplay_what_was_typed_for_it_stays_out_of_the_shell_around(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    with learner(tmp_path, *words, through=OUTER) as person:
        person.until("READY# $" if words == ("uts",) else r"# $").key(":both sleep 60\r")
        person.until("still running; Ctrl-C stops it").key(f"touch {outside(tmp_path)}\r")
        (own,) = (who.pid for who in person.below() if who.ppid == person.process.pid)
        os.kill(own, signal.SIGTERM)
        person.until(r"OUTER#\s$").key("echo A$((1+1))B\r").until(r"A2B\n.*OUTER#\s$").key("exit\r").gone()
    assert not outside(tmp_path).exists()


def test_an_answer_that_the_terminal_owes_is_nobodys_keys(tmp_path: Path) -> None:
    """Over a slow line it comes when nsplay has long gone on: at the prompt, or while a program reads."""
    late = "\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[?62;22c"
    for runs in ("echo A$((1+1))B", "cat -v"):
        home = tmp_path / runs[:3]
        home.mkdir()
        with learner(home, "uts", "--yes") as person:
            person.screen.answer = lambda keys: None
            person.until("READY# $")
            if runs.startswith("cat"):
                person.key("cat -v\r").runs("cat").key(f"{late}tee\r").until("tee\ntee\n").key("\x04")
            else:
                person.key(f"ec{late}").key("ho A$((1+1))B\r").until("\nA2B\n")
            person.until("READY# $")
            assert not re.search(r"ffff|62;22|\^\[", person.text())
