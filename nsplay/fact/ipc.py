"""Facts of an IPC namespace, and of the two folders that are often taken for it."""

from collections.abc import Callable
from typing import Final

from nsplay.fact.base import At, Fact, Read, Value
from nsplay.kernel.ipc import Folder, Ipc

SHM: Final = "/dev/shm"
MQUEUE: Final = "/dev/mqueue"


def _of(take: Callable[[Ipc], Value | None]) -> Read:
    return lambda at: take(at.side.ipc) if at.side.ipc else None


def _folder(path: str, take: Callable[[At, Folder], Value | None]) -> Read:
    def read(at: At) -> Value | None:
        folder = at.side.folders.get(path)
        return take(at, folder) if folder else None

    return read


def _shm_own(at: At, folder: Folder) -> bool | None:
    host = at.snapshot.host.folders.get(SHM)
    return folder.device != host.device if host else None


def _mqueue_own(at: At, folder: Folder) -> bool | None:
    return folder.device == at.side.ipc.device if at.side.ipc and at.side.ipc.device is not None else None


# fmt: off
FACTS: Final = (
    Fact("shm", "count", "ipc", "how many System V shared memory segments it has", _of(lambda it: len(it.shm))),
    Fact("shm.bytes", "count", "ipc", "how large they are together", _of(lambda it: sum(x.size for x in it.shm))),
    Fact("shm.keys", "id", "ipc", "their keys, such as 0x0000beef", _of(lambda it: tuple(x.key for x in it.shm))),
    Fact("semaphores", "count", "ipc", "how many System V semaphore sets it has", _of(lambda it: len(it.sem))),
    Fact("msg", "count", "ipc", "how many System V message queues it has", _of(lambda it: len(it.msg))),
    Fact("msg.keys", "id", "ipc", "the keys of its message queues", _of(lambda it: tuple(x.key for x in it.msg))),
    Fact("msg.bytes", "count", "ipc", "how many bytes wait in its message queues",
         _of(lambda it: sum(x.size for x in it.msg))),
    Fact("queues", "list", "ipc", "its POSIX message queues, whatever /dev/mqueue shows", _of(lambda it: it.queues)),
    Fact("dev.mqueue", "list", "ipc", "the queues that its /dev/mqueue shows",
         _folder(MQUEUE, lambda at, it: it.names)),
    Fact("dev.mqueue.own", "yes or no", "ipc", "does its /dev/mqueue show its own namespace's queues?",
         _folder(MQUEUE, _mqueue_own)),
    Fact("dev.shm", "list", "ipc", "the files in its /dev/shm", _folder(SHM, lambda at, it: it.names)),
    Fact("dev.shm.own", "yes or no", "ipc", "is its /dev/shm another file system than the host's?",
         _folder(SHM, _shm_own)),
)
# fmt: on
