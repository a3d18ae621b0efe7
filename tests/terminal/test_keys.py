"""Keys at any moment: Ctrl-C, Ctrl-Z, Ctrl-D, type-ahead, a window that changes its size."""

import re

from .conftest import OpenPerson
from .person import PROMPT, Person


def test_interrupt_a_program(person: Person) -> None:
    person.key("sleep 1000\r").runs("sleep").key("\x03").until(PROMPT).run("echo st$?", "st130")


def test_interrupt_at_the_prompt(person: Person) -> None:
    person.key("echo nope").until("nope$").key("\x03").until("# echo nope.*\n.*# $").works()
    assert person.text().count("nope") == 1


def test_interrupt_of_a_command_half_way(person: Person) -> None:
    person.run("echo 'a", "\n> $").key("\x03").until(PROMPT).works()


def test_stop_and_continue(person: Person) -> None:
    person.key("cat\r").runs("cat").key("\x1a").until("topped.*\n.*# $").run("fg", "fg\n").runs("cat")
    person.run("hey", "hey\nhey\n").key("\x04").until(PROMPT)


def test_stop_at_the_prompt_is_nothing(person: Person) -> None:
    person.key("echo A$((1\x1a\x1c+1))B\r").until("A2B\n.*# $")


def test_quit_key(person: Person) -> None:
    person.key("sleep 1000\r").runs("sleep").key("\x1c").until(PROMPT).run("echo st$?", "st131")


def test_end_of_file_for_a_program(person: Person) -> None:
    person.key("cat\r").runs("cat").run("hey", "hey\nhey").key("\x04").until(PROMPT)


def test_a_line_typed_ahead(person: Person) -> None:
    person.key("sleep .5\r").runs("sleep").run("echo A$((1+1))B", "A2B\n.*# $")


def test_half_a_line_typed_ahead(person: Person) -> None:
    person.key("sleep .4\r").runs("sleep").key("echo A$((1").until(r"echo A\$\(\(1(\n|.*# ).*$")
    person.run("+1))B", "A2B\n.*# $").works("C")


def test_two_lines_in_one_burst(person: Person) -> None:
    person.key("echo A$((1+1))B\recho C$((1+1))D\r").until("A2B\n(.*\n)*.*C2D\n(.*\n)*.*# $").works("E")


def test_a_burst_with_the_input_of_its_program(person: Person) -> None:
    """Keys behind an Enter that reach the pty while readline holds it raw would keep their CR, and cat hang."""
    person.key("cat\rhello\r").until("hello\n(.*\n)*.*hello\n").key("\x04").until(PROMPT).works()


def test_a_burst_into_a_nested_shell(person: Person) -> None:
    person.key("sh\recho A$((1+1))B\r").until("A2B\n(.*\n)*.*# $").run("exit").works()


def test_many_bursts_into_nested_shells(person: Person) -> None:
    """Trap: 21 of 180 such starts hung without the hold."""
    for _ in range(6):
        person.key("\x0c").until("^.*# $")
        person.key("dash\recho A$((1+1))B\rexit\r").until(r"A2B\n(.*\n)*.*# (.*\n)*.*# $")
    person.works("E")


def test_a_fast_typist(person: Person) -> None:
    for number in range(4):
        for letter in f"echo A$(({number}+1))B\r":
            person.key(letter).pump(0.012)
    person.until("A1B\n(.*\n)*.*A2B\n(.*\n)*.*A3B\n(.*\n)*.*A4B\n.*# $")


def test_keys_for_less_are_no_unfinished_line(person: Person) -> None:
    person.run("/usr/bin/less /etc/passwd", "/etc/passwd$").key("jjq").until(PROMPT).run(":help", "commands:")


def test_output_while_a_line_is_edited(person: Person) -> None:
    person.run("(while ! [ -e go ]; do sleep .05; done; echo BACK$((1+1))) &", PROMPT).key(
        "echo A$((1"
    ).until(r"\(1$")
    (person.home / "go").touch()
    person.until(r"BACK2\n(.*Done.*\n)?.*# echo A\$\(\(1$").run("+1))B", "A2B\n(.*\n)*.*# $")
    assert re.search(r"BACK2\n(.*\n)?.*# echo A\$\(\(1\+1\)\)B\nA2B", person.text())


def test_output_without_newline_while_a_line_is_edited(person: Person) -> None:
    """The line is given up, and begun again behind it with the text kept."""
    person.run("(while ! [ -e go ]; do sleep .05; done; printf BACK$((1+1))) &", PROMPT).key(
        "echo A$((1"
    ).until(r"\(1$")
    (person.home / "go").touch()
    person.until(r"BACK2").run("+1))B", "A2B\n(.*\n)*.*# $")


def test_resize_at_the_prompt(person: Person) -> None:
    person.works().resize(60, 20)
    person.run("stty size", "20 60\n.*# $")
    assert person.text().count("stty size") == 1
    assert person.events("resized")[-1] == {"what": "resized", "columns": 60, "lines": 20}


def test_resize_with_half_a_line(person: Person) -> None:
    person.key("stty si").until("stty si$").resize(60, 20)
    person.until("stty si$").run("ze", "20 60\n.*# $")


def test_resize_while_a_program_runs(person: Person) -> None:
    person.key("sleep 1000\r").runs("sleep").resize(70, 21)
    person.meet(lambda: bool(person.events("resized")), "the new size")
    person.key("\x03").until(PROMPT).run("stty size", "21 70\n.*# $")


def test_resize_again_and_again(person: Person) -> None:
    """SIGWINCH at any moment: between lines, too, where prompt_toolkit drops the handler."""
    for columns in range(60, 90, 2):
        person.key(f"echo A$((1+{columns}))B\r").resize(columns, 24)
        person.until(f"A{columns + 1}B\n(.*\n)*.*# $")
    person.run("stty size", "24 88\n.*# $")


def test_resize_of_vim(person: Person) -> None:
    person.run("vim -u NONE f", '"f" ').resize(50, 15)
    person.meet(lambda: bool(person.events("resized")), "the new size")
    person.until("").key(":echo &lines.'x'.&columns\r").until("15x50").key(":q!\r").until(PROMPT)


def test_resize_of_less(person: Person) -> None:
    person.run("/usr/bin/less /etc/passwd", "/etc/passwd$").resize(60, 10)
    person.key("g").until("^root:x")
    assert person.text().count("\n") <= 9
    person.key("q").until(PROMPT).run("stty size", "10 60")


def test_ctrl_d_in_a_nested_shell(open_person: OpenPerson) -> None:
    person = open_person("bash").run("dash", PROMPT).key("\x04").until("vm# $").works()
    assert person.events()[-1]["comm"] == "bash"
