"""Host names are asked for from within: by a thread as root, by a child for a user namespace. Neither leaves a trace."""

import os
import signal
import socket

import pytest

from nsplay.kernel import names, namespaces, processes
from nsplay.kernel.names import Names

from .place import as_nobody, needs_root, needs_user_namespaces, shell


def test_our_own() -> None:
    assert names.own().hostname == socket.gethostname() == os.uname().nodename
    assert names.read(os.getpid()) == names.own()


@needs_root
def test_another_namespace() -> None:
    own = names.own()
    with shell("unshare", "-u", script="hostname in.here && domainname there.example") as pid:
        assert names.read(pid) == Names("in.here", "there.example")
    assert names.own() == own


@needs_root
def test_a_copy_at_first() -> None:
    with shell("unshare", "-u") as pid:
        assert namespaces.inodes(pid)["uts"] != namespaces.inodes("self")["uts"]
        assert names.read(pid) == names.own()


@needs_root
def test_nothing_is_left_of_the_asking() -> None:
    def traces() -> object:
        tasks = os.listdir("/proc/self/task")
        links = {os.readlink(f"/proc/self/task/{task}/ns/uts") for task in tasks}
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
        return len(tasks), links, os.listdir("/proc/self/fd"), processes.children(os.getpid()), mask

    with shell("unshare", "-Uru", script="hostname inside") as pid:
        before = traces()
        fd = os.open(f"/proc/{pid}/ns/uts", os.O_RDONLY)
        for _ in range(5):
            assert names.read(pid).hostname == "inside"
            assert names._by_child(fd, "/proc") == b"inside\n" + names.own().domainname.encode() + b"\n"
        os.close(fd)
        assert traces() == before


@needs_user_namespaces
def test_an_ordinary_users_user_namespace() -> None:
    """The thread is refused there; the child enters the user namespace that owns the UTS namespace."""
    code = """
from tests.kernel.place import shell
from nsplay.kernel import names
with shell("unshare", "-Uru", script="hostname mine") as pid:
    print(names.read(pid).hostname)
with shell("unshare", "-Uru", "unshare", "-Ur", script="hostname no 2>/dev/null") as pid:
    print(names.read(pid) == names.own())  # in a user namespace below the owner of its UTS namespace
"""
    assert as_nobody(code) == "mine\nTrue"


@needs_root
def test_not_for_an_ordinary_user() -> None:
    with shell("unshare", "-u") as pid:
        code = f"""
from nsplay.kernel import names
try:
    names.read({pid})
except PermissionError:
    print("refused")
"""
        assert as_nobody(code) == "refused"


def test_a_process_that_has_ended() -> None:
    with shell() as pid:
        pass
    with pytest.raises(ProcessLookupError):
        names.read(pid)


@needs_root
def test_a_child_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: object) -> None:
        signal.sigwait([signal.SIGUSR1])

    monkeypatch.setattr(names, "_child", hang)
    monkeypatch.setattr(names, "_DEADLINE", 0.05)
    fds, children = os.listdir("/proc/self/fd"), processes.children(os.getpid())
    with shell("unshare", "-Uru") as pid:
        fd = os.open(f"/proc/{pid}/ns/uts", os.O_RDONLY)
        with pytest.raises(TimeoutError):
            names._by_child(fd, "/proc")
        os.close(fd)
    assert (os.listdir("/proc/self/fd"), processes.children(os.getpid())) == (fds, children)
