"""The stage's control groups, of both versions (cgroups(7)).

In every hierarchy: `nsplay-IDENT`, which bears the limits, and in it `stage`, which the learner sees as the
top of the tree. On version 2 the shells live in a leaf `shell` below that, as in a systemd session, because
a group that gives controllers to its children may not hold processes itself.
"""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from nsplay.stage.family import read
from nsplay.stage.options import Options, label

STAGE: Final = "stage"
SHELL: Final = "shell"
ATTRIBUTE: Final = "user.nsplay.controllers"

# A quarter of the usual weight: with a fork bomb inside, a fork outside waits milliseconds instead of a minute, and a
# niced build outside doesn't starve a lesson (with a sixteenth it did).
LIMITS_V2: Final = {
    "pids.max": "{pids}",
    "memory.max": "{memory}",
    "memory.swap.max": "0",
    "cpu.weight": "25",
}
LIMITS_V1: Final = {"pids.max": "{pids}", "memory.limit_in_bytes": "{memory}", "cpu.shares": "256"}


class Hierarchy(NamedTuple):
    """A mounted tree of groups. version: 1 or 2. options: what mounts it again, such as "cpu,cpuacct"; ""
    on version 2.

    base: the folder under which the stage may make its group.
    """

    mountpoint: str
    version: int
    options: str
    base: str

    def group(self, ident: str) -> str:
        """The outermost folder of the stage."""
        return f"{self.base}/{label(ident)}"


def hierarchies(root: bool, own: str = "") -> list[Hierarchy]:
    """Every hierarchy that is mounted here and that we may make groups in, each once.

    Version 2: in `own`, the group that systemd gave (scope.py); without it root may at the top, and an ordinary user in
    the group that we are in, where it has been delegated.
    """
    found: dict[str, Hierarchy] = {}
    for line in read("/proc/self/mountinfo").splitlines():
        left, _, right = line.partition(" - ")
        fstype, _, options = right.split(" ", 2)
        _, _, device, top, mountpoint, *_ = left.split()
        if fstype not in ("cgroup", "cgroup2") or device in found:
            continue
        version = 2 if fstype == "cgroup2" else 1
        if own and version == 2:
            base = mountpoint + _below(top, own)
        else:
            base = mountpoint if root else mountpoint + _below(top, _own_path(version))
        if os.access(base, os.W_OK) and os.access(f"{base}/cgroup.procs", os.W_OK):
            found[device] = Hierarchy(mountpoint, version, again(options) if version == 1 else "", base)
    return list(found.values())


def again(super_options: str) -> str:
    """The options that name a version 1 hierarchy when it is mounted again: its controllers, or its name."""
    other = ("rw", "ro", "xattr", "clone_children", "noprefix", "cpuset_v2_mode")
    words = [
        word
        for word in super_options.split(",")
        if word not in other and not word.startswith("release_agent")
    ]
    return ",".join(words)


def _own_path(version: int) -> str:
    """Our own group on version 2; on version 1 nothing is ever delegated, so a path that doesn't exist."""
    lines = read("/proc/self/cgroup").splitlines()
    return next((line[3:] for line in lines if version == 2 and line.startswith("0::")), "/nowhere")


def _below(top: str, path: str) -> str:
    return path.removeprefix(top.rstrip("/")).rstrip("/")


def available(hierarchy: Hierarchy) -> set[str]:
    """Version 2: controllers that the base could give to its children."""
    return set(read(f"{hierarchy.base}/cgroup.controllers").split())


def given(hierarchy: Hierarchy) -> set[str]:
    """Version 2: controllers that the base gives to its children now."""
    return set(read(f"{hierarchy.base}/cgroup.subtree_control").split())


def to_turn_on(place: Hierarchy) -> list[str]:
    """Version 2: controllers that the machine doesn't give from this base, and a stage will.

    Another stage may have turned them on: then whoever ends last turns them off (`take_back`).
    """
    return sorted((available(place) - given(place)) | turned_on(place.base))


def turned_on(base: str) -> set[str]:
    """What the stages that are there have turned on, or will. Each wears it as an attribute of its folder."""
    found: set[str] = set()
    with contextlib.suppress(OSError):
        for name in os.listdir(base):
            if name.startswith(label("")):
                with contextlib.suppress(OSError):
                    found |= set(os.getxattr(f"{base}/{name}", ATTRIBUTE).decode().split())
    return found


def claim(place: Hierarchy, ident: str, controllers: list[str]) -> None:
    """Version 2: makes the stage's folder, which says what the stage turns on. Raises OSError."""
    os.mkdir(place.group(ident))
    os.setxattr(place.group(ident), ATTRIBUTE, " ".join(controllers).encode())


@contextlib.contextmanager
def locked(bases: Iterable[str]) -> Iterator[None]:
    """One stage at a time comes or goes in these folders, whoever's it is. The lock goes with its holder."""
    with contextlib.ExitStack() as stack:
        for base in sorted(bases):
            fd = os.open(base, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            stack.callback(os.close, fd)
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield


def make(
    places: Sequence[Hierarchy], options: Options, gives: Callable[[Hierarchy], bool]
) -> list[Hierarchy]:
    """Makes the stage's groups and moves the calling process in; those where that went well. Raises the first
    OSError when it went well nowhere.

    gives(): can a base of version 2 give controllers (room.py)?
    """
    made, trouble = [], list[OSError]()
    for place in places:
        try:
            _make(place, options, place.version == 2 and gives(place))
            made.append(place)
        except OSError as error:
            trouble.append(error)
    if not made:
        raise trouble[0]
    return made


def _make(place: Hierarchy, options: Options, gives: bool) -> None:
    outer = place.group(options.ident)
    if place.version == 1 or not os.path.isdir(outer):  # `claim` may have been refused: this says why
        os.mkdir(outer)
    if place.version == 2:
        if gives:
            for controller in available(place):
                attempt(f"{place.base}/cgroup.subtree_control", f"+{controller}")
        for controller in read(f"{outer}/cgroup.controllers").split():
            attempt(f"{outer}/cgroup.subtree_control", f"+{controller}")
    inner = f"{outer}/{STAGE}"
    for folder in (outer, inner):
        if folder == inner:
            os.mkdir(inner)
        _seed_cpuset(folder)
    write(f"{inner}/cgroup.procs", "0")


def _seed_cpuset(folder: str) -> None:
    """A new cpuset of version 1 has neither processors nor memory; nobody could join it."""
    for name in ("cpuset.cpus", "cpuset.mems"):
        if os.path.exists(f"{folder}/{name}"):
            write(f"{folder}/{name}", read(f"{os.path.dirname(folder)}/{name}"))


def limit(places: Sequence[Hierarchy], options: Options) -> set[str]:
    """Sets the limits on the outermost groups; the controllers that took one."""
    done = set()
    for place in places:
        limits = LIMITS_V2 if place.version == 2 else LIMITS_V1
        for name, value in limits.items():
            if attempt(
                f"{place.group(options.ident)}/{name}", value.format(pids=options.pids, memory=options.memory)
            ):
                done.add(name.partition(".")[0])
    return done


def enter_leaf(mountpoint: str) -> None:
    """Version 2: into the leaf below the top that the stage sees. Raises OSError."""
    os.mkdir(f"{mountpoint}/{SHELL}")
    write(f"{mountpoint}/{SHELL}/cgroup.procs", "0")


def write(path: str, text: str) -> None:
    """One write(2), as the kernel's files want it. Raises OSError that names the file."""
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, text.encode())
    except OSError as error:
        raise OSError(error.errno, f"write to {path}: {error.strerror}") from error
    finally:
        os.close(fd)


def attempt(path: str, text: str) -> bool:
    """Like write; False where the kernel refuses."""
    try:
        write(path, text)
    except OSError:
        return False
    return True
