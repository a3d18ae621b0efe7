"""A learner's report, and a class's: handed over as files that nobody has to believe."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from nsplay.errors import MachineError
from nsplay.lesson.course import lessons_folder
from nsplay.lesson.outline import outline
from nsplay.lesson.progress import Progress
from nsplay.report import report
from nsplay.settings import Settings
from nsplay.view.report import Learner, Lesson, Step, hardest

UTS = outline(os.path.join(lessons_folder(), "uts"), "en")


def settings(state: Path, lang: str = "en") -> Settings:
    return Settings(lang, False, True, lessons_folder(), str(state), False, "edit")


@pytest.fixture
def mine(tmp_path: Path) -> Settings:
    """Two steps of uts: one with two hints in five minutes, one skipped."""
    progress = Progress.load(tmp_path / "progress.json")
    first, second = UTS.steps[:2]
    progress.mark("uts", first.id, first.digest, seconds=300, hints=2)
    progress.mark("uts", second.id, second.digest, "skipped", seconds=4)
    return settings(tmp_path)


def said(capsys: pytest.CaptureFixture[str], it: Settings, *files: str, **how: bool) -> str:
    report(it, files, as_json=how.get("as_json", False), as_html=how.get("as_html", False))
    return capsys.readouterr().out


def test_ones_own(mine: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    text = " ".join(said(capsys, mine).split())
    assert "uts [##--------] 1 of 10, 5 min of 12 min, 2 hints, 1 skipped" in text
    assert "uts/make: 2 hints, 0 skipped, 5 min" in text


def test_in_japanese(mine: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert "ヒント 2" in said(capsys, mine._replace(lang="ja"))


def test_nothing_but_what_was_learned_is_in_it(mine: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(said(capsys, mine, as_json=True))
    assert set(told) == {"nsplay-report", "made", "lessons"}
    assert os.uname().nodename not in json.dumps([*told, told["made"]])
    uts = next(lesson for lesson in told["lessons"] if lesson["id"] == "uts")
    assert uts["steps"][0] == {
        "id": "make",
        "title": UTS.steps[0].title,
        "state": "done",
        "seconds": 300,
        "hints": 2,
    }


def test_a_class_in_one_table(mine: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, mine, as_json=True)
    for name in ("ada", "山田"):
        (tmp_path / f"{name}.json").write_text(text)
    files = [str(tmp_path / f"{name}.json") for name in ("ada", "山田")]
    table = said(capsys, mine, *files)
    assert "2 reports" in table
    assert "ada   1/10" in table
    assert "山田  1/10" in table
    assert "uts/make: 4 hints, 0 skipped" in table
    told = json.loads(said(capsys, mine, *files, as_json=True))
    assert [one["name"] for one in told] == ["ada", "山田"]


def test_a_page_holds_what_a_file_says_as_text(
    mine: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = json.loads(said(capsys, mine, as_json=True))
    raw["lessons"][1]["steps"][0]["title"] = "<script>alert(1)</script>"
    path = tmp_path / "<b>x.json"
    path.write_text(json.dumps(raw))
    page = said(capsys, mine, str(path), as_html=True)
    assert "<script" not in page
    assert "<b>x" not in page
    assert "&lt;script&gt;" in page


def lesson(**how: Any) -> dict[str, Any]:
    step = {"id": "a", "title": "A", "state": "done", "seconds": 1, "hints": 0} | how
    return {"id": "uts", "title": "UTS", "minutes": 12, "steps": [step]}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no JSON"),
        ("[" * 100000, "no JSON"),
        ("[]", "no report"),
        ('{"nsplay-report": 2}', "newer"),
        ('{"nsplay-report": 1}', "some of it"),
        (json.dumps({"nsplay-report": 1, "made": "x", "lessons": [lesson(state="won")]}), "some of it"),
        (json.dumps({"nsplay-report": 1, "made": "x", "lessons": [lesson(seconds=-1)]}), "some of it"),
        (json.dumps({"nsplay-report": 1, "made": "x", "lessons": [lesson(hints=True)]}), "some of it"),
        (json.dumps({"nsplay-report": 1, "made": "x", "lessons": 7}), "some of it"),
    ],
)
def test_what_is_no_report_is_named_and_the_others_are_shown(
    mine: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, why: str
) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(said(capsys, mine, as_json=True))
    bad.write_text(text)
    assert report(mine, [str(bad), str(good)], as_json=False, as_html=False) == 3
    told = capsys.readouterr()
    assert "good" in told.out
    assert f"{bad}" in told.err
    assert why in told.err


def test_of_none_there_is_no_table(mine: Settings, tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="none of these"):
        report(mine, [str(tmp_path / "no.json")], as_json=False, as_html=False)


def test_no_file_can_draw_on_the_terminal(
    mine: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = json.loads(said(capsys, mine, as_json=True))
    raw["lessons"][0] = lesson(title="\x1b[2J\x07", hints=3)
    path = tmp_path / "x.json"
    path.write_text(json.dumps(raw))
    assert "\x1b" not in said(capsys, mine, str(path))


def test_where_it_was_hard() -> None:
    steps = (Step("a", "A", "done", 10), Step("b", "B", "skipped", 5), Step("c", "C", "done", 60, 2))
    found = hardest([Learner("x", "", (Lesson("uts", "UTS", 1, steps),))])
    assert [one.name for one in found] == ["uts/b", "uts/c"]
