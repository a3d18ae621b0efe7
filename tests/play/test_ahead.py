"""Keys that come before their time: while nsplay types, or finds something out; and what a key of the menu ends."""

import re
from pathlib import Path

import pytest

from tests.play.learner import learner


@pytest.mark.parametrize("line", [":both sleep 1", ":why sleep 1"])
def test_keys_typed_while_something_is_found_out_come_after_it(tmp_path: Path, line: str) -> None:
    with learner(tmp_path, "uts") as person:
        person.until(r"Make a UTS namespace.*READY# $").type("true", r"READY# $").key(line + "\r")
        person.runs("sleep") if "why" in line else person.until("sleep 1\n")
        person.key("echo A$((1+1))B\r").until(r"sleep 1\n.*A2B\n.*READY# $")
        person.key(line.replace("1", "60") + "\r").until(r"60\nstill running; Ctrl-C stops it").key("\x03")
        person.until(r"60\nstill.*READY# $").type("echo C$((1+1))D", "C2D")


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
