"""Dark or light: what is told, and what a terminal answers."""

import os
import termios
import threading
from collections.abc import Callable, Iterator

import pytest

from nsplay.background import BACKGROUND, QUERY, Answer, ask, luminance, read, told
from tests.patience import patience

DA1 = b"\x1b[?62;22c"


@pytest.mark.parametrize(
    ("asked", "env", "said"),
    [
        ("light", {"COLORFGBG": "15;0"}, "light"),
        ("dark", {}, "dark"),
        (None, {BACKGROUND: "light"}, "light"),
        (None, {BACKGROUND: "pink"}, ""),
        (None, {BACKGROUND: ""}, ""),
        (None, {"COLORFGBG": "15;0"}, "dark"),
        (None, {"COLORFGBG": "0;15"}, "light"),
        (None, {"COLORFGBG": "0;default;15"}, "light"),
        (None, {"COLORFGBG": "15;default"}, ""),
        (None, {"COLORFGBG": ""}, ""),
        (None, {}, ""),
    ],
)
def test_told(asked: str | None, env: dict[str, str], said: str) -> None:
    assert told(asked, env) == said


@pytest.mark.parametrize(
    ("came", "answer"),
    [
        (b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\" + DA1, Answer("light")),
        (b"\x1b]11;rgb:0000/0000/0000\x07" + DA1, Answer("dark")),
        (b"\x1b]11;rgb:fd/f6/e3\x07" + DA1, Answer("light")),  # Solarized's
        (b"\x1b]11;rgb:00/2b/36\x07" + DA1, Answer("dark")),
        (b"\x1b]11;rgb:f/f/f\x07" + DA1, Answer("light")),
        (b"\x1b]11;rgba:ffff/ffff/ffff/8000\x07" + DA1, Answer("light")),
        (b"\x1b]11;pink\x07" + DA1, Answer()),
        (DA1, Answer()),
        (b"", Answer()),
        (b"ls\r" + DA1 + b"x", Answer("", b"ls\rx")),
        (b"a\x1b]11;rgb:ff/ff/ff\x07b" + DA1 + b"\x1b[A", Answer("light", b"ab\x1b[A")),
    ],
)
def test_what_a_terminal_answers(came: bytes, answer: Answer) -> None:
    assert read(came) == answer


def test_luminance() -> None:
    assert luminance(0, 0, 0) == 0
    assert luminance(1, 1, 1) == pytest.approx(1)
    assert luminance(0.5, 0.5, 0.5) == pytest.approx(0.214, abs=0.001)


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    ends = os.openpty()
    yield ends
    for end in ends:
        os.close(end)


def answering(master: int, answer: bytes) -> Callable[[], None]:
    """A terminal that is asked and answers; what is to be called when it has."""
    heard = bytearray()

    def serve() -> None:
        while not heard.endswith(QUERY):
            heard.extend(os.read(master, 100))
        os.write(master, answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return lambda: thread.join(patience(5.0))


def test_it_is_asked_and_nothing_of_the_answer_is_left(terminal: tuple[int, int]) -> None:
    master, slave = terminal
    before = termios.tcgetattr(slave)
    done = answering(master, b"l\x1b]11;rgb:ffff/ffff/ffff\x1b\\s" + DA1)
    assert ask("xterm", slave, slave) == Answer("light", b"ls")
    done()
    assert termios.tcgetattr(slave) == before
    os.set_blocking(slave, False)
    with pytest.raises(BlockingIOError):
        os.read(slave, 100)


def test_one_that_knows_no_colours_is_not_waited_for(terminal: tuple[int, int]) -> None:
    done = answering(terminal[0], DA1)
    assert ask("xterm", terminal[1], terminal[1]) == Answer()
    done()


def test_one_that_never_answers(terminal: tuple[int, int]) -> None:
    assert ask("xterm", terminal[1], terminal[1]) == Answer()


@pytest.mark.parametrize("term", ["", "dumb", "linux"])
def test_some_are_not_asked(terminal: tuple[int, int], term: str) -> None:
    assert ask(term, terminal[1], terminal[1]) == Answer()
    os.set_blocking(terminal[0], False)
    with pytest.raises(BlockingIOError):
        os.read(terminal[0], 100)


def test_keys_that_are_there_already_are_left_where_they_are(terminal: tuple[int, int]) -> None:
    master, slave = terminal
    os.write(master, b"uname\n")
    os.read(master, 100)  # the echo
    assert ask("xterm", slave, slave) == Answer()
    assert os.read(slave, 100) == b"uname\n"
