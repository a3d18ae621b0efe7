"""What a load says: short lines, one at a time, fit for a screen reader, too."""

import errno
import os
import signal
import sys
import time
from collections.abc import Callable

from nsplay.load.crew import Crew

LATE = 1.0  # seconds after its deadline in which a hand may end by itself

WHY = {  # what the errno means for a load
    errno.EAGAIN: "no more processes: pids.max of the group, or RLIMIT_NPROC of the user",
    errno.ENOMEM: "the kernel has no memory to give, or may not give any here",
    errno.ENOSPC: "the file system is full",
    errno.EDQUOT: "the quota is used up",
    errno.EFBIG: "longer than a file may be here (ulimit -f)",
    errno.EROFS: "that file system is mounted read-only",
    errno.EIO: "the device failed",
    errno.EEXIST: "it is there already, and a load overwrites nothing: `rm` it first, or name another",
    errno.EISDIR: "that is a folder: name a file in it",
    errno.EINVAL: "this file system can't do that (tmpfs has no direct writes in older kernels: --buffered)",
}


def say(words: str) -> None:
    """One line."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def trouble(number: int) -> str:
    """ "EAGAIN (Resource temporarily unavailable)"."""
    return f"{errno.errorcode.get(number, number)} ({os.strerror(number)})"


def meaning(number: int) -> str:
    """What that means here, as the end of a sentence; "" when nothing is known."""
    return f": {WHY[number]}" if number in WHY else ""


def watch(crew: Crew, line: Callable[[], str]) -> None:
    """A line a second, until all hands have ended, somebody stops us, or the kernel lets a hand no longer look at
    the clock (above memory.high each page takes seconds).
    """
    soon, late = time.monotonic() + 1, crew.until + LATE
    while crew.wait(min(soon, late) - time.monotonic()) and time.monotonic() < late:
        if time.monotonic() >= soon:
            say(line())
            soon += 1


def ending(crew: Crew, status: int) -> int:
    """The exit status; says it when somebody stopped us, and whom the kernel still holds."""
    if crew.stopped:
        say(f"stopped by {signal.Signals(crew.stopped).name}")
        status = 128 + crew.stopped
    for pid in crew.dismiss():
        say(f"process {pid} was killed, but the kernel holds it still (frozen, or waiting for a disk)")
    return status
