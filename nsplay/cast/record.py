"""`--record FILE`: nsplay in a terminal of its own, of which all that is seen is kept. It doesn't know of it."""

import codecs
import contextlib
import os
import signal
import sys
import termios
import time
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Final

from nsplay import background, sessions
from nsplay.cast.format import EXIT, MARKER, OUTPUT, RESIZE, Cast, Event, Writer
from nsplay.errors import MachineError, UsageError
from nsplay.kernel.folder import Ear
from nsplay.repl.outer import RESIZED, Outer
from nsplay.repl.pty import Size, window
from nsplay.settings import make_state_folder

PIECE: Final = 1 << 16
LOOK: Final = 1.0  # seconds between two looks for a step where nothing is heard


def record(path: str, version: int, head: Cast, state: Path, work: Callable[[], int]) -> int:
    """Does the work in a child, on a pty; its exit status. head: its title and background. UsageError when the file is there or
    there is no terminal, MachineError when it can't be made.
    """
    if not (os.isatty(0) and os.isatty(1)):
        raise UsageError("a recording is of a terminal", "standard input or output is none")
    try:
        file = open(path, "x", encoding="utf-8", errors="replace", buffering=1 << 16)  # noqa: SIM115
    except FileExistsError:
        raise UsageError(f"{path} is there already", "a recording overwrites nothing", f"rm {path}") from None
    except OSError as error:
        raise MachineError(f"{path} can't be made", error.strerror or "") from None
    with contextlib.suppress(OSError):  # else nobody hears of steps
        make_state_folder(str(state / sessions.FOLDER))
    known = head.background
    answer = background.Answer(known) if known else background.ask(os.environ.get("TERM", ""))
    outer = Outer(0, 1, {})
    size = outer.size()
    sys.stdout.flush()
    pid, master = os.forkpty()
    if pid == 0:
        file.close()
        os.environ[background.BACKGROUND] = (
            answer.background or "dark"
        )  # it asks no more: the question would be recorded
        os._exit(work())
    window(master, size)
    os.write(master, answer.keys)
    began = time.time()
    header = head._replace(
        columns=size.columns, rows=size.lines, began=int(began), background=answer.background
    )
    with file, contextlib.closing(outer):
        recorder = _Recorder(Writer(file, version, header, os.environ), outer, pid, master, state)
        status = recorder.run(size)
    if recorder.problem:
        raise MachineError(f"the recording {path} ends before its end", recorder.problem)
    return status


class _Recorder:
    """problem: why no more could be written; what is recorded goes on all the same."""

    def __init__(self, writer: Writer, outer: Outer, pid: int, master: int, state: Path) -> None:
        self._writer, self._outer, self._pid, self._master, self._state = writer, outer, pid, master, state
        self._began = time.monotonic()
        self._step = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.problem = ""

    def run(self, size: Size) -> int:
        """Until the child has ended: its exit status."""
        before = termios.tcgetattr(0)
        tty.setraw(0, termios.TCSANOW)
        for number in (signal.SIGTERM, signal.SIGHUP):  # what ends us ends it, and then us
            signal.signal(number, lambda got, _: os.kill(self._pid, got))
        try:
            with self._outer.listening(), Ear(str(self._state / sessions.FOLDER)) as ear:
                self._relay(ear, size)
        finally:
            with contextlib.suppress(OSError, termios.error):
                termios.tcsetattr(0, termios.TCSANOW, before)
            os.close(self._master)
        _, status = os.waitpid(self._pid, 0)
        code = os.waitstatus_to_exitcode(status)
        code = 128 - code if code < 0 else code
        self._note(EXIT, str(code))
        return code

    def _relay(self, ear: Ear, size: Size) -> None:
        keys = True
        while True:
            readers = [self._master, *([0] if keys else []), *ear.fds]
            readable, _ = self._outer.wait(readers, [], LOOK)
            if RESIZED in readable and (now := self._outer.size()) != size:
                size = now
                window(self._master, size)
                self._note(RESIZE, f"{size.columns}x{size.lines}")
            if 0 in readable:
                typed = self._outer.read()
                keys = bool(typed)
                with contextlib.suppress(OSError):
                    os.write(self._master, typed) if typed else os.kill(self._pid, signal.SIGHUP)
            if not readable or readable & set(ear.fds):
                self._look(ear)
            if self._master in readable and not self._pass():
                return

    def _pass(self) -> bool:
        """Output; False at its end."""
        try:
            data = os.read(self._master, PIECE)
        except OSError:  # EIO: nobody has it open any more
            data = b""
        if not data:
            return False
        if text := self._decoder.decode(data):
            self._note(OUTPUT, text)
        with contextlib.suppress(OSError):  # a closed window: it is recorded to its end
            self._outer.write(data)
        return True

    def _look(self, ear: Ear) -> None:
        """A marker where a step begins: it is told before it is shown."""
        ear.drain()
        with contextlib.suppress(MachineError, OSError):
            step = next(
                (f"{one.lesson}/{one.step}" for one in sessions.running(self._state) if one.pid == self._pid),
                "",
            )
            if step and step != self._step:
                self._step = step
                self._note(MARKER, step)

    def _note(self, code: str, data: str) -> None:
        if self.problem:
            return
        try:
            self._writer.write(Event(time.monotonic() - self._began, code, data))
        except OSError as error:
            self.problem = error.strerror or str(error)
