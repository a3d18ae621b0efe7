"""Two outputs beside each other: what is tied, what is folded, what it looks like."""

from nsplay.view.both import Said, both, pairs
from tests.unit.view_world import drawn, in_uts, ui


def test_equal_lines_are_tied_and_others_stand_alone() -> None:
    assert pairs(["a", "b", "d"], ["a", "c", "d"], in_uts()) == [
        ("a", "a"),
        ("b", None),
        (None, "c"),
        ("d", "d"),
    ]
    assert pairs([], ["x"], in_uts()) == [(None, "x")]
    assert pairs([], [], in_uts()) == []


def test_one_namespace_is_one_thing_whatever_stands_around_it() -> None:
    host = ["uts -> uts:[4026531838]", "net -> net:[4026531833]"]
    inside = ["  lrwx uts -> uts:[4026532177]", "  lrwx net -> net:[4026531833]"]
    assert (host[1], inside[1]) in pairs(host, inside, in_uts())
    assert (host[0], None) in pairs(host, inside, in_uts())


def test_processes_are_tied_by_their_pids() -> None:
    now = in_uts()
    pid = now.inside.pid if now.inside else 0
    host = ["  PID TTY CMD", "    1 ? init", f"{pid} ? sh"]
    rows = pairs(host, ["  PID TTY CMD", f"{pid} pts/1 sh -i", "99999 pts/1 ps"], now)
    assert (host[2], f"{pid} pts/1 sh -i") in rows and (host[1], None) in rows
    assert rows[-1] == (None, "99999 pts/1 ps")


def test_long_runs_are_folded_and_nothing_of_an_output_moves_the_cursor() -> None:
    host = Said([f"line {n}" for n in range(100)], "exit 1")
    shown = drawn(both(ui(80, "en"), "x\x1b[2J", host, Said(["\x1b[31mred"]), in_uts()), 80, "en")
    assert "... 95 more, on this side alone" in shown and "line 99" not in shown
    assert "exit 1" in shown and "\x1b" not in shown
    for columns in (20, 40, 160):
        assert "line 4" in drawn(both(ui(columns, "ja"), "x", host, Said(["y"]), in_uts()), columns, "ja")
    assert "Host only: line 0." in drawn(
        both(ui(80, "en", plain=True), "x", host, Said([]), in_uts()), 80, "en", plain=True
    )
