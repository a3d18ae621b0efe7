"""nsplay as a program in a world that isn't as it should be, and what has to hold of its answer whatever that is."""

import contextlib
import os
import re
import resource
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from nsplay.kernel import syscalls
from nsplay.kernel.syscalls import CLONE_NEWNS, CLONE_NEWUSER, MS_PRIVATE, MS_RDONLY, MS_REC
from tests.faults.window import Window

PROJECT: Final = Path(__file__).parents[2]
PATIENCE: Final = 30.0  # seconds: longer is a hang
STATUSES: Final = (0, 1, 2, 3, 130)
FAULTS: Final = (
    "Traceback (most recent",
    "fault of nsplay's own",
    "Exception ignored",
    "Fatal Python",
    "Error in ",
)
# What hostile text brings along. None of it may come out.
ESCAPES: Final = "\x1b[38;5;201m", "\x1b]0;pwned\x07", "\x9b31m", "\u202e"
STYLE: Final = re.compile(rb"\x1b\[[\d;]*m")
CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]")

Deed = Callable[[], object]


class Answer(NamedTuple):
    """said: both streams. terminal: on one it may use colours, and its editor's sequences while a lesson is played."""

    status: int
    said: bytes
    terminal: bool = False
    played: bool = False

    @property
    def text(self) -> str:
        return self.said.decode(errors="replace")


def judge(answer: Answer, *, names: str = "", plain: bool = False) -> None:
    """What holds of every answer. names: what a complaint has to contain (a file's name)."""
    assert answer.status in STATUSES, (answer.status, answer.text)
    for fault in FAULTS:
        assert fault not in answer.text, answer.text
    for escape in ESCAPES:
        assert escape.encode() not in answer.said, answer.said
    if not answer.played:
        rest = answer.said if plain or not answer.terminal else STYLE.sub(b"", answer.said)
        found = CONTROL.search(rest)
        assert not found, rest[max(0, found.start() - 60) : found.end() + 60]
    assert answer.status == 0 or answer.text.strip(), "it failed without a word"
    if names:
        assert names in answer.text, answer.text


def environment(home: Path, **more: str) -> dict[str, str]:
    """A plain one. more: set, or taken away with ""."""
    base = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_STATE_HOME": str(home),
        "TERM": "xterm-256color",
    }
    base |= {"LANG": "C.UTF-8", "SHELL": "/bin/dash", "PS1": "READY# ", "PYTHONPATH": str(PROJECT)}
    base["COLORFGBG"] = "15;0"  # the window answers no question
    return {name: value for name, value in (base | more).items() if value}


def run(
    words: Sequence[str | bytes],
    env: Mapping[str, str],
    *deeds: Deed,
    stdin: int = subprocess.DEVNULL,
    prefix: Sequence[str] = (),
) -> Answer:
    """With no terminal. deeds: done in the child, in their order, before nsplay begins."""
    done = subprocess.run(
        [*prefix, *program(deeds), *words],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(env),
        preexec_fn=lambda: all_of(deeds),
        timeout=PATIENCE,
        check=False,
    )
    return Answer(done.returncode, done.stdout)


def play(
    words: Sequence[str],
    env: Mapping[str, str],
    *deeds: Deed,
    keys: Sequence[bytes] = (),
    size: tuple[int, int] = (80, 24),
    prefix: Sequence[str] = (),
) -> Answer:
    """On a terminal. keys: typed one after another at a still screen; then the lesson is left."""
    window = Window(words, env, size, [*prefix, *program(deeds)], lambda: all_of(deeds))
    try:
        until = time.monotonic() + PATIENCE
        window.until(lambda: b"# " in window.said or b"> " in window.said, PATIENCE)
        for key in keys:
            while window.pump(0.1):
                pass
            window.key(key)
        while not window.ended(0.5):
            assert time.monotonic() < until, f"it hangs: {window.text()[-2000:]}"
            window.key(b"q\r" if window.text().endswith("\n > ") else b"\x1dq")  # the menu; everywhere else
        assert not window.left_on(), (window.left_on(), window.text())
        played = b"\x1b[?2004" in window.said or b"READY# " in window.said
        return Answer(window.process.returncode, window.said, terminal=True, played=played)
    finally:
        window.hang_up()
        if not window.ended(PATIENCE):
            window.process.kill()
            window.process.wait()


def all_of(deeds: Sequence[Deed]) -> None:
    for deed in deeds:
        if deed is not become_user:
            deed()


def program(deeds: Sequence[Deed]) -> list[str]:
    """An ordinary user may be unable to read this Python: so everything is imported before one becomes such."""
    return [sys.executable, "-m", "tests.input.user" if become_user in deeds else "nsplay"]


# --- deeds


def become_user() -> None:
    """Done by tests.input.user, once it has imported everything."""


def own_mounts() -> None:
    """Mounts that nobody else sees."""
    syscalls.unshare(CLONE_NEWNS)
    syscalls.mount(None, "/", None, MS_REC | MS_PRIVATE)


def cover(target: str, fstype: str = "tmpfs", data: str | None = None, flags: int = 0) -> Deed:
    """Mounts something over a folder, for the child alone."""

    def deed() -> None:
        own_mounts()
        syscalls.mount("none", target, fstype, flags, data)

    return deed


def full(folder: Path) -> Deed:
    """A disk of 16 kB, full to the last byte."""

    def deed() -> None:
        own_mounts()
        syscalls.mount("none", str(folder), "tmpfs", 0, "size=16k,mode=777")
        with contextlib.suppress(OSError), open(folder / "ballast", "wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass

    return deed


def read_only(folder: Path) -> Deed:
    def deed() -> None:
        own_mounts()
        syscalls.mount(str(folder), str(folder), None, syscalls.MS_BIND)
        syscalls.mount(None, str(folder), None, syscalls.MS_BIND | syscalls.MS_REMOUNT | MS_RDONLY)

    return deed


def limit(what: int, value: int) -> Deed:
    return lambda: resource.setrlimit(what, (value, value))


def no_namespaces(*kinds: str) -> Deed:
    """A user namespace of its own, with root and user 1000 in it, where none of these kinds can be made."""

    def deed() -> None:
        ready, tell = os.pipe()
        myself, writer = os.getpid(), os.fork()
        if writer == 0:
            os.read(ready, 1)
            for name in ("uid_map", "gid_map"):
                Path(f"/proc/{myself}/{name}").write_text("0 0 1\n1000 1000 1\n")
            os._exit(0)
        syscalls.unshare(CLONE_NEWUSER)
        os.write(tell, b"x")
        os.waitpid(writer, 0)
        for fd in (ready, tell):
            os.close(fd)
        for kind in kinds:
            Path(f"/proc/sys/user/max_{kind}_namespaces").write_text("0")

    return deed


def close(*fds: int) -> Deed:
    def deed() -> None:
        for fd in fds:
            os.close(fd)

    return deed


def gone_folder(folder: Path) -> Deed:
    """The working directory is deleted."""

    def deed() -> None:
        folder.mkdir()
        os.chdir(folder)
        folder.rmdir()

    return deed


def full_pipe() -> int:
    """The end of a pipe for writing that takes nothing more, and whose reader is gone in a moment."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while os.write(writer, b"x" * 4096):
            pass
    assert not select.select([], [writer], [], 0)[1]
    os.close(reader)
    return writer
