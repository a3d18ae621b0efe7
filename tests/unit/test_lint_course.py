"""course.toml: what is wrong in it, and how a lesson is added. What commands start."""

import re
import tomllib
from pathlib import Path

import pytest

from nsplay.lesson.order import problems, with_lesson
from nsplay.lesson.typed import programs, version_of


@pytest.fixture
def lessons(tmp_path: Path) -> Path:
    """Two lessons, a and b."""
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "lesson.md").write_text("+++\n+++\n")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('order = ["a", "b"]', []),
        ('# c\norder = ["a", "no", "b"]', ["2:15:there is no lesson no"]),
        ('order = ["a"]', ["1:1:the lesson b isn't in it"]),
        ('order = [\n  "b", # "a"\n  "a",\n  "b",\n]', ["4:3:b is in it twice"]),
        ("x = 1", ["1:1:the lesson a isn't in it", "1:1:the lesson b isn't in it"]),
        ('order = ["a", "b"]\n[parts]\nno = ["x"]', ["3:1:there is no lesson no"]),
        ('order = ["a", "b"]\n[stands_on]\nb = ["a", "no"]', ["3:11:there is no lesson no"]),
        ('order = "a"', ["1:1:"]),
        ("order = [", ["1:1:this is no TOML"]),
    ],
)
def test_the_course_is_told_by_line_and_column(lessons: Path, text: str, found: list[str]) -> None:
    (lessons / "course.toml").write_text(text)
    said = [f"{p.line}:{p.column}:{p.says}" for p in problems(str(lessons))]
    assert len(said) == len(found) and all(map(str.startswith, said, found)), said


def test_no_course_is_fine_and_one_lesson_hears_of_itself_alone(lessons: Path) -> None:
    assert problems(str(lessons)) == ()
    (lessons / "course.toml").write_text('order = ["no"]')
    (only,) = problems(str(lessons), ["b"])
    assert only.says == "the lesson b isn't in it" and only.write == 'order = ["no", "b"]'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# why\n",
        "order = []  # none\n",
        'order = ["uts"]\n',
        "[parts]\nuts = ['x']\n",
        "order=['a',\n 'b']",
        '# "x"]\norder = [\n    "a", # first, "q" ]\n    "b",  # then ]\n    # and\n]\nz = 1\n',
    ],
)
def test_a_lesson_is_added_and_nothing_else_changes(text: str) -> None:
    new = with_lesson(text, "new", "course.toml")
    assert new is not None
    before, after = tomllib.loads(text), tomllib.loads(new)
    assert after == {**before, "order": [*before.get("order", []), "new"]}
    assert re.findall("#.*", new) == re.findall("#.*", text)


@pytest.mark.parametrize("text", ["order = {}\n", 'order = "a"\n', "order = 3\n"])
def test_what_cannot_be_added_to_safely_is_left_to_the_author(text: str) -> None:
    assert with_lesson(text, "new", "course.toml") is None


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("unshare -u /bin/sh", ["unshare"]),
        (
            "A=1 ip link | jq . && ps ax; sudo -n mount -t x & lsns",
            ["ip", "jq", "ps", "mount", "lsns"],
        ),
        ("cat <<E > f\nnsenter\nE", []),
        ("for p in 1 2; do ps $p; done", ["ps"]),
        ("exec nsenter -t $! -u", ["nsenter"]),
        ("if [ -e x ]; then curl x >f 2>&1; fi", ["curl"]),
        ("pid=$(pgrep -n x)", ["pgrep"]),
        ("! findmnt 'a | b' {{host.hostname}}", ["findmnt"]),
        ("cd /; echo $$ > x; ./x; /bin/y; f() { :; }", []),
        ("echo 'never closed", []),
    ],
)
def test_what_a_command_starts(command: str, found: list[str]) -> None:
    assert [*programs(command)] == [*found]


@pytest.mark.parametrize(
    ("command", "version"),
    [
        ("echo 1M > /sys/fs/cgroup/a/memory.max", 2),
        ("echo 1M > /sys/fs/cgroup/memory/a/memory.limit_in_bytes", 1),
        ("cat x/cpu.max || cat x/cpu.cfs_quota_us", None),
        ("hostname memory.maximal", None),
        ("unshare -C sh", None),
    ],
)
def test_files_of_one_cgroup_version(command: str, version: int | None) -> None:
    assert version_of(command) == version
