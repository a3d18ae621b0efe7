"""Waits until an editor has saved one of a lesson's files.

inotify(7) wakes us at once, on the folder: most editors write another file and rename it, so a watch on the file itself
would keep looking at the old one. Whether anything was saved is said by the files (stat(2)), looked at once a second
as well: on a network's or a container's file system not every save is an event.
"""

import contextlib
import os
import re
import time
from typing import Final

from nsplay.kernel.folder import Ear

LOOK: Final = 1.0  # seconds between two looks where no event comes
QUIET: Final = 0.03  # seconds without an event, and a save is over
RENAME: Final = 1.0  # seconds that an editor may leave the folder without the file
FILE: Final = re.compile(r"lesson(\.[a-z]{2})?\.md")

Signature = dict[str, tuple[int, int, int]]


class Watch:
    """Of a lesson's folder; it may be gone for a while. `with` closes it."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._ear = Ear(folder)
        self._seen = self._signature()

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_: object) -> None:
        self._ear.close()

    def saved(self) -> bool:
        """Does a file differ from what `wait` has last told of? Costs a few stats; nothing is taken note of."""
        return self._signature() != self._seen

    def wait(self, keys: int | None = None) -> list[str] | None:
        """Waits for a save: the names of the files that differ, sorted. None: the descriptor `keys` is readable."""
        while not self.saved():
            self._ear.listen()  # the folder may be another one
            if self._ear.wait(LOOK, keys):
                return None
        self._settle()
        before, self._seen = self._seen, self._signature()
        names = before.keys() | self._seen.keys()
        return sorted(name for name in names if before.get(name) != self._seen.get(name))

    def _settle(self) -> None:
        """An editor may need several steps: until the folder has been quiet, and there is a lesson again."""
        until, last = time.monotonic() + RENAME, None
        while time.monotonic() < until:
            now = self._signature()
            if now == last and "lesson.md" in now:
                return
            last = now
            self._ear.wait(QUIET)  # with no event the wait itself is the quiet

    def _signature(self) -> Signature:
        """What tells one version of a file from the next. A symlink counts as what it leads to."""
        found: Signature = {}
        with contextlib.suppress(OSError):
            for name in filter(FILE.fullmatch, os.listdir(self.folder)):
                with contextlib.suppress(OSError):
                    now = os.stat(os.path.join(self.folder, name))
                    found[name] = now.st_ino, now.st_mtime_ns, now.st_size
        return found
