"""What an IPC namespace holds, and what /dev/shm and /dev/mqueue show, which are mounts. ipc_namespaces(7), mq_overview(7)."""

import ctypes
import os
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from nsplay.kernel import syscalls
from nsplay.kernel.files import content, text
from nsplay.kernel.inside import Question

# The same numbers on every architecture; linux/mount.h
SYS_FSOPEN: Final = 430
SYS_FSCONFIG: Final = 431
SYS_FSMOUNT: Final = 432
FSCONFIG_CMD_CREATE: Final = 6
FSOPEN_CLOEXEC: Final = 1
FSMOUNT_CLOEXEC: Final = 1
FOLDERS: Final = ("/dev/shm", "/dev/mqueue")
_TABLES: Final = ("shm", "sem", "msg")
_NSPLAY: Final = os.getpid()  # not a child that visits


class Entry(NamedTuple):
    """A row of /proc/sysvipc: a segment, a set of semaphores or a queue of System V."""

    key: str  # "0x0000beef", as ipcs prints it
    id: int
    size: int  # bytes of a segment, semaphores of a set, bytes waiting in a queue
    owner: int  # user id, as the reader's user namespace has it


class Folder(NamedTuple):
    """/dev/shm or /dev/mqueue as a place sees it."""

    device: int
    own_mount: bool  # is it a file system of its own, or only a folder of /dev?
    names: tuple[str, ...]


class Ipc(NamedTuple):
    """An IPC namespace."""

    shm: tuple[Entry, ...]
    sem: tuple[Entry, ...]
    msg: tuple[Entry, ...]
    queues: tuple[str, ...] | None  # of POSIX, without their slash; None: may not be asked
    device: int | None  # of its queues' file system: what a mount of it has


def question(proc: str = "/proc") -> Question:
    """What is to be asked from within: these files answer for the IPC namespace of the thread that opens them."""
    return Question("ipc", lambda: [*(content(f"{proc}/sysvipc/{name}") for name in _TABLES), _queues(proc)])


def _queues(proc: str) -> bytes:
    """Device and names of the namespace's POSIX queues, by a mount that is nowhere; empty where that is refused."""
    try:
        os.stat(f"{proc}/self/ns/ipc")  # nobody can ask a recording
        context = _mqueue()
    except OSError:
        return b""
    try:
        create = (ctypes.c_int(context), ctypes.c_uint(FSCONFIG_CMD_CREATE), None, None, ctypes.c_int(0))
        syscalls.check(syscalls.syscall(SYS_FSCONFIG, *create), "fsconfig")
        flags = ctypes.c_uint(FSMOUNT_CLOEXEC), ctypes.c_uint(0)
        mount = syscalls.check(syscalls.syscall(SYS_FSMOUNT, ctypes.c_int(context), *flags), "fsmount")
    except OSError:
        return b""
    finally:
        os.close(context)
    try:
        # Opened anew: the mount's own descriptor is for walking only
        names = sorted(os.listdir(f"/proc/thread-self/fd/{mount}"))
        return b"\0".join([str(os.fstat(mount).st_dev).encode(), *map(os.fsencode, names)])
    finally:
        os.close(mount)


def _mqueue() -> int:
    """A new mqueue file system of the namespace that this is in: fsopen(2). It takes rights over the mount namespace, too,
    and a child that entered a user namespace of an ordinary user has them over one of its own only.
    """
    try:
        return _fsopen()
    except PermissionError:
        if os.getpid() == _NSPLAY:  # who asks for everybody stays where it is
            raise
        syscalls.unshare(syscalls.CLONE_NEWNS)
        return _fsopen()


def _fsopen() -> int:
    return syscalls.check(syscalls.syscall(SYS_FSOPEN, b"mqueue", ctypes.c_uint(FSOPEN_CLOEXEC)), "fsopen")


def _entries(raw: bytes, size: str) -> tuple[Entry, ...]:
    """The rows under the headings key, shmid/semid/msqid, ..., `size`, ..., uid."""
    head, *rows = [text(line).split() for line in raw.split(b"\n")]
    if not {"key", size, "uid"} <= set(head):
        return ()
    key, length, owner = (head.index(name) for name in ("key", size, "uid"))
    return tuple(
        Entry(f"0x{int(row[key]) & 0xFFFFFFFF:08x}", int(row[1]), int(row[length]), int(row[owner]))
        for row in rows
        if len(row) >= len(head)
    )


def parse(answer: Sequence[bytes]) -> Ipc:
    """From the answer to `question`."""
    shm, sem, msg, queues = answer
    device, *names = queues.split(b"\0")
    return Ipc(
        _entries(shm, "size"),
        _entries(sem, "nsems"),
        _entries(msg, "cbytes"),
        tuple(map(text, names)) if device else None,
        int(device) if device else None,
    )


def folders(pid: int, proc: str = "/proc") -> Mapping[str, Folder]:
    """FOLDERS as pid sees them, those that there are. Raises ProcessLookupError if pid is gone, PermissionError."""
    found = {}
    for path in FOLDERS:
        inner = f"{proc}/{pid}/root{path}"
        try:
            device = os.stat(inner).st_dev
            own = device != os.stat(os.path.dirname(inner)).st_dev
            found[path] = Folder(
                device, own, tuple(sorted(text(os.fsencode(name)) for name in os.listdir(inner)))
            )
        except (FileNotFoundError, NotADirectoryError):
            if not os.path.lexists(f"{proc}/{pid}"):
                raise ProcessLookupError(f"process {pid} is gone") from None
    return found
