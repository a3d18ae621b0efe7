"""Ctrl-] always comes back."""

from .conftest import OpenPerson
from .person import PROMPT, Person


def asleep(person: Person) -> Person:
    return person.key("sleep 1000\r").runs("sleep")


def test_out_of_sleep(person: Person) -> None:
    asleep(person).menu().key("\r").until("").key("\x03").until(PROMPT).works()


def test_the_digit_of_the_terminal_that_is_shown_goes_back(person: Person) -> None:
    person.menu().key("1").until(PROMPT).works()


def test_ctrl_c_from_the_menu(person: Person) -> None:
    asleep(person).menu().key("c").until(PROMPT).works()


def test_end_the_program_from_the_menu(person: Person) -> None:
    asleep(person).menu().key("k").until(PROMPT).works()


def test_end_a_stubborn_program_from_the_menu(person: Person) -> None:
    """One that ignores Ctrl-C."""
    person.key("sh -c 'trap : INT; while :; do read x; done'\r").runs("sh").key("\x03").menu().key("k")
    person.until(PROMPT).works()


def test_end_a_pipe_whose_first_program_is_gone(person: Person) -> None:
    """The foreground group has no leader any more: another member stands for it."""
    person.key("true | sleep 1000\r").runs("sleep").menu().key("k").until(PROMPT).works()


def test_the_outer_shell_is_never_ended(person: Person) -> None:
    person.menu().key("k").until(PROMPT).works()
    assert not person.events("ending")


def test_over_less(person: Person) -> None:
    person.run("/usr/bin/less /etc/passwd", "/etc/passwd$").menu().key("\r").until("^root:x")
    person.key("q").until(PROMPT).works()


def test_over_vim(person: Person) -> None:
    person.run("vim -u NONE -c 'set nocp' f", '"f" ').key("ihello\x1b").until("^hello\n").menu().key("\r")
    person.until("^hello\n~").key("A world\x1b:wq\r").until(PROMPT).run("cat f", "\nhello world\n.*# $")


def test_in_an_unclosed_quote(person: Person) -> None:
    person.run("echo 'a", "\n> $").menu().key("\r").until("\n> $").run("b'", "a\nb\n.*# $")


def test_out_of_an_unclosed_quote(person: Person) -> None:
    person.run("echo 'a", "\n> $").menu().key("c").until(PROMPT).works()


def test_in_a_heredoc_with_half_a_line(person: Person) -> None:
    person.run("cat <<E", "\n> $").key("part").until("part$").menu().key("\r").until("> part$")
    person.run("ial", "partial\n> $").run("E", "> E\npartial\n.*# $")


def test_with_half_a_line_and_the_cursor_in_it(person: Person) -> None:
    person.key("echo AB\x1b[D\x1b[D").menu().key("\r").until("# echo AB?$").key("x").run("", "\nxAB\n.*# $")


def test_with_a_stopped_job(person: Person) -> None:
    asleep(person).key("\x1a").until("topped.*\n.*# $").menu().key("\r").until(PROMPT).run("fg", "fg\n").runs(
        "sleep"
    )
    person.key("\x03").until(PROMPT).works()


def test_in_cat(person: Person) -> None:
    person.key("cat\r").runs("cat").run("one", "one\none").menu().key("\r").run("two", "two\ntwo").key("\x04")
    person.until(PROMPT)


def test_in_python(person: Person) -> None:
    person.run("python3 -q", ">>> $").run("x=41", ">>> $").menu().key("\r").until(">>> $").run(
        "x+1", "42\n>>> $"
    )
    person.key("\x04").until(PROMPT)


def test_other_ways_to_write_the_key(person: Person) -> None:
    for key in ("\x1b[27;5;93~", "\x1b[93;5u"):
        asleep(person).key(key).until("-- menu: Enter back(.*\n)+$").key("c").until(PROMPT)
        person.key(key).until("-- menu: Enter back(.*\n)+$").key("\r").until(PROMPT).key("\x0c").until(
            "^.*# $"
        )
    person.works()


def test_a_literal_one(person: Person) -> None:
    person.key("cat -v\r").runs("cat").menu().key("]").run("", r"\^\]\r?\n?(.*\n)*\^\]").key("\x03").until(
        PROMPT
    )


def test_an_arrow_is_no_way_out(person: Person) -> None:
    person.menu().key("\x1b[A").still(0.1).key("h").until("one letter(.*\n)+one letter").key("\r").until(
        PROMPT
    ).works()


def test_type_from_the_menu_happens_at_the_next_prompt(person: Person) -> None:
    asleep(person).menu().key("t").still(0.1)
    assert "ty1ped" not in person.text()
    person.key("c").still(0.1).key("\x03").until(PROMPT)


def test_leave_and_come_back(open_person: OpenPerson, shell: str) -> None:
    """The same shell goes on."""
    person = open_person(shell, runs=2).run("x=41").key("\x1dq").until("ending: quit\n(.*\n)*.*# $")
    person.run("echo $((x+1))", "\n42\n.*# $")
    assert [ending["reason"] for ending in person.events("ending")] == ["quit"]


def test_leave_vim_and_come_back(open_person: OpenPerson) -> None:
    person = (
        open_person("bash", runs=2).run("vim -u NONE f", '"f" ').key("ihello").until("^hello").key("\x1dl")
    )
    person.meet(lambda: bool(person.events("ending")), "an ending")
    person.until("^hello\n~").key("\x1b:q!\r").until(PROMPT).works()
    assert person.ending()["reason"] == "left"
