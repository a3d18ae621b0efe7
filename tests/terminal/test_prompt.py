"""At the prompt: one line, its history and its completion, lines that go on."""

import re

from .conftest import OpenPerson
from .person import Person


def rows(person: Person) -> list[str]:
    """The screen without a greeting, every prompt written as `#`."""
    text = person.text().replace("vm#", "#")
    return [row.rstrip() for row in text[text.find("\n#") + 1 if "BusyBox" in text else 0 :].split("\n")]


def test_a_line_is_on_the_screen_once(person: Person) -> None:
    person.works()
    assert rows(person) == ["# echo A$((1+1))B", "A2B", "#"]


def test_enter_on_an_empty_line(person: Person) -> None:
    person.run("", r"#\n.*# $").run("", r"#\n.*#\n.*# $").works()
    assert rows(person) == ["#", "#", "# echo A$((1+1))B", "A2B", "#"]


def test_history_up(person: Person) -> None:
    person.works().run("true", "true\n.*# $").key("\x1b[A\x1b[A").until(r"# echo A\$\(\(1\+1\)\)B$")
    person.run("", "A2B\n.*true\n.*\nA2B\n")


def test_history_over_sessions_and_shells(open_person: OpenPerson, shell: str) -> None:
    first = open_person("bash")
    first.works().run("exit", "ending: exit")
    second = open_person(shell, home=first.home)
    second.key("\x1b[A").until("# exit$").key("\x1b[A").until(r"# echo A\$\(\(1\+1\)\)B$").run(
        "", "A2B\n.*# $"
    )


def test_history_backwards_search(person: Person) -> None:
    person.works().run("true").key("\x12echo").until(r"reverse-i-search.*echo").key("\r").until(
        "A2B\n(.*\n)*A2B\n.*# $"
    )


def test_history_has_whole_commands(person: Person) -> None:
    """Not the lines of one, not what Ctrl-C gave up half way, not what begins with a blank, nothing twice in a row."""
    person.run("for i in 1 2", "\n> $").run("do echo x$i", "\n> $").run("done", "x1\nx2\n.*# $")
    person.run(" echo hidden", "hidden\nhidden|hidden\n.*# $").run("true").run("true").run(
        ":help", "commands:(.*\n)*.*# $"
    )
    assert person.history() == ["for i in 1 2\ndo echo x$i\ndone", "true", ":help"]
    person.key("\x1b[A\x1b[A\x1b[A").until("done$").run("", "x1\nx2\n(.*\n)*.*x1\nx2\n.*# $")


def test_history_is_the_owners(person: Person) -> None:
    person.works()
    assert (person.home / "history").stat().st_mode & 0o777 == 0o600


def test_completion_of_a_path(person: Person) -> None:
    person.key("cat /etc/hostn\t").until("# cat /etc/hostname ?$")


def test_completion_of_a_relative_path_with_a_blank(person: Person) -> None:
    (person.home / "a folder").mkdir()
    (person.home / "a folder" / "file").write_text("content\n")
    person.key("cat a\t").until(r"# cat a\\ folder/$").key("\t").until(r"a\\ folder/file ?$").run(
        "", "content\n.*# $"
    )


def test_completion_of_a_command(person: Person) -> None:
    person.key("unsha\t").until("# unshare ?$")


def test_completion_of_a_colon_command(person: Person) -> None:
    person.key(":he\t").until("# :help$").run("", "commands:")


def test_tab_on_an_empty_line_offers_nothing(person: Person) -> None:
    person.key("\t\t").works()
    assert rows(person) == ["# echo A$((1+1))B", "A2B", "#"]


def test_suggestion_is_taken_by_tab(open_person: OpenPerson, shell: str) -> None:
    person = open_person(shell, suggestion="unshare -u /bin/sh")
    person.key("\t").until("# unshare -u /bin/sh$").run(" -c 'echo A$((1+1))B'", "A2B\n.*# ")


def test_suggestion_stays_while_its_beginning_is_typed(open_person: OpenPerson, shell: str) -> None:
    person = open_person(shell, suggestion="unshare -u /bin/sh")
    person.key("unsh").until("# unshare -u /bin/sh$").key("x").until("# unshx$")


def test_unclosed_quote(person: Person) -> None:
    person.run("echo 'a", "\n> $").run("b'", "a\nb\n.*# $")
    assert rows(person) == ["# echo 'a", "> b'", "a", "b", "#"]


def test_for_loop(person: Person) -> None:
    person.run("for i in 1 2", "\n> $").run("do echo x$i", "do echo x.i\n> $").run("done", "x1\nx2\n.*# $")


def test_heredoc(person: Person) -> None:
    person.run("cat <<E", "\n> $").run("he$((1+1))", "1.*\n> $").run("E", "> E\nhe2\n.*# $")


def test_backslash(person: Person) -> None:
    person.run("echo a\\", "\n> $").run("b", "> b\nab\n.*# $")


def test_paste_of_several_lines(person: Person) -> None:
    person.key("\x1b[200~echo one$((0))\necho two$((0))\necho three$((0))\x1b[201~").until(
        r"three\$\(\(0\)\)$"
    )
    person.run("", "one0\n(.*\n)*.*two0\n(.*\n)*.*three0\n.*# $")


def test_colon_command(person: Person) -> None:
    person.run(":help", "commands: :help(.*\n)+.*# $").works()
    assert "not found" not in person.text()


def test_colon_is_still_the_shells_no_op(person: Person) -> None:
    person.run(": hello", "# : hello\n.*# $").works()
    assert "not found" not in person.text() and "commands:" not in person.text()


def test_colon_in_a_heredoc_is_text(person: Person) -> None:
    person.run("cat <<E", "\n> $").run(":help", ":help\n> $").run("E", "> E\n:help\n.*# $")
    assert "commands:" not in person.text()


def test_colon_in_cat_is_text(person: Person) -> None:
    person.key("cat\r").runs("cat").run(":help", ":help\n:help\n")
    assert "commands:" not in person.text()


def test_clear_screen(person: Person) -> None:
    person.works().key("\x0c").until("^.*# $").works("C")
    assert "A2B" not in person.text()


def test_prompt_of_two_rows(person: Person) -> None:
    newline = "\\n" if person.shell == "bash" else "\n"
    person.run(f"PS1='one{newline}two# '", "two# $").works()
    assert re.search(r"one\ntwo# echo A\$.*\nA2B\none\ntwo# $", person.text())


def test_prompt_without_text(person: Person) -> None:
    person.key("PS1=\r")
    person.told(lambda moment: moment["line"] == "PS1=")
    person.key("echo A$((1+1))B\r").until("A2B\n")
    person.run("PS1='# '").works("C")


def test_long_line(person: Person) -> None:
    long = "x" * 150
    person.run(f"echo A{long}$((1+1))", "x2\n.*# $")
    assert person.text().replace("\n", "").count("A" + long) == 2


def test_output_without_a_newline(person: Person) -> None:
    person.run("printf a$((1+1))c", "a2c(vm)?# $").works()
    assert rows(person) == ["# printf a$((1+1))c", "a2c# echo A$((1+1))B", "A2B", "#"]


def test_output_longer_than_a_row(person: Person) -> None:
    person.run("printf %0200d 0", "0(vm)?# $").works()
    last = "0" * 40 + "# echo A$((1+1))B"
    assert rows(person) == ["# printf %0200d 0", "0" * 80, "0" * 80, last, "A2B", "#"]


def test_wide_characters(person: Person) -> None:
    echo = "" if person.shell == "busybox" else "日 ?本 ?語 ?é.*"  # (many a busybox is built without Unicode)
    person.run("echo 日本語é😀", echo + "\n日 ?本 ?語 ?é").works()


def test_wide_characters_edited(person: Person) -> None:
    person.key("echo 日本語x\x7f\x7f\x7f").until("echo 日 ?$").run("", "\n日 ?\n.*# $")
