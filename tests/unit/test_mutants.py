"""The wrong ways that a command has: what is changed is known for certain, and the rest of the line stays as it is."""

import pytest

from nsplay.lesson.checks import parse
from nsplay.lesson.model import Move
from nsplay.lesson.mutants import aside, changed, left_out, named
from nsplay.lesson.shellwords import commands


def wrong(line: str, *values: str) -> dict[str, str]:
    """Each wrong line and how it is wrong, without the line itself."""
    step = [Move("a"), Move(line, 2), Move("b")]
    found = {}
    for mutant in changed(step, 1, values):
        first, move, last = mutant.moves
        assert (first, move.terminal, last) == (step[0], 2, step[2])
        found[move.line] = mutant.says.removeprefix(f"`{move.line}`, ")
    return found


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("uname", []),
        ("ps ax", []),
        ("unshare -u /bin/sh", ["/bin/sh", "unshare /bin/sh"]),
        ("unshare -pf sh", ["sh", "unshare -f sh", "unshare -p sh"]),
        ("unshare -u sleep 600 &", ["sleep 600 &", "unshare sleep 600 &"]),
        ("nsenter -u -t $! sh", ["sh", "nsenter -t $! sh", "nsenter -u sh"]),
        ("nsenter -ut 7 sh", ["sh", "nsenter -t 7 sh", "nsenter -u sh"]),
        ("unshare --uts=/a sh", ["sh", "unshare sh", "unshare --uts sh"]),
        ("unshare -R /a -f -- ls -l", ["ls -l", "unshare -f -- ls -l", "unshare -R /a -- ls -l",
                                       "unshare -R /a -f -- ls"]),
        ("A=1 sudo unshare -n ip link", ["A=1 sudo ip link", "A=1 sudo unshare ip link"]),
        ("ip netns exec x ip link", ["ip link"]),
        ("chroot /a /bin/sh", ["/bin/sh"]),
        ("cgexec -g cpu:x sleep 9", ["sleep 9", "cgexec sleep 9"]),
        ("kill -9 $!", ["kill $!", "kill"]),
        ("unshare -u", ["unshare"]),
        ("grep -- -x f", []),
        ("a; b && c", ["b && c", "a; c", "a; b"]),
        ("a & b", ["b", "a &"]),
        ("a | b -x > f", ["b -x > f", "a", "a | b > f"]),
        ("x -d 'a; b' 2>&1 >> \"$f -c\"", ["x 'a; b' 2>&1 >> \"$f -c\"", "x 2>&1 >> \"$f -c\""]),
        ("cat -n > f <<EOF\nx -y; z\nEOF", ["cat > f <<EOF\nx -y; z\nEOF"]),
    ],
)  # fmt: skip
def test_wrong_ways_of_a_line(line: str, expected: list[str]) -> None:
    assert sorted(wrong(line)) == sorted(expected)


def test_each_says_how_it_is_wrong() -> None:
    assert wrong("unshare -pf -R /a sh") == {
        "sh": "`unshare -pf -R /a` dropped: on the wrong side",
        "unshare -f -R /a sh": "`-p` dropped",
        "unshare -p -R /a sh": "`-f` dropped",
        "unshare -pf sh": "`-R /a` dropped",
    }


@pytest.mark.parametrize(
    "line",
    [
        "for i in 1 2; do x -y; done",
        "if x -a; then y -b; fi",
        "{ x -a; }",
        "(x -a)",
        "f() { x -a; }",
        "x -a 'open",
        'x -a "$(echo $(y))"',
        "x -a `y`",
        "x -a $((1+2))",
        "x -a # why",
        "! x -a",
        "x -a >",
        "; x -a",
    ],
)
def test_what_is_not_certain_is_let_be(line: str) -> None:
    assert commands(line) is None and not wrong(line)


def test_words_keep_their_place() -> None:
    line = "A={{host.hostname}} x 'b c'\"$d\" $(e -f) >g h & i"
    first, second = commands(line) or ()
    assert [word.text for word in first.words] == ["A={{host.hostname}}", "x", "'b c'\"$d\"", "$(e -f)", "h"]
    assert all(line[word.start : word.end] == word.text for word in first.words)
    assert (first.operator, line[first.operator_end :], second.words[0].text) == ("&", " i", "i")


def test_a_value_is_changed_where_a_check_names_it() -> None:
    checks = [
        parse(text, 1)
        for text in (
            'inside.hostname == "web"',
            "inside.uid == 10M",
            "host.hostname == start.host.hostname",
            "host.mounts > 7",
        )
    ]
    assert named(checks) == {"web", "10M", "10485760", "{{host.hostname}}", "{{start.host.hostname}}"}
    assert set(wrong("hostname web", *named(checks))) == {"hostname other"}
    assert set(wrong("cgset 10M 7 my-web webs web.x web", *named(checks))) == {
        "cgset 11M 7 my-web webs web.x web",
        "cgset 10M 7 my-web webs web.x other",
    }
    assert set(wrong("x limit=10485760", *named(checks))) == {"x limit=10485761"}
    assert set(wrong("hostname {{start.host.hostname}}", *named(checks))) == {"hostname other"}
    assert not wrong("web 7", *named(checks)), "a program's name is no value"


def test_the_whole_step() -> None:
    step = [Move("a"), Move("b <<X\nc\nX")]
    assert left_out(step, 1).moves == (Move("a"),)
    assert left_out(step, 1).says == "without `b <<X ..`"
    assert aside(step).aside and aside(step).moves == tuple(step)
