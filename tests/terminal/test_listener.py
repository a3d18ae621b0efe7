"""What the listener is told, and what its replies do."""

import os
import re
import signal

from .conftest import OpenPerson
from .person import PROMPT, Person


def test_moments(person: Person) -> None:
    first = person.told(lambda moment: True)
    assert first["line"] == "" and first["editing"] and not first["nested"]
    assert first["comm"] in ("bash", "dash", "busybox")
    second = person.settled("echo one")
    assert second["pid"] == first["pid"]
    assert person.settled("")["line"] == ""
    assert len(person.events()) == 3


def test_a_prompt_is_told_once(person: Person) -> None:
    """Not again after a colon command, the menu, or output in the background."""
    person.run(":help", "commands:(.*\n)+.*# $").menu().key("\r").until(PROMPT)
    person.run("(while ! [ -e go ]; do sleep .05; done; printf BACK$((1+1))) &", PROMPT)
    count = len(person.events())
    (person.home / "go").touch()
    person.until("BACK2").still(0.1)
    assert len(person.events()) == count == 2


def test_text_comes_above_the_prompt(open_person: OpenPerson, shell: str) -> None:
    person = open_person(
        shell, say="\x1b[1mfirst\x1b[m row\nsecond row", ready="first row\nsecond row\n.*# $"
    )
    person.run("echo A$((1+1))B", "\nA2B\nfirst row\nsecond row\n.*# $")
    assert not re.search(r"# \n?first", person.text())


def test_text_comes_below_output_without_a_newline(open_person: OpenPerson, shell: str) -> None:
    person = open_person(shell, say="SAID", ready="SAID\n.*# $")
    person.run("printf a$((1+1))c", "\na2c\nSAID\n(vm)?# $").works()


def test_text_of_a_colon_command(person: Person) -> None:
    person.run(":next", "# :next\nthe next step\n.*# $").works()


def test_lines_are_typed_one_after_the_other(person: Person) -> None:
    person.key(":type sh|echo A$((1+1))B|cat <<E|in$((1+1))put|E|exit|echo C$((1+1))D\r")
    person.until(r"A2B\n(.*\n)*in2put\n(.*\n)*.*exit\n(.*\n)*C2D\n.*# $")
    lines = [moment["line"] for moment in person.events()]
    assert lines == ["", "sh", "echo A$((1+1))B", "cat <<E\nin$((1+1))put\nE", "exit", "echo C$((1+1))D"]


def test_typing_waits_for_a_program_and_stops_at_ctrl_c(person: Person) -> None:
    person.key(":type cat|echo never\r").runs("cat").run("hello", "hello\nhello\n").key("\x03").until(
        PROMPT
    ).works()
    assert "never" not in person.text().replace("|echo never", "")


def test_what_is_kept(person: Person) -> None:
    person.run(":help").run(":next").works()
    assert person.history() == [":help", "echo A$((1+1))B"]


def test_leave_with_a_reason_and_go_on(open_person: OpenPerson, shell: str) -> None:
    person = (
        open_person(shell, runs=3)
        .run("x=41")
        .run(":leave one", "ending: one\n.*# $")
        .run(":leave two", "two\n.*# $")
    )
    person.run("echo $((x+1))", "\n42\n.*# $")
    assert [entry["reason"] for entry in person.events("ending")] == ["one", "two"]


def test_leaving_puts_the_settings_back(open_person: OpenPerson) -> None:
    person = open_person("bash").run(":leave now", "ending: now")
    assert person.gone() and person.settings_now() == person.settings


def test_an_empty_line_may_be_ours(open_person: OpenPerson, shell: str) -> None:
    for line in ("edit", "shell"):
        person = open_person(shell, suggestion="Enter", line=line).run("", r"you pressed Enter\n.*# ")
        assert len(person.events()) == 1


def test_a_watched_descriptor_ends_it(open_person: OpenPerson) -> None:
    """At the prompt, while a program runs, in the menu, and with the shell's own line."""
    for keys, comm, line in (
        ("", "bash", "edit"),
        ("sleep 1000\r", "sleep", "edit"),
        ("\x1d", "bash", "edit"),
        ("", "bash", "shell"),
    ):
        person = open_person("bash", watch=True, line=line).key(keys).runs(comm)
        if keys == "\x1d":
            person.until("-- menu")
        os.close(os.open(person.home / "fifo", os.O_WRONLY))
        assert person.gone() and person.ending()["reason"] == "the fifo"


def test_a_killed_product_leaves_the_shell_hung_up(open_person: OpenPerson) -> None:
    person = open_person("bash").key("sleep 1000\r").runs("sleep")
    person.send(signal.SIGKILL)
    assert person.gone()


# --- line="shell": the shell's own editing ---


def own(open_person: OpenPerson, shell: str, suggestion: str = "") -> Person:
    return open_person(shell, line="shell", suggestion=suggestion, ready=r"# ?" + suggestion)


def test_own_line_works(open_person: OpenPerson, shell: str) -> None:
    person = own(open_person, shell).works()
    assert person.events()[-1]["editing"] is False
    assert person.text().count("echo") == 1
    assert person.history() == []


def test_own_line_has_the_shells_editing(open_person: OpenPerson) -> None:
    own(open_person, "bash").works().key("\x1b[A").until(r"vm# echo A\$\(\(1\+1\)\)B$").run(
        "", "A2B\n(.*\n)*A2B\n.*# $"
    )


def test_own_line_colon_commands(open_person: OpenPerson, shell: str) -> None:
    person = (
        own(open_person, shell)
        .run(":help", "# :help\ncommands:(.*\n)+.*# $")
        .run(": hello", "# : hello\n.*# $")
        .works()
    )
    assert "not found" not in person.text()


def test_own_line_colon_edited(open_person: OpenPerson, shell: str) -> None:
    person = own(open_person, shell).key(":日x\x7f\x7f\x7f").until(PROMPT).works()
    person.key(":hel\x03").until(PROMPT).key(":hel").until("# :hel$").key("p\r").until(
        "commands:(.*\n)+.*# $"
    ).works("C")


def test_own_line_suggestion(open_person: OpenPerson, shell: str) -> None:
    person = own(open_person, shell, suggestion="unshare -u /bin/sh").key("\t").until("# unshare -u /bin/sh$")
    person.run(" -c 'echo A$((1+1))B'", "A2B\n.*# ")
    person.key("e").until("# e$").run("cho C$((1+1))D", "C2D\n.*# ")


def test_own_line_text_and_menu(open_person: OpenPerson, shell: str) -> None:
    person = open_person(shell, line="shell", say="SAID", ready="SAID\n.*# $")
    person.run("echo A$((1+1))B", "A2B\nSAID\n.*# $").menu().key("\r").until(PROMPT).works("C")
