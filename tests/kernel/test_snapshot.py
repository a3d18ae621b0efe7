"""Snapshots of real places: one made, one joined, one nested; in a storm; and as an ordinary user."""

import os
import select
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from nsplay.changes import changes
from nsplay.facts import Value, facts
from nsplay.kernel import processes
from nsplay.snapshot import PARTS, take

from .place import as_nobody, needs_root, needs_user_namespaces, shell

OWN = os.getpid


def look(place: int) -> Mapping[str, Value]:
    return facts(take(OWN(), OWN(), place, PARTS))


@needs_root
def test_a_name_of_its_own() -> None:
    with shell("unshare", "-u") as pid:
        before = take(OWN(), OWN(), pid, PARTS)
        subprocess.run(["nsenter", "-t", str(pid), "-u", "hostname", "of-its-own"], check=True)
        after = take(OWN(), OWN(), pid, PARTS)
        assert facts(after)["inside.own"] == ("uts",)
        assert facts(after)["host.hostname"] == facts(before)["inside.hostname"] == os.uname().nodename
        found = {(change.side, change.what): change for change in changes(before, after)}
        assert found["inside", "hostname"].kind == "changed"
        assert found["inside", "hostname"].after == "of-its-own"
        assert found["host", "hostname"].kind == "same"
        assert {key for key, change in found.items() if change.kind != "same"} == {("inside", "hostname")}


@needs_root
def test_made_nested_and_joined() -> None:
    with shell("unshare", "-u") as one:
        assert look(one)["inside.uts.others"] == 0
        with shell("nsenter", "-t", str(one), "-u") as two:
            found = look(two)
            assert (found["inside.uts.members"], found["inside.uts.others"]) == (2, 1)
    with shell("unshare", "-u", "sh", "-c", '"$@"; true', "middle") as nested:
        found = look(nested)
        assert (found["inside.uts.members"], found["inside.uts.others"]) == (2, 0)


@needs_user_namespaces
def test_the_lying_ps() -> None:
    with shell("unshare", "-Urpf") as pid:
        found = look(pid)
        assert (found["inside.nspid"], found["inside.processes"], found["inside.proc.own"]) == (1, 1, False)
        ps = found["inside.ps"]
        assert isinstance(ps, int)
        assert ps > 1
    with shell("unshare", "-Urpf", "--mount-proc") as pid:
        found = look(pid)
        assert (found["inside.processes"], found["inside.ps"], found["inside.proc.own"]) == (1, 1, True)
        assert found["inside.pid.owner"] == found["inside.ns.user"] != found["host.ns.user"]
        assert found["inside.pid.parent"] == found["host.ns.pid"]


@needs_user_namespaces
def test_children_in_another_pid_namespace() -> None:
    """`unshare -p` without a fork: the first child is number 1, and the last one."""
    with shell("unshare", "-Urp") as pid:
        found = look(pid)
        assert found["inside.ns.pid"] == found["host.ns.pid"]
        assert (found["inside.children.init"], found["host.children.init"]) == ("none yet", "alive")
    with shell("unshare", "-Urp", script="/bin/true") as pid:
        found = look(pid)
        assert found["inside.ns.pid_for_children"] != found["inside.ns.pid"]
        assert found["inside.children.init"] == "gone"
    with shell("unshare", "-Urp", script="sleep 600 & trap 'kill -9 $!' EXIT") as pid:
        sleep = processes.read(pid)
        assert sleep and look(sleep.ppid)["inside.children.init"] == "alive"


@needs_user_namespaces
def test_number_1_and_what_it_catches() -> None:
    names = ("host.inits", "host.inits.catching.TERM", "host.inits.proc.own", "inside.inits", "inside.pids")
    with shell("unshare", "-Urpf", script="trap : TERM") as pid:
        assert [look(pid)[name] for name in names] == [1, 1, 0, 0, 2]
    with shell("unshare", "-Urpf", "--mount-proc") as pid:
        assert [look(pid)[name] for name in names] == [1, 0, 1, 0, 2]
    with shell("unshare", "-Urpf", "unshare", "-pf") as pid:
        assert [look(pid)[name] for name in names] == [2, 0, 0, 0, 3]
    assert look(OWN())["host.inits"] == 0


@needs_user_namespaces
def test_an_orphan_stays_a_zombie_under_a_number_1_that_never_waits() -> None:
    argv = ["unshare", "-Urpf", "sh", "-c", "(sleep 600 & echo $!); exec cat"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as outer:
        assert outer.stdin and outer.stdout
        assert outer.stdout.readline().strip().isdecimal()
        print("cat runs", file=outer.stdin, flush=True)
        assert outer.stdout.readline() == "cat runs\n"
        (init,) = processes.children(outer.pid)
        (orphan,) = processes.children(init)
        assert look(init)["inside.zombies"] == 0
        pidfd = os.pidfd_open(orphan)
        signal.pidfd_send_signal(pidfd, signal.SIGTERM)
        os.kill(init, signal.SIGTERM)  # no handler: dropped
        assert select.select([pidfd], [], [], 10)[0]
        os.close(pidfd)
        found = look(init)
        assert (found["inside.zombies"], found["host.inits"], found["inside.processes"]) == (1, 1, 2)
        os.kill(init, signal.SIGKILL)
        outer.wait()
    assert processes.read(orphan) is None


@needs_root
def test_a_join_needs_the_mounts_too() -> None:
    with shell("unshare", "-pf", "--mount-proc") as inner:
        for letters, isolated in ((["-p"], False), (["-p", "-m"], True)):
            with shell("nsenter", "-t", str(inner), *letters) as pid:
                found = look(pid)
                assert (found["inside.pid.joined"], found["inside.ps.isolated"]) == (True, isolated)


def test_an_ordinary_place_has_every_fact() -> None:
    found = look(OWN())
    assert found["inside.own"] == ()
    for name in ("hostname", "processes", "mounts", "uid", "uts.members", "root", "nspid", "proc.own"):
        assert found[f"inside.{name}"] == found[f"host.{name}"]
    assert take(OWN(), OWN(), OWN(), PARTS).inside.unreadable == ()  # type: ignore[union-attr]


@needs_root
def test_a_chroot_has_its_own_table(tmp_path: Path) -> None:
    """The same mount namespace, and yet another table: only what is below the root, which is nothing here."""
    busybox = shutil.which("busybox") or pytest.skip("needs busybox")
    (tmp_path / "bin").mkdir()
    (tmp_path / "proc").mkdir()
    shutil.copy(busybox, tmp_path / "bin" / "sh")
    if subprocess.run(["chroot", str(tmp_path), "sh", "-c", ""], capture_output=True).returncode:
        pytest.skip("needs a busybox without libraries")
    with shell("chroot", str(tmp_path)) as pid:
        found = look(pid)
    assert found["inside.own"] == ()
    assert found["inside.root"] == str(tmp_path)
    assert (found["inside.mounts"], found["inside.ps"], found["inside.proc.own"]) == (0, 0, False)
    assert found["host.mounts"] != 0


def test_a_place_that_has_ended() -> None:
    with shell() as pid:
        pass
    assert take(OWN(), OWN(), pid, PARTS).inside is None


def test_a_zombie_says_what_it_can() -> None:
    with subprocess.Popen(["true"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        inside = take(OWN(), OWN(), process.pid, PARTS).inside
        assert inside is not None
        assert inside.process is not None
        assert inside.process.state == "Z"
        assert set(inside.ns) == {"pid", "user"}
        assert any(line.startswith("mounts: ") for line in inside.unreadable)


def test_a_storm_of_ends() -> None:
    """Processes start and end all the time, and one of them is the place."""
    script = "i=0; while [ $i -lt 400 ]; do /bin/true & /bin/true & i=$((i+1)); wait; done"
    rounds = 0
    with subprocess.Popen(["sh", "-c", script]) as storm:
        while storm.poll() is None or rounds == 0:
            seen = take(OWN(), OWN(), None, PARTS)
            newest = max(seen.below(storm.pid), default=storm.pid)
            facts(seen)
            inside = take(OWN(), OWN(), newest, PARTS).inside
            assert inside is None or inside.pid == newest
            assert OWN() in {row.pid for row in seen.processes}
            rounds += 1
    assert rounds > 5


@needs_root
def test_an_ordinary_user_is_told_what_may_not_be_read() -> None:
    with shell("unshare", "-u") as pid:
        code = f"""
from nsplay.snapshot import PARTS, take
from nsplay.facts import facts
import os
seen = take(os.getpid(), {OWN()}, {pid}, PARTS)
found = facts(seen)
print(*(line.partition(":")[0] for line in seen.inside.unreadable), sep=",")
print(seen.hidden > 0, seen.machine.unreadable, seen.machine.names.hostname == os.uname().nodename)
print(sorted(name for name in found if name in ("inside.ns.uts", "inside.hostname", "inside.root", "inside.own")))
print(found["inside.uid"], found["inside.pid"] == {pid}, "inside.cgroup.path" in found or "inside.cgroup.pids" in found)
"""
        unreadable, machine, secret, public = as_nobody(code).split("\n")
    assert {"namespaces", "names", "root", "ps", "network", "sys links", "rules", "ipc folders"} <= set(
        unreadable.split(",")
    )
    assert machine == "True ('rules: Operation not permitted',) True"
    assert secret == "[]"
    assert public.startswith("0 True ")


@needs_user_namespaces
def test_an_ordinary_users_own_place() -> None:
    code = """
import os
from tests.kernel.place import shell
from nsplay.facts import facts
from nsplay.snapshot import PARTS, take
with shell("unshare", "-Urupf", "--mount-proc", script="hostname mine") as pid:
    found = facts(take(os.getpid(), os.getpid(), pid, PARTS))
    print(found["inside.hostname"], found["inside.nspid"], found["inside.uid"], found["inside.uid.outside"], found["inside.ps"])
    print(*found["inside.own"])
"""
    uid = os.geteuid() or 65534
    assert as_nobody(code) == f"mine 1 0 {uid} 1\nuts pid mnt user"
