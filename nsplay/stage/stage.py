"""The stage, as nsplay holds it: start it, open terminals on it, close it. The work is done by the warden
and below it.

nsplay → warden → stage process → shells
"""

import contextlib
import os
import resource
import select
import signal
import socket
from pathlib import Path
from typing import Any, Final

from nsplay.errors import MachineError
from nsplay.kernel import processes, switches, syscalls
from nsplay.stage import family, fence, journal, refusals, warden, wire
from nsplay.stage.options import Mechanism, Options, Report, fresh_ident

__all__ = ["Mechanism", "Options", "Report", "Stage", "fresh_ident"]

START_TIME: Final = 30.0  # seconds; 20 ms is usual
PROCESSES: Final = 16  # nsplay, the warden, the stage, shells, and the learner's programs
ANSWER_TIME: Final = 5.0
END_TIME: Final = journal.DEADLINE + 5.0


class Stage:
    """One stage. `with Stage.start(...) as stage:` closes it."""

    def __init__(self, options: Options, state: Path) -> None:
        """Use `start`."""
        self.options = options
        self.report = Report((), root=False)
        self.pid = 0
        self.stage_fd = -1
        self._state = state
        self._left: tuple[str, ...] | None = None
        myself = _able()
        self._line, stage_end = wire.pair()
        self._leash, warden_end = wire.pair()
        self.warden = os.fork()
        if self.warden == 0:
            try:
                warden.run(options, state, stage_end, warden_end, myself)
            finally:
                os._exit(0)
        self.warden_fd = os.pidfd_open(self.warden)
        os.close(myself)
        stage_end.close()
        warden_end.close()

    @classmethod
    def start(cls, options: Options, state: Path) -> "Stage":
        """Forks the warden and returns at once; `wait` tells how it went. Call it before there are threads.

        state: nsplay's state folder; stages that were cut off are mended first. From here on the orphans of
        a warden that is killed come to this process (PR_SET_CHILD_SUBREAPER). Raises MachineError when this
        user may not start what a lesson takes, OSError when not even a fork is possible.
        """
        room_for_processes()
        journal.clean(state)
        syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
        return cls(options, state)

    def wait(self) -> Report:
        """Till the stage stands. Raises MachineError."""
        message, fds = self._answer(START_TIME, "The stage could not be made.")
        if "error" in message:
            raise MachineError(**message["error"])
        mechanisms, root = message["report"]
        self.report = Report(tuple(Mechanism(*mechanism) for mechanism in mechanisms), root)
        self.pid, (self.stage_fd,) = message["pid"], fds
        return self.report

    def open_terminal(self, tty: int, argv: list[str], env: dict[str, str], cwd: str) -> int:
        """Starts a program on the stage with the terminal `tty` (a descriptor) as its controlling terminal;
        its pid.

        It leads a session of its own. Where cwd isn't on the stage it starts in HOME, else in /. Raises
        MachineError.
        """
        return self._start([tty], argv, env, cwd)

    def run(self, argv: list[str], env: dict[str, str], cwd: str) -> int:
        """Starts a program on the stage with our own standard input, output and error output, and no controlling terminal;
        its pid. Otherwise as `open_terminal`.
        """
        return self._start([0, 1, 2], argv, env, cwd)

    def _start(self, fds: list[int], argv: list[str], env: dict[str, str], cwd: str) -> int:
        failed = f"{argv[0]} could not be started on the stage."
        try:
            wire.send(self._line, {"argv": argv, "env": env, "cwd": cwd}, fds)
        except OSError as error:
            raise MachineError(failed, "The stage is gone.") from error
        message, _ = self._answer(ANSWER_TIME, failed)
        if "error" in message:
            raise MachineError(failed, message["error"], message["do"])
        return int(message["pid"])

    def status(self, pid: int) -> int | None:
        """How a program that `open_terminal` started has ended, as waitpid(2) codes it; None while it runs. Ask once."""
        try:
            wire.send(self._line, {"ended": pid})
            message, _ = self._answer(ANSWER_TIME, "The shell's status is unknown.")
        except (OSError, MachineError):
            return None
        status = message.get("status")
        return status if isinstance(status, int) else None

    def close(self) -> tuple[str, ...]:
        """Ends everything on the stage and takes it back; what is left behind, usually nothing. Once is
        enough, twice is fine.
        """
        if self._left is None:
            self._left = self._end()
            for fd in (self.warden_fd, self.stage_fd):
                if fd >= 0:
                    os.close(fd)
            self._line.close()
            self._leash.close()
        return self._left

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answer(self, patience: float, failed: str) -> tuple[Any, list[int]]:
        """The stage's next message. Raises MachineError when it is gone or silent."""
        ready = _readable([self._line.fileno(), self.warden_fd], patience)
        message = wire.receive(self._line) if self._line.fileno() in ready else None
        if message is None:
            raise MachineError(
                failed, "The stage is gone." if ready else "The stage doesn't answer.", "nsplay clean"
            )
        return message

    def _end(self) -> tuple[str, ...]:
        with contextlib.suppress(OSError):
            self._leash.shutdown(socket.SHUT_WR)  # the warden sees the end, and can still answer
        if not _readable([self.warden_fd], END_TIME):
            signal.pidfd_send_signal(self.warden_fd, signal.SIGKILL)
            _readable([self.warden_fd], END_TIME)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.warden, 0)
        words = wire.receive(self._leash) if _readable([self._leash.fileno()], 0) else None
        if words:
            return tuple(words[0])
        trace = journal.read(self._state, self.options.ident)
        left = journal.mend(self._state, trace) if trace else ()
        _reap_orphans()
        return left


def room_for_processes() -> None:
    """May this user start what a lesson takes? (RLIMIT_NPROC in getrlimit(2), which doesn't hold root.) Raises MachineError."""
    most = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    if most == resource.RLIM_INFINITY or fence.has_root():
        return
    running = family.count_of(os.getuid())
    if running + PROCESSES > most:
        raise MachineError(
            f"A lesson takes {PROCESSES} processes more than the {running} that you run, and you may have {most}.",
            do="end some, or raise the limit: `ulimit -u` shows it",
        )


def _able() -> int:
    """A pidfd of this process. What nsplay, the warden and the stage can't even talk without is tried before there is
    any of them. Raises MachineError.
    """
    try:
        os.close(os.memfd_create("nsplay-message"))
        return os.pidfd_open(os.getpid())
    except OSError as error:
        judged = refusals.refusal(error, switches.around())
        raise MachineError(
            "The stage needs memfd_create and pidfd_open (Linux 5.3), and this machine refuses one of them.",
            judged.why,
            judged.do or "nsplay doctor",
        ) from error


def _readable(fds: list[int], patience: float) -> set[int]:
    """Which of these are readable or closed, after `patience` seconds at most."""
    poll = select.poll()
    for fd in fds:
        poll.register(fd, select.POLLIN)
    return {fd for fd, _ in poll.poll(patience * 1000)}


def _reap_orphans() -> None:
    """Dead children that came to us from a warden that was killed: they belong to other sessions than
    ours.
    """
    for pid in processes.children(os.getpid()):
        row = processes.read(pid)
        if row and row.state == "Z" and row.session != os.getsid(0):
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
