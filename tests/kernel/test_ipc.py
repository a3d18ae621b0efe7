"""Shared memory, queues and clocks of real namespaces, and the folders that aren't theirs."""

import os
import shutil
from collections.abc import Mapping

import pytest

from nsplay.facts import Value, facts
from nsplay.snapshot import take

from .place import as_nobody, needs_root, needs_user_namespaces, shell

PARTS = frozenset({"ipc", "clocks"})
needs_ipcmk = pytest.mark.skipif(not shutil.which("ipcmk"), reason="needs ipcmk(1)")
QUEUE = "python3 -c \"import ctypes; ctypes.CDLL(None).mq_open(b'/mine', 0o102, 0o600, None)\""


def look(place: int) -> Mapping[str, Value]:
    return facts(take(os.getpid(), os.getpid(), place, PARTS))


@needs_root
@needs_ipcmk
def test_made_inside_and_not_seen_outside() -> None:
    before = look(os.getpid())
    with shell("unshare", "-i", script="ipcmk -M 4096 >&2; ipcmk -S 3 >&2; ipcmk -Q >&2") as pid:
        found = look(pid)
    for name in ("shm", "semaphores", "msg"):
        assert found[f"inside.{name}"] == 1
        assert found[f"host.{name}"] == before[f"host.{name}"]
    assert found["inside.shm.bytes"] == 4096
    assert len(found["inside.shm.keys"]) == len(found["inside.msg.keys"]) == 1  # type: ignore[arg-type]
    assert found["inside.msg.bytes"] == 0


@needs_root
def test_an_old_mqueue_shows_the_old_queues() -> None:
    mount = "mkdir -p /dev/mqueue; mount -t mqueue none /dev/mqueue"
    with shell(
        "unshare",
        "-m",
        "sh",
        "-c",
        f'mount -t tmpfs none /dev; {mount}; exec "$@"',
        "sh",
        "unshare",
        "-i",
        script=QUEUE,
    ) as pid:
        found = look(pid)
        assert found["inside.queues"] == ("mine",)
        assert (found["inside.dev.mqueue"], found["inside.dev.mqueue.own"]) == (found["host.queues"], False)
    with shell("unshare", "-mi", script=f"mount -t tmpfs none /dev; {mount}; {QUEUE}") as pid:
        found = look(pid)
        assert (found["inside.dev.mqueue"], found["inside.dev.mqueue.own"]) == (("mine",), True)


@needs_root
def test_dev_shm_is_a_mount() -> None:
    with shell("unshare", "-i") as pid:
        assert look(pid)["inside.dev.shm.own"] is False
    with shell("unshare", "-im", script="mount -t tmpfs none /dev/shm; touch /dev/shm/x") as pid:
        found = look(pid)
        assert (found["inside.dev.shm.own"], found["inside.dev.shm"]) == (True, ("x",))


@needs_root
def test_a_shifted_clock() -> None:
    with shell("unshare", "-Tf", "--boottime", "100000", "--monotonic", "50") as pid:
        found = look(pid)
    assert (found["inside.time.offset.boottime"], found["inside.time.offset.monotonic"]) == (100000, 50)
    assert (found["inside.uptime.ahead"], found["host.uptime.ahead"]) == (100000, 0)
    assert found["inside.uptime"] >= found["host.uptime"] + 99_990  # type: ignore[operator]
    assert abs(found["inside.date"] - found["host.date"]) < 10  # type: ignore[operator]


@needs_user_namespaces
@needs_ipcmk
def test_an_ordinary_users_own() -> None:
    code = """
import os
from tests.kernel.place import shell
from nsplay.facts import facts
from nsplay.snapshot import take
with shell("unshare", "-UriTf", "--boottime", "5000", script="ipcmk -M 4096 >&2") as pid:
    found = facts(take(os.getpid(), os.getpid(), pid, frozenset({"ipc", "clocks"})))
    print(found["inside.shm"], found["inside.uptime.ahead"])
"""
    assert as_nobody(code) == "1 5000"
