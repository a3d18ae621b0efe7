"""The real process table."""

import os
import select
import signal
import subprocess

import pytest

from nsplay.kernel import processes
from nsplay.kernel.processes import Process

from .place import needs_root, needs_user_namespaces, shell


def row(pid: int) -> Process:
    found = processes.read(pid)
    assert found is not None
    return found


def test_ourselves() -> None:
    found = row(os.getpid())
    assert found[:2] == (os.getpid(), os.getppid())
    assert (found.pgrp, found.session, found.nspids[-1]) == (os.getpgrp(), os.getsid(0), os.getpid())
    assert found.pid_ns == processes.home() == os.stat("/proc/self/ns/pid").st_ino
    assert (found.pid, found.start) in {(other.pid, other.start) for other in processes.all()}


def test_the_same_as_ps() -> None:
    with shell() as pid:
        ps = subprocess.run(
            ["ps", "ax", "-o", "pid=,ppid=,pgid=,sess="], capture_output=True, text=True
        ).stdout
        theirs = {tuple(map(int, line.split())) for line in ps.splitlines()}
        ours = {(found.pid, found.ppid, found.pgrp, found.session) for found in processes.all()}
        assert (pid, os.getpid(), os.getpgrp(), os.getsid(0)) in ours & theirs
        # other tests start and end processes meanwhile
        assert len(ours & theirs) > 0.8 * len(theirs)


def test_a_number_that_only_a_group_bears_is_no_process() -> None:
    with subprocess.Popen(
        ["sh", "-c", "sleep 100 >&- & echo $!"], stdout=subprocess.PIPE, start_new_session=True, text=True
    ) as leader:
        assert leader.stdout
        left = int(leader.stdout.read())
    assert os.getpgid(left) == leader.pid
    with pytest.raises(ProcessLookupError):
        processes.pidfd(leader.pid)
    os.kill(left, signal.SIGKILL)


def test_who_was_woken_has_slept_once_more() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as cat:
        assert cat.stdin and cat.stdout
        cat.stdin.write(b"a")
        cat.stdout.read(1)
        before = processes.sleeps(cat.pid)
        cat.stdin.write(b"b")
        cat.stdout.read(1)
        while row(cat.pid).state != "S":
            pass
        assert processes.sleeps(cat.pid) > before
        cat.kill()
    assert processes.sleeps(cat.pid) == 0


@needs_user_namespaces
def test_two_pids_of_one_process() -> None:
    with shell("unshare", "-Urpf") as pid:
        found = row(pid)
        assert found.nspids == (pid, 1)
        assert (pid, 1) in {other.nspids for other in processes.all()}
        assert [inner.pid for inner in processes.visible(processes.all(), found)] == [pid]
    assert processes.read(pid) is None


@needs_user_namespaces
def test_three_pids_of_one_process() -> None:
    with shell("unshare", "-Urpf", "unshare", "-pf") as pid:
        assert len(row(pid).nspids) == 3
        middle = row(row(pid).ppid)
        assert middle.nspids[-1] == 1
        seen = [found.pid for found in processes.visible(processes.all(), middle)]
        assert seen == sorted([middle.pid, pid])
        assert [found.pid for found in processes.visible(processes.all(), row(pid))] == [pid]


@needs_user_namespaces
def test_a_neighbour_is_not_visible() -> None:
    with shell("unshare", "-Urpf") as one, shell("unshare", "-Urpf", "unshare", "-pf") as other:
        table = processes.all()
        assert other in {found.pid for found in table}
        assert [found.pid for found in processes.visible(table, row(one))] == [one]


@needs_user_namespaces
def test_a_zombie_inside_is_visible() -> None:
    argv = ["unshare", "-Urpf", "sh", "-c", "sleep 0 & exec cat"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as outer:
        assert outer.stdin and outer.stdout
        outer.stdin.write(b"ready\n")
        outer.stdin.flush()
        outer.stdout.readline()  # cat runs: nobody in there waits for the sleep any more
        (init,) = processes.children(outer.pid)
        (sleep,) = processes.children(init)
        pidfd = os.pidfd_open(sleep)
        assert select.select([pidfd], [], [], 10)[0]
        os.close(pidfd)
        assert (row(sleep).state, row(sleep).nspids) == ("Z", (sleep, 2))
        assert [found.pid for found in processes.visible(processes.all(), row(init))] == [init, sleep]
        outer.stdin.close()


@needs_user_namespaces
def test_whose_proc_it_is() -> None:
    with shell("unshare", "-Urpf") as pid:  # the lying ps
        assert processes.proc_is_own(row(pid)) is False
    with shell("unshare", "-Urpf", "--mount-proc") as pid:
        assert processes.proc_is_own(row(pid)) is True
    with shell("unshare", "-Urpf", "--mount-proc", "unshare", "-pf") as pid:
        assert processes.proc_is_own(row(pid)) is False
    assert processes.proc_is_own(row(os.getpid())) is True


@needs_root
def test_whose_proc_it_is_after_a_join() -> None:
    with shell("unshare", "-pf", "--mount-proc") as inner:
        with shell("nsenter", "-t", str(inner), "-p") as pid:
            assert processes.proc_is_own(row(pid)) is False
        with shell("nsenter", "-t", str(inner), "-p", "-m") as pid:
            assert processes.proc_is_own(row(pid)) is True


def test_odd_names() -> None:
    script = r"""printf 'a (b) \303\244 \377)' >/proc/$$/comm"""
    with shell(script=script) as pid:
        assert row(pid).comm == "a (b) ä \\xff)"
        assert processes.command(pid).startswith("sh -c ")


def test_family() -> None:
    with shell("sh", "-c", '"$@"; true', "middle") as pid:
        middle = row(pid).ppid
        assert row(middle).ppid == os.getpid()
        assert processes.children(middle) == [pid]
        assert {middle, pid} <= processes.descendants(os.getpid())
        assert {middle, pid} <= processes.below(os.getpid(), processes.family(processes.all()))
