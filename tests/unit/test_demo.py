"""The pace of a demo, the presenter's keys, and what a rehearsal says."""

import contextlib
import os
import threading
import tty
from collections.abc import Iterator
from itertools import pairwise

import pytest

from nsplay.demo.clicker import Press, Wish, press, pressed
from nsplay.demo.pace import Pace
from nsplay.demo.rehearsal import Kept, Timed, report
from nsplay.repl.outer import Outer
from nsplay.view.ui import Background, Ui, render

NONE = Kept()
LINE = "unshare --fork --pid --mount-proc bash"


def test_a_rehearsal_is_the_show() -> None:
    assert list(Pace(7).strokes(LINE)) == list(Pace(7).strokes(LINE))


def test_another_seed_types_another_way() -> None:
    assert list(Pace(7).strokes(LINE)) != list(Pace(8).strokes(LINE))


def test_what_was_typed_before_changes_nothing() -> None:
    pace = Pace(7)
    list(pace.strokes("ps ax"))
    assert list(pace.strokes(LINE)) == list(Pace(7).strokes(LINE))


def test_every_letter_is_typed_and_then_enter() -> None:
    letters = [letter for letter, _ in Pace().strokes(LINE)]
    assert "".join(letters) == LINE
    assert letters[-1] == ""


def test_a_person_breathes_between_words() -> None:
    pieces = list(Pace().strokes("a" * 10 + " b" * 20))
    pairs = [(before, wait) for (before, _), (_, wait) in pairwise(pieces)]
    behind_a_blank = [wait for before, wait in pairs if before == " "]
    within = [wait for before, wait in pairs if before == "a"]
    assert sum(behind_a_blank) / len(behind_a_blank) > sum(within) / len(within)


def test_no_speed_takes_no_time() -> None:
    assert Pace(speed=0).seconds(LINE) == 0
    assert Pace(speed=2).seconds(LINE) == pytest.approx(Pace().seconds(LINE) / 2)


@pytest.mark.parametrize(
    ("keys", "wish"),
    [
        (b"\r", Wish.ONWARD),
        (b"\x1b[6~", Wish.ONWARD),
        (b"\x1b[6~\x1b[6~", Wish.ONWARD),
        (b"\x1b[C", Wish.ONWARD),
        (b"\x1bOB", Wish.ONWARD),
        (b"\x1b[5~", Wish.BACK),
        (b"\x1b[D", Wish.BACK),
        (b".", Wish.BLANK),
        (b"e", Wish.EDIT),
        (b"\t", Wish.EDIT),
        (b",", Wish.RECORDED),
        (b"b", Wish.BLANK),
        (b"bb", Wish.BLANK),
        (b"ee", Wish.EDIT),
        (b"\x1b[6;2~", Wish.ONWARD),  # with Shift, Control, all of them
        (b"\x1b[6;5~", Wish.ONWARD),
        (b"\x1b[5;8~", Wish.BACK),
        (b"\x1b[1;5C", Wish.ONWARD),
        (b"\x1b[1;2A", Wish.BACK),
        (b"\x1b[15;2~", Wish.NOTHING),  # Shift-F5
        (b"\x1b[H", Wish.NOTHING),  # Home and End, of several terminals
        (b"\x1b[F", Wish.NOTHING),
        (b"\x1b[1~", Wish.NOTHING),
        (b"\x1b[4~", Wish.NOTHING),
        (b"\x1bOH", Wish.NOTHING),
        (b"\x1b[1;5H", Wish.NOTHING),
        (b"\x1b[57438u", Wish.NOTHING),  # volume keys, of kitty's protocol
        (b"\x1b[57439u\x1b[57440u", Wish.NOTHING),
        (b"\x1bb", Wish.NOTHING),  # Alt-b
        (b"\x1b[", Wish.NOTHING),
        (b"\x1b[200~rm x\r\x1b[201~", Wish.NOTHING),  # a paste
        (b"\x1b", Wish.NOTHING),
        (b"\x1b[15~", Wish.NOTHING),
        (b"\x1b[<0;3;3M", Wish.NOTHING),
        (b"\x01", Wish.NOTHING),
        (b"\xff\xfe", Wish.NOTHING),
        (b"", Wish.NOTHING),
    ],
)
def test_keys(keys: bytes, wish: Wish) -> None:
    assert press(keys).wish is wish


def test_a_letter_takes_over_and_is_the_first() -> None:
    assert press(b"ls") == Press(Wish.BY_HAND, "ls")
    assert press(b"bash") == Press(Wish.BY_HAND, "bash")
    assert press(b"echo x") == Press(Wish.BY_HAND, "echo x")
    assert press("名".encode()) == Press(Wish.BY_HAND, "名")


def test_keys_behind_the_menus_are_the_menus() -> None:
    assert press(b"\x1dq") == Press(Wish.MENU, "", b"q")


@pytest.fixture
def keyboard() -> Iterator[tuple[Outer, int]]:
    """A terminal of ours, and where its keys are typed."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    with contextlib.closing(Outer(theirs, theirs, {})) as outer:
        yield outer, ours
    os.close(ours)
    os.close(theirs)


def test_a_key_in_pieces_is_one_key(keyboard: tuple[Outer, int]) -> None:
    outer, ours = keyboard
    for pieces in ((b"\x1b", b"[6~"), (b"\x1b[", b"6~"), (b"\x1b[6", b"~"), (b"\x1bO", b"B")):
        os.write(ours, pieces[0])
        rest = threading.Timer(0.005, os.write, (ours, pieces[1]))
        rest.start()
        assert press(pressed(outer)).wish is Wish.ONWARD
        rest.join()
    os.write(ours, b"\x1b")  # Escape, and nothing behind it
    assert press(pressed(outer)).wish is Wish.NOTHING


def says(*steps: Timed, kept: Kept = NONE, lang: str = "en", background: Background = "dark") -> str:
    ui = Ui(width=80, lang="ja" if lang == "ja" else "en", attributes=False, utf8=True, background=background)
    return " ".join(render(ui, report(ui, 10, steps, kept)).split())


def test_what_is_left_to_talk() -> None:
    said = says(Timed("one", 10, 20.0, 10.0), Timed("two", 10, 20.0, 10.0))
    assert "typing 40 s, running 20 s" in said
    assert "270 s a step" in said


def test_what_the_back_row_cannot_read() -> None:
    assert "can read at once: two" in says(Timed("one", 20), Timed("two", 33))
    said = says(Timed("one", 3, longest=60), Timed("two", 3, longest=77))
    assert "break on a large font (SHELL=/bin/sh has a short prompt): two" in said
    assert "!" not in says(Timed("one", 20, longest=60))


def test_what_is_kept_and_what_is_advised() -> None:
    one = Timed("one", 3)
    assert "Recorded: 1 of 2 steps. In the demo the comma key" in says(one, kept=Kept(1, 2))
    assert "2 ステップのうち 1 ステップを録画" in says(one, kept=Kept(1, 2), lang="ja")
    assert "not recorded: /full: No space left" in says(one, kept=Kept(0, 2, "/full: No space left"))
    assert "a light terminal is easier to read" in says(one)
    assert "light" not in says(one, background="light")
    assert "Recorded" not in says(one)


def test_a_step_that_was_not_done_is_named() -> None:
    assert "not done by its own commands: one" in says(Timed("one", 3, done=False), Timed("two", 3))
    assert "済まないステップ: one" in says(Timed("one", 3, done=False), lang="ja")
