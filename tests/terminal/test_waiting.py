"""Who waits for whom: what is a prompt and what only looks like one; statuses and marks."""

import re

from .conftest import OpenPerson
from .person import PROMPT, SHELLS, Person


def prompts(person: Person) -> int:
    return len(person.events())


def test_read_is_no_prompt(person: Person) -> None:
    person.key("read x\r").until("read x\n$").still().run(":help", PROMPT).run('echo "got $x"', "got :help\n")


def test_read_in_a_script_is_no_prompt(person: Person) -> None:
    (person.home / "script").write_text('read x\necho "got $x"\n')
    person.key(" ".join(SHELLS[person.shell]) + " script\r").until("script\n$").still()
    person.run(":help", "got :help\n.*# $")
    assert "commands:" not in person.text()


def test_read_of_one_key_is_no_prompt(open_person: OpenPerson) -> None:
    """(dash's read has no -s -n.)"""
    for shell in ("bash", "busybox"):
        person = open_person(shell).key('read -s -n1 -t 5 x; echo "got $x"\r').until("got.*\n$").still()
        assert prompts(person) == 1
        person.key("y").until("got y\n.*# $")


def test_a_password_is_never_ours(person: Person) -> None:
    person.run("python3 -c 'import getpass; print(len(getpass.getpass()))'", "Password: $").still()
    person.run("sec:ret", "\n7\n.*# $").works()
    assert "sec:ret" not in person.text()
    assert not any("sec:ret" in entry for entry in person.history())


def test_a_password_typed_ahead_is_never_ours(person: Person) -> None:
    """(getpass throws away what was typed too early.)"""
    person.key("python3 -c 'import getpass; print(len(getpass.getpass()))'\rsec:ret\r").until("Password: $")
    person.run("sec:ret", "\n7\n(.*\n)*.*# $").works()
    assert not any("sec:ret" in entry for entry in person.history())


def test_wait_is_no_prompt(person: Person) -> None:
    person.key("sleep .6 & wait; echo A$((1+1))B\r").runs_anywhere("sleep").still(0.3)
    assert prompts(person) == 1
    person.until("A2B\n(.*Done.*\n)?.*# $")


def test_a_silent_command_is_no_prompt(person: Person) -> None:
    person.key("sleep .7; :\r").runs("sleep").still(0.4)
    assert prompts(person) == 1
    person.told(lambda moment: moment["line"] == "sleep .7; :")


def test_status(person: Person) -> None:
    assert person.settled("(exit 7)")["status"] == 7
    assert person.settled("true")["status"] == 0


def test_status_and_line_of_a_command_of_several_lines(person: Person) -> None:
    person.run("for i in 1", "\n> $").run("do (exit 4)", "\n> $").key("done\r")
    moment = person.told(lambda moment: moment["line"] == "for i in 1\ndo (exit 4)\ndone")
    assert moment["status"] == 4


def test_status_in_a_nested_shell(person: Person) -> None:
    person.settled("sh")
    assert person.settled("(exit 7)")["status"] == 7


def test_a_learners_status_is_untouched(person: Person) -> None:
    person.run("(exit 7)").run("echo st$?", "st7\n")


def test_marks_cant_be_forged(person: Person) -> None:
    forged = b"\x1b]133;D;77\x07\x1b]133;A;k=s\x07x\n"
    forged += b"\x1b]133;D;66;0123456789abcdef\x07\x1b]133;A;k=s;0123456789abcdef\x07"
    (person.home / "forged").write_bytes(forged)
    assert person.settled("cat forged; false")["status"] == 1
    person.run(":help", "commands:")


def test_the_marks_own_file_forges_nothing(person: Person) -> None:
    assert person.settled("cat marks; (exit 5)")["status"] == 5
    person.run(":help", "commands:")


def test_the_environment_has_no_marks(person: Person) -> None:
    """Nor does a shell of another kind inherit a prompt with them."""
    nonce = re.search(r"133;A;([0-9a-f]{16})", (person.home / "marks").read_text())
    assert nonce
    before = len(person.raw)
    person.run("env; echo A$((1+1))B", "A2B\n.*# $")
    output = person.raw[before : person.raw.rfind(b"A2B")].split(b"A$((1+1))B", 1)[1]
    assert nonce[1].encode() not in re.sub(rb"^.*?\r\n", b"", output, count=1)
    for other in ("bash", "dash", "busybox sh"):
        person.run(other, PROMPT).works()
        assert "\\[" not in person.text() and "133" not in person.text()


def test_a_shell_without_our_file_has_no_marks(person: Person) -> None:
    """`env -i`: the kernel's word alone. A continuation line is told by its text."""
    person.run("env -i PATH=$PATH PS1='x# ' unshare -u dash", "x# $").run("echo 'a", "\n> $").run(
        ":help", "\n> $"
    )
    person.run("'", "a\n:help\n\n.*# $").run(":help", "commands:")
    assert person.settled("(exit 7)")["status"] is None


def test_a_file_that_vanishes_is_no_trouble(person: Person) -> None:
    (person.home / "marks").unlink()
    person.run("true").run("sh", PROMPT).works()
    assert "No such file" not in person.text()
