"""Types a lesson's commands into a real shell on a real stage, as a learner would; without a screen."""

import contextlib
import os
import re
import select
import signal
import time
from collections.abc import Callable

from pexpect import EOF, TIMEOUT
from pexpect.fdpexpect import fdspawn

from nsplay.errors import LessonError
from nsplay.kernel import processes, tty
from nsplay.repl.pty import OpenShell
from nsplay.repl.screen import plain

QUIET = 0.003  # seconds without output before the kernel is asked who waits
SLOWEST = 0.1  # seconds between two questions
EARLY = 0.3  # seconds that the echo of a line may stay away
BEHIND = re.compile(r"(?<![&>])&(?![&>\d])")  # a line that leaves something in the background
UNREST = 0.3  # seconds after which that need not rest: a load never does, and has its time
GRACE = 0.5  # seconds that a program gets to end once it was asked to

Wait = tuple[int, int]
"""A process, and how often it has gone to sleep."""


class Stuck(LessonError):
    """The shell did not come back to its prompt."""


class Ended(LessonError):
    """The shell has ended."""


class Player:
    """A shell on a pty of its own. `run` types a line and comes back at the next prompt.

    idle is called about ten times a second while a command runs (to show that one is alive); it may raise.
    """

    def __init__(self, open_shell: OpenShell, argv: list[str], env: dict[str, str], cwd: str) -> None:
        self.master, slave = os.openpty()
        try:
            self.shell = open_shell(slave, argv, env, cwd)
        except BaseException:
            os.close(self.master)
            raise
        finally:
            os.close(slave)
        # delaybeforesend would sleep before every line
        self._pty = fdspawn(self.master, timeout=None)
        self._pty.delaybeforesend = None
        self.said = b""  # all output since the last line

    def answer(self) -> list[str]:
        """What came between the echo of the last line and the next prompt, row by row."""
        return plain(self.said)[1:-1]

    def close(self) -> None:
        """Hangs up; the shell goes with its terminal."""
        os.close(self.master)

    def place(self) -> int | None:
        """The innermost foreground leader's pid."""
        leader = tty.front(self.master, self.shell).leader
        return leader.pid if leader else None

    def run(self, line: str, seconds: float = 30.0, idle: Callable[[], None] = lambda: None) -> None:
        """Types a line (with its continuation lines) and waits until a shell is at its prompt again.

        Raises Stuck when that takes longer than `seconds`, Ended when the shell has ended.
        """
        for part in line.split("\n"):
            self.said = b""
            waiting = self._waits()
            self._pty.send(part.encode() + b"\r")
            self.settle(seconds, idle, waiting)
        if BEHIND.search(line):
            self._rest()

    def settle(
        self, seconds: float = 30.0, idle: Callable[[], None] = lambda: None, waited: Wait | None = None
    ) -> None:
        """Waits until a shell is at its prompt. waited: how one waited when a line was just sent to it: the line's newline
        has to come back first, and the shell to have got up for it. (The kernel writes an echo before it wakes the reader,
        on a busy machine milliseconds before.)
        """
        began, pause = time.monotonic(), QUIET
        while True:
            now = time.monotonic()
            if now - began > seconds:
                raise Stuck(
                    "the shell did not come back to its prompt",
                    f"waited {seconds:g} s; the last output was {self.said[-200:]!r}",
                )
            if select.select([self.master], [], [], pause)[0]:
                self._take()
                pause = QUIET
                continue
            late = waited and b"\n" not in self.said and now - began < EARLY
            kind = tty.front(self.master, self.shell).kind
            if not late and kind.prompt and (waited is None or self._waits() != waited):
                return
            if kind is tty.Kind.GONE and self._over():
                raise self._ended()
            pause = min(pause * 1.6, SLOWEST)
            idle()

    def _rest(self) -> None:
        """Waits a moment for what the line left in the background to come to rest. The prompt is back before that has
        even begun, and who types as fast as we do would meet it half made.
        """
        until = time.monotonic() + UNREST
        while time.monotonic() < until:
            leader = tty.front(self.master, self.shell).leader
            rows = map(processes.read, processes.descendants(leader.pid) if leader else ())
            if not any(row and row.state in "RD" for row in rows):
                return
            select.select([], [], [], QUIET)

    def _waits(self) -> Wait:
        """Who is in front, and how often it has gone to sleep; (0, 0) for nobody."""
        leader = tty.front(self.master, self.shell).leader
        return (leader.pid, processes.sleeps(leader.pid)) if leader else (0, 0)

    def interrupt(self) -> None:
        """Ends what is in front, as a learner would: Ctrl-C, then a hang-up; KILL for what listens to neither.

        Raises Stuck when no prompt comes even then, Ended when the shell went with it.
        """
        stuck = None
        for end in (self._ctrl_c, self._hang_up, lambda: self._signal(signal.SIGKILL)):
            end()
            try:
                return self.settle(GRACE)
            except Stuck as error:
                stuck = error
        assert stuck
        raise stuck

    def _ctrl_c(self) -> None:
        self._pty.send(b"\x03")

    def _hang_up(self) -> None:
        self._signal(signal.SIGCONT)  # a stopped one takes it once it goes on
        self._signal(signal.SIGHUP)

    def _signal(self, number: signal.Signals) -> None:
        """To the foreground, never to the outermost shell."""
        leader = tty.front(self.master, self.shell).leader
        if leader and leader.pid != self.shell:
            with contextlib.suppress(OSError):  # gone already, or somebody else's
                os.killpg(leader.pgrp, number)

    def _over(self) -> bool:
        """Has the shell ended? A child of it may hold the terminal open."""
        shell = tty.process(self.shell)
        return shell is None or shell.state in "ZX"

    def _ended(self) -> Ended:
        return Ended("the shell ended in the middle of the lesson", f"it said {self.said[-200:]!r}")

    def _take(self) -> None:
        try:
            data: bytes = self._pty.read_nonblocking(65536, timeout=0)  # type: ignore[assignment]  # bytes without an encoding
            self.said += data
        except TIMEOUT:
            pass
        except (EOF, OSError):
            raise self._ended() from None
