"""The learner's own terminal, as the relay sees it: keys, what is written, and whatever else has to wake it."""

import contextlib
import os
import select
import signal
import termios
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from nsplay.background import OWED
from nsplay.repl.pty import ROOM, Size, window_size

RESIZED: Final = -1  # stands among the readable descriptors for a changed size


class Outer:
    """The learner's own terminal: two descriptors, its size, and a descriptor that wakes when the size changes."""

    def __init__(self, stdin: int, stdout: int, watch: Mapping[int, str]) -> None:
        self.stdin, self.stdout, self.watch = stdin, stdout, watch
        self.aside: dict[
            int, Callable[[], bool]
        ] = {}  # terminals that aren't shown: descriptor -> takes its output
        self.seen: Callable[[bytes], object] | None = None  # is told of all that is written
        self._kept = b""  # keys that were read with an answer
        self._wake_out, self._wake_in = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def close(self) -> None:
        os.close(self._wake_out)
        os.close(self._wake_in)

    def _resized(self, *_: object) -> None:
        with contextlib.suppress(BlockingIOError):  # a full pipe wakes as well
            os.write(self._wake_in, b"w")

    def listen(self) -> None:
        """(Again: prompt_toolkit leaves SIGWINCH at its default.)"""
        signal.signal(signal.SIGWINCH, self._resized)

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Takes SIGWINCH, for a while."""
        before = signal.getsignal(signal.SIGWINCH)
        self.listen()
        try:
            yield
        finally:
            signal.signal(signal.SIGWINCH, before)

    def size(self) -> Size:
        return window_size(self.stdout)

    def write(self, data: bytes) -> None:
        if self.seen:
            self.seen(data)
        view = memoryview(data)
        while view:
            view = view[os.write(self.stdout, view) :]

    def read(self) -> bytes:
        """Keys; empty when the terminal is gone."""
        if self._kept:
            keys, self._kept = self._kept, b""
            return keys
        try:
            return os.read(self.stdin, ROOM)
        except OSError:  # EIO
            return b""

    def forget(self) -> None:
        """Throws away what was typed ahead."""
        with contextlib.suppress(OSError, termios.error):  # hung up
            termios.tcflush(self.stdin, termios.TCIFLUSH)

    def wait(self, more: list[int], writers: list[int], seconds: float | None) -> tuple[set[int], bool]:
        """Which descriptors are readable, and whether a writer is ready."""
        readers = [self._wake_out, *self.watch, *more, *self.aside]
        kept = self._kept and self.stdin in more
        readable, writable, _ = select.select(readers, writers, [], 0.0 if kept else seconds)
        found = set(readable)
        if kept:
            found.add(self.stdin)
        elif self.stdin in found and OWED.by(self.stdin):
            self._sift(found)
        for fd in found & self.aside.keys():
            self.take_aside(fd)
            found.discard(fd)
        if self._wake_out in found:
            found.discard(self._wake_out)
            os.read(self._wake_out, ROOM)
            found.add(RESIZED)
        return found, bool(writable)

    def _sift(self, found: set[int]) -> None:
        """Takes the answer that the terminal owes out of the keys; where there are no others, none have come."""
        keys = self.read()
        self._kept = OWED.without(self.stdin, keys)
        if keys and not self._kept:
            found.discard(self.stdin)

    def take_aside(self, fd: int) -> None:
        """Takes the output of a terminal that isn't shown; one that nobody has open any more is let alone."""
        take = self.aside.get(fd)
        if take and not take():
            del self.aside[fd]

    def reason(self, readable: set[int]) -> str:
        """The reason of the first watched descriptor that is readable."""
        return next((reason for fd, reason in self.watch.items() if fd in readable), "")
