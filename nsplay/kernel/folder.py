"""Hearing of a folder: inotify(7), which wakes whoever waits at the moment something in it is written, renamed or removed."""

import contextlib
import os
import select
from typing import Final

from nsplay.kernel import syscalls

EVENTS: Final = (
    syscalls.IN_CLOSE_WRITE
    | syscalls.IN_MOVED_FROM
    | syscalls.IN_MOVED_TO
    | syscalls.IN_CREATE
    | syscalls.IN_DELETE
)


class Ear:
    """At one folder, which may be gone for a while. `with` closes it.

    Where there are too many instances (max_user_instances) or none at all, nothing is heard: whoever waits has to look
    now and then as well. So on a network's or a container's file system, where not every change is an event.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._fd = -1
        with contextlib.suppress(OSError):
            self._fd = syscalls.inotify()
        self.listen()

    def __enter__(self) -> "Ear":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def listen(self) -> None:
        """(Again: the folder may be another one by now.)"""
        with contextlib.suppress(OSError):
            if self._fd >= 0:
                syscalls.inotify_watch(self._fd, self.folder, EVENTS)

    def wait(self, seconds: float, keys: int | None = None) -> bool:
        """Until something was heard, or for so long. Is the descriptor `keys` readable?"""
        ready = select.select([*self.fds, *([] if keys is None else [keys])], [], [], seconds)[0]
        self.drain()
        return keys in ready

    @property
    def fds(self) -> list[int]:
        """What is readable when something was heard, for whoever waits for more than that; then `drain`."""
        return [self._fd] if self._fd >= 0 else []

    def drain(self) -> None:
        """Forgets what was heard."""
        with contextlib.suppress(OSError):  # EAGAIN: nothing came
            if self._fd >= 0:
                os.read(self._fd, 65536)
