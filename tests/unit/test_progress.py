"""Progress survives a damaged file, a read-only folder, two nsplays at once and a kill at any moment."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nsplay.lesson.progress import Progress


def test_marks_are_kept_by_id_and_digest(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    Progress.load(str(path)).mark("uts", "make", "aa")
    again = Progress.load(str(path))
    assert (
        again.done("uts", "make", "aa")
        and not again.done("uts", "make", "bb")
        and not again.done("uts", "name", "aa")
    )
    assert again.last == ("uts", "make")
    again.mark("uts", "make", "aa", "skipped")
    assert Progress.load(str(path)).how("uts", "make", "aa") == "done"
    again.mark("uts", "make", "bb", "skipped")
    assert Progress.load(str(path)).how("uts", "make", "bb") == "skipped"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"lessons": 3}',
        '{"lessons": {"a": {"b": 1}}, "last": null}',
        "[" * 10**5,
        "\x00",
    ],
)
def test_a_damaged_file_is_set_aside(tmp_path: Path, text: str) -> None:
    path = tmp_path / "progress.json"
    path.write_text(text)
    progress = Progress.load(str(path))
    assert "set aside" in progress.problems[0]
    assert (tmp_path / "progress.json.damaged-1").read_text() == text
    progress.mark("uts", "make", "aa")
    assert Progress.load(str(path)).done("uts", "make", "aa")


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    code = (
        "import sys; from nsplay.lesson.progress import Progress\n"
        "p = Progress.load(sys.argv[1])\n"
        "for n in range(20): p.mark(sys.argv[2], str(n), 'd')"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in ("a", "b")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    progress = Progress.load(str(path))
    assert all(progress.done(name, str(n), "d") for name in ("a", "b") for n in range(20))


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    progress = Progress.load(str(tmp_path / "gone" / "progress.json"))
    progress.mark("uts", "make", "aa")
    assert progress.done("uts", "make", "aa") and "can't be written" in progress.problems[0]


def test_a_kill_in_the_middle_damages_nothing(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    code = (
        "import sys; from nsplay.lesson.progress import Progress\n"
        "p = Progress.load(sys.argv[1]); print(flush=True)\n"
        "for n in range(10**6): p.mark('a', str(n % 50), 'd')"
    )
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout
            writer.stdout.readline()
            while not path.exists():
                os.sched_yield()
            writer.send_signal(signal.SIGKILL)
        assert Progress.load(str(path)).problems == ()
        assert json.loads(path.read_text())["format"] == 1
