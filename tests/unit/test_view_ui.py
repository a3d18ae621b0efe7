"""What a terminal can do, and what holds of every screen: widths, characters, colours, rows."""

import re
import unicodedata
from dataclasses import replace

import pytest
from rich.text import Text

from nsplay.view.grid import commands, keys, meter, title
from nsplay.view.ui import WIDEST, Background, Screen, Ui, render
from tests.unit import view_screens
from tests.unit.view_world import drawn, ui

SGR = re.compile(r"\x1b\[([0-9;]*)m")
LANGS = ("en", "ja")


def codes(painted: str) -> set[str]:
    return {code for match in SGR.findall(painted) for code in match.split(";")}


# ---- the terminal


@pytest.mark.parametrize(
    ("env", "isatty", "expected"),
    [
        ({"TERM": "xterm", "LANG": "ja_JP.UTF-8"}, True, Ui(80, lang="ja")),
        ({"TERM": "xterm", "LANG": "de_DE.UTF-8", "NO_COLOR": "1"}, True, Ui(80, colour=False)),
        ({"TERM": "xterm", "LC_ALL": "C", "LANG": "ja_JP.UTF-8"}, True, Ui(80, utf8=False)),
        ({"TERM": "xterm", "LANG": "ja_JP.eucJP"}, True, Ui(80, utf8=False)),
        ({"TERM": "linux", "LANG": "ja_JP.utf8"}, True, Ui(80, utf8=False)),
        ({"TERM": "dumb", "LANG": "C.UTF-8"}, True, Ui(80, colour=False, attributes=False)),
        ({"TERM": "xterm", "LANG": "C.UTF-8"}, False, Ui(80, colour=False, attributes=False)),
        ({"LANG": "C.UTF-8"}, True, Ui(80, colour=False, attributes=False)),
        ({"TERM": "xterm", "LANG": "C.UTF-8", "COLUMNS": "132", "LINES": "50"}, True, Ui(132, 50)),
        ({"TERM": "xterm", "LANG": "C.UTF-8", "COLUMNS": "7"}, True, Ui(20)),
        ({"TERM": "xterm", "LANG": "C.UTF-8", "NO_COLOR": "", "COLUMNS": "wide"}, True, Ui(80)),
    ],
)
def test_detect(env: dict[str, str], isatty: bool, expected: Ui) -> None:
    assert Ui.detect(env, isatty) == expected


def test_what_the_caller_knows_goes_before_the_environment() -> None:
    env = {"TERM": "xterm", "LANG": "ja_JP.UTF-8", "COLUMNS": "132"}
    assert Ui.detect(env, True, 90, "en", rows=30, plain=True) == Ui(90, 30, plain=True)


def test_no_colour_keeps_bold_and_underline() -> None:
    for name, screen in view_screens.steps(Ui()).items():
        painted = render(Ui(colour=False), screen)
        assert {"1", "4"} <= codes(painted), name
        assert not {code for code in codes(painted) if code not in ("", "0", "1", "2", "4")}, name


def test_dumb_terminal_has_neither() -> None:
    for screen in view_screens.everything(ui()).values():
        assert "\x1b" not in render(ui(), screen)


@pytest.mark.parametrize(("background", "inside"), [("dark", "36"), ("light", "34")])
def test_inside_has_the_only_colour_of_words(background: Background, inside: str) -> None:
    painted = render(Ui(background=background), view_screens.steps(Ui())["named"])
    assert f"\x1b[1;{inside}mmy-new-hostname" in painted
    assert codes(painted) <= {"", "0", "1", "2", "4", "32", inside}  # 32: the mark of a check that holds


# ---- every screen


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("plain", [False, True])
def test_no_line_reaches_the_last_column(lang: str, plain: bool) -> None:
    for width in (20, 24, 33, 40, 41, 49, 50, 60, 75, 76, 80, 99, 100, 120, 160):
        for name, screen in view_screens.everything(ui(width, lang, plain=plain)).items():
            for line in drawn(screen, width, lang, plain=plain).split("\n"):
                assert Text(line).cell_len <= min(width - 1, WIDEST), (width, name, line)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("plain", [False, True])
def test_no_character_of_ambiguous_width(lang: str, plain: bool) -> None:
    for width in (40, 80, 160):
        for name, screen in view_screens.everything(ui(width, lang, plain=plain)).items():
            odd = {
                c for c in drawn(screen, width, lang, plain=plain) if unicodedata.east_asian_width(c) == "A"
            }
            assert not odd, (name, odd)


@pytest.mark.parametrize("plain", [False, True])
def test_english_is_ascii_but_for_the_two_marks(plain: bool) -> None:
    for name, screen in view_screens.everything(ui(plain=plain)).items():
        assert set(drawn(screen)) - set("✓✗") <= set(map(chr, range(128))), name
    for name, screen in view_screens.everything(ui(utf8=False, plain=plain)).items():
        assert drawn(screen, utf8=False).isascii(), name


@pytest.mark.parametrize("lang", LANGS)
def test_japanese_says_everything_in_japanese(lang: str) -> None:
    english = re.compile(r"\b(the|before|after|unchanged|here|more|yours|host)\b")
    for name, screen in view_screens.everything(ui(lang=lang)).items():
        words = re.sub(r"hostname|:\S+|owned by.*", "", drawn(screen, lang=lang))
        if lang == "ja":
            assert not english.search(words), (name, english.findall(words))


@pytest.mark.parametrize("lang", LANGS)
def test_a_step_fits_in_23_rows_of_80_columns(lang: str) -> None:
    for name, screen in view_screens.steps(Ui(lang="ja" if lang == "ja" else "en")).items():
        assert len(screen.fitted(79)) <= 23, name


@pytest.mark.parametrize("lang", LANGS)
def test_plain_has_no_columns_marks_rules_or_blank_lines(lang: str) -> None:
    for name, screen in view_screens.everything(ui(lang=lang, plain=True)).items():
        for line in (line.plain for line in screen.lines):
            assert line.strip(), name
            assert not re.search(r"\S {3,}\S|^ *[+~=<>|-] |✓|✗|---", line), (name, line)


def test_a_fact_cannot_paint_whatever_screen_it_is_in() -> None:
    screen = Screen([Text("name: \x1b[2J\x9b"), "\x07bell"])
    assert "\x1b[2J" not in render(Ui(), screen)
    assert drawn(screen) == "\nname: \\x1b[2J\\x9b\n\\x07bell\n"


# ---- parts


def test_keys_that_do_not_fit_are_left_off_from_the_end_and_the_right_end_first() -> None:
    pairs = [("Enter", "next"), (":hint", ""), (":help", "")]
    assert (
        keys(ui(60), pairs, "step 4 of 8 done").plain
        == " Enter next   :hint   :help               step 4 of 8 done "
    )
    assert keys(ui(30), pairs, "step 4 of 8 done").plain == " Enter next   :hint   :help"
    assert keys(ui(22), pairs).plain == " Enter next   :hint"


def test_a_title_is_underlined_or_has_a_rule() -> None:
    (painted,) = title(Ui(40), "what changed", "hostname x")
    assert painted.plain == " what changed               hostname x "
    assert [span.style for span in painted.spans if span.style and span.end - span.start == 39] == ["rule"]
    words, rule = title(ui(40), "what changed", "hostname x")
    assert (words.plain, rule.plain) == (" what changed               hostname x", "-" * 39)


@pytest.mark.parametrize(
    ("value", "top", "bar"),
    [(0, 8, "[--------]"), (4, 8, "[####----]"), (9, 8, "[########]"), (1, 0, "[--------]")],
)
def test_meter(value: int, top: int, bar: str) -> None:
    assert meter(value, top, 8).plain == bar


def test_light_and_dark_differ_in_colours_alone() -> None:
    dark, light = Ui(), replace(Ui(), background="light")
    assert [name for name in dark.palette if name not in light.palette] == []
    strip = [SGR.sub("", render(one, view_screens.not_yet(one))) for one in (dark, light)]
    assert strip[0] == strip[1]


def test_commands_to_type() -> None:
    """Of several lines; and one that is too long beside the label, and fits below it."""
    long = "cp --parents $(ldd /tmp/box/bin/bash | grep -o '/[^ ]*') /tmp/box"
    lines = commands(Ui(), ["cat <<END\nhello\nEND", long, "ls"], "do")
    assert [line.plain.rstrip() for line in lines] == [
        "   do            # cat <<END",
        "                 > hello",
        "                 > END",
        f"     # {long}",
        "                 # ls",
    ]
    assert [line.plain.rstrip() for line in commands(Ui(), [long], "do")] == ["   do", f"     # {long}"]


def test_a_long_label_is_cut_before_its_commands() -> None:
    for name, shown in (
        ("leave", "leave         # exit"),
        ("leave-and-look", "leave-and-l.. # exit"),
        ("a" * 13, "a" * 13 + " # exit"),
    ):
        assert commands(Ui(width=80), ["exit"], name)[0].plain.strip() == shown
