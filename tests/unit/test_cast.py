"""Recordings: written and read in both versions, damaged ones, and what is drawn of them."""

import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nsplay.cast.film import REST, film
from nsplay.cast.format import Cast, Event, Writer, read
from nsplay.cast.movie import movie
from nsplay.cast.picture import row_html, still, svg
from nsplay.cast.screen import Row, extent, frames, step_rows
from nsplay.cast.theme import DARK, LIGHT
from nsplay.errors import UsageError

EVENTS = (
    Event(0.5, "o", "one\r\n"),
    Event(0.75, "m", "uts/make"),
    Event(1.0, "o", "\x1b[1;31mtwo\x1b[m <b>日本\r\n"),
    Event(1.5, "r", "30x6"),
    Event(2.0, "m", "uts/name"),
    Event(2.5, "o", "three\r\n"),
    Event(3.0, "x", "0"),
)
CAST = Cast(20, 5, "nsplay uts", 1795984623, EVENTS)


def written(version: int) -> str:
    file = io.StringIO()
    writer = Writer(file, version, CAST, {"TERM": "xterm", "SHELL": "/bin/sh", "SECRET": "no"})
    for event in EVENTS:
        writer.write(event)
    return file.getvalue()


def kept(folder: Path, text: str | bytes) -> str:
    path = folder / "x.cast"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_version_3_counts_from_event_to_event() -> None:
    head, first, second, *_ = map(json.loads, written(3).splitlines())
    assert head["term"] == {"cols": 20, "rows": 5, "type": "xterm"}
    assert head["env"] == {"TERM": "xterm", "SHELL": "/bin/sh"}
    assert (first, second) == ([0.5, "o", "one\r\n"], [0.25, "m", "uts/make"])


def test_version_2_counts_from_the_beginning_and_has_no_exit() -> None:
    head, *rest = map(json.loads, written(2).splitlines())
    assert (head["width"], head["height"]) == (20, 5)
    assert [at for at, _, _ in rest] == [0.5, 0.75, 1.0, 1.5, 2.0, 2.5]
    assert "x" not in {code for _, code, _ in rest}


@pytest.mark.parametrize("version", [2, 3])
def test_it_is_read_as_it_was_written(tmp_path: Path, version: int) -> None:
    found = read(kept(tmp_path, written(version)))
    assert found == CAST._replace(events=EVENTS if version == 3 else EVENTS[:-1])


def test_comments_of_version_3_are_none_of_ours(tmp_path: Path) -> None:
    lines = written(3).splitlines()
    assert read(kept(tmp_path, "\n".join([lines[0], "# a comment", "", *lines[1:]]))).events == EVENTS


@pytest.mark.parametrize(
    "line",
    [
        '[0.1, "o", "cut o',
        "[1]",
        "{}",
        "17",
        '["x", "o", "y"]',
        "[NaN, 1, 2]",
        '[-1, "o", "back"]',
        "[" * 5000,
    ],
)
def test_behind_what_is_damaged_nothing_is_played(tmp_path: Path, line: str) -> None:
    lines = written(3).splitlines()
    found = read(kept(tmp_path, "\n".join([*lines[:3], line, *lines[3:]])))
    assert found.events == EVENTS[:2]
    assert "line 4" in found.problem


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\0\xff\xfe",
        b"{}",
        b"[]",
        b'{"version": 1, "width": 3, "height": 3}',
        b'{"version": 3, "term": {"cols": 0, "rows": 3}}',
        b'{"version": 2, "width": 100000, "height": 3}',
        b'{"version": 3, "term": {"cols": "80", "rows": 3}}',
    ],
)
def test_what_is_no_recording(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(UsageError, match="no recording"):
        read(kept(tmp_path, text))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"can't be read"):
        read(str(tmp_path / "none.cast"))


def test_a_step_is_what_was_shown_between_its_marker_and_the_next() -> None:
    rows = step_rows(CAST, "make")
    assert ["".join(run.text for run in row).rstrip() for row in rows] == ["two <b>日本"]
    assert rows[0][0].style.bold
    assert rows[0][0].style.ink != rows[0][1].style.ink
    assert step_rows(CAST, "uts/make") == rows
    assert step_rows(CAST, "no-such") == []


def test_frames_tell_what_changed() -> None:
    told = list(frames(CAST))
    assert [frame.at for frame in told] == [0.5, 1.0, 2.5]
    assert set(told[1].rows) == {1}


def test_a_picture_holds_what_was_on_the_screen() -> None:
    drawn = svg(step_rows(CAST, "make"), 20, "a <title>")
    tree = ElementTree.fromstring(drawn)
    texts = [found.text for found in tree.iter() if found.tag.endswith("text")]
    assert "".join(filter(None, texts)).replace(" ", "") == "two<b>日本"
    assert DARK.paper in drawn
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")


def test_html_says_no_more_than_the_screen() -> None:
    assert "<b>" not in row_html(step_rows(CAST, "make")[0])
    assert "&lt;b&gt;" in still(step_rows(CAST, "make"))


def test_the_film_is_in_the_page_and_nothing_is_fetched() -> None:
    cast = CAST._replace(events=(*EVENTS[:-1], Event(99.0, "o", "</script><script>alert(1)</script>\r\n")))
    text = movie(cast)
    found = re.search(r'<script type="application/json" id="film">(.*?)</script>', text, re.DOTALL)
    assert found
    film = json.loads(found[1])
    assert film["end"] < 10  # where nothing happened for long, it is cut short
    assert len(film["chapters"]) == 2
    assert "alert(1)</script>" not in text
    assert "http" not in text


def rows_after(*events: Event) -> list[str]:
    """Of the last step of a screen of 20 by 5, from its beginning."""
    rows = step_rows(CAST._replace(events=(Event(0.0, "m", "x"), *events)), "x")
    return ["".join(run.text for run in row) for row in rows]


FIVE = Event(0.1, "o", "one\r\ntwo\r\nthree\r\nfour\r\nfive")


@pytest.mark.parametrize("size", ["20x3", "20x1", "80x9", "5x2"])
def test_a_terminal_that_is_resized_loses_nothing(size: str) -> None:
    told = rows_after(FIVE, Event(0.2, "r", size), Event(0.3, "o", "\r\nsix"))
    assert told == ["one", "two", "three", "four", "five", "six"]


def test_what_stands_on_top_stays_when_it_gets_lower() -> None:
    assert rows_after(Event(0.1, "o", "one"), Event(0.2, "r", "20x2"), Event(0.3, "o", "\r\ntwo")) == [
        "one",
        "two",
    ]


@pytest.mark.parametrize("size", ["", "x", "0x0", "80x", "-1x5", "9999999x3", "a x b", "80x24x3", "٣x٣"])
def test_a_size_that_is_none(size: str) -> None:
    assert rows_after(Event(0.1, "o", "one"), Event(0.2, "r", size), Event(0.3, "o", "\r\ntwo")) == [
        "one",
        "two",
    ]


def test_rows_that_are_no_more_are_empty_in_a_film() -> None:
    cast = CAST._replace(
        events=(FIVE, Event(1.0, "r", "40x2"), Event(2.0, "r", "60x9"), Event(3.0, "o", "\r\nsix"))
    )
    shown: dict[int, Row] = {}
    for frame in frames(cast):
        shown |= frame.rows
        if frame.at == 1.0:
            assert ["".join(run.text for run in row) for row in shown.values() if row] == ["four", "five"]
    assert extent(cast) == (60, 9)
    assert 'viewBox="0 0 532 ' in film(cast)  # 60 columns and the edges
    assert "six" in movie(cast)


def test_a_light_terminals_pictures_are_light() -> None:
    file = io.StringIO()
    Writer(file, 3, CAST._replace(background="light", tags=("Linux 6.12",)), {})
    told = json.loads(file.getvalue())
    assert told["term"]["theme"]["bg"] == LIGHT.paper
    assert told["tags"] == ["Linux 6.12"]
    light = CAST._replace(background="light")
    for drawn in (film(light), movie(light)):
        assert LIGHT.paper in drawn
        assert DARK.paper not in drawn


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("background", ["dark", "light", ""])
def test_the_background_is_read_as_it_was_written(tmp_path: Path, version: int, background: str) -> None:
    file = io.StringIO()
    Writer(file, version, CAST._replace(background=background, tags=("a", "b")), {})
    found = read(kept(tmp_path, file.getvalue()))
    assert (found.background, found.tags) == (background, ("a", "b") if version == 3 else ())


@pytest.mark.parametrize("theme", ["1", '"x"', "{}", '{"bg": 7}', '{"bg": "#zzzzzz"}', '{"bg": null}', "[]"])
def test_a_theme_that_says_nothing(tmp_path: Path, theme: str) -> None:
    told = f'{{"version": 3, "term": {{"cols": 20, "rows": 5, "theme": {theme}}}, "tags": 3}}'
    assert read(kept(tmp_path, told)).background == ""


def moments(drawn: str) -> dict[str, list[tuple[float, str]]]:
    """By the words of a row: parts of a hundred, and what it is from then on."""
    tree = ElementTree.fromstring(drawn)
    sheet = next(found.text or "" for found in tree.iter() if found.tag.endswith("style"))
    rules = {
        name: [(float(at), seen) for at, seen in re.findall(r"([\d.]+)%\{visibility:(\w+)\}", steps)]
        for name, steps in re.findall(r"@keyframes (\w+)\{((?:[^{}]*\{[^{}]*\})*)\}", sheet)
    }
    groups = [found for found in tree.iter() if "animation-name" in found.get("style", "")]
    return {
        "".join(group.itertext()).strip(): rules[group.get("style", "").removeprefix("animation-name:")]
        for group in groups
    }


def test_a_picture_plays_every_row_for_as_long_as_it_stood() -> None:
    events = (Event(1.0, "o", "one"), Event(2.0, "o", "\r\x1b[Ktwo"), Event(50.0, "o", "\r\nthree"))
    drawn = film(CAST._replace(events=events))
    whole = 1.0 + 1.0 + 2.0 + REST  # a long rest is cut short
    told = moments(drawn)
    assert [told[name][0] for name in ("one", "two", "three")] == [(0.0, "hidden")] * 3
    moved = [*told["one"][1:], *told["three"][1:]]
    assert [seen for _, seen in moved] == ["visible", "hidden", "visible"]
    assert [at for at, _ in moved] == pytest.approx([100 / whole, 200 / whole, 400 / whole], abs=0.01)
    assert "script" not in drawn
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")


def test_who_wants_no_motion_sees_the_end() -> None:
    tree = ElementTree.fromstring(film(CAST))
    assert "prefers-reduced-motion" in ElementTree.tostring(tree, encoding="unicode")
    groups = [found for found in tree.iter() if "animation-name" in found.get("style", "")]
    still = ["".join(group.itertext()).strip() for group in groups if group.get("visibility") != "hidden"]
    assert "three" in still


def test_of_nothing_a_picture_is_drawn_all_the_same() -> None:
    ElementTree.fromstring(film(CAST._replace(events=())))
