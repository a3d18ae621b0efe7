"""The mount table of a process. /proc/PID/mountinfo in proc(5), mount_namespaces(7)."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from nsplay.kernel.files import content, text

_OCTAL = re.compile(rb"\\([0-7]{3})")


class Mount(NamedTuple):
    """One mount, as its process sees it."""

    id: int
    parent: int
    device: str  # "major:minor" of the file system
    root: str  # which folder of the file system is mounted; "uts:[4026532177]" for a kept namespace
    target: str  # where, below the process's own root
    options: str  # of this mount
    propagation: tuple[str, ...]  # "shared:N", "master:N", "propagate_from:N", "unbindable"; none: private
    fstype: str
    source: str
    super_options: str  # of the file system

    @property
    def shared(self) -> bool:
        """Mounts below it appear in the other members of its peer group, too."""
        return bool(self.group)

    @property
    def group(self) -> str:
        """The number of its peer group, one for the whole machine; empty when it isn't shared."""
        return self._tag("shared")

    @property
    def master(self) -> str:
        """The number of the peer group that it is a slave of; empty when it is none."""
        return self._tag("master")

    def _tag(self, name: str) -> str:
        return next((word.partition(":")[2] for word in self.propagation if word.startswith(f"{name}:")), "")

    @property
    def keeps(self) -> str:
        """The kind of namespace that it keeps alive (`unshare --uts=FILE`); empty for any other mount."""
        return self.root.partition(":")[0] if self.fstype == "nsfs" else ""


def _plain(raw: bytes) -> str:
    r"""Blank, tab, newline, backslash and # are written as `\040` and so on."""
    if b"\\" in raw:
        raw = _OCTAL.sub(lambda match: bytes([int(match[1], 8) & 0xFF]), raw)
    return text(raw)


@lru_cache(maxsize=16)  # of a look's many tables most are the same as in the look before
def parse(mountinfo: bytes) -> tuple[Mount, ...]:
    """The rows of a mountinfo file; a line that is cut short is left out."""
    found = []
    for line in mountinfo.split(b"\n"):
        words = line.split(b" ")  # by single blanks: a source can be empty
        try:
            dash = words.index(b"-", 6)
            fstype, source, super_options = words[dash + 1], words[dash + 2], words[dash + 3]
            id_, parent = int(words[0]), int(words[1])
        except (ValueError, IndexError):
            continue
        found.append(
            Mount(
                id_,
                parent,
                text(words[2]),
                _plain(words[3]),
                _plain(words[4]),
                text(words[5]),
                tuple(text(word) for word in words[6:dash]),
                text(fstype),
                _plain(source),
                _plain(super_options),
            )
        )
    return tuple(found)


def read(pid: int | str, proc: str = "/proc") -> tuple[Mount, ...]:
    """The mounts that pid can see, in the order they were made.

    Raises ProcessLookupError if pid is gone, PermissionError if it isn't ours, OSError (EINVAL) for a zombie.
    """
    return parse(content(f"{proc}/{pid}/mountinfo"))


def reaches(mount: Mount, there: Sequence[Mount], known: Sequence[Mount]) -> bool:
    """Does what is mounted below `mount` show up in the table `there`, too? known: all mounts that a slave may be between."""
    groups = {mount.group} - {""}
    while more := {row.group for row in known if row.group and row.master in groups} - groups:
        groups |= more
    return any(row.group in groups or row.master in groups for row in there)
