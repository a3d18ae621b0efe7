"""A stage to try things on, and an nsplay that can be killed."""

import contextlib
import ctypes
import os
import re
import select
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from nsplay.kernel import processes
from nsplay.stage.stage import Options, Stage
from tests.patience import patience

DEADLINE: Final = patience(20.0)
USER: Final = 1000
PR_SET_DUMPABLE: Final = 4


class Result(NamedTuple):
    """What a command wrote to its terminal, and its exit status (128 + signal)."""

    output: str
    status: int


class Terminal:
    """A program on a stage, with a terminal of its own."""

    def __init__(self, stage: Stage, command: str, cwd: str = "/", **env: str) -> None:
        """command: for bash. env: more than PATH and HOME."""
        variables = {
            "PATH": os.environ["PATH"],
            "HOME": "/root",
            "PYTHON": sys.executable,
            "TERM": "dumb",
            **env,
        }
        self.master, slave = os.openpty()
        self.name = os.ttyname(slave)
        try:
            self.pid = stage.open_terminal(slave, ["bash", "--norc", "-c", command], variables, cwd)
        finally:
            os.close(slave)
        self.output = b""

    def read_until(self, text: str) -> None:
        """Reads till the text has been written; AssertionError at the deadline or the end."""
        until = time.monotonic() + DEADLINE
        while text.encode() not in self.output:
            if not select.select([self.master], [], [], until - time.monotonic())[0] or not self._read():
                raise AssertionError(f"never came: {text!r}; but: {self.output.decode()}")

    def read_all(self) -> str:
        """Everything, till the program and all that share its terminal are gone."""
        until = time.monotonic() + DEADLINE
        while select.select([self.master], [], [], max(0.0, until - time.monotonic()))[0] and self._read():
            pass
        return self.output.decode().replace("\r\n", "\n")

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.master)

    def _read(self) -> bool:
        try:
            data = os.read(self.master, 65536)
        except OSError:  # EIO: nobody has the other end any more
            return False
        self.output += data
        return bool(data)


def run(stage: Stage, command: str, cwd: str = "/", **env: str) -> Result:
    """Runs a command on the stage, to its end."""
    with Terminal(stage, f'{command}\necho "<status $?>"', cwd, **env) as terminal:
        output = terminal.read_all()
    found = re.search(r"<status (\d+)>\n\Z", output)
    assert found, output
    return Result(output[: found.start()].strip("\n"), int(found[1]))


class Nsplay:
    """A process of its own that starts a stage, runs a command there, and closes the stage when it came
    down.
    """

    def __init__(self, options: Options, state: Path, command: str = "", user: bool = False) -> None:
        """user: as an ordinary user. Where the command writes "up", `wait_up` returns."""
        self._news, tell = os.pipe()
        self._others = processes.descendants(os.getpid())
        self.pid = os.fork()
        if self.pid == 0:
            try:
                if user:
                    become_user()
                _play(options, state, command, tell)
            except BaseException as error:  # noqa: BLE001 - told to the test by wait_up
                os.write(tell, f"{error!r} {error}".encode())
            finally:
                os._exit(0)
        os.close(tell)
        self.stage = 0

    def wait_up(self) -> None:
        """Till the stage stands and the command has said "up"."""
        assert select.select([self._news], [], [], DEADLINE)[0], "no news"
        news = os.read(self._news, 1000).decode()
        assert news.startswith("up"), news
        self.stage = int(news.split()[1])

    def victim(self, who: str) -> int | None:
        """The pid of "nsplay", "warden" or "stage"; None when there is none yet."""
        if who == "nsplay":
            return self.pid
        kids = processes.children(self.pid)
        if who == "warden" or not kids:
            return kids[0] if kids else None
        return next(iter(processes.children(kids[0])), None)

    def kill(self, *who: str) -> bool:
        """SIGKILL for these, as nearly at once as can be; was any of them born yet?"""
        pids = [pid for name in who if (pid := self.victim(name)) is not None]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(pids)

    def orphans(self) -> list[int]:
        """Living processes of its that came to us, or that it still has."""
        return [pid for pid in processes.descendants(os.getpid()) - self._others if lives(pid)]

    def end(self) -> None:
        """Till it is dead by itself or by kill; orphans that became ours are reaped."""
        fd = os.pidfd_open(self.pid)
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        assert poll.poll(DEADLINE * 1000), "nsplay never ended"
        os.close(fd)
        os.waitpid(self.pid, 0)
        os.close(self._news)

    def __enter__(self) -> "Nsplay":
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError, ChildProcessError, OSError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


def _play(options: Options, state: Path, command: str, tell: int) -> None:
    with Stage.start(options, state) as stage:
        stage.wait()
        terminal = Terminal(stage, command) if command else None
        if terminal:
            terminal.read_until("up")
        os.write(tell, f"up {stage.pid}".encode())
        poll = select.poll()
        poll.register(stage.warden_fd, select.POLLIN)
        poll.poll()


def become_user() -> None:
    """An ordinary user with nothing of root's left, who may still be looked at in /proc."""
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)


@contextlib.contextmanager
def outsider() -> Iterator[int]:
    """The pid of a process that lives outside of any stage."""
    pid = os.fork()
    if pid == 0:
        os.execvp("sleep", ["sleep", "100"])
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def lives(pid: int) -> bool:
    """Is it there, and no zombie?"""
    row = processes.read(pid)
    return row is not None and row.state not in "ZX"


def reap() -> None:
    """Reaps dead orphans that came to this process."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
