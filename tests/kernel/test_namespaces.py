"""Namespaces of real processes: who is in which, who owns it, what is around it."""

import os
import subprocess
import sys

import pytest

from nsplay.kernel import namespaces, processes

from .place import ROOT, as_nobody, needs_root, needs_user_namespaces, shell


def test_our_own_are_what_the_links_say() -> None:
    found = namespaces.inodes(os.getpid())
    assert found == {kind: os.stat(f"/proc/self/ns/{kind}").st_ino for kind in namespaces.KINDS}
    assert namespaces.inodes("self") == found


@needs_root
@pytest.mark.parametrize(
    ("flag", "kind"), [("-u", "uts"), ("-n", "net"), ("-i", "ipc"), ("-m", "mnt"), ("-C", "cgroup")]
)
def test_one_letter_one_namespace(flag: str, kind: str) -> None:
    own = namespaces.inodes(os.getpid())
    with shell("unshare", flag) as pid:
        theirs = namespaces.inodes(pid)
    assert [name for name in namespaces.KINDS if theirs[name] != own[name]] == [kind]


@needs_root
def test_pid_goes_to_the_children() -> None:
    own = namespaces.inodes(os.getpid())
    with shell("unshare", "-p") as pid:  # builtins only: no child is born
        assert namespaces.inodes(pid) == own
        assert "pid" not in namespaces.inodes_for_children(pid)
    with shell("unshare", "-pf") as pid:
        parent = processes.read(pid)
        assert parent is not None
        assert (
            namespaces.inodes(pid)["pid"] == namespaces.inodes_for_children(parent.ppid)["pid"] != own["pid"]
        )


@needs_user_namespaces
def test_owner_and_parent() -> None:
    own = namespaces.inodes(os.getpid())
    with shell("unshare", "-Urupf") as pid:
        theirs = namespaces.inodes(pid)
        assert namespaces.owner(pid, "uts") == theirs["user"] != own["user"]
        assert namespaces.owner(pid, "user") == own["user"]
        assert namespaces.parent(pid, "user") == own["user"]
        assert namespaces.parent(pid, "pid") == own["pid"]
        assert namespaces.parent(pid, "uts") is None  # not a nested kind
        assert namespaces.around(pid, "pid")[0] == own["pid"]


@needs_user_namespaces
def test_around_is_nearest_first() -> None:
    own = namespaces.inodes(os.getpid())["pid"]
    before = len(os.listdir("/proc/self/fd"))
    with shell("unshare", "-Urpf", "unshare", "-pf") as pid:
        middle = processes.read(pid)
        assert middle is not None
        assert namespaces.around(pid, "pid")[:2] == (namespaces.inodes(middle.ppid)["pid"], own)
        assert namespaces.owner(pid, "pid") == namespaces.inodes(pid)["user"]
    assert len(os.listdir("/proc/self/fd")) == before


@needs_root
def test_the_owner_of_all_is_out_of_sight_from_inside() -> None:
    with shell("unshare", "-Ur") as pid:
        code = "from nsplay.kernel import namespaces as n; print(n.owner('self', 'net'), n.parent('self', 'user'))"
        argv = ["nsenter", "-t", str(pid), "-U", "--preserve-credentials", sys.executable, "-c", code]
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        answer = subprocess.run(argv, env=environ, capture_output=True, text=True)
    assert answer.stdout == "None None\n", answer.stderr


def test_a_process_that_has_ended() -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    with pytest.raises(ProcessLookupError):
        namespaces.inodes(process.pid)


def test_a_zombie() -> None:
    with subprocess.Popen(["true"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert set(namespaces.inodes(process.pid)) == {"pid", "user"}


@needs_root
def test_not_ours() -> None:
    code = f"""
from nsplay.kernel import namespaces
try:
    namespaces.inodes({os.getpid()})
except PermissionError:
    print("refused", namespaces.owner({os.getpid()}, "uts"))
"""
    assert as_nobody(code) == "refused None"
