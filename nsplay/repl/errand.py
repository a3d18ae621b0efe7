"""Runs commands on the stage while the learner waits, and keeps what they say: `:both`, `:why`."""

import contextlib
import os
import select
import signal
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nsplay.kernel import tty
from nsplay.repl.pty import ROOM, OpenShell, Size, window

WIDE: Final = Size(500, 50)  # columns and lines: nothing is cut to a terminal's width
LONGEST: Final = 10.0  # seconds
MOST: Final = 1 << 18  # bytes of output that are kept


@dataclass
class Errand:
    """One command. cut: it took too long, or was interrupted."""

    argv: Sequence[str]
    said: bytes = b""
    status: int | None = None
    cut: bool = False

    @property
    def lines(self) -> list[str]:
        """What it said."""
        return (
            self.said.decode(errors="replace").replace("\r\n", "\n").rstrip("\n").split("\n")
            if self.said
            else []
        )


class Errands:
    """Runs errands at the same time. open_terminal, reap: the stage's. wanted: asked about ten times a second whether to
    go on (False: the learner pressed Ctrl-C).
    """

    def __init__(
        self,
        open_terminal: OpenShell,
        reap: Callable[[int], int | None],
        wanted: Callable[[], bool],
        env: Mapping[str, str],
    ) -> None:
        self._open, self._reap, self._wanted, self._env = open_terminal, reap, wanted, dict(env)

    def run(self, *errands: Errand, cwd: str = "/", seconds: float = LONGEST) -> None:
        """Till all have ended, or the time is over; nothing of them is left then. Raises MachineError when one can't be
        started.
        """
        open_ptys: dict[int, tuple[Errand, int, int]] = {}  # master -> errand, pid, pidfd
        try:
            for errand in errands:
                master, pid = self._start(errand, cwd)
                open_ptys[master] = errand, pid, os.pidfd_open(pid)
            self._gather(open_ptys, time.monotonic() + seconds)
        finally:
            for master, (errand, pid, pidfd) in open_ptys.items():
                self._end(errand, pid, pidfd)
                os.close(pidfd)
                os.close(master)

    def _start(self, errand: Errand, cwd: str) -> tuple[int, int]:
        master, slave = os.openpty()
        try:
            window(master, WIDE)
            modes = termios.tcgetattr(slave)
            modes[3] &= ~termios.ECHO
            termios.tcsetattr(slave, termios.TCSANOW, modes)
            return master, self._open(slave, list(errand.argv), self._env, cwd)
        except BaseException:
            os.close(master)
            raise
        finally:
            os.close(slave)

    def _gather(self, running: Mapping[int, tuple[Errand, int, int]], until: float) -> None:
        waiting = {pidfd: master for master, (_, _, pidfd) in running.items()}
        while waiting:
            readable = select.select([*waiting, *waiting.values()], [], [], 0.1)[0]
            for fd in readable:
                if fd in running:
                    self._take(running[fd][0], fd)
            for pidfd in [fd for fd in readable if fd in waiting]:
                master = waiting.pop(pidfd)
                while select.select([master], [], [], 0)[0] and self._take(running[master][0], master):
                    pass
            if waiting and (time.monotonic() > until or not self._wanted()):
                for master in waiting.values():
                    running[master][0].cut = True
                return

    @staticmethod
    def _take(errand: Errand, master: int) -> bool:
        try:
            data = os.read(master, ROOM)
        except OSError:  # EIO: nobody has it open
            return False
        errand.said += data[: max(0, MOST - len(errand.said))]
        return bool(data)

    def _end(self, errand: Errand, pid: int, pidfd: int) -> None:
        """Ends what goes on for too long, with all that it started; its status otherwise."""
        if errand.cut:
            for who in [*(row.pid for row in tty.descendants(pid)), pid]:
                with contextlib.suppress(OSError):
                    os.kill(who, signal.SIGKILL)
        select.select([pidfd], [], [], 1.0)
        status = self._reap(pid)
        errand.status = None if status is None or errand.cut else os.waitstatus_to_exitcode(status)
