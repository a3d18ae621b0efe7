"""Room in a group of version 2 that is ours alone, as after `systemd-run --user --scope -p Delegate=yes nsplay`.

A group gives controllers to its children only while no process stands in it ("no internal processes", cgroups(7)). Where
all that do are nsplay's own, they step aside into a group beside the stage's, and back at the end.
"""

import contextlib
import os
from typing import Final

from nsplay.kernel import processes
from nsplay.stage import groups
from nsplay.stage.family import read
from nsplay.stage.groups import Hierarchy

ROOM: Final = "room"


def crowded(place: Hierarchy) -> bool:
    """Do processes stand in the base itself, as in most containers? Then it can't give controllers.

    Only a tree's real top may do both; it has no cgroup.type. (The kernel would take +cpu and +pids there, which are
    threaded, and then let nobody into any group below: "domain invalid" in cgroups(7).)
    """
    return os.path.exists(f"{place.base}/cgroup.type") and bool(_members(place.base))


def needed(place: Hierarchy, nsplay: int) -> bool:
    """Is it nsplay (a pid) alone, with its children, that crowds the base?"""
    return crowded(place) and _members(place.base) <= {nsplay} | processes.descendants(nsplay)


def folder(place: Hierarchy, ident: str) -> str:
    """Where nsplay stands meanwhile."""
    return f"{place.group(ident)}.{ROOM}"


def enter(path: str) -> None:
    """Makes the room and brings everybody there. Raises OSError."""
    os.mkdir(path)
    _move(os.path.dirname(path), path)


def leave(path: str) -> bool:
    """Everybody back, and the room removed; False when that fails. Only when the base gives no controller any more."""
    with contextlib.suppress(FileNotFoundError):
        try:
            _move(path, os.path.dirname(path))
            os.rmdir(path)
        except OSError:
            return False
    return True


def _members(group: str) -> set[int]:
    return {int(pid) for pid in read(f"{group}/cgroup.procs").split()}


def _move(source: str, target: str) -> None:
    for pid in _members(source):
        with contextlib.suppress(ProcessLookupError):
            groups.write(f"{target}/cgroup.procs", str(pid))
