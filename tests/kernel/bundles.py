"""Real containers of real runtimes, made from busybox, below control groups of ours; nothing of them is left afterwards."""

import contextlib
import errno
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from nsplay.kernel import cgroups, mounts, processes
from tests.patience import patience

BUSYBOX: Final = shutil.which("busybox") or ""
DAY: Final = "86400"  # seconds that a container would sleep if nobody ended it
MEMORY: Final = 64 << 20
# crun refuses machines with both versions of groups: it is shown version 2 alone, and its container stays in our group.
GROUPLESS: Final = {"crun": ("--cgroup-manager", "disabled")}
# With the options that it has: they are those of all mounts of it, and systemd wants nsdelegate (cgroups(7)).
ALONE: Final = """
options=$(findmnt -nro FS-OPTIONS -t cgroup2 | head -n1)
umount -R /sys/fs/cgroup; mount -t cgroup2 -o "$options" none /sys/fs/cgroup; exec "$0" "$@"
"""


def needs(*tools: str) -> pytest.MarkDecorator:
    """Root, these runtimes and a static busybox."""
    missing = [tool for tool in (*tools, "busybox") if not _which(tool)]
    why = f"needs {', '.join(missing)}" if missing else "needs root"
    return pytest.mark.skipif(bool(missing) or os.geteuid() != 0, reason=why)


def _which(tool: str) -> str | None:
    return shutil.which(tool, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def rootfs(folder: Path) -> Path:
    """A root folder with nothing but busybox."""
    for name in ("bin", "proc", "sys", "dev", "etc", "usr", "tmp", "run"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(BUSYBOX, folder / "bin" / "busybox")
    for name in ("sh", "sleep"):
        (folder / "bin" / name).symlink_to("busybox")
    (folder / "etc" / "os-release").touch()
    return folder


@contextlib.contextmanager
def groups(name: str = "look") -> Iterator[str]:
    """The path of a group of ours, for a runtime to make its own below; all of them are gone afterwards."""
    path = f"/nsplay-{os.getpid()}-{name}"
    tops = [Path(tree.mountpoint) for tree in cgroups.hierarchies()]
    given = {top: _given(top) for top in tops if (top / "cgroup.subtree_control").exists()}
    try:
        with options_kept():
            yield path
    finally:
        for top in tops:
            if (top / path[1:]).is_dir():
                _remove(top / path[1:])
        for (
            top,
            had,
        ) in given.items():  # version 2: a runtime has every controller given away, from the top on
            for controller in _given(top) - had:
                _take_back(top, controller)


@contextlib.contextmanager
def options_kept() -> Iterator[None]:
    """A runtime that mounts version 2 in the machine's own cgroup namespace sets the options of all its mounts, without the
    nsdelegate that systemd had set: they are put back.
    """
    options = _options()
    try:
        yield
    finally:
        for target, before in options.items():
            if _options().get(target, before) != before:
                run("mount", "-o", f"remount,{before}", target)


def _options() -> dict[str, str]:
    """Of each mount of version 2."""
    return {mount.target: mount.super_options for mount in mounts.read("self") if mount.fstype == "cgroup2"}


def _given(top: Path) -> set[str]:
    return set((top / "cgroup.subtree_control").read_text().split())


def _take_back(top: Path, controller: str) -> None:
    """A stage of a test beside this one may use it: that is waited for."""
    until = time.monotonic() + patience(20)
    while True:
        try:
            (top / "cgroup.subtree_control").write_text(f"-{controller}")
            return
        except OSError as error:
            if error.errno != errno.EBUSY or time.monotonic() > until:
                raise
            time.sleep(0.05)


def _remove(top: Path) -> None:
    """A runtime's watcher may need a moment more to end."""
    until = time.monotonic() + patience(5)
    for folder, _, _ in os.walk(top, topdown=False):
        while True:
            try:
                os.rmdir(folder)
                break
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.01)


def run(*argv: str, env: Mapping[str, str] | None = None) -> str:
    """What it prints. Fails with all that it said."""
    argv = (_which(argv[0]) or argv[0], *argv[1:])
    done = subprocess.run(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=patience(60),
        env=env,
    )
    assert done.returncode == 0, f"{argv} said {done.stdout}"
    return done.stdout


@contextlib.contextmanager
def bundle(runtime: str, folder: Path, name: str, **change: Any) -> Iterator[int]:
    """The first process of a container that runc or crun makes from its own default config.json.

    change: of its "linux" object; "process" of that one.
    """
    rootfs(folder / "rootfs")
    run(runtime, "spec", "--bundle", str(folder)) if runtime == "runc" else _spec(folder)
    config = json.loads((folder / "config.json").read_text())
    config["process"] |= {
        "terminal": False,
        "args": ["/bin/sleep", DAY],
        "rlimits": [],
        **change.pop("process", {}),
    }
    config["mounts"] += change.pop("mounts", [])
    if {"type": "uts"} not in change.get("namespaces", [{"type": "uts"}]):
        del config["hostname"]
    config["linux"] |= {"resources": {"memory": {"limit": MEMORY}, "pids": {"limit": 50}}, **change}
    state = ("--root", str(folder / "state"))
    with groups(name) as path:
        if runtime in GROUPLESS:
            del config["linux"]["resources"]
            config["mounts"] = [mount for mount in config["mounts"] if "cgroup" not in mount["type"]]
        else:
            config["linux"]["cgroupsPath"] = f"{path}/{name}"
        (folder / "config.json").write_text(json.dumps(config))
        pid_file = folder / "pid"
        with (folder / "said").open("w") as said:  # no pipe: the container would hold it open
            done = subprocess.run(
                [
                    *(("unshare", "-m", "sh", "-c", ALONE) if runtime in GROUPLESS else ()),
                    *(_which(runtime) or runtime, *state, *GROUPLESS.get(runtime, ()), "run", "--detach"),
                    *("--pid-file", str(pid_file), "--bundle", str(folder), name),
                ],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                timeout=patience(60),
            )
        assert done.returncode == 0, (folder / "said").read_text()
        try:
            yield int(pid_file.read_text())
        finally:
            run(runtime, *state, "delete", "--force", name)
            _collect(int(pid_file.read_text()))


def _spec(folder: Path) -> None:
    with contextlib.chdir(folder):
        run("crun", "spec")


def _collect(pid: int) -> None:
    """An orphan comes to the test process, which is a subreaper (tests/conftest.py)."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)


@contextlib.contextmanager
def nspawn(folder: Path, name: str) -> Iterator[int]:
    """The first process of a systemd-nspawn container. No machined is told, no unit is made."""
    rootfs(folder)
    argv = [
        "systemd-nspawn",
        "--quiet",
        "--register=no",
        "--keep-unit",
        f"--machine={name}",
        "--private-network",
    ]
    argv += ["--console=pipe", f"--directory={folder}", "/bin/sh", "-c", "echo ready; read wait"]
    with groups(name) as path:
        # It makes groups below its own: that is to be one of ours.
        own = [
            Path(f"{tree.mountpoint}{path}")
            for tree in cgroups.hierarchies()
            if tree.version == 2 or "name=systemd" in tree.controllers
        ]
        for group in own:
            group.mkdir()

        # For a root without systemd it would mount a hierarchy of version 1, which no machine of version 2 gets rid of again.
        pure = {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"} if cgroups.version() == "v2" else {}

        def enter() -> None:
            for group in own:
                (group / "cgroup.procs").write_text("0")

        with subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=enter,
            env=os.environ | pure,
        ) as outer:
            assert outer.stdin and outer.stdout
            said = iter(outer.stdout.readline, "")
            assert any(line.strip() == "ready" for line in said), "systemd-nspawn has ended"
            yield next(pid for pid in processes.descendants(outer.pid) if _inner(pid) == 1)
            outer.terminate()


def _inner(pid: int) -> int:
    row = processes.read(pid)
    return row.nspids[-1] if row and len(row.nspids) > 1 else 0


@contextlib.contextmanager
def podman(folder: Path, name: str) -> Iterator[tuple[int, str]]:
    """The first process of a podman container, and the root folder below which podman's files lie."""
    rootfs(folder / "rootfs")
    store = folder / "var" / "lib" / "containers" / "storage"
    conf = folder / "containers.conf"
    conf.write_text(
        f'[engine]\nlock_type = "file"\ntmp_dir = "{folder}/tmp"\nevents_logger = "none"\n'
        'cgroup_manager = "cgroupfs"\n[containers]\ndefault_ulimits = ["nofile=64:64", "nproc=64:64"]\n'
    )
    env = {**os.environ, "CONTAINERS_CONF": str(conf), "HOME": str(folder), "TMPDIR": str(folder)}
    short = tempfile.mkdtemp(prefix="run-", dir="/tmp")  # podman takes 50 characters
    base = ["podman", "--root", str(store), "--runroot", short, "--storage-driver", "vfs"]
    base += ["--runtime", "runc"]
    with groups(name) as path:
        run(
            *base, *("run", "--detach", "--name", name, "--network", "none", "--memory", str(MEMORY)),
            *("--cgroup-parent", path, "--rootfs", str(folder / "rootfs"), "/bin/sleep", DAY), env=env,
        )  # fmt: skip
        try:
            yield int(run(*base, "inspect", "--format", "{{.State.Pid}}", name, env=env)), str(folder)
        finally:
            run(*base, "rm", "--force", "--time", "0", name, env=env)
            shutil.rmtree(short, ignore_errors=True)
