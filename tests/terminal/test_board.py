"""The picture of what moves: below a command that says nothing, in its way never, and gone without a trace."""

import pytest

from .conftest import OpenPerson
from .person import PROMPT, Person

PICTURE = "bar [##--] look %d\nsecond row\n"
SEEN = r"bar \[##--\] look (\d+)\nsecond row"


@pytest.fixture
def watcher(open_person: OpenPerson, shell: str) -> Person:
    return open_person(shell, picture=PICTURE)


def below(person: Person) -> str:
    """What is on the screen from the cursor's row on."""
    return "\n".join(person.screen.rows()[person.screen.cursor.y :]).rstrip()


def test_it_moves_in_place_and_goes(watcher: Person) -> None:
    watcher.key("sleep 3; echo end-of-it\r")
    watcher.meet(lambda: "look 1\nsecond row" in below(watcher), "the first picture")
    watcher.meet(lambda: "look 2\nsecond row" in below(watcher), "the second")
    assert "look 1" not in "\n".join(watcher.screen.rows())
    watcher.until(r"end-of-it\n(.*\n)*.*[$#] ?$")
    assert "look" not in "\n".join(watcher.screen.rows())
    watcher.works()


def test_output_has_the_screen_for_itself(watcher: Person) -> None:
    watcher.key("for i in 1 2 3; do sleep 0.9; echo line-$i; done\r")
    watcher.meet(lambda: "look" in below(watcher) and "line-2" in watcher.text(), "a picture below a line")
    rows = [row for row in watcher.screen.rows() if row.startswith(("line-", "bar", "second"))]
    assert rows == [*sorted(row for row in rows if row.startswith("line-")), *rows[-2:]]
    watcher.until(r"line-1\nline-2\nline-3\n(.*\n)*.*[$#] ?$")
    assert "second row" not in "\n".join(watcher.screen.rows())


def test_an_unfinished_row_goes_on_where_it_was(watcher: Person) -> None:
    watcher.key("printf 'half '; sleep 2; echo and-half\r")
    watcher.meet(lambda: "second row" in below(watcher), "a picture below the row")
    assert watcher.screen.cursor.x == len("half ")
    watcher.until(r"half and-half\n(.*\n)*.*[$#] ?$")


def test_at_the_last_row_of_the_screen(watcher: Person) -> None:
    watcher.run("seq 100", r"100\n(.*\n)*.*[$#] ?$")
    watcher.key("sleep 2; echo done-$((1+1))\r").meet(lambda: "second row" in below(watcher), "a picture")
    watcher.until(r"99\n100\n(.*\n)*.*done-2\n(.*\n)*.*[$#] ?$")
    assert "second row" not in watcher.text()


def test_interrupted(watcher: Person) -> None:
    watcher.key("sleep 60\r").meet(lambda: "look 1" in below(watcher), "a picture")
    watcher.key("\x03").until(PROMPT)
    assert "look" not in "\n".join(watcher.screen.rows())
    watcher.works()


def test_the_menu_is_where_it_was(watcher: Person) -> None:
    watcher.key("sleep 60\r").meet(lambda: "look 1" in below(watcher), "a picture")
    watcher.menu()
    assert "second row" not in "\n".join(watcher.screen.rows())
    watcher.key("c").until(PROMPT)
    watcher.works()


def test_smaller_meanwhile(watcher: Person) -> None:
    watcher.key("sleep 3; echo end-of-it\r").meet(lambda: "look 1" in below(watcher), "a picture")
    watcher.resize(60, 12)
    watcher.meet(lambda: "look 3" in below(watcher) or "look 2" in below(watcher), "a picture again")
    watcher.until(r"end-of-it\n(.*\n)*.*[$#] ?$")
    assert "second row" not in "\n".join(watcher.screen.rows())


def test_who_waits_for_keys_is_left_alone(watcher: Person) -> None:
    watcher.key("cat\r").runs("cat").still(1.5)
    assert "look" not in watcher.text()
    watcher.key("typed\r").until("typed\ntyped$").key("\x04").until(PROMPT)


def test_a_line_that_stays(open_person: OpenPerson) -> None:
    person = open_person("dash", picture="Second %d.\n", stays=True)
    person.key("sleep 2.6; echo end-of-it\r").until(r"end-of-it\n(.*\n)*.*[$#] ?$")
    assert "Second 1.\nSecond 2." in person.text()


def test_nothing_is_asked_for_a_quick_one(open_person: OpenPerson) -> None:
    person = open_person("dash", picture=PICTURE)
    for _ in range(5):
        person.works()
    assert b"look" not in person.raw
