"""Which namespaces a process is in, who owns them, what they are nested in. namespaces(7), ioctl_nsfs(2)."""

import fcntl
import os
from collections.abc import Iterable
from typing import Final

KINDS: Final = ("uts", "pid", "mnt", "net", "ipc", "user", "cgroup", "time")
FOR_CHILDREN: Final = ("pid", "time")  # a process can put its children into another one of these

# ioctl_nsfs(2): both answer with a new file descriptor
NS_GET_USERNS: Final = 0xB701
NS_GET_PARENT: Final = 0xB702


def number(link: str) -> int:
    """The inode number in `uts:[4026531838]`; ValueError when there is none."""
    return int(link[link.index("[") + 1 : -1])


def _links(pid: int | str, proc: str, names: Iterable[str]) -> dict[str, int]:
    found = {}
    base = f"{proc}/{pid}/ns/"
    try:
        for name in names:
            try:
                found[name] = number(os.readlink(base + name))
            except (FileNotFoundError, ValueError):
                continue  # an older kernel, or a zombie, which is in user and pid only
    except PermissionError:
        # Also what the kernel says of a process that ended between the lookup and the answer.
        if os.path.lexists(f"{proc}/{pid}"):
            raise
    if not found and not os.path.lexists(f"{proc}/{pid}"):
        raise ProcessLookupError(f"process {pid} is gone")
    return found


def inodes(pid: int | str, proc: str = "/proc") -> dict[str, int]:
    """Kind → inode number of the namespaces that pid (or "self") is in; a kind that it isn't in is left out.

    Two processes share a namespace if and only if the numbers are equal *at the same time*: a number is used
    again as soon as its namespace is gone. Raises ProcessLookupError if pid is gone, PermissionError without
    the right to look (PTRACE_MODE_READ in ptrace(2)).
    """
    return _links(pid, proc, KINDS)


def inode(pid: int | str, kind: str, proc: str = "/proc") -> int | None:
    """The inode number of pid's namespace of that kind; None when it is in none. Raises as `inodes`."""
    return _links(pid, proc, (kind,)).get(kind)


def inodes_for_children(pid: int, proc: str = "/proc") -> dict[str, int]:
    """Kind (pid, time) → inode number of the namespace that pid's next child is born in. Raises as `inodes`.

    After `unshare --pid` without a fork "pid" is missing until the first child, which will be number 1 there.
    """
    links = _links(pid, proc, [f"{kind}_for_children" for kind in FOR_CHILDREN])
    return {name.removesuffix("_for_children"): inode for name, inode in links.items()}


def owner_fd(fd: int) -> int:
    """A new file descriptor of the user namespace that owns the namespace open as fd.

    Raises PermissionError when that one is outside of what this process may see.
    """
    return fcntl.ioctl(fd, NS_GET_USERNS)


def _ask(fd: int, request: int) -> int | None:
    """The inode number of the namespace that answers; None when there is none, or none in sight."""
    try:
        answer = fcntl.ioctl(fd, request)
    except OSError:  # EPERM: out of sight. EINVAL: not a nested kind. ENOTTY: no namespace
        return None
    try:
        return os.fstat(answer).st_ino
    finally:
        os.close(answer)


def _ask_of(pid: int, kind: str, request: int, proc: str) -> int | None:
    try:
        fd = os.open(f"{proc}/{pid}/ns/{kind}", os.O_RDONLY)
    except OSError:
        return None
    try:
        return _ask(fd, request)
    finally:
        os.close(fd)


def owner(pid: int, kind: str, proc: str = "/proc") -> int | None:
    """The inode number of the user namespace whose capabilities count in pid's namespace of that kind.

    For kind "user" it is the parent. None when it can't be seen from here.
    """
    return _ask_of(pid, kind, NS_GET_USERNS, proc)


def parent(pid: int, kind: str, proc: str = "/proc") -> int | None:
    """The inode number of the namespace around pid's (kind: "pid" or "user"); None when out of sight."""
    return _ask_of(pid, kind, NS_GET_PARENT, proc)


def around(pid: int, kind: str, proc: str = "/proc") -> tuple[int, ...]:
    """The inode numbers of the namespaces around pid's, nearest first, as far as can be seen."""
    found: list[int] = []
    try:
        fd = os.open(f"{proc}/{pid}/ns/{kind}", os.O_RDONLY)
    except OSError:
        return ()
    while True:
        try:
            outer = fcntl.ioctl(fd, NS_GET_PARENT)
        except OSError:
            return tuple(found)
        finally:
            os.close(fd)
        found.append(os.fstat(outer).st_ino)
        fd = outer
