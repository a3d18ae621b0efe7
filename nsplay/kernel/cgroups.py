"""Which cgroup trees there are and where in them a process is, for both versions. cgroups(7)."""

import contextlib
import os
from collections.abc import Collection, Sequence
from typing import Final, Literal, NamedTuple

from nsplay.kernel import mounts
from nsplay.kernel.files import content, text
from nsplay.kernel.inside import Question
from nsplay.kernel.mounts import Mount

Version = Literal["v1", "v2", "hybrid", "none"]

COMMON: Final = frozenset({"cpu", "memory", "pids", "io"})  # controllers that every machine uses

# What stands among a version 1 mount's options without being a controller
_OPTIONS: Final = frozenset(
    {"rw", "ro", "none", "all", "clone_children", "noprefix", "xattr", "cpuset_v2_mode", "favordynmods"}
)


class Hierarchy(NamedTuple):
    """One mounted cgroup tree."""

    version: Literal[1, 2]
    controllers: tuple[str, ...]  # version 1: a named one is "name=systemd". Version 2: what its top offers
    mountpoint: str
    root: str  # which cgroup is mounted there, as seen from the cgroup namespace of the reader


class Membership(NamedTuple):
    """Where a process is in one tree. hierarchy_id 0 and no controllers: the tree of version 2."""

    hierarchy_id: int
    controllers: tuple[str, ...]
    path: str  # as seen from the cgroup namespace of the reader; starts with /.. outside of it


def hierarchies(proc: str = "/proc", root: str = "/") -> tuple[Hierarchy, ...]:
    """The trees that are mounted where this process can see them, in the order of their mounting.

    root: where the mount points are to be looked for (recorded machines have them elsewhere).
    """
    found = (hierarchy(mount, root) for mount in mounts.read("self", proc))
    return tuple(tree for tree in found if tree)


def hierarchy(mount: Mount, root: str = "/") -> Hierarchy | None:
    """The tree that is mounted there; None for any other mount. root: as in `hierarchies`."""
    if mount.fstype == "cgroup2":
        try:
            offered = content(os.path.join(root, mount.target.lstrip("/"), "cgroup.controllers")).split()
        except OSError:  # covered by another mount
            offered = []
        return Hierarchy(2, tuple(map(text, offered)), mount.target, mount.root)
    if mount.fstype != "cgroup":
        return None
    words = mount.super_options.split(",")
    names = tuple(word for word in words if word not in _OPTIONS and not word.startswith("release_agent="))
    return Hierarchy(1, names, mount.target, mount.root)


def version(proc: str = "/proc") -> Version:
    """Which version this machine has mounted; "hybrid": both."""
    versions = {mount.fstype for mount in mounts.read("self", proc)} & {"cgroup", "cgroup2"}
    if len(versions) == 2:
        return "hybrid"
    if not versions:
        return "none"
    return "v2" if "cgroup2" in versions else "v1"


def variant(controllers: Collection[str] = (), trees: Sequence[Hierarchy] | None = None) -> Literal[1, 2]:
    """Under which version these controllers are used here; without any: those that most people use.

    A controller can be in one tree at a time: a machine with version 2 may have net_cls mounted as version 1, too, and
    its memory is limited by version 2 all the same. trees: `hierarchies()` when not given.
    """
    trees = hierarchies() if trees is None else trees
    first, second = (
        {name for tree in trees if tree.version == number for name in tree.controllers} for number in (1, 2)
    )
    if controllers:
        named = {"blkio" if name == "io" else name for name in controllers}  # version 1's word for it
        return 1 if first & named else 2
    return 1 if first and not second & COMMON else 2


def paths(pid: int | str, proc: str = "/proc") -> tuple[Membership, ...]:
    """Where pid is, one row a tree. Raises ProcessLookupError if pid is gone."""
    return parse(content(f"{proc}/{pid}/cgroup"))


def groups(pid: int, proc: str = "/proc") -> dict[str, int]:
    """How many groups each mounted tree has right below its top, by mount point, as pid sees them.

    Raises ProcessLookupError if pid is gone. A mount point that another mount covers is left out.
    """
    found = {}
    for mount in mounts.read(pid, proc):
        if mount.fstype in ("cgroup", "cgroup2"):
            with contextlib.suppress(OSError):
                at = os.stat(f"{proc}/{pid}/root{mount.target}")
                if f"{os.major(at.st_dev)}:{os.minor(at.st_dev)}" == mount.device:
                    found[mount.target] = at.st_nlink - 2  # folders only: its files don't count
    return found


class Own(NamedTuple):
    """What a process says itself: its paths, and the roots of its mounts, as seen from its own cgroup namespace."""

    paths: tuple[Membership, ...]
    mounts: tuple[Mount, ...]


def question(pid: int, proc: str = "/proc") -> Question:
    """What is to be asked from within: both files answer for the cgroup namespace of their reader."""
    return Question("cgroup", lambda: [content(f"{proc}/{pid}/cgroup"), content(f"{proc}/{pid}/mountinfo")])


def own(answer: Sequence[bytes]) -> Own:
    """From the answer to `question`."""
    return Own(parse(answer[0]), mounts.parse(answer[1]))


def parse(raw: bytes) -> tuple[Membership, ...]:
    """The rows of a /proc/PID/cgroup; a line that is cut short is left out."""
    found = []
    for line in raw.split(b"\n"):
        number, _, rest = line.partition(b":")
        controllers, colon, path = rest.partition(b":/")
        if colon and number.isdigit():
            names = tuple(text(controllers).split(",")) if controllers else ()
            found.append(Membership(int(number), names, "/" + text(path)))
    return tuple(found)
