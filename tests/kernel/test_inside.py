"""Visits to namespaces: by a thread as root, by a child for a user or time namespace. Neither leaves a trace."""

import os
import signal
import time
from collections.abc import Sequence

import pytest

from nsplay.kernel import inside, processes
from nsplay.kernel.files import content
from nsplay.kernel.inside import Question

from .place import as_nobody, needs_root, needs_user_namespaces, shell

NAME = Question("uts", lambda: [content("/proc/sys/kernel/hostname")])
SHM = Question("ipc", lambda: [os.readlink("/proc/thread-self/ns/ipc").encode()])
UPTIME = Question("time", lambda: [content("/proc/uptime")])


def traces() -> object:
    tasks = os.listdir("/proc/self/task")
    links = {
        os.readlink(f"/proc/self/task/{task}/ns/{kind}") for task in tasks for kind in ("uts", "ipc", "time")
    }
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    return len(tasks), links, os.listdir("/proc/self/fd"), processes.children(os.getpid()), mask


@needs_root
def test_several_at_once_and_nothing_is_left_of_the_asking() -> None:
    before = traces()
    with shell("unshare", "-uiTf", "--boottime", "100000", script="hostname in.here") as pid:
        for _ in range(5):
            uts, ipc, uptime = inside.ask(pid, [NAME, SHM, UPTIME])
            assert uts == [b"in.here\n"]
            assert ipc == [os.readlink(f"/proc/{pid}/ns/ipc").encode()]
            assert not isinstance(uptime, OSError)
            assert float(uptime[0].split()[0]) > time.clock_gettime(time.CLOCK_BOOTTIME) + 90_000
    assert traces() == before


@needs_user_namespaces
def test_user_namespaces_are_entered_by_a_child() -> None:
    """The thread is refused there. Each kind has another owner here: who entered the inner one can't come back."""
    code = """
import os
from tests.kernel.place import shell
from tests.kernel.test_inside import NAME, SHM, traces
from nsplay.kernel import inside
with shell("unshare", "-Uru", "sh", "-c", 'hostname mine; "$@"', "sh", "unshare", "-Uri") as pid:
    before = traces()
    ipc = [os.readlink(f"/proc/{pid}/ns/ipc").encode()]
    print(inside.ask(pid, [SHM, NAME]) == [ipc, [b"mine\\n"]], inside.ask(pid, [NAME, SHM]) == [[b"mine\\n"], ipc])
    print(traces() == before)
"""
    assert as_nobody(code) == "True True\nTrue"


@needs_root
def test_what_the_question_raises_is_the_answer() -> None:
    def trouble() -> Sequence[bytes]:
        raise OSError(95, "not here")

    with shell("unshare", "-uTf", "--boottime", "10") as pid:
        for kind in ("uts", "ipc", "time"):
            (answer,) = inside.ask(pid, [Question(kind, trouble)])
            assert isinstance(answer, OSError)
            assert (answer.errno, answer.strerror) == (95, "not here")


@needs_root
def test_a_long_answer() -> None:
    with shell("unshare", "-Tf", "--boottime", "10") as pid:
        (answer,) = inside.ask(pid, [Question("time", lambda: [b"x" * 1_000_000, b"end"])])
        assert not isinstance(answer, OSError)
        assert [len(piece) for piece in answer] == [1_000_000, 3]


def test_a_process_that_has_ended() -> None:
    with shell() as pid:
        pass
    assert isinstance(inside.ask(pid, [NAME])[0], ProcessLookupError)


@needs_root
def test_a_child_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: object) -> None:
        signal.sigwait([signal.SIGUSR1])

    monkeypatch.setattr(inside, "_child", hang)
    monkeypatch.setattr(inside, "_DEADLINE", 0.05)
    with shell("unshare", "-Tf", "--boottime", "10") as pid:
        before = traces()
        uts, uptime = inside.ask(pid, [NAME, UPTIME])
        assert uts == [os.uname().nodename.encode() + b"\n"]
        assert isinstance(uptime, TimeoutError)
        assert traces() == before
