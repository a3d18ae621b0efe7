"""A machine, a terminal, a state folder that aren't as they should be: a sentence or a lesson, and nothing is lost."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from nsplay.stage.fence import has_root
from tests.faults.window import Window
from tests.input.world import (
    PATIENCE,
    PROJECT,
    Answer,
    Deed,
    become_user,
    close,
    cover,
    environment,
    full,
    full_pipe,
    gone_folder,
    judge,
    limit,
    no_namespaces,
    own_mounts,
    play,
    read_only,
    run,
)

# Every command, with how it is run. A new one is one more line.
QUIET: Final = (
    ("list",),
    ("list", "--json"),
    ("lesson", "lint"),
    ("clean",),
    ("check",),
    ("lesson", "facts"),
    ("--help",),
    ("--version",),
)
STEP: Final = (
    '+++\ntitle = "{0}"\nminutes = 1\n+++\n\n# {0}\n\n## One {{#one}}\n\n```console\n# mkdir /tmp/{0}\n```\n\n'
    + ('```check\ninside.ns.uts == host.ns.uts | no\ninside.hostname contains "" | no\n```\n')
)
OLD: Final = {
    "format": 1,
    "lessons": {"old": {"kept": {"digest": "d", "how": "done"}}},
    "last": ["old", "kept"],
}

World = Callable[[Path], tuple[Deed, ...]]


@pytest.fixture(autouse=True)
def root() -> None:
    if not has_root():
        pytest.skip("needs root, to change what is mounted for one process")


@pytest.fixture
def home(open_folder: Path) -> Path:
    """A home that an ordinary user can use, too; with progress from yesterday."""
    place = open_folder / "home"
    (place / "nsplay").mkdir(parents=True)
    (place / "nsplay" / "progress.json").write_text(json.dumps(OLD))
    subprocess.run(["chown", "-R", "1000:1000", place], check=True)
    return place


def kept(home: Path) -> bool:
    """Is yesterday's progress there still?"""
    found = json.loads((home / "nsplay" / "progress.json").read_text())
    return bool(found["lessons"].get("old") == OLD["lessons"]["old"])  # type: ignore[index]


MACHINES: Final[dict[str, World]] = {
    "an ordinary user": lambda home: (become_user,),
    "a read-only state folder": lambda home: (read_only(home),),
    "a full disk": lambda home: (full(home),),
    "no control groups": lambda home: (cover("/sys/fs/cgroup"),),
    "no control groups, a user": lambda home: (cover("/sys/fs/cgroup"), become_user),
    "no /sys": lambda home: (cover("/sys"),),
    "no /proc": lambda home: (cover("/proc"),),
    "hidepid": lambda home: (cover("/proc", "proc", "hidepid=2"), become_user),
    "a read-only /proc": lambda home: (cover("/proc", "proc", None, 1),),
    "no mount namespaces": lambda home: (no_namespaces("mnt"),),
    "no namespaces": lambda home: (no_namespaces("user", "mnt", "uts", "net", "ipc", "pid", "cgroup"),),
    "no namespaces, a user": lambda home: (no_namespaces("user", "mnt"), become_user),
    "no UTS namespaces": lambda home: (no_namespaces("uts"),),
    "20 files": lambda home: (limit(resource.RLIMIT_NOFILE, 20),),
    "8 files": lambda home: (limit(resource.RLIMIT_NOFILE, 8),),
    "no processes": lambda home: (limit(resource.RLIMIT_NPROC, 0), become_user),
    "3 processes": lambda home: (limit(resource.RLIMIT_NPROC, 3), become_user),
    "12 processes": lambda home: (limit(resource.RLIMIT_NPROC, 12), become_user),
    "files of no size": lambda home: (limit(resource.RLIMIT_FSIZE, 0),),
    "a folder that is gone": lambda home: (gone_folder(home / "gone"),),
    "mounts of its own": lambda home: (own_mounts,),
}
# Where no lesson can be played, and a word of the reason.
SAYS: Final = {
    "a read-only state folder": "Read-only file system",
    "a full disk": "No space left on device",
    "no /proc": "mount -t proc",
    "no mount namespaces": "needs a mount namespace",
    "no namespaces": "max_uts_namespaces",
    "no namespaces, a user": "user namespaces are off",
    "no UTS namespaces": "max_uts_namespaces",
    "8 files": "ulimit -n",
    "no processes": "ulimit -u",
    "3 processes": "ulimit -u",
    "12 processes": "ulimit -u",
    "files of no size": "could not be made",
}
ENVIRONMENTS: Final[dict[str, dict[str, str]]] = {
    "no home": {"HOME": "", "XDG_STATE_HOME": ""},
    "a home that is none": {"HOME": "/proc/nowhere", "XDG_STATE_HOME": ""},
    "no terminal's name": {"TERM": ""},
    "an unknown terminal": {"TERM": "pwned-9000"},
    "a dumb terminal": {"TERM": "dumb"},
    "no locale": {"LANG": ""},
    "the C locale": {"LANG": "C", "LC_ALL": "C"},
    "a broken locale": {"LC_ALL": "xx_YY.nothing"},
    "ASCII in Japanese": {"LC_ALL": "ja_JP", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    "a shell that isn't there": {"SHELL": "/nowhere/bash"},
    "no shell": {"SHELL": ""},
    "no PATH": {"PATH": ""},
    "nothing in PATH": {"PATH": "/nowhere"},
    "no TMPDIR": {"TMPDIR": "/nowhere"},
}


def first_run(home: Path, env: dict[str, str], *deeds: Deed) -> Answer:
    """The quiet commands, then a lesson, one step of which is looked at; the lesson's answer."""
    for words in QUIET:
        judge(run(words, env, *deeds))
    return play(["uts", "--yes"], env, *deeds)


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine(home: Path, name: str) -> None:
    got = first_run(home, environment(home), *MACHINES[name](home))
    judge(got, names=SAYS.get(name, ""))
    assert kept(home) and (got.played or name in SAYS), got.text


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_environment(home: Path, name: str) -> None:
    env = environment(home, **ENVIRONMENTS[name])
    # where HOME is unset, the home is that of the password file
    got = first_run(home, env, cover("/home"), become_user) if name == "no home" else first_run(home, env)
    judge(got)
    assert kept(home)


@pytest.mark.parametrize("size", [(20, 24), (20, 4), (1, 1), (500, 100)])
@pytest.mark.parametrize("more", [(), ("--plain",), ("--lang", "ja"), ("--line", "shell")])
def test_a_terminal_of_any_size(home: Path, size: tuple[int, int], more: tuple[str, ...]) -> None:
    got = play(["uts", "--yes", *more], environment(home), size=size)
    judge(got)
    assert got.status == 0 and got.played


@pytest.mark.parametrize("words", [*QUIET, ("uts",), (), ("lesson", "test", "uts", "--step", "make")])
@pytest.mark.parametrize("streams", ["pipe", "closed", "nothing", "full", "no output", "all closed"])
def test_streams(home: Path, words: tuple[str, ...], streams: str) -> None:
    """Standard input that is a pipe, closed or /dev/null; output that is closed, or a pipe that takes nothing."""
    env = environment(home) | {"TMPDIR": str(home)}
    if streams == "full":
        end = full_pipe()
        done = subprocess.run(
            [sys.executable, "-m", "nsplay", *words],
            stdin=-3,
            stdout=end,
            stderr=-1,
            env=env,
            timeout=PATIENCE,
            check=False,
        )
        os.close(end)
        judge(Answer(done.returncode, done.stderr or b"-"))
        return
    if streams == "pipe":
        reader, writer = os.pipe()
        os.close(writer)
        judge(run(words, env, stdin=reader))
        os.close(reader)
        return
    fds = {"closed": (0,), "nothing": (), "no output": (1,), "all closed": (0, 1, 2)}[streams]
    got = run(words, env, close(*fds))
    judge(got._replace(said=got.said or b"-") if 1 in fds else got)
    assert not list(home.glob("nsplay-fault-*"))  # nobody could be told of it


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"\0" * 4096,
        b"[]",
        b'{"format": 1, "lessons": {"old": {"kept": 3}}}',
        b"\xff",
        b"[" * 100_000,
        None,
    ],
)
def test_damaged_progress(home: Path, damage: bytes | None) -> None:
    """It is set aside, whole; what can be read of it is kept; the learner is told."""
    file = home / "nsplay" / "progress.json"
    file.unlink()
    if damage is None:
        file.mkdir()
    else:
        file.write_bytes(damage)
    env = environment(home)
    judge(run(["list"], env))
    got = play(["uts", "--yes"], env)
    judge(got)
    assert got.status == 0 and json.loads(file.read_text())["format"] == 1
    aside = home / "nsplay" / "progress.json.damaged-1"
    assert aside.is_dir() if damage is None else aside.read_bytes() == damage


def test_two_at_once(home: Path) -> None:
    """Both write progress, in turns; neither loses what the other did."""
    for name in ("left", "right"):
        (home / "lessons" / name).mkdir(parents=True)
        text = (PROJECT / "lessons" / "uts" / "lesson.md").read_text()
        (home / "lessons" / name / "lesson.md").write_text(text)
    env = environment(home, NSPLAY_LESSONS=str(home / "lessons"))
    windows = [Window([name, "--yes"], env) for name in ("left", "right")]
    try:
        for window in windows:
            window.until(lambda window=window: b"menu" in window.said, PATIENCE)  # type: ignore[misc]
        for window in windows:
            window.key(b"unshare -u /bin/sh\r")
        for window in windows:
            window.until(lambda window=window: "step 1 of 10 done" in window.text(), PATIENCE)  # type: ignore[misc]
        for window in windows:
            while not window.ended(1.0):
                window.key(b"\x1dq")
    finally:
        for window in windows:
            window.hang_up()
            assert window.ended(PATIENCE)
    found = json.loads((home / "nsplay" / "progress.json").read_text())["lessons"]
    assert found["left"]["make"]["how"] == found["right"]["make"]["how"] == "done"
    assert kept(home)


@pytest.mark.parametrize("inside", ["nsplay", "container", "container of a user"])
def test_inside_of_something(home: Path, inside: str) -> None:
    """On a stage of nsplay's own; in namespaces like a container's."""
    env = environment(home)
    if inside == "nsplay":
        line = f"{sys.executable} -m nsplay uts --yes\r"
        got = play(["uts", "--yes"], env, keys=[line.encode(), b":quit\r", b"\x04"])
    else:
        own = ["unshare", "-mupif", "--mount-proc"] + ["-Ur"] * (inside != "container")
        got = play(["uts", "--yes"], env, prefix=[*own, "--kill-child"])
    judge(got)
    assert kept(home)


def test_a_missing_tool(home: Path) -> None:
    """PATH without `unshare`: the lesson says what it lacks, and how to get it."""
    (home / "bin").mkdir()
    env = environment(home, PATH=str(home / "bin"))
    hidden = [cover(folder) for folder in ("/usr/local/sbin", "/usr/sbin", "/sbin")][1:2]
    got = play(["uts"], env, *hidden)
    judge(got)
    assert got.status == 3 and "unshare" in got.text
