"""Lines that may be nsplay's own, typed before anybody waits for them."""

from typing import Literal

import pytest

from .conftest import OpenPerson
from .person import PROMPT, Person

SAID = "commands: .*"  # what :help says


@pytest.fixture(params=["edit", "shell"])
def either(request: pytest.FixtureRequest, open_person: OpenPerson, shell: str) -> Person:
    """Whoever edits the line."""
    line: Literal["edit", "shell"] = request.param
    return open_person(shell, line=line)


def test_a_colon_command_typed_while_a_command_runs(either: Person) -> None:
    either.key("sleep .4\r").runs("sleep").key(":help\r").until(rf"{SAID}\n(.*\n)*.*{PROMPT}").works()
    assert "not found" not in either.text()


def test_a_burst_of_both_keeps_its_order(either: Person) -> None:
    either.key("sleep .1\recho A$((1+1))B\r:help\recho C$((1+1))D\r")
    either.until(rf"A2B\n(.*\n)*.*{SAID}\n(.*\n)*.*C2D\n(.*\n)*.*{PROMPT}").works("E")
    assert "not found" not in either.text()


def test_half_a_colon_command_typed_ahead(person: Person) -> None:
    person.key("sleep .3\r").runs("sleep").key(":he").until(f"{PROMPT[:-1]}:he$").run("lp", SAID).works()


def test_what_a_program_comes_to_read_is_the_programs(either: Person) -> None:
    """Also when it is no leader, and whatever the line begins with."""
    either.key("sh -c 'sleep .3; cat; :'\r").runs_anywhere("sleep").key("\r:help\rhey\r")
    either.until(r"(:help\n(.*\n)*){2}hey\n(.*\n)*$").key("\x04").until(PROMPT).works()
    assert "commands:" not in either.text()


def test_what_the_shell_itself_comes_to_read_is_the_shells(either: Person) -> None:
    either.key('sleep .3; read x; echo "got $x"\r').runs("sleep").run(":help", "got :help\n.*# $").works()
    assert "commands:" not in either.text()


def test_an_empty_line_within_a_here_document_stays_there(either: Person) -> None:
    either.key("wc -l <<E\r\r:help\rE\recho A$((1+1))B\r").until(rf"2\n(.*\n)*.*A2B\n.*{PROMPT}")
    assert "commands:" not in either.text()


def test_an_interrupt_forgets_what_was_typed_before_it(either: Person) -> None:
    either.key("sleep 1000\r").runs("sleep").key(":help\r:nothing").key("\x03").until(PROMPT).works()
    assert "commands:" not in either.text() and ":nothing" not in either.text()


def test_a_stop_isnt_held_back(open_person: OpenPerson) -> None:
    person = open_person("bash").key("sleep 1000\r").runs("sleep").key(":help").key("\x1a")
    person.until("topped.*\n.*# $").works().key("fg\r").runs("sleep").key("\x03").until(PROMPT).works("C")


def test_the_menu_opens_while_keys_wait(person: Person) -> None:
    person.key("sleep .6\r").runs("sleep").key(":help\r\x1d").until("-- menu").key("\r")
    person.until(rf"{SAID}\n(.*\n)*.*{PROMPT}").works()


def test_output_without_end_holds_no_keys(person: Person) -> None:
    """No prompt is ever seen: the shell has them."""
    person.key("while :; do echo FLOOD; sleep .001; done &\r")
    person.meet(lambda: "FLOOD" in person.text(), "a flood")
    person.key("kill $!\r").until(PROMPT).works()
