"""Our end of a pty, and the learner's shell at the other."""

import contextlib
import fcntl
import os
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nsplay.kernel import tty
from nsplay.repl.screen import Screen

ROOM = 1 << 16  # bytes taken at once
PIECE = 4096  # bytes: a pty gives no more in one read
LAST_WORDS = 1.0  # seconds that a shell gets to end after its terminal was hung up

# (terminal, argv, environment, working directory) -> pid of the shell, a session leader on that terminal.
OpenShell = Callable[[int, list[str], dict[str, str], str], int]
# pid of a shell that ended -> its status as waitpid(2) codes it, None when nobody knows.
Reap = Callable[[int], int | None]


@dataclass(frozen=True)
class Size:
    columns: int
    lines: int


def window_size(fd: int) -> Size:
    """Size of a terminal; 80x24 where it doesn't know (a serial line says 0x0)."""
    try:
        columns, lines = os.get_terminal_size(fd)
    except OSError:
        columns, lines = 0, 0
    return Size(columns or 80, lines or 24)


def window(fd: int, size: Size) -> None:
    """Tells a terminal its size."""
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", size.lines, size.columns, 0, 0))


def reap_child(pid: int) -> int | None:
    """A Reap for a shell that is our own child."""
    try:
        return os.waitpid(pid, 0)[1]
    except ChildProcessError:
        return None


class Pty:
    """A terminal with a shell on it. pidfd is readable when the shell has ended: a setsid'd child may hold the pty open
    for ever. Raises what open_shell raises."""

    def __init__(
        self, open_shell: OpenShell, argv: list[str], env: Mapping[str, str], cwd: str, size: Size, nonce: str
    ) -> None:
        self.screen = Screen(nonce)
        self.wrote = time.monotonic()  # when the last output came
        self.size = size
        self.master, slave = os.openpty()
        try:
            self._flags = termios.tcgetattr(slave)
            self._tell(size)
            self.shell = open_shell(slave, argv, dict(env), cwd)
            self.pidfd = os.pidfd_open(self.shell)
        except BaseException:
            os.close(self.master)
            raise
        finally:
            os.close(slave)
        os.set_blocking(self.master, False)

    def front(self) -> tty.Front:
        """Who is in front, at this moment."""
        return tty.front(self.master, self.shell)

    def read(self) -> bytes:
        """What has come, up to about ROOM bytes; empty when nothing has, or nobody has the terminal open."""
        pieces, room = [], ROOM
        with contextlib.suppress(BlockingIOError):
            while room >= PIECE and (data := self._read(room)):
                pieces.append(data)
                room -= len(data)
        data = b"".join(pieces)
        if data:
            self.wrote = time.monotonic()
            self.screen.feed(data)
        return data

    def _read(self, room: int) -> bytes:
        try:
            return os.read(self.master, room)
        except BlockingIOError:
            raise
        except OSError:  # EIO: nobody has it open
            return b""

    def more(self, seconds: float) -> bytes:
        """What comes within that time."""
        return self.read() if select.select([self.master], [], [], seconds)[0] else b""

    def write(self, data: bytes) -> int:
        """Bytes that were taken; all of them when nobody is there to read."""
        try:
            return os.write(self.master, data)
        except BlockingIOError:
            return 0
        except OSError:
            return len(data)

    def resize(self, size: Size) -> None:
        if size != self.size:
            self.size = size
            self._tell(size)

    def nudge(self) -> None:
        """A row less, for a moment: a full-screen program draws itself again. The caller then calls `steady`."""
        self._tell(Size(self.size.columns, max(1, self.size.lines - 1)))

    def steady(self) -> None:
        self._tell(self.size)

    def _tell(self, size: Size) -> None:
        window(self.master, size)

    def mend(self, front: tty.Front) -> None:
        """Puts a `stty -echo` right that a shell without an editor would keep."""
        with contextlib.suppress(OSError, termios.error):
            if front.nested and front.leader:
                with tty.opened(front.leader) as fd:
                    termios.tcsetattr(fd, termios.TCSANOW, self._flags)
            else:
                termios.tcsetattr(self.master, termios.TCSANOW, self._flags)

    def end_program(self) -> tuple[str, int]:
        """Ends what is in front, and tells its name and pid: by a hang-up, which a stopped one takes once it goes on; what
        doesn't listen is killed. Never the outermost shell: then pid 0.
        """
        leader = self.front().leader
        if not leader or leader.pid == self.shell:
            return "", 0
        with contextlib.suppress(OSError):  # gone already, or somebody else's
            pidfd = os.pidfd_open(leader.pid)
            try:
                for number in (signal.SIGCONT, signal.SIGHUP):
                    os.killpg(leader.pgrp, number)
                if not select.select([pidfd], [], [], LAST_WORDS)[0]:
                    signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            finally:
                os.close(pidfd)
        return leader.comm, leader.pid

    def ended(self, reap: Reap) -> int | None:
        """The status of a shell whose pidfd became readable; lets go of the terminal."""
        os.close(self.master)
        os.close(self.pidfd)
        return reap(self.shell)

    def close(self, reap: Reap) -> None:
        """Hangs up, waits for the shell, and kills one that doesn't listen."""
        os.close(self.master)
        for number in (signal.SIGHUP, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.pidfd, number)
            if select.select([self.pidfd], [], [], LAST_WORDS)[0]:
                break
        os.close(self.pidfd)
        reap(self.shell)
