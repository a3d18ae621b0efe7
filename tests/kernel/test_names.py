"""Host names are asked for from within: by a thread as root, by a child for a user namespace. Neither leaves a trace."""

import os
import socket

import pytest

from nsplay.kernel import names, namespaces
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
