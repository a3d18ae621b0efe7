"""nsplay on a terminal of its own, seen as bytes: no emulator, a thousand of them must be quick."""

import contextlib
import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence

SEQUENCE = re.compile(rb"\x1b\[[0-9;:?<>=]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()].|\x1b[^\[\]()]")
MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
LEFT_ON = frozenset({b"1", b"47", b"1000", b"1002", b"1003", b"1004", b"1006", b"1047", b"1049", b"2004"})


class Window:
    """said: every byte that came out. The other end of the terminal stays open here: its modes can be asked for."""

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        size: tuple[int, int] = (80, 24),
        program: Sequence[str] = (sys.executable, "-m", "nsplay"),
        first: Callable[[], object] = lambda: None,
    ) -> None:
        """first: done in the child, before the program begins."""
        self.said = b""
        self._master, self._slave = os.openpty()
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self._before = termios.tcgetattr(self._slave)
        self.process = subprocess.Popen(
            [*program, *argv],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            env=dict(env),
            start_new_session=True,
            preexec_fn=lambda: (fcntl.ioctl(0, termios.TIOCSCTTY, 0), first()),
        )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def open(self) -> bool:
        return self._master >= 0

    def text(self, since: int = 0) -> str:
        """What was said, without colours and cursor movements."""
        return SEQUENCE.sub(b"", self.said[since:]).decode(errors="replace")

    def key(self, keys: bytes) -> None:
        if self.open:
            with contextlib.suppress(OSError):
                os.write(self._master, keys)

    def pump(self, seconds: float) -> bool:
        """Reads what comes, for that time at most; did anything come?"""
        if not self.open:
            time.sleep(min(seconds, 0.01))  # nothing can come; whoever asks has a deadline
            return False
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        with contextlib.suppress(OSError):
            data = os.read(self._master, 1 << 16)
            self.said += data
            return bool(data)
        return False

    def until(self, true: Callable[[], bool], seconds: float) -> bool:
        """Reads until something is true, nsplay has ended, or the time is over; is it true?"""
        end = time.monotonic() + seconds
        while not (found := true()) and time.monotonic() < end and self.process.poll() is None:
            self.pump(0.005)
        return found

    def ended(self, seconds: float) -> bool:
        """Reads until nsplay has ended, or the time is over."""
        self.until(lambda: False, seconds)
        if self.process.poll() is None:
            return False
        while self.pump(0):
            pass
        return True

    def hang_up(self) -> None:
        """The window is closed."""
        for fd in (self._slave, self._master):
            if fd >= 0:
                os.close(fd)
        self._master = self._slave = -1

    def left_on(self) -> list[str]:
        """What a dead nsplay should have put back: the terminal's flags, and modes that its output turned on."""
        if not self.open:
            return []
        names = ("input", "output", "control", "local")
        now = termios.tcgetattr(self._slave)
        flags = [f"{name} flags" for at, name in enumerate(names) if now[at] != self._before[at]]
        modes: set[bytes] = set()
        hidden = False
        for found in MODE.finditer(self.said):
            for mode in found[1].split(b";"):
                if mode == b"25":
                    hidden = found[2] == b"l"
                else:
                    (modes.add if found[2] == b"h" else modes.discard)(mode)
        return flags + [f"mode {mode.decode()}" for mode in sorted(modes & LEFT_ON)] + ["no cursor"] * hidden
