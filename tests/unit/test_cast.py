"""Recordings: written and read in both versions, damaged ones, and what is drawn of them."""

import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nsplay.cast.format import Cast, Event, Writer, read
from nsplay.cast.movie import movie
from nsplay.cast.picture import row_html, still, svg
from nsplay.cast.screen import PAPER, frames, step_rows
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
    assert PAPER in drawn
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
