"""Nothing that is wrong with the progress file, its folder or its disk loses a mark, raises, or holds nsplay up."""

import fcntl
import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nsplay.lesson import progress as module
from nsplay.lesson.progress import Progress

GOOD = {"format": 1, "lessons": {"uts": {"make": {"digest": "aa", "how": "done"}}}, "last": ["uts", "make"]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "progress.json"


@pytest.fixture(autouse=True)
def deadline() -> Iterator[None]:
    """A lock or a fifo that is waited for would hang for ever."""

    def late(number: int, frame: object) -> None:
        raise TimeoutError("it hangs")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def test_one_damaged_row_costs_that_row_alone(path: Path) -> None:
    lessons = {**GOOD["lessons"], "pid": {"x": 3, "y": {"digest": "bb", "how": "skipped"}}, "net": []}  # type: ignore[dict-item]
    path.write_text(json.dumps({**GOOD, "lessons": lessons}))
    progress = Progress.load(path)
    assert "set aside" in progress.problems[0] and "2 steps were kept" in progress.problems[0]
    again = Progress.load(path)
    assert again.problems == ()
    assert again.how("uts", "make", "aa") == "done" and again.how("pid", "y", "bb") == "skipped"
    assert again.last == ("uts", "make")


def test_a_mark_that_could_not_be_written_is_written_with_the_next(path: Path) -> None:
    progress = Progress.load(path)
    lock = path.with_name("progress.json.lock")
    lock.symlink_to("/nowhere/at/all")  # a folder that can't be written, for root, too
    progress.mark("uts", "make", "aa")
    assert "can't be written" in progress.problems[0] and not path.exists()
    lock.unlink()
    progress.mark("uts", "name", "bb")
    again = Progress.load(path)
    assert again.done("uts", "make", "aa") and again.done("uts", "name", "bb")


def test_a_full_disk_leaves_the_old_file_and_no_litter(path: Path) -> None:
    path.write_text(json.dumps(GOOD))
    code = (
        "import sys; from nsplay.lesson.progress import Progress; p = Progress.load(sys.argv[1])\n"
        "p.mark('uts', 'name', 'bb'); print(p.done('uts', 'name', 'bb'), p.problems)"
    )
    limit = 20  # bytes that a file may have: write(2) fails as on a full disk
    told = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        timeout=30,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("True") and "can't be written" in told.stdout
    assert json.loads(path.read_text()) == GOOD
    assert sorted(os.listdir(path.parent)) == ["progress.json", "progress.json.lock"]


def _folder(path: Path) -> None:
    path.mkdir()


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _nowhere(path: Path) -> None:
    path.symlink_to("/nowhere/at/all")


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(50 << 20)


def _surrogate(path: Path) -> None:
    path.write_text('{"format": 1, "lessons": {"\\ud800": {"\\ud800": {"digest": 1}}}, "last": null}')


@pytest.mark.parametrize("put", [_folder, _loop, _nowhere, _huge, _surrogate, os.mkfifo])
def test_something_else_of_that_name_is_set_aside(path: Path, put: Callable[[Path], None]) -> None:
    put(path)
    progress = Progress.load(path)
    assert "set aside" in progress.problems[0]
    progress.mark("uts", "make", "aa")
    again = Progress.load(path)
    assert again.done("uts", "make", "aa") and again.problems == ()
    assert os.path.lexists(f"{path}.damaged-1")


def test_half_a_character_is_no_traceback(path: Path) -> None:
    path.write_text(
        '{"format": 1, "lessons": {"\\ud800": {"a": {"digest": "d", "how": "done"}}}, "last": null}'
    )
    Progress.load(path).mark("uts", "make", "aa")
    assert Progress.load(path).done("uts", "make", "aa")


def test_a_file_that_cannot_be_read_is_not_replaced(path: Path) -> None:
    path.symlink_to("/proc/self/mem")  # reading it is an I/O error
    progress = Progress.load(path)
    progress.mark("uts", "make", "aa")
    assert progress.done("uts", "make", "aa") and "can't be read" in progress.problems[0]
    assert path.is_symlink() and len(progress.problems) == 1


def test_what_a_newer_nsplay_wrote_is_left_alone(path: Path) -> None:
    text = json.dumps({**GOOD, "format": 2})
    path.write_text(text)
    progress = Progress.load(path)
    progress.mark("uts", "make", "aa")
    assert path.read_text() == text and "newer" in progress.problems[0]


def test_another_nsplay_may_have_mended_it_meanwhile(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text("{")
    real = module._read
    looks = []

    def mended(name: str) -> module.Book:
        looks.append(name)
        if len(looks) == 2:  # between our look and our lock
            path.write_text(json.dumps(GOOD))
        return real(name)

    monkeypatch.setattr(module, "_read", mended)
    progress = Progress.load(path)
    assert progress.problems == () and progress.done("uts", "make", "aa")
    assert not os.path.lexists(f"{path}.damaged-1")


def test_a_change_waits_for_another_nsplay_and_keeps_what_it_wrote(path: Path) -> None:
    progress = Progress.load(path)
    with path.with_name("progress.json.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        ours = threading.Thread(target=progress.mark, args=("uts", "name", "bb"))
        ours.start()
        inode = f":{os.fstat(other.fileno()).st_ino} "
        while not any("->" in line and inode in line for line in Path("/proc/locks").read_text().split("\n")):
            assert ours.is_alive()  # it waits in flock(2)
            os.sched_yield()
        path.write_text(json.dumps(GOOD))
    ours.join()
    assert progress.done("uts", "make", "aa") and Progress.load(path).done("uts", "make", "aa")
    assert Progress.load(path).done("uts", "name", "bb")


def test_the_old_file_is_replaced_and_never_written_to(path: Path) -> None:
    path.write_text(json.dumps(GOOD))
    old = path.with_name("old")
    os.link(path, old)
    Progress.load(path).mark("uts", "name", "bb")
    assert json.loads(old.read_text()) == GOOD
    assert path.stat().st_mode & 0o777 == 0o600
