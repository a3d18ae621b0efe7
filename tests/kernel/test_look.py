"""`nsplay look` at containers that real runtimes have made, and at processes that can't be looked at as others can."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nsplay import containers, portrait
from nsplay.cli import main
from nsplay.errors import MachineError, UsageError
from nsplay.kernel import processes
from nsplay.portrait import Portrait
from nsplay.snapshot import take
from tests.kernel import bundles
from tests.kernel.place import needs_root, needs_user_namespaces, shell

OCI = ("uts", "pid", "mnt", "net", "ipc")  # what the default config.json of a runtime has


def dangers(it: Portrait) -> set[str]:
    return {danger.key for danger in it.judged.dangers}


@pytest.mark.parametrize("runtime", [pytest.param(one, marks=bundles.needs(one)) for one in ("runc", "crun")])
def test_a_bundle(runtime: str, tmp_path: Path) -> None:
    with bundles.bundle(runtime, tmp_path, "web") as pid:
        it = portrait.draw(pid)
        assert set(OCI) <= set(it.own) and "user" not in it.own
        assert it.container and it.container.pids == {pid}
        if runtime not in bundles.GROUPLESS:
            bounds = {bound.resource: bound.limit for bound in it.bounds or ()}
            assert (
                it.container.grouped and bounds["memory"] == bundles.MEMORY and bounds.get("pids", 50) == 50
            )
        # Its own defaults: root is root, and no filter; all that it masks and drops is seen to be masked and dropped
        assert dangers(it) - {"pids", "memory"} == {"user", "seccomp"} | ({"no_new_privs"} & dangers(it))
        assert not it.judged.unknown


@bundles.needs("runc")
def test_a_bundle_that_is_wide_open(tmp_path: Path) -> None:
    every = {name: ["CAP_SYS_ADMIN", "CAP_NET_ADMIN"] for name in ("bounding", "effective", "permitted")}
    opened = {
        "namespaces": [{"type": "mount"}],
        "maskedPaths": [],
        "readonlyPaths": [],
        "rootfsPropagation": "shared",
        "process": {"capabilities": every, "noNewPrivileges": False},
        "mounts": [
            {"destination": "/host", "type": "bind", "source": "/etc", "options": ["rbind", "rw"]},
            {"destination": "/run/d", "type": "bind", "source": "/srv", "options": ["rbind", "ro"]},
        ],
    }
    with bundles.bundle("runc", tmp_path, "wide", **opened) as pid:
        it = portrait.draw(pid)
        assert it.own == ("mnt",)
        wanted = {
            "pid",
            "user",
            "net",
            "ipc",
            "uts",
            "capabilities",
            "proc-sys",
            "folders",
            "seccomp",
            "no_new_privs",
        }
        assert wanted <= dangers(it) and "root" not in dangers(it)
        words = next(danger.words.en for danger in it.judged.dangers if danger.key == "folders")
        assert "/etc -> /host" in words


@bundles.needs("systemd-nspawn")
def test_nspawn(tmp_path: Path) -> None:
    with bundles.nspawn(tmp_path / "root", "box") as pid:
        it = portrait.draw(pid)
        assert it.container and (it.container.runtime, it.container.pid) == ("nspawn", pid)
        assert set(OCI) <= set(it.own) and it.side.names and it.side.names.hostname == "box"
        assert "capabilities" in dangers(it) and "root" not in dangers(it)


@bundles.needs("podman", "runc", "conmon")
def test_podman(tmp_path: Path) -> None:
    with bundles.podman(tmp_path, "shop") as (pid, root):
        now = take(os.getpid(), os.getpid(), None, containers.PARTS)
        (found,) = [one for one in containers.find(now, root=root) if pid in one.pids]
        assert (found.runtime, found.name, found.pid, found.real) == ("podman", "shop", pid, True)
        assert found.answers("shop") and found.answers(found.id[:6])
        assert portrait.find(found.id[:12]).pid == pid
        it = portrait.draw(pid)
        assert "capabilities" not in dangers(it) and "proc-sys" not in dangers(it)


# ---- what it has beyond the one built by hand


def owed(pid: int, capsys: pytest.CaptureFixture[str]) -> tuple[set[str], set[str]]:
    """The keys of what is more and of what is fewer."""
    assert main(["look", str(pid), "--owe", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    more, fewer = ({row["key"] for row in told[name]} for name in ("more", "fewer"))
    return more, fewer


@bundles.needs("runc")
def test_what_runc_has_beyond(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    limits = [{"type": "RLIMIT_NOFILE", "hard": 64, "soft": 64}]
    with bundles.bundle("runc", tmp_path, "web", process={"rlimits": limits}) as pid:
        more, fewer = owed(pid, capsys)
        wanted = {"masked", "read-only", "root", "dev", "no_new_privs", "capabilities", "rlimits", "pids"}
        assert (
            more - {"devices"} == wanted and {"user", "cpu"} <= fewer and not fewer & {"mnt", "pid", "memory"}
        )
        assert main(["look", str(pid), "--owe", "--lang", "ja"]) == 0
        words = capsys.readouterr().out
        assert "nofile 64" in words and "手作り" in words and "nsplay capabilities" in words


@bundles.needs("crun")
def test_what_crun_has_beyond(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with bundles.bundle("crun", tmp_path, "web") as pid:
        more, _ = owed(pid, capsys)
        assert {"masked", "read-only", "root", "no_new_privs", "capabilities"} <= more


@bundles.needs("podman", "runc", "conmon")
def test_what_podman_has_beyond(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with bundles.podman(tmp_path, "shop") as (pid, _):
        more, fewer = owed(pid, capsys)
        assert {"masked", "seccomp", "files", "rlimits", "pids"} <= more and "root" not in more
        assert "sys_chroot" in fewer


@bundles.needs("systemd-nspawn")
def test_what_nspawn_has_beyond(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with bundles.nspawn(tmp_path / "root", "box") as pid:
        more, fewer = owed(pid, capsys)
        assert {"dev", "seccomp", "capabilities"} <= more and {"user", "sys_chroot"} <= fewer


@needs_root
def test_what_one_made_by_hand_owes(capsys: pytest.CaptureFixture[str]) -> None:
    with shell("unshare", "-muinpfrC", "--mount-proc") as pid:
        more, fewer = owed(pid, capsys)
        assert not more - {"label"} and {"own root", "sys_chroot"} <= fewer and "mnt" not in fewer


def test_a_process_of_the_host_owes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with shell() as pid:
        status, words = said(capsys, str(pid), "--owe")
        assert status == 0 and "is in no container" in words
        status, words = said(capsys, str(pid), "mounts", "--owe")
        assert status == 2 and "--owe is about one container" in words


@needs_user_namespaces
def test_made_by_hand() -> None:
    with shell("unshare", "-Urupmf", "--mount-proc") as pid:
        it = portrait.draw(pid)
        assert it.own == ("uts", "pid", "mnt", "user")
        assert it.container and (it.container.runtime, it.container.pid) == ("unshare", pid)
        parent = processes.read(pid)
        assert parent and parent.ppid in it.container.pids
        assert {"net", "ipc"} <= dangers(it) and "capabilities" not in dangers(it)
        lines = {line.it.pid: line for line in portrait.overview().lines}
        judged = lines[pid].judged
        assert judged and {danger.key for danger in judged.dangers} == dangers(it)


@needs_root
def test_who_entered_belongs_to_it() -> None:
    with shell("unshare", "-n") as pid, shell("nsenter", "-n", "-t", str(pid)) as visitor:
        now = take(os.getpid(), os.getpid(), None, containers.PARTS)
        found = containers.of(visitor, containers.find(now))
        assert found and pid in found.pids and found.pid == pid


def test_a_process_of_the_host_is_in_no_container() -> None:
    with shell() as pid:
        it = portrait.draw(pid)
        assert it.container is None and it.own == () and "mnt" in dangers(it)


# ---- what can't be looked at as others can


@contextmanager
def zombie() -> Iterator[int]:
    """A child of ours that has ended, and nobody has waited for it."""
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    try:
        yield child
    finally:
        os.waitpid(child, 0)


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    status = main(["look", *words])
    told = capsys.readouterr()
    return status, told.out + told.err


def test_a_zombie(capsys: pytest.CaptureFixture[str]) -> None:
    with zombie() as pid:
        status, words = said(capsys, str(pid))
        assert status == 3 and "has ended" in words and "capabilities" in words and "dangers" not in words
        status, words = said(capsys, str(pid), "--json")
        told = json.loads(words)
        assert status == 3 and told["problem"]["kind"] == "ended" and told["mounts"] is None


def test_a_thread_of_the_kernels(capsys: pytest.CaptureFixture[str]) -> None:
    if not processes.is_kernel_thread(2):
        pytest.skip("needs to see the kernel's threads: in a pid namespace there are none")
    status, words = said(capsys, "2")
    assert status == 3 and "kernel's own" in words and "dangers" not in words
    assert all(
        2 not in one.pids for one in containers.find(take(os.getpid(), os.getpid(), None, containers.PARTS))
    )


def test_a_pid_that_is_gone(capsys: pytest.CaptureFixture[str]) -> None:
    child = subprocess.Popen(["true"])
    child.wait()
    assert said(capsys, str(child.pid))[0] == 3
    with pytest.raises(MachineError):
        portrait.draw(child.pid)


def test_nobody_of_that_name(capsys: pytest.CaptureFixture[str]) -> None:
    status, words = said(capsys, "--container", "no-such-container")
    assert status == 3 and "there is no container no-such-container" in words
    status, words = said(capsys, "1", "nonsense")
    assert status == 2 and "there is no view nonsense" in words


@needs_root
def test_two_of_one_name() -> None:
    with shell("unshare", "-u") as one, shell("unshare", "-u") as other:
        assert one != other
        with pytest.raises(UsageError, match="are called sh"):
            portrait.find("sh")


# ---- the command


@needs_root
def test_json_says_what_the_kernel_says(capsys: pytest.CaptureFixture[str]) -> None:
    with shell("unshare", "-um", script="hostname inside") as pid:
        assert main(["look", str(pid), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["format"] == 1 and told["pid"] == pid and told["hostname"] == "inside"
        for kind, row in told["namespaces"].items():
            inode = os.stat(f"/proc/{pid}/ns/{kind}").st_ino
            assert (row["inode"], row["own"]) == (inode, kind in ("uts", "mnt"))
        assert main(["look", "--all", "--json"]) == 0
        every = json.loads(capsys.readouterr().out)["containers"]
        assert [one["own"] for one in every if pid in one["processes"]] == [["uts", "mnt"]]


@needs_root
def test_diff_tells_the_views_apart(capsys: pytest.CaptureFixture[str]) -> None:
    with shell("unshare", "-u", script="hostname one") as a, shell("unshare", "-i") as b:
        assert main(["diff", str(a), str(b), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        differ = {name for name, state in told["views"].items() if state == "differs"}
        assert (
            differ == {"hostname", "namespaces"}
            and told["views"]["mounts"] == "same"
            and told["facts"]["hostname"][0] == "one"
        )
        assert main(["diff", str(a), str(b)]) == 0
        words = capsys.readouterr().out
        assert f"in {a}" in words and f"in {b}" in words and "the same" in words
        assert "in here" not in words and "you are here" not in words


@needs_root
def test_watch_tells_what_moves_and_ends_with_the_process() -> None:
    argv = [sys.executable, "-m", "nsplay", "look", "--watch", "--plain"]
    with shell("unshare", "-u") as pid:
        with subprocess.Popen(
            [*argv, str(pid)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as watch:
            assert watch.stdout and watch.stderr
            first = watch.stdout.readline()
            assert first.startswith("Dangers:")
            subprocess.run(["nsenter", "-u", "-t", str(pid), "hostname", "moved"], check=True)
            assert any(line.startswith("Host name: moved. It was ") for line in watch.stdout)
            os.kill(pid, signal.SIGKILL)
            assert "has ended" in watch.stderr.read()
        assert watch.returncode == 0
