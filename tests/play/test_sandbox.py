"""`nsplay sandbox` for real: in a terminal and without one, as root and as an ordinary user, and killed in the middle."""

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from nsplay.kernel import cgroups
from tests.kernel import bundles
from tests.patience import patience
from tests.play.learner import learner
from tests.stage.house import USER

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
READY = r"[#$] $"


def run(
    state: Path | str, *words: str, module: str = "nsplay", given: str = ""
) -> subprocess.CompletedProcess[str]:
    """Without a terminal."""
    env = {
        **os.environ,
        "XDG_STATE_HOME": str(state),
        "HOME": str(state),
        "LC_ALL": "C.UTF-8",
        "SHELL": "/bin/dash",
    }
    return subprocess.run(
        [sys.executable, "-m", module, "sandbox", *words],
        env=env,
        input=given,
        capture_output=True,
        text=True,
        timeout=patience(60.0),
        check=False,
    )


@pytest.fixture
def home() -> Iterator[str]:
    """A folder that is the ordinary user's."""
    with tempfile.TemporaryDirectory(prefix="nsplay-user-", dir="/tmp") as folder:
        os.chown(folder, USER, USER)
        yield folder


@pytest.fixture
def rootfs() -> Iterator[Path]:
    """A root folder with busybox, where everybody may read it."""
    with tempfile.TemporaryDirectory(prefix="nsplay-root-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        (Path(folder) / "bin").mkdir()
        shutil.copy(bundles.BUSYBOX, Path(folder) / "bin" / "busybox")
        for name in ("sh", "ls", "umount", "hostname", "cat"):
            (Path(folder) / "bin" / name).symlink_to("busybox")
        yield Path(folder)


def group_of(pid: int, mountpoint: str) -> list[Path]:
    """The groups that the stage of that nsplay has left there."""
    return list(Path(mountpoint).glob(f"nsplay-{pid}-*"))


# ---- a command, without a terminal: its output, its exit status, and nothing else


@pytest.mark.parametrize(
    ("words", "status", "out"),
    [
        (("--with", "pid", "--", "sh", "-c", "echo $$"), 0, "1\n"),
        (("--", "sh", "-c", "id -u; exit 7"), 7, "0\n"),
        (("--with", "uts", "--", "sh", "-c", "hostname box; hostname"), 0, "box\n"),
        (("--with", "uts", "--", "sh", "-c", "kill -9 $$"), 137, ""),
        (("--with", "uts", "--", "cat"), 0, "given\n"),
        (("--with", "uts", "--", "echo", "--", "--json", "it's"), 0, "-- --json it's\n"),
    ],
)
def test_a_command(tmp_path: Path, words: Sequence[str], status: int, out: str) -> None:
    before = os.uname().nodename
    done = run(tmp_path, *words, given="given\n")
    assert (done.returncode, done.stdout, done.stderr) == (status, out, "")
    assert os.uname().nodename == before


@needs_root
def test_limits_are_the_kernels(tmp_path: Path) -> None:
    names = {1: ("memory.limit_in_bytes", "pids.max"), 2: ("memory.max", "pids.max")}
    trees = {name: tree for tree in cgroups.hierarchies() for name in tree.controllers}
    if not {"memory", "pids"} <= trees.keys():
        pytest.skip("needs the controllers memory and pids")
    files = [
        f"{trees[name].mountpoint}/sandbox/{names[trees[name].version][number]}"
        for number, name in enumerate(("memory", "pids"))
    ]
    done = run(tmp_path, "--with", "uts", "--memory", "64M", "--pids", "20", "--", "cat", *files)
    assert (done.returncode, done.stdout) == (0, f"{64 << 20}\n20\n"), done.stderr


@pytest.mark.skipif(not bundles.BUSYBOX, reason="needs busybox")
@pytest.mark.parametrize("kinds", ["mnt", "user,mnt,pid"])
def test_a_root_folder(tmp_path: Path, rootfs: Path, kinds: str) -> None:
    before = sorted(rootfs.rglob("*"))
    words = ("--with", kinds, "--root", str(rootfs))
    done = run(tmp_path, *words, "--", "sh", "-c", "echo new > /x; ls /; cat /x")
    assert done.returncode == 0 and done.stdout.split() == ["bin", "dev", "proc", "x", "new"], done.stderr
    assert sorted(rootfs.rglob("*")) == before
    (rootfs / "bin" / "umount").unlink()
    (rootfs / "bin" / "busybox").rename(
        rootfs / "bin" / "other"
    )  # nothing to take the old root away with: chroot
    for name in ("sh", "ls"):
        (rootfs / "bin" / name).unlink()
        (rootfs / "bin" / name).symlink_to("other")
    assert run(tmp_path, *words, "--", "ls", "/").stdout.split() == ["bin", "dev", "proc"]


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("--root", "/nowhere", "--", "true"), 2, "--root /nowhere: isn't there"),
        (("--root", "/etc/passwd", "--", "true"), 2, "is no folder"),
        (("--root", "/", "--", "true"), 2, "the host's own"),
        (("--memory", "3", "potatoes"), 2, "takes no word potatoes"),
        (("--memory", "3 potatoes", "--", "true"), 2, "wants a size"),
        (("--with", "potatoes", "--", "true"), 2, "there is no kind of namespace potatoes"),
        ((), 2, "needs a terminal"),
        (("--no-fence", "--", "true"), 2, "--no-fence has none"),
    ],
)
def test_wrong_words(tmp_path: Path, words: Sequence[str], status: int, says: str) -> None:
    done = run(tmp_path, *words)
    assert (done.returncode, says in done.stderr, done.stdout) == (status, True, ""), done.stderr


@needs_root
def test_as_an_ordinary_user(home: str) -> None:
    done = run(home, "--", "sh", "-c", "id -u; hostname box; hostname; echo $$", module="tests.input.user")
    assert (done.returncode, done.stdout) == (0, "0\nbox\n1\n"), done.stderr
    done = run(home, "--with", "uts", "--memory", "64M", "--", "true", module="tests.input.user")
    assert done.returncode == 0 and ("left out: memory" in done.stderr or not done.stderr)


# ---- in a terminal


@needs_root
def test_somebody_is_in_it(tmp_path: Path) -> None:
    with learner(tmp_path, "sandbox", "--with", "uts,pid", "--memory", "64M") as person:
        person.until(rf"exec unshare -mupf --mount-proc dash.*in the sandbox.*\[uts\]\[pid\]\[mnt\].*{READY}")
        person.type("hostname box", rf"what changed.*host name.*~ box.*host +unchanged.*{READY}")
        person.type("echo $$", rf"1\n.*{READY}")
        person.type(":hint", rf":hint belongs to lessons.*{READY}")
        person.type(":nothing", rf"There is no :nothing.*{READY}")
        person.type(":help", rf":both.*:quit.*{READY}")
        person.type(":both hostname", rf"both sides.*on the host.*box.*{READY}")
        person.type(
            ":show", rf"by hand +# mkdir .*/sandbox\n.*exec unshare -mupf --mount-proc dash\n.*{READY}"
        )
        person.type("hostname other", rf"what changed.*{READY}")
        person.type(":views", rf"hostname.*other.*{READY}|host name.*other.*{READY}")
        person.key("exit\r").until("The sandbox is gone; nothing is left behind.")
        assert person.gone() == 0


@needs_root
def test_an_ordinary_user_is_in_it(home: str) -> None:
    env = {"HOME": home, "XDG_STATE_HOME": home}
    with learner(Path(home), "sandbox", "--memory", "64M", module="tests.input.user", **env) as person:
        person.until(rf"(left out +memory: |64M > ).*exec unshare -Urmuinp.*in the sandbox.*{READY}")
        person.type("hostname box", rf"what changed.*~ box.*{READY}")
        person.key("exit\r").until("nothing is left behind")
        assert person.gone() == 0


@needs_root
def test_why_in_it(tmp_path: Path) -> None:
    with learner(tmp_path, "sandbox", "--with", "user") as person:
        person.until(rf"in the sandbox.*{READY}")
        person.type("hostname box", rf"must be root.*{READY}|not permitted.*{READY}")
        person.type(":why", rf"sethostname.*{READY}")


def test_a_command_in_a_terminal(tmp_path: Path) -> None:
    with learner(
        tmp_path, "sandbox", "--with", "uts", "--", "sh", "-c", "hostname box; hostname; exit 5"
    ) as person:
        assert person.gone() == 5
        assert "\nbox" in person.text() and "left behind" not in person.text()
    with learner(tmp_path, "sandbox", "--with", "uts", "--", "sh", "-c", "kill -9 $$") as person:
        assert person.gone() == 137


@needs_root
def test_a_root_that_is_none(tmp_path: Path, rootfs: Path) -> None:
    (rootfs / "bin" / "sh").unlink()
    shutil.copy("/bin/bash", rootfs / "bin" / "sh")  # without its libraries
    with learner(tmp_path, "sandbox", "--root", str(rootfs)) as person:
        assert person.gone() == 3
        assert "is no root file system" in person.text() and "`ldd` names" in person.text()


def test_japanese_sentences(tmp_path: Path) -> None:
    with learner(tmp_path, "sandbox", "--with", "uts", "--lang", "ja", "--plain") as person:
        person.until(rf"サンドボックスができました.*{READY}")
        person.type("hostname box", rf"box.*{READY}")
        person.type(":menu", rf"レッスンのものです.*{READY}")
        person.key("exit\r").until("何も残っていません")
        assert person.gone() == 0


@needs_root
def test_a_second_terminal_and_a_fresh_stage(tmp_path: Path) -> None:
    with learner(tmp_path, "sandbox", "--with", "uts") as person:
        person.until(rf"in the sandbox.*{READY}")
        person.type("hostname box", rf"what changed.*{READY}")
        person.key("\x1d2").until(rf"terminal 2 +on the host's side.*{READY}")
        person.type("hostname", rf"\n(?!box).*{READY}")
        person.key("\x1d1").until(rf"terminal 1 +the sandbox.*{READY}")
        person.key(":reset\r").until(rf"A fresh stage.*in the sandbox.*{READY}")


@needs_root
def test_killed_in_the_middle(tmp_path: Path) -> None:
    with learner(tmp_path, "sandbox", "--memory", "64M", "--with", "pid,net") as person:
        person.until(rf"in the sandbox.*{READY}")
        waiting = {os.pidfd_open(row.pid) for row in person.below()}
        assert len(waiting) > 3  # the warden, the stage, unshare, the shell
        os.kill(person.process.pid, signal.SIGKILL)
        until = time.monotonic() + patience(20.0)
        while waiting and time.monotonic() < until:
            for fd in select.select(list(waiting), [], [], 1.0)[0]:
                waiting.remove(fd)
                os.close(fd)
        assert not waiting
    assert not [tree for tree in cgroups.hierarchies() if group_of(person.process.pid, tree.mountpoint)]
