"""Other screens that follow a session: the room's, and the presenter's own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import patience
from tests.play.learner import Learner, learner

READY = "READY#"
WHOLE = 1049 << 5  # pyte's number for the alternate screen


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Learner]:
    """A lesson at its first step."""
    with learner(tmp_path, "uts", "--yes") as person:
        yield person.until("Make a UTS namespace.*READY# $")


def test_the_room_sees_what_happens(tmp_path: Path, session: Learner) -> None:
    with learner(tmp_path, "watch") as room:
        room.until("step 1 of 10.*names +on the host")
        session.type("unshare -u /bin/sh", "step 1 of 10 done")
        room.until(r"last +# unshare -u /bin/sh.*they are in +\[uts\].*the step is done")
        session.key("\r").until("Give it a name")
        room.until("step 2 of 10.*Give it a name")
        session.type("hostname there", "host name in here: there")
        room.until(r"host name +\S+ +there\n")
        room.key("q")
        assert room.gone() == 0
        assert WHOLE not in room.screen.mode


def test_the_back_row_sees_one_thing(tmp_path: Path, session: Learner) -> None:
    with learner(tmp_path, "watch", "--big", size=(60, 20)) as room:
        session.type("unshare -u /bin/sh", "step 1 of 10 done")
        session.key("\r").until("Give it a name")
        session.type("hostname there", "host name in here: there")
        room.until(r"last +# hostname there.*IN HERE +there\n +THE HOST.*\n\n ✓ the step is done")
        assert "they are in" not in room.text()


def test_the_presenter_sees_what_comes(tmp_path: Path, session: Learner) -> None:
    with learner(tmp_path, "notes") as own:
        own.until(r"time .* of 12 min.*next +# uname -n\n.*answer +b .*hint 3")
        session.type("uname -n", "READY# $")
        own.until(r"next +# unshare -h\n +# unshare -u /bin/sh\n")
        session.type("unshare -u /bin/sh", "step 1 of 10 done")
        own.until("say now.*then +Give it a name")


def test_in_the_readers_language(tmp_path: Path, session: Learner) -> None:
    with learner(tmp_path, "notes", "--lang", "ja") as own:
        own.until("UTS 名前空間を作る.*次 +# uname -n")


def test_it_waits_for_a_session_and_for_the_next(tmp_path: Path) -> None:
    with learner(tmp_path, "watch") as room:
        room.until("No session is being played")
        with learner(tmp_path, "uts", "--yes") as person:
            person.until("Make a UTS namespace.*READY# $")
            room.until("step 1 of 10")
            person.type(":quit", "Nothing is left")
            assert person.gone() == 0
        room.until("No session is being played")


def test_the_terminal_is_as_before_whatever_ends_it(tmp_path: Path) -> None:
    with learner(tmp_path, "watch") as room:
        room.until("No session")
        room.process.send_signal(signal.SIGTERM)
        assert room.gone() == 128 + signal.SIGTERM
        assert WHOLE not in room.screen.mode


def test_into_a_pipe_it_says_what_is_new(tmp_path: Path, session: Learner) -> None:
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    words = [sys.executable, "-m", "nsplay", "watch", "--lang", "en"]
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, text=True) as room:
        try:
            assert room.stdout
            assert "UTS: a host name of its own" in room.stdout.readline()
        finally:
            room.terminate()
            room.wait(patience(10.0))
