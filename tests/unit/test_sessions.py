"""The files by which a running session is found: whole, living, and of this machine."""

import dataclasses
import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from nsplay import sessions
from nsplay.errors import MachineError
from nsplay.sessions import Command, Running

HERE = sessions.started(os.getpid()) or 0


def session(pid: int = 0, began: int = HERE) -> Running:
    return Running(
        pid=pid or os.getpid(),
        began=began,
        stage=2,
        warden=3,
        shells=(4, 0),
        lessons="/lessons",
        lesson="uts",
        step="make",
        lang="ja",
        done=False,
        before={"inside.own": (), "inside.hostname": "名前", "inside.uid": 0},
        start={"inside.own": ("uts", "pid"), "inside.proc.own": True},
        last=Command("hostname x", {"a.b": 1}, {"a.b": ("2",)}),
    )


def files(state: Path) -> list[str]:
    return sorted(path.name for path in (state / "sessions").iterdir())


def change(state: Path, **how: object) -> None:
    """Another value in the one file there is."""
    (path,) = (state / "sessions").iterdir()
    path.write_text(json.dumps({**json.loads(path.read_text()), **how}))


@pytest.mark.parametrize("last", [True, False])
def test_what_is_published_is_found_as_it_was(tmp_path: Path, last: bool) -> None:
    one = session() if last else dataclasses.replace(session(), last=None)
    sessions.publish(tmp_path, one)
    assert sessions.running(tmp_path) == (one,)
    (path,) = (tmp_path / "sessions").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    sessions.withdraw(tmp_path, one.pid)
    assert files(tmp_path) == [] and sessions.running(tmp_path, {"XDG_STATE_HOME": "x"}) == ()
    sessions.withdraw(tmp_path, one.pid)


def test_the_newest_comes_first(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "600"]) as young:
        began = sessions.started(young.pid)
        assert began is not None
        sessions.publish(tmp_path, session(young.pid, began))
        sessions.publish(tmp_path, session())
        found = [one.pid for one in sessions.running(tmp_path)]
        young.kill()
    assert found == [young.pid, os.getpid()]
    assert [one.pid for one in sessions.running(tmp_path)] == [os.getpid()]
    assert len(files(tmp_path)) == 1


def test_a_pid_that_is_used_again_is_not_the_session(tmp_path: Path) -> None:
    sessions.publish(tmp_path, session(began=HERE - 1))
    assert sessions.running(tmp_path, {"XDG_STATE_HOME": "x"}) == () and files(tmp_path) == []


def test_a_zombie_is_gone(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert sessions.started(child) is None
    os.waitpid(child, 0)


def test_another_boots_file_is_stale(tmp_path: Path) -> None:
    sessions.publish(tmp_path, session())
    change(tmp_path, boot="another")
    assert sessions.sweep(tmp_path) and files(tmp_path) == []


def test_what_another_pid_namespace_tells_is_left_alone(tmp_path: Path) -> None:
    sessions.publish(tmp_path, session(began=1))
    change(tmp_path, pid_ns=1)
    assert sessions.running(tmp_path, {"XDG_STATE_HOME": "x"}) == () and len(files(tmp_path)) == 1


def test_a_session_of_another_nsplay_is_said_to_be_one(tmp_path: Path) -> None:
    sessions.publish(tmp_path, session())
    change(tmp_path, format=2)
    with pytest.raises(MachineError, match=f"session of process {os.getpid()}") as error:
        sessions.running(tmp_path, {"XDG_STATE_HOME": "x"})
    assert error.value.exit_code == 3


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '"x"', '{"boot": 1}', "\0"])
def test_what_is_no_file_of_ours_is_nobody(tmp_path: Path, text: str) -> None:
    (tmp_path / "sessions").mkdir()
    (tmp_path / "sessions" / "1-1.json").write_text(text)
    assert sessions.running(tmp_path, {"XDG_STATE_HOME": "x"}) == ()


def test_half_a_file_of_a_dead_writer_goes_too(tmp_path: Path) -> None:
    sessions.publish(tmp_path, session())
    (path,) = (tmp_path / "sessions").iterdir()
    home = path.name.split("-")[0]
    (tmp_path / "sessions" / f"{home}-{2**22 + 1}.new").write_text("{")
    (tmp_path / "sessions" / f"{home}-{os.getpid()}.new").write_text("{")
    sessions.sweep(tmp_path)
    assert files(tmp_path) == [path.name, f"{home}-{os.getpid()}.new"]


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    sessions.publish(tmp_path, session())
    (path,) = (tmp_path / "sessions").iterdir()
    (tmp_path / "precious").write_text("mine")
    path.with_suffix(".new").symlink_to(tmp_path / "precious")
    with pytest.raises(OSError):
        sessions.publish(tmp_path, session())
    assert (tmp_path / "precious").read_text() == "mine"


def test_no_folder_is_no_session(tmp_path: Path) -> None:
    assert sessions.running(tmp_path / "none", {"XDG_STATE_HOME": "x"}) == ()
    assert not (tmp_path / "none").exists()
