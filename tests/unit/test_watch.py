"""Waiting for an editor's save: woken by an event, or by a look at the files where no event comes."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nsplay.kernel import syscalls
from nsplay.repl import watch
from nsplay.repl.watch import Watch


@pytest.fixture(autouse=True)
def deadline() -> Iterator[None]:
    """A wait that nothing ends would hang for ever."""

    def late(number: int, frame: object) -> None:
        raise TimeoutError("it never woke")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lesson.md").write_text("one")
    return tmp_path


def write(folder: Path) -> None:
    (folder / "lesson.md").write_text("two words")


def rename(folder: Path) -> None:
    (folder / "new").write_text("two")
    (folder / "new").rename(folder / "lesson.md")


def translate(folder: Path) -> None:
    (folder / "lesson.ja.md").write_text("二")


def replace(folder: Path) -> None:
    folder.rename(folder.parent / "old")
    folder.mkdir()
    (folder / "lesson.md").write_text("two")


def while_waiting(found: Watch, deed: Callable[[], None]) -> list[str] | None:
    """Does it from another thread once the wait has begun."""
    timer = threading.Timer(0.05, deed)
    timer.start()
    try:
        return found.wait()
    finally:
        timer.join()


@pytest.mark.parametrize(
    ("deed", "names"),
    [(write, ["lesson.md"]), (rename, ["lesson.md"]), (translate, ["lesson.ja.md"])],
)
def test_a_save_wakes_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch, deed: Callable[[Path], None], names: list[str]
) -> None:
    monkeypatch.setattr(watch, "LOOK", 3600.0)  # so that only an event can
    with Watch(str(folder)) as found:
        assert not found.saved()
        assert while_waiting(found, lambda: deed(folder)) == names
        assert not found.saved()
        rename(folder)
        assert found.saved() and found.wait() == ["lesson.md"]


@pytest.mark.parametrize("deed", [write, rename, replace])
def test_without_events_the_files_are_looked_at(
    folder: Path, monkeypatch: pytest.MonkeyPatch, deed: Callable[[Path], None]
) -> None:
    def none() -> int:
        raise OSError(24, "too many instances")

    monkeypatch.setattr(syscalls, "inotify", none)
    monkeypatch.setattr(watch, "LOOK", 0.05)
    with Watch(str(folder)) as found:
        assert while_waiting(found, lambda: deed(folder)) == ["lesson.md"]


def test_other_files_and_keys(folder: Path) -> None:
    ours, theirs = os.pipe()
    with Watch(str(folder)) as found:
        (folder / ".lesson.md.swp").write_text("vim's")
        (folder / "lesson.md~").write_text("an old one")
        assert not found.saved()
        os.write(theirs, b"\n")
        assert found.wait(ours) is None
    os.close(ours)
    os.close(theirs)


def test_a_lesson_that_is_gone_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "RENAME", 0.05)
    with Watch(str(folder)) as found:
        (folder / "lesson.md").unlink()
        assert found.wait() == ["lesson.md"]
        (folder / "lesson.md").symlink_to("/nonexistent")
        assert not found.saved()
