"""What is seen, kept as a recording while it is played."""

import json
import signal
import subprocess
import time
from pathlib import Path

from nsplay.cast.format import read
from nsplay.sessions import started
from tests.patience import patience
from tests.play import program
from tests.play.learner import learner


def nsplay(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return program.nsplay(cwd / "state", *words, cwd=cwd)


def test_a_lesson_is_kept_with_a_marker_a_step(tmp_path: Path) -> None:
    path = tmp_path / "uts.cast"
    with learner(tmp_path, "uts", "--yes", "--record", str(path)) as person:
        person.until("Make a UTS namespace.*READY# $")
        person.type("unshare -u /bin/sh", "step 1 of 10 done")
        person.key("\r").until("Give it a name.*READY# $")
        person.type(":quit", "Nothing is left")
        assert person.gone() == 0
    cast = read(str(path))
    assert [event.data for event in cast.events if event.code == "m"] == ["uts/make", "uts/name"]
    assert cast.events[-1].code == "x"
    assert cast.events[-1].data == "0"
    seen = "".join(event.data for event in cast.events if event.code == "o")
    assert "Give it a name" in seen
    made = nsplay("render", str(path), "name", "--svg", cwd=tmp_path)
    assert made.returncode == 0
    picture = Path(made.stdout.strip())
    assert "Give it a name" in picture.read_text()
    assert "Make a UTS namespace" not in picture.read_text()
    film = nsplay("render", str(path), cwd=tmp_path)
    assert "uts/make" in Path(film.stdout.strip()).read_text()


def test_version_2_on_demand(tmp_path: Path) -> None:
    path = tmp_path / "uts.cast"
    with learner(tmp_path, "list", "--record", str(path), "--asciicast", "2") as person:
        assert person.gone() == 0
    assert json.loads(path.read_text().splitlines()[0])["version"] == 2
    assert "UTS" in "".join(event.data for event in read(str(path)).events)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "there.cast"
    path.write_text("mine")
    with learner(tmp_path, "list", "--record", str(path)) as person:
        assert person.gone() == 2
        assert "overwrites nothing" in person.text()
    assert path.read_text() == "mine"


def test_the_status_is_that_of_what_was_recorded(tmp_path: Path) -> None:
    with learner(tmp_path, "no-such-lesson", "--record", str(tmp_path / "x.cast")) as person:
        assert person.gone() == 2
        assert "no-such-lesson" in person.text()


def test_without_a_terminal(tmp_path: Path) -> None:
    told = nsplay("list", "--record", "x.cast", cwd=tmp_path)
    assert told.returncode == 2
    assert "of a terminal" in told.stderr
    assert not (tmp_path / "x.cast").exists()


def test_killed_the_stage_goes_and_what_was_seen_stays(tmp_path: Path) -> None:
    path = tmp_path / "uts.cast"
    with learner(tmp_path, "uts", "--yes", "--record", str(path)) as person:
        person.until("Make a UTS namespace.*READY# $")
        below = person.below()
        person.process.send_signal(signal.SIGKILL)
        person.gone()
        end = time.monotonic() + patience(20.0)
        for who in below:  # (the test's own look at the machine comes right after)
            while started(who.pid) is not None:  # (a zombie is the test's own to bury)
                assert time.monotonic() < end, f"{who.comm} is still there"
                time.sleep(0.02)
    assert "Make a UTS namespace" in "".join(event.data for event in read(str(path)).events)


def test_a_picture_of_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "x.cast").write_text(
        '{"version": 2, "width": 80, "height": 24}\n[1, "m", "uts/make"]\n[2, "o", "x"]\n'
    )
    told = nsplay("render", "x.cast", "nothing", "--svg", cwd=tmp_path)
    assert (told.returncode, "uts/make" in told.stderr) == (2, True)
    told = nsplay("render", "x.cast", "--png", cwd=tmp_path)
    assert (told.returncode, "which step" in told.stderr) == (2, True)


def test_a_picture_that_plays(tmp_path: Path) -> None:
    whole = '{"version": 2, "width": 80, "height": 24}\n[1, "m", "uts/make"]\n[2, "o", "seen"]\n'
    (tmp_path / "x.cast").write_text(whole + '[3, "o", "cut o')
    told = nsplay("render", "x.cast", "--svg", cwd=tmp_path)
    assert told.returncode == 0
    assert "line 4" in told.stderr
    drawn = Path(told.stdout.strip()).read_text()
    assert "seen" in drawn
    assert "@keyframes" in drawn
