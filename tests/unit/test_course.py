"""course.toml: order, parts, and what stands on what; and where one goes on."""

from pathlib import Path

import pytest

from nsplay.errors import LessonError
from nsplay.lesson.course import plan
from nsplay.listing import Row, onward


def row(name: str, done: int, why_not: str = "") -> Row:
    return Row(name, name, 5, [("a", "A", done > 0), ("b", "B", done > 1)], {}, why_not, "")


def test_a_plan(tmp_path: Path) -> None:
    assert plan(str(tmp_path)).order == ()
    (tmp_path / "course.toml").write_text(
        'order = ["uts", "pid"]\n[parts]\nuts = ["namespaces", "名前空間"]\n[stands_on]\npid = ["uts"]\n'
    )
    found = plan(str(tmp_path))
    assert found.order == ("uts", "pid") and found.stands_on == {"pid": ("uts",)}
    assert [part.titled("ja") for part in found.parts] == ["名前空間"]
    assert [part.titled("en") for part in found.parts] == ["namespaces"]


@pytest.mark.parametrize(
    "text",
    ["order = 1", 'order = ["uts", 2]', "parts = 1", "[parts]\nuts = 1", '[stands_on]\npid = "uts"', "= ="],
)
def test_a_broken_one_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "course.toml").write_text(text)
    with pytest.raises(LessonError, match=r"course\.toml"):
        plan(str(tmp_path))


def test_where_one_goes_on() -> None:
    table = [row("uts", 2), row("pid", 1, "it needs root"), row("mount", 0), row("ipc", 1)]
    assert onward(table, None) == "mount"
    assert onward(table, ("ipc", "a")) == "ipc"
    assert onward(table, ("pid", "a")) == "mount"
    assert onward([row("uts", 2)], ("uts", "b")) == "uts"
    assert onward([], None) == ""
