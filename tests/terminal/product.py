"""The terminal with a listener that writes down what it is told: what the person at the pty talks to.

`serve` forks one for every job, from a process that has imported everything: a test starts in a few milliseconds.
"""

import dataclasses
import fcntl
import json
import os
import signal
import socket
import sys
import termios
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import nsplay.repl.line  # noqa: F401  (imported before the fork)
from nsplay.kernel import syscalls
from nsplay.lesson.model import Move
from nsplay.repl.listener import Frame
from nsplay.repl.terminal import Moment, Reply, Terminal

MENU = "-- menu: Enter back, h hint, t type, l leave, c Ctrl-C, k end the program, ] send Ctrl-], q quit --\n"
HINT = "one letter per namespace\n"
KINDS = ("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts")


@dataclass(frozen=True)
class Job:
    """folder: home, working directory, state. watch: a fifo in it is watched. say: printed above every prompt.
    picture: of a running command, with %d for how often it was asked for."""

    folder: str
    argv: list[str]
    env: dict[str, str]
    line: Literal["edit", "shell"] = "edit"
    suggestion: str = ""
    say: str = ""
    watch: bool = False
    runs: int = 1
    picture: str = ""
    stays: bool = False


class Log:
    """A Listener. `events` in the job's folder gets a JSON line for every moment."""

    def __init__(self, job: Job) -> None:
        self._job, self._asked = job, 0
        self._events = Path(job.folder, "events")

    def write(self, **entry: object) -> None:
        with self._events.open("a") as file:
            file.write(json.dumps(entry) + "\n")

    def settled(self, moment: Moment) -> Reply:
        places = {}
        for kind in KINDS:
            try:
                places[kind] = os.stat(f"/proc/{moment.pid}/ns/{kind}").st_ino
            except OSError:
                places[kind] = 0
        hostname = os.uname().nodename
        self.write(what="settled", ns=places, hostname=hostname, **dataclasses.asdict(moment))
        return Reply(self._job.say)

    def suggestion(self, entered: Sequence[str] = ()) -> str:
        return self._job.suggestion

    def running(self, seconds: float) -> Frame | None:
        self._asked += 1
        text = self._job.picture
        return Frame(text % self._asked, self._job.stays) if text and seconds > 0 else None

    def submit(self, line: str) -> Reply | None:
        word, _, rest = line.partition(" ")
        replies: dict[str, Callable[[], Reply]] = {
            ":help": lambda: Reply("commands: :help :hint :quit\n", keep=True),
            ":next": lambda: Reply("the next step"),
            ":type": lambda: Reply(type=tuple(map(Move, rest.split("|")))),
            ":leave": lambda: Reply(leave=rest),
        }
        if line == "" and "Enter" in self._job.suggestion:
            return Reply("you pressed Enter\n")
        return replies[word]() if word in replies else None

    def menu(self) -> str:
        return MENU

    def ended(self, program: str, pid: int) -> str:
        return f"ended {program}" if pid else "nothing ended"

    def menu_key(self, key: str) -> Reply | None:
        return {"h": Reply(HINT), "t": Reply(type=(Move("echo ty$((1))ped"),)), "l": Reply(leave="left")}.get(
            key
        )

    def resized(self, columns: int, lines: int) -> None:
        self.write(what="resized", columns=columns, lines=lines)


def open_shell(terminal: int, argv: list[str], env: dict[str, str], cwd: str) -> int:
    """A shell as a session leader on that terminal: the stage's part, in its plainest form."""
    pid = os.fork()
    if pid:
        return pid
    try:
        own_terminal(terminal)
        os.chdir(cwd)
        os.execvpe(argv[0], argv, env)
    finally:
        os._exit(127)


def own_terminal(terminal: int) -> None:
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(terminal, fd)
    os.closerange(3, 256)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def leave(number: int, _: object) -> None:
    raise SystemExit(128 + number)


def play(job: Job) -> None:
    """One terminal, from its first prompt to its ending, which goes to the events."""
    syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)  # as the warden
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, leave)
    os.environ |= job.env
    folder, log = Path(job.folder), Log(job)
    watch = {}
    if job.watch:
        os.mkfifo(folder / "fifo")
        watch[os.open(folder / "fifo", os.O_RDONLY | os.O_NONBLOCK)] = "the fifo"
    terminal = Terminal(
        open_shell,
        job.argv,
        log,
        folder=folder,
        history=folder / "history",
        env=job.env,
        cwd=job.folder,
        line=job.line,
        watch=watch,
        words=lambda: (":help", ":hint", ":next"),
    )
    try:
        for _ in range(job.runs):
            ending = terminal.run()
            log.write(what="ending", **dataclasses.asdict(ending))
            os.write(1, f"ending: {ending.reason}\n".encode())
    finally:
        terminal.close()


def serve(channel: socket.socket) -> None:
    """Forks a product for every job that comes with a terminal, and answers with its pid."""
    syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # reaped by the kernel, orphans too
    while True:
        data, fds, _, _ = socket.recv_fds(channel, 65536, 1)
        if not data:
            return
        pid = os.fork()
        if pid == 0:
            channel.detach()
            try:
                own_terminal(fds[0])
                play(Job(**json.loads(data)))
                os._exit(0)
            except SystemExit as end:
                os._exit(end.code if isinstance(end.code, int) else 1)
            except BaseException:  # noqa: BLE001  (the person sees it on the screen)
                sys.excepthook(*sys.exc_info())
            finally:
                os._exit(70)
        os.close(fds[0])
        channel.sendall(str(pid).encode())


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
