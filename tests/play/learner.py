"""A learner at nsplay itself: a pty, a terminal emulator, and keys."""

import codecs
import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyte

from nsplay.kernel import processes, tty
from tests.patience import SLOW, patience
from tests.terminal.person import Emulator

DEADLINE = patience(20.0)  # seconds until something that must come has come
STILL = 0.05 if SLOW == 1 else 0.25  # seconds without output: whoever is slow pauses for longer
EDITED = 2004 << 5  # pyte's number for bracketed paste, which a line editor turns on


class Learner:
    """Starts nsplay with `words` on a terminal of its own; dash is the shell, its prompt is `READY# `."""

    def __init__(
        self,
        state: Path,
        *words: str,
        size: tuple[int, int] = (80, 50),
        shell: str = "/bin/dash",
        through: Sequence[str] = (),
        module: str = "nsplay",
        **env: str,
    ) -> None:
        """through: a program that executes nsplay, such as setpriv with its options. module: what brings nsplay up."""
        self.screen = Emulator(*size, history=2000)
        self._edits = "--line" not in words
        self._stream, self._decoder = (
            pyte.Stream(self.screen),
            codecs.getincrementaldecoder("utf-8")("replace"),
        )
        self._fd, slave = os.openpty()
        self.screen.answer = self.key
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        base = {"PATH": os.environ["PATH"], "HOME": str(state), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        base |= {"XDG_STATE_HOME": str(state), "SHELL": shell, "PS1": "READY# ", "PYTHONPATH": os.getcwd()}
        self.process = subprocess.Popen(
            [*through, sys.executable, "-m", module, *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=base | env,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)

    def text(self) -> str:
        """What is on the screen up to the cursor, history included: the grey suggestion stands behind it."""
        past = [
            "".join(row[x].data for x in range(self.screen.columns)).rstrip()
            for row in self.screen.history.top
        ]
        rows, cursor = self.screen.rows(), self.screen.cursor
        return "\n".join([*past, *rows[: cursor.y], rows[cursor.y][: cursor.x].ljust(cursor.x)])

    def resize(self, columns: int, lines: int) -> "Learner":
        """The window gets another size; what stood on it is xterm's to move, and here it stays."""
        while self.pump(0):
            pass
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.screen.resize(lines, columns)
        self.screen.cursor.y = min(self.screen.cursor.y, lines - 1)  # (pyte forgets it)
        return self

    def pump(self, seconds: float) -> bool:
        if not select.select([self._fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            return False
        self._stream.feed(self._decoder.decode(data))
        return bool(data)

    def key(self, keys: str | bytes) -> "Learner":
        with contextlib.suppress(OSError):
            os.write(self._fd, keys.encode() if isinstance(keys, str) else keys)
        return self

    def shows(self, pattern: str) -> bool:
        """`.` stands for a new line, too. A pattern with a prompt at its end: it is nsplay that waits there, not only the
        shell, whose prompt is seen while nsplay still looks and judges.
        """
        if pattern.endswith(("# $", "[#$] $", "READY# ")) and self._edits and EDITED not in self.screen.mode:
            return False
        return re.search(pattern, self.text(), re.DOTALL) is not None

    def until(self, pattern: str) -> "Learner":
        """Waits for a still screen that matches."""
        end = time.monotonic() + DEADLINE
        while not self.shows(pattern) or self.pump(STILL):
            if time.monotonic() > end:
                raise AssertionError(f"never saw {pattern!r} in:\n{self.text()}")
            if self.process.poll() is not None and not self.pump(STILL) and not self.shows(pattern):
                raise AssertionError(
                    f"nsplay ended ({self.process.returncode}) before {pattern!r}:\n{self.text()}"
                )
            self.pump(0.02)
        return self

    def still(self, seconds: float) -> "Learner":
        """Types nothing for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.pump(left)
        return self

    def meets(self, condition: Callable[[], bool]) -> "Learner":
        """Waits for something that the screen's text doesn't say."""
        end = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < end, f"it never came:\n{self.text()}"
            self.pump(0.02)
        return self

    def type(self, line: str, pattern: str) -> "Learner":
        """A line and Enter; then a still screen with the pattern below that line."""
        return self.key(line + "\r").until(rf"{re.escape(line)}\n.*(?:{pattern})")

    def gone(self, seconds: float = DEADLINE) -> int:
        """Waits until nsplay has ended; its exit status."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            if time.monotonic() > end:
                raise AssertionError(f"nsplay still runs:\n{self.text()}")
            self.pump(0.02)
        while self.pump(STILL):
            pass
        return self.process.returncode

    def below(self) -> list[processes.Process]:
        """Every process that nsplay has made."""
        return list(tty.descendants(self.process.pid))

    def runs(self, comm: str) -> "Learner":
        """Waits until a program of that name sleeps in front."""
        end = time.monotonic() + DEADLINE
        while not any(p.comm == comm and p.pgrp == p.tpgid and p.state == "S" for p in self.below()):
            assert time.monotonic() < end, f"{comm} never ran:\n{self.text()}"
            self.pump(0.02)
        return self

    def named(self, comm: str) -> int:
        """The pid of the process of that name below nsplay."""
        return next(who.pid for who in self.below() if who.comm == comm)

    def hang_up(self) -> None:
        """The window is closed."""
        os.close(self._fd)
        self._fd = -1

    def close(self) -> None:
        """Ends nsplay the way a closed window does, and waits for it."""
        if self._fd >= 0:
            self.hang_up()
        try:
            self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


@contextlib.contextmanager
def learner(state: Path, *words: str, **how: Any) -> Iterator[Learner]:
    """A learner at 80 columns who is gone afterwards."""
    person = Learner(state, *words, **how)
    try:
        yield person
    finally:
        person.close()
