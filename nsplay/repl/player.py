"""Types a lesson's commands into a real shell on a real stage, as a learner would; without a screen."""

import os
import select
import time
from collections.abc import Callable

from pexpect import EOF, TIMEOUT
from pexpect.fdpexpect import fdspawn

from nsplay.errors import LessonError
from nsplay.kernel import tty
from nsplay.repl.pty import OpenShell

QUIET = 0.003  # seconds without output before the kernel is asked who waits
SLOWEST = 0.1  # seconds between two questions
EARLY = 0.3  # seconds that the echo of a line may stay away


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

    def close(self) -> None:
        """Hangs up; the shell goes with its terminal."""
        os.close(self.master)

    def place(self) -> int | None:
        """The innermost foreground leader's pid."""
        leader = tty.front(self.master, self.shell).leader
        return leader.pid if leader else None

    def run(self, line: str, seconds: float = 30.0, idle: Callable[[], None] = lambda: None) -> None:
        """Types a line (with its continuation lines) and waits until a shell is at its prompt again.

        Raises LessonError when that takes longer than `seconds`.
        """
        for part in line.split("\n"):
            self.said = b""
            self._pty.send(part.encode() + b"\r")
            self.settle(seconds, idle, echoed=True)

    def settle(
        self, seconds: float = 30.0, idle: Callable[[], None] = lambda: None, echoed: bool = False
    ) -> None:
        """Waits until a shell is at its prompt. echoed: a line was just sent, its newline has to come back first."""
        began, pause = time.monotonic(), QUIET
        while True:
            now = time.monotonic()
            if now - began > seconds:
                raise LessonError(
                    "the shell did not come back to its prompt",
                    f"waited {seconds:g} s; the last output was {self.said[-200:]!r}",
                )
            if select.select([self.master], [], [], pause)[0]:
                self._take()
                pause = QUIET
                continue
            late = echoed and b"\n" not in self.said and now - began < EARLY
            if not late and tty.front(self.master, self.shell).kind.prompt:
                return
            pause = min(pause * 1.6, SLOWEST)
            idle()

    def _take(self) -> None:
        try:
            data: bytes = self._pty.read_nonblocking(65536, timeout=0)  # type: ignore[assignment]  # bytes without an encoding
            self.said += data
        except TIMEOUT:
            pass
        except (EOF, OSError):
            raise LessonError(
                "the shell ended in the middle of the lesson", f"it said {self.said[-200:]!r}"
            ) from None
