"""Facts of the mount table, and of any path in it."""

from collections.abc import Callable
from typing import Final

from nsplay.fact.base import At, Fact, Free, Read, Value
from nsplay.kernel.identity import ordered
from nsplay.kernel.mounts import Mount, reaches
from nsplay.kernel.paths import File
from nsplay.snapshot import FILE

DISK: Final = "/mnt/disk"


def _count(which: Callable[[Mount], bool]) -> Read:
    return lambda at: None if at.side.lacks("mounts") else sum(map(which, at.side.mounts))


def _at(side_mounts: tuple[Mount, ...], path: str) -> Mount | None:
    """The mount on a path: the last one covers those before."""
    return next((mount for mount in reversed(side_mounts) if mount.target == path), None)


def _mount(take: Callable[[Mount], Value]) -> Read:
    def read(at: At) -> Value | None:
        mount = _at(at.side.mounts, at.word or "/")
        return take(mount) if mount else None

    return read


def _mounted(at: At) -> bool | None:
    return None if at.side.lacks("mounts") else _at(at.side.mounts, at.word or "/") is not None


def _stacked(at: At) -> int | None:
    if at.side.lacks("mounts"):
        return None
    return sum(mount.target == (at.word or "/") for mount in at.side.mounts)


def _propagation(mount: Mount) -> str:
    """The words of mount_namespaces(7)."""
    words = (word.partition(":")[0] for word in mount.propagation)
    names = ["slave" if word == "master" else word for word in words if word != "propagate_from"]
    return "+".join(names) or "private"


def _lent(at: At) -> str | None:
    mount = _at(at.side.mounts, DISK)
    return mount.device if mount and mount.source.startswith("/dev/loop") else None


def _reaches(at: At) -> tuple[str, ...] | None:
    mount = _at(at.side.mounts, at.word or "/")
    if mount is None:
        return None
    known = [row for side in at.snapshot.sides for row in side.mounts]
    others = [side for side in at.snapshot.sides if side.ns.get("mnt") != at.side.ns.get("mnt")]
    return tuple(side.name for side in others if reaches(mount, side.mounts, known))


def _out(at: At) -> bool | None:
    root = at.side.root
    if root is None:
        return None
    return any(other.startswith(root.rstrip("/") + "/") and other != root for other in at.side.roots)


def _exists(at: At) -> bool | None:
    return at.side.files[at.word] is not None if at.word in at.side.files else None


def _file(take: Callable[[File], Value | None]) -> Read:
    def read(at: At) -> Value | None:
        file = at.side.files.get(at.word)
        return take(file) if file else None

    return read


WORDS: Final = {
    "PATH": Free(
        r"/[A-Za-z0-9_./:@+-]*",
        lambda snapshot, _: [
            part.removeprefix(FILE) for part in sorted(snapshot.parts) if part.startswith(FILE)
        ],
    )
}

# fmt: off
FACTS: Final = (
    Fact("mounts.slave", "number", "mounts", "how many of its mounts get what is mounted below their master",
         _count(lambda mount: bool(mount.master))),
    Fact("mounts.private", "number", "mounts", "how many of its mounts pass nothing on and get nothing",
         _count(lambda mount: not mount.propagation)),
    Fact("mounts.unbindable", "number", "mounts", "how many of its mounts can't be bound elsewhere",
         _count(lambda mount: "unbindable" in mount.propagation)),
    Fact("root.mount", "yes or no", "mounts", "is its root a mount? (after a chroot it needn't be)", _mounted),
    Fact("root.fstype", "text", "mounts", "the type of the file system that is mounted on its root",
         _mount(lambda mount: mount.fstype)),
    Fact("root.source", "text", "mounts", "what is mounted on its root", _mount(lambda mount: mount.source)),
    Fact("disk.device", "id", "mounts", "the number of the disk that the stage lends, such as 7:0", _lent),
    Fact("root.out", "yes or no", "mounts",
         "has it got out of a chroot: does a process that it descends from have a root below its own?", _out),
    Fact("at.PATH.mounted", "yes or no", "mounts file:PATH", "is something mounted on PATH?", _mounted),
    Fact("at.PATH.stacked", "number", "mounts file:PATH", "how many mounts lie on PATH, each over the one before",
         _stacked),
    Fact("at.PATH.fstype", "text", "mounts file:PATH", "the type of the file system that is mounted on PATH",
         _mount(lambda mount: mount.fstype)),
    Fact("at.PATH.source", "text", "mounts file:PATH", "what is mounted on PATH", _mount(lambda mount: mount.source)),
    Fact("at.PATH.root", "text", "mounts file:PATH", "which folder of it is mounted on PATH",
         _mount(lambda mount: mount.root)),
    Fact("at.PATH.options", "list", "mounts file:PATH", "the options of the mount on PATH, such as ro",
         _mount(lambda mount: tuple(mount.options.split(",")))),
    Fact("at.PATH.propagation", "text", "mounts file:PATH",
         "private, shared, slave, slave+shared or unbindable: the mount on PATH", _mount(_propagation)),
    Fact("at.PATH.reaches", "list", "mounts file:PATH",
         "the sides in other mount namespaces where what is mounted below PATH shows up, too", _reaches),
    Fact("file.PATH.exists", "yes or no", "file:PATH", "is there anything at PATH?", _exists),
    Fact("file.PATH.kind", "text", "file:PATH", "file, folder, device, pipe or socket: what is at PATH",
         _file(lambda it: it.kind)),
    Fact("file.PATH.uid", "number", "file:PATH", "whose PATH is, as the machine sees it", _file(lambda it: it.uid)),
    Fact("file.PATH.gid", "number", "file:PATH", "which group's PATH is, as the machine sees it",
         _file(lambda it: it.gid)),
    Fact("file.PATH.mode", "text", "file:PATH", "the permissions of PATH, such as 0755",
         _file(lambda it: f"{it.mode:04o}")),
    Fact("file.PATH.device", "text", "file:PATH", "the number of the file system that PATH is on, such as 0:52",
         _file(lambda it: it.device)),
    Fact("file.PATH.inode", "number", "file:PATH", "the inode of PATH: same device and inode, same file",
         _file(lambda it: it.inode)),
    Fact("file.PATH.number", "text", "file:PATH", "the number of the device file PATH, such as c 1:5",
         _file(lambda it: it.number)),
    Fact("file.PATH.size", "number", "file:PATH", "the bytes of PATH", _file(lambda it: it.size)),
    Fact("file.PATH.entries", "number", "file:PATH", "how many names are in the folder PATH",
         _file(lambda it: it.entries), busy=True),
    Fact("file.PATH.text", "text", "file:PATH", "how the plain file PATH begins", _file(lambda it: it.text)),
    Fact("file.PATH.capabilities", "list", "file:PATH", "the capabilities that the program PATH gets by its file",
         _file(lambda it: ordered(it.capabilities))),
)
# fmt: on
