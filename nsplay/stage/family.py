"""Which processes belong to a stage, and how to end them for certain. Only /proc and pidfds: no parent
needs to be left.
"""

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Iterable
from typing import Final

from nsplay.kernel import processes
from nsplay.stage.options import label

MARK: Final = "NSPLAY_STAGE"  # in the environment of every shell that a stage opens
AT_ONCE: Final = 200  # pidfds held at one time: far below the usual limit of 1024 files

Find = Callable[[], set[int]]


def marked(ident: str, warden: int) -> set[int]:
    """Processes that carry the stage's mark: one of its mounts in their table, or MARK in their environment.

    And the stage process, which has neither at first, but is called so and in the session of its warden.
    For a stage whose warden is dead, so that descent tells nothing any more. Other users' processes can't
    be asked.
    """
    mount, variable = f" {label(ident)} ", f"{MARK}={ident}".encode()
    verdicts: dict[str, bool] = {}  # a mount table is read once, however many processes share it
    found = {row.pid for row in processes.all() if row.session == warden and row.comm.startswith("nsplay-")}
    for pid in processes.pids():
        with contextlib.suppress(OSError):
            table = os.readlink(f"/proc/{pid}/ns/mnt")
            if table not in verdicts:
                verdicts[table] = mount in read(f"/proc/{pid}/mountinfo")
            if verdicts[table] or variable in read_bytes(f"/proc/{pid}/environ").split(b"\0"):
                found.add(pid)
    return found - {os.getpid()}


def count_of(uid: int) -> int:
    """How many processes a user has."""
    count = 0
    for pid in processes.pids():
        with contextlib.suppress(OSError):
            count += os.stat(f"/proc/{pid}").st_uid == uid
    return count


def alive(pid: int, start: int) -> bool:
    """Does the process live that had this pid and start time (clock ticks)? A zombie doesn't."""
    row = processes.read(pid)
    return row is not None and row.state not in "ZX" and row.start == start


def end(find: Find, deadline: float, certain: Callable[[], bool], between: Callable[[], None]) -> bool:
    """SIGKILL for everything that find() names, again and again until nothing that it names lives: True.

    certain(): is nobody left whom find() overlooked because it forked meanwhile? between(): what has to
    happen before every round. False at the deadline (seconds of time.monotonic).
    """
    while True:
        between()
        remaining = deadline - time.monotonic()
        if not _kill(find, min(remaining, 0.1)) and certain():
            return True
        if remaining <= 0:
            return False


def _kill(find: Find, patience: float) -> int:
    """One round; waits until those that were found are dead, `patience` seconds at most. How many were
    found alive.
    """
    fds = _open(sorted(find())[:AT_ONCE])
    try:
        living = {pid: fd for pid, fd in fds.items() if not _dead(fd)}
        # A pid may have been given to a stranger since it was found: who is found again now is still ours.
        again = find() if living else set()
        for pid, fd in living.items():
            if pid in again:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    signal.pidfd_send_signal(fd, signal.SIGKILL)
        _wait(living.values(), patience)
        return len(living)
    finally:
        for fd in fds.values():
            os.close(fd)


def _open(pids: Iterable[int]) -> dict[int, int]:
    fds = {}
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            fds[pid] = processes.pidfd(pid)
    return fds


def _dead(fd: int) -> bool:
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(0))


def _wait(fds: Iterable[int], patience: float) -> None:
    """Until all of these pidfds are dead, or for `patience` seconds."""
    poll, left, until = select.poll(), 0, time.monotonic() + patience
    for fd in fds:
        poll.register(fd, select.POLLIN)
        left += 1
    while left and (rest := until - time.monotonic()) > 0:
        for fd, _ in poll.poll(rest * 1000):
            poll.unregister(fd)
            left -= 1


def read(path: str) -> str:
    """The file's text; "" when it can't be read."""
    return read_bytes(path).decode(errors="replace")


def read_bytes(path: str) -> bytes:
    """The file's bytes; b"" when it can't be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
