"""Cells and prose: exact widths, nothing that paints, kinsoku, code that isn't broken."""

import pytest
from rich.text import Text

from nsplay.view.text import clean, code, fit, spoken, text, width, wrap


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain 日本語", "plain 日本語"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\r\nb\tc\x7f", "a\\x0d\\x0ab\\x09c\\x7f"),
        ("\x9b2J", "\\x9b2J"),
        ("exe.\u202etxt", "exe.\\u202etxt"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        (b"bad \xff byte".decode(errors="surrogateescape"), "bad \\xff byte"),
        ("全角\u3000空白", "全角\u3000空白"),
    ],
)
def test_control_characters_are_made_visible(raw: str, shown: str) -> None:
    assert clean(raw) == shown
    assert text(raw).plain == shown
    assert clean(text(Text(raw, "bold")).plain) == text(Text(raw, "bold")).plain  # rich itself drops some


def test_brackets_in_a_fact_are_not_markup() -> None:
    assert text("[bold]x[/]").plain == "[bold]x[/]"


@pytest.mark.parametrize(
    ("words", "columns", "keep", "shown"),
    [
        ("bash", 6, "head", "bash  "),
        ("bash", 6, "right", "  bash"),
        ("unattended-upgr", 8, "head", "unatte.."),
        ("/sys/fs/cgroup/memory", 10, "tail", "..p/memory"),
        ("日本語", 5, "head", "日 .."),
        ("日本語", 5, "tail", "..語 "),
        ("long", 1, "head", "."),
    ],
)
def test_fit(words: str, columns: int, keep: str, shown: str) -> None:
    cell = fit(words, columns, keep)  # type: ignore[arg-type]
    assert width(cell) == columns
    assert cell.plain == shown


def test_prose_wraps_at_spaces_and_nothing_is_lost() -> None:
    prose = "Give it another name, and watch what the host is called meanwhile."
    lines = [line.plain for line in wrap(prose, 20)]
    assert lines == ["Give it another", "name, and watch what", "the host is called", "meanwhile."]


def test_japanese_never_begins_a_line_with_a_comma_or_ends_one_with_a_bracket() -> None:
    prose = "名前空間は、それまでいた「名前空間」の写しです。新しいものは、そこから別々になります。"
    for columns in range(6, 60):
        lines = [line.plain for line in wrap(prose, columns)]
        assert "".join(lines) == prose
        assert all(line[0] not in "、。」" and line[-1] != "「" for line in lines), (columns, lines)
        assert all(width(line) <= columns for line in lines)


def test_code_is_never_broken_where_it_fits_on_a_line() -> None:
    lines = [line.plain for line in wrap(code("Start a shell with `unshare -u /bin/sh` first."), 30)]
    assert lines == ["Start a shell with", "unshare -u /bin/sh first."]


def test_what_fits_on_no_line_is_broken_and_kept() -> None:
    lines = [line.plain for line in wrap("x" * 25, 10, hang=2)]
    assert "".join(lines).replace(" ", "") == "x" * 25
    assert all(len(line) <= 10 for line in lines)


def test_code_is_bold_and_a_single_back_quote_stays() -> None:
    text = code("a `b c` d")
    styled = [(span.style, text.plain[span.start : span.end]) for span in text.spans if span.style]
    assert styled == [("cmd", "b c")]
    assert spoken("a `b c` d") == "a b c d"
    assert spoken("it`s") == "it`s"


def test_lines_of_a_paragraph_are_joined_with_a_space_only_between_latin_words() -> None:
    assert spoken("two\nlines") == "two lines"
    assert spoken("名前\n空間") == "名前空間"
    assert spoken("名前\nuts") == "名前 uts"
