"""A person at a pty: types keys, reads the screen through a terminal emulator (pyte)."""

import codecs
import contextlib
import dataclasses
import fcntl
import json
import os
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pyte

from nsplay.kernel import processes, tty
from tests.patience import SLOW, patience

from .product import Job

Shell = Literal["bash", "dash", "busybox"]
SHELLS: dict[str, list[str]] = {
    "bash": ["bash"],
    "dash": ["dash"],
    "busybox": ["busybox", "sh"],
    "zsh": ["zsh", "-f"],
    "fish": ["fish", "--no-config"],
}
BASHRC = r"PS1='\[\e[32m\]vm\[\e[m\]# '" + "\n"
DEADLINE = patience(8.0)  # seconds: nothing on the screen takes that long, unless it never comes
STILL = (
    0.04 if SLOW == 1 else 0.25
)  # seconds without output, for a screen that is looked at; whoever is slow pauses for longer
PROMPT = "# $"


class Emulator(pyte.HistoryScreen):
    """pyte, with the answers it gives to a program's questions sent back."""

    answer: Callable[[bytes], object] = staticmethod(lambda data: None)

    def write_process_input(self, data: str) -> None:
        self.answer(data.encode())

    def rows(self) -> list[str]:
        """(pyte's own `display` can't do a character that is nothing but an accent.)"""
        return [
            "".join(self.buffer[y][x].data for x in range(self.columns)).rstrip() for y in range(self.lines)
        ]

    def select_graphic_rendition(self, *attributes: int, private: bool = False, **_: object) -> None:
        if not private:
            super().select_graphic_rendition(*attributes)


class Workshop:
    """The process that forks products; ends whatever they leave behind."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        root = Path(__file__).parents[2]
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.product", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            cwd=root if __package__.startswith("tests") else root / "tests",
            env=os.environ | {"PYTHONPATH": str(root)},
        )
        theirs.close()
        self._channel = ours

    def start(self, job: Job, terminal: int) -> int:
        socket.send_fds(self._channel, [json.dumps(dataclasses.asdict(job)).encode()], [terminal])
        return int(self._channel.recv(64))

    def sweep(self) -> None:
        """Kills everything below, until there is nothing."""
        while found := list(tty.descendants(self._process.pid)):
            for process in found:
                end(process.pid)

    def close(self) -> None:
        self.sweep()
        self._channel.close()
        self._process.wait(DEADLINE)


def end(pid: int) -> None:
    """Kills a process and waits until it is gone."""
    with contextlib.suppress(ProcessLookupError):
        fd = processes.pidfd(pid)
        try:
            signal.pidfd_send_signal(fd, signal.SIGKILL)
            select.select([fd], [], [], DEADLINE)
        finally:
            os.close(fd)


class Person:
    """Types at a product. Patterns are searched in the whole screen, rows without trailing blanks, cursor's row up to
    the cursor."""

    def __init__(
        self,
        workshop: Workshop,
        shell: str = "bash",
        *,
        line: Literal["edit", "shell"] = "edit",
        suggestion: str = "",
        say: str = "",
        watch: bool = False,
        picture: str = "",
        stays: bool = False,
        runs: int = 1,
        env: dict[str, str] | None = None,
        argv: list[str] | None = None,
        home: Path | None = None,
        ready: str = "",
        size: tuple[int, int] = (80, 24),
    ) -> None:
        self._own = home is None
        self.home = home or Path(tempfile.mkdtemp(prefix="person"))
        self.shell = shell
        (self.home / ".bashrc").write_text(BASHRC)
        self.screen = Emulator(*size, history=2000)
        self.screen.answer = self.key
        self._stream = pyte.Stream(self.screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.raw = b""
        self._fd, slave = os.openpty()
        self.settings = termios.tcgetattr(slave)
        self._slave = slave
        self._tell(*size)
        base = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
        }
        job = Job(
            folder=str(self.home),
            argv=argv or SHELLS[shell],
            env=base | {"PS1": "# "} | (env or {}),
            line=line,
            suggestion=suggestion,
            say=say,
            watch=watch,
            runs=runs,
            picture=picture,
            stays=stays,
        )
        self._workshop = workshop
        self.pid = workshop.start(job, slave)
        self._pidfd = os.pidfd_open(self.pid)
        try:
            self.until(ready or ("# " + re.escape(suggestion) if suggestion else PROMPT))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._workshop.sweep()
        for fd in (self._pidfd, self._fd, self._slave):
            if fd >= 0:
                os.close(fd)
        if self._own:
            shutil.rmtree(self.home, ignore_errors=True)

    def hang_up(self) -> None:
        """The window is closed."""
        os.close(self._slave)
        os.close(self._fd)
        self._slave = self._fd = -1

    # --- the screen ---

    def _tell(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def resize(self, columns: int, lines: int) -> None:
        self._tell(columns, lines)
        self.screen.resize(lines, columns)

    def pump(self, seconds: float) -> bool:
        """Takes what comes first within that time; False when nothing did."""
        if self._fd < 0 or not select.select([self._fd], [], [], seconds)[0]:
            return False
        data = os.read(self._fd, 65536)
        self.raw += data
        try:
            self._stream.feed(self._decoder.decode(data))
        except Exception:  # noqa: BLE001  (pyte and random bytes)
            self._stream = pyte.Stream(self.screen)
        return True

    def text(self) -> str:
        rows = self.screen.rows()
        y, x = min(self.screen.cursor.y, len(rows) - 1), self.screen.cursor.x  # (pyte forgets it in a resize)
        rows[y] = rows[y].ljust(x)
        while len(rows) - 1 > y and not rows[-1]:
            rows.pop()
        return "\n".join(rows)

    def until(self, pattern: str) -> "Person":
        """Waits for a still screen that shows the pattern."""
        self.meet(lambda: bool(re.search(pattern, self.text())) and not self.pump(STILL), pattern)
        return self

    def meet(self, condition: Callable[[], bool], what: str) -> None:
        """Waits for anything else."""
        end = time.monotonic() + DEADLINE
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"never met: {what}\n{self.text()}\nevents: {self.events()}")
            self.pump(0.02)

    def still(self, seconds: float = 0.3) -> "Person":
        """Looks on for that time: for what must *not* happen."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.pump(left)
        return self

    # --- the keys ---

    def key(self, keys: str | bytes) -> "Person":
        os.write(self._fd, keys.encode() if isinstance(keys, str) else keys)
        return self

    def run(self, command: str, pattern: str = PROMPT) -> "Person":
        """Types a command and Enter, waits for the pattern, not before Enter has been echoed."""
        before = len(self.raw)
        self.key(command + "\r").meet(lambda: b"\n" in self.raw[before:], f"the echo of {command!r}")
        return self.until(pattern)

    def works(self, letter: str = "A") -> "Person":
        """The next command works as if nothing had been."""
        return self.run(f"echo {letter}$((1+1))B", rf"{letter}2B\n(.*\n)*.*[$#] ?$")

    def menu(self) -> "Person":
        return self.key("\x1d").until("-- menu: Enter back").key("h").until("one letter per namespace")

    # --- behind the screen ---

    @property
    def screen_modes(self) -> set[str]:
        """DEC private modes that are on, of those that are looked at."""
        found = re.findall(rb"\x1b\[\?(1049|2004)([hl])", self.raw)
        return {mode.decode() for mode, on in dict(found).items() if on == b"h"}

    def runs(self, comm: str) -> "Person":
        """Waits until such a program sleeps in the foreground, anywhere below."""

        def asleep() -> bool:
            below = tty.descendants(self.pid)
            return any(who.comm == comm and who.pgrp == who.tpgid and who.state == "S" for who in below)

        self.meet(asleep, f"{comm} in front")
        return self

    def runs_anywhere(self, comm: str) -> "Person":
        self.meet(lambda: any(who.comm == comm for who in tty.descendants(self.pid)), f"{comm} below")
        return self

    def runs_not(self, comm: str) -> "Person":
        self.until("").meet(lambda: all(who.comm != comm for who in tty.descendants(self.pid)), f"no {comm}")
        return self

    def stopped(self, comm: str) -> "Person":
        self.meet(
            lambda: any(w.comm == comm and w.state == "T" for w in tty.descendants(self.pid)),
            f"{comm} stopped",
        )
        return self

    def _log(self) -> list[dict[str, Any]]:
        with contextlib.suppress(OSError):
            return [json.loads(line) for line in (self.home / "events").read_text().splitlines()]
        return []

    def events(self, what: str = "settled") -> list[dict[str, Any]]:
        return [entry for entry in self._log() if entry["what"] == what]

    def settled(self, command: str) -> dict[str, Any]:
        """Types a command; what the listener was told at the prompt behind it."""
        self.key(command + "\r")
        return self.told(lambda moment: moment["line"] == command)

    def told(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Waits until the newest moment is such a one."""
        self.meet(lambda: bool(self.events()) and condition(self.events()[-1]), "a moment")
        self.until(".*")
        return self.events()[-1]

    def gone(self) -> bool:
        """Waits until the product has ended."""
        self.meet(lambda: bool(select.select([self._pidfd], [], [], 0)[0]), "the end")
        with contextlib.suppress(OSError):
            while self.pump(0):
                pass
        return True

    def ending(self) -> dict[str, Any]:
        self.meet(lambda: bool(self.events("ending")), "an ending")
        return self.events("ending")[-1]

    def history(self) -> list[str]:
        """Entries of the history file, oldest first."""
        try:
            text = (self.home / "history").read_text()
        except OSError:
            return []
        entries = re.split(r"\n# .*\n", text)[1:]
        return ["\n".join(line[1:] for line in entry.splitlines()) for entry in entries]

    def send(self, number: signal.Signals) -> None:
        signal.pidfd_send_signal(self._pidfd, number)

    def settings_now(self) -> list[Any]:
        return termios.tcgetattr(self._slave)


@contextlib.contextmanager
def at(workshop: Workshop, shell: str = "bash", **how: Any) -> Iterator[Person]:
    person = Person(workshop, shell, **how)
    try:
        yield person
    finally:
        person.close()
