"""Who owns whom, asked of the kernel."""

import os

from nsplay.kernel import namespaces, ownership
from nsplay.kernel.ownership import Owned
from nsplay.snapshot import take

from .place import needs_root, needs_user_namespaces, shell


@needs_user_namespaces
def test_a_nested_user_namespace() -> None:
    own = namespaces.inodes("self")
    with shell("unshare", "-Uru", "unshare", "-Ui") as pid:
        there = namespaces.inodes(pid)
        found = {(one.kind, one.inode): one for one in ownership.read([os.getpid(), pid])}
        middle = namespaces.parent(pid, "user")
        assert found["user", there["user"]] == Owned("user", there["user"], middle, (pid,))
        assert middle is not None
        assert found["user", middle] == Owned("user", middle, own["user"], ())  # nobody asked for is in it
        assert found["uts", there["uts"]].owner == middle
        assert found["ipc", there["ipc"]].owner == there["user"]
        assert found["net", own["net"]].pids == (os.getpid(), pid)


@needs_root
def test_the_learners_processes_and_no_others() -> None:
    with shell("unshare", "-u") as pid:
        seen = take(os.getpid(), os.getpid(), pid, frozenset({"tree"}))
        uts = [one for one in seen.tree if one.kind == "uts"]
        assert {one.pids for one in uts} >= {(pid,)}
        assert all(os.getpid() in one.pids or one.pids == (pid,) for one in uts)
    assert take(os.getpid(), os.getpid(), None, frozenset()).tree == ()


def test_a_process_that_has_ended() -> None:
    with shell() as pid:
        pass
    assert ownership.read([pid]) == ()
