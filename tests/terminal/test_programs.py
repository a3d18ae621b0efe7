"""Programs and shells of every kind on the terminal, and what they leave behind on it."""

import re
import signal

from .conftest import OpenPerson
from .person import PROMPT, Person


def test_exec_of_another_shell(person: Person) -> None:
    person.run("exec dash", PROMPT).works().run("ls -l /proc/$$/exe", "dash\n.*# $")
    assert person.events()[-1]["comm"] == "dash"


def test_nested_shells_and_back(person: Person) -> None:
    pids = [person.told(lambda moment: True)["pid"]]
    for keys in ("sh\r", "exit\r", "bash\r", "\x04", "true\r"):
        count = len(person.events())
        person.key(keys).meet(lambda count=count: len(person.events()) > count, "a prompt")  # type: ignore[misc]
        pids.append(person.until(PROMPT).events()[-1]["pid"])
    outer, sh, again, bash, *rest = pids
    assert outer == again == rest[0] == rest[1]
    assert len({outer, sh, bash}) == 3
    person.works()


def test_exit_has_its_status(person: Person) -> None:
    person.key("exit 3\r")
    assert person.gone()
    assert person.ending() == {"what": "ending", "reason": "exit", "status": 3}


def test_end_of_file_ends_the_shell(person: Person) -> None:
    person.key("\x04")
    assert person.gone()
    assert person.ending()["reason"] == "exit"


def test_after_an_exit_a_new_shell(open_person: OpenPerson, shell: str) -> None:
    person = open_person(shell, runs=2).run("exit", "ending: exit\n(.*\n)*.*# $").works()
    assert len({moment["pid"] for moment in person.events()}) == 2


def test_a_child_that_holds_the_pty(person: Person) -> None:
    """The end of the shell is seen by its pidfd, not by an end of file."""
    person.run("setsid sleep 1000 &", PROMPT).runs_anywhere("sleep").key("exit\r")
    assert person.gone()


def test_a_killed_shell_is_replaced(person: Person) -> None:
    person.run("kill -9 $$", "Here is a new one(.*\n)+.*# $").works()


def test_a_shell_killed_at_its_start_is_not_replaced_for_ever(open_person: OpenPerson) -> None:
    person = open_person("dash", argv=["dash", "-c", "kill -9 $$"], ready="ending")
    assert person.ending()["reason"].startswith("The shell was killed")


def test_a_killed_nested_shell(person: Person) -> None:
    person.run("sh", PROMPT).run("kill -9 $$", "Killed(.*\n)+.*# $").works()


def test_a_terminal_without_echo_left_over(person: Person) -> None:
    person.run("stty -echo", PROMPT).run("echo A$((1+1))B", "A2B\n(.*\n)?.*# $")
    assert "# echo A$((1+1))B" in person.text()


def test_a_raw_terminal_left_over(person: Person) -> None:
    person.settled("stty raw")
    person.key("echo A$((1+1))B\r").until("A2B").key("stty sane\r").until(PROMPT).works("C")


def test_reset(person: Person) -> None:
    person.settled("printf '\\033[?1049h\\033(0\\033[31mqqq'")
    person.settled("reset")
    person.key("\x0c").until("^.*# $").run("echo A$((1+1))B", "# echo A\\$.*\nA2B\n.*# $")


def test_modes_left_over_are_undone(person: Person) -> None:
    """Alternate screen, hidden cursor, mouse."""
    person.run("printf '\\033[?1049h\\033[?25l\\033[?1000h'", PROMPT)
    tail = person.raw[person.raw.rfind(b"\x1b[?1049h") :]
    assert b"\x1b[?1049l" in tail and b"\x1b[?25h" in tail and b"\x1b[?1000l" in tail
    person.works()


def test_the_terminals_answers_are_no_keys(person: Person) -> None:
    person.run("printf '\\033[6n'; sleep .2", "# ?$").run("echo A$((1+1))B", "A2B\n.*# $")
    assert not re.search(r"\d+;\d+R", person.text())


def test_our_editor_asks_no_questions(open_person: OpenPerson) -> None:
    """(CPR) The answer would be read by whatever has the terminal next."""
    for shell in ("bash", "dash"):
        assert b"\x1b[6n" not in open_person(shell).works().raw


def test_a_program_gets_the_answer_it_asked_for(person: Person) -> None:
    code = "import os,tty;tty.setraw(0);os.write(1,b'\\33[6n');print(os.read(0,9)[-1:],end='\\r\\n')"
    person.run(f'python3 -c "{code}"; stty sane', "b'R'\n(.*\n)*.*# $")


def test_garbage_on_the_screen(person: Person) -> None:
    person.key("head -c 100k /dev/urandom\r").runs_not("head").still(0.5)
    person.key("\x15\rreset\r").still(1.5).run("", ".*").run("echo A$((1+1))B", "A2B")


def test_top(person: Person) -> None:
    person.run("top", r"(?i)load average(.*\n)+").key("q").until(PROMPT).works()


def test_python(person: Person) -> None:
    person.run("python3 -q", ">>> $").run("6*7", "42\n>>> $").run("exit()", PROMPT).works()


def test_a_window_that_is_closed(person: Person) -> None:
    person.hang_up()
    assert person.gone()


def test_signals_leave_the_terminal_as_it_was(open_person: OpenPerson, shell: str) -> None:
    """At the prompt, where prompt_toolkit is at work, and while a program runs."""
    for number, busy in (
        (signal.SIGTERM, False),
        (signal.SIGHUP, True),
        (signal.SIGINT, False),
        (signal.SIGTERM, True),
    ):
        person = open_person(shell)
        if busy:
            person.key("sleep 1000\r").runs("sleep")
        assert person.settings_now() != person.settings
        person.send(number)
        assert person.gone()
        assert person.settings_now() == person.settings
        assert not person.screen_modes & {"2004", "1049"}


def test_a_signal_over_vim_leaves_the_screen(open_person: OpenPerson) -> None:
    person = open_person("bash").run("vim -u NONE f", '"f" ')
    assert "1049" in person.screen_modes
    person.send(signal.SIGTERM)
    assert person.gone()
    assert not person.screen_modes & {"2004", "1049"}
    assert person.settings_now() == person.settings
