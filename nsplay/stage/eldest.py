"""A mount namespace that counts as older than all that come after it.

A mount namespace's file (`unshare --mount=FILE`) may be mounted only where the namespace is an older one, so that none ever
holds itself (mnt_ns_loop in fs/namespace.c). Since Linux 6.18 a namespace is as old as its number says, and each processor
gives out numbers of a batch of its own: a later one can get a lower number, and the mount is refused at random. Made on the
processor whose numbers are the lowest, the stage's is older than whatever a learner makes, wherever that runs.
"""

import fcntl
import os
import struct
import threading
from typing import Final

from nsplay.kernel import syscalls

NS_GET_ID: Final = 0x8008B70D  # linux/nsfs.h; Linux 6.18


def unshare_mounts() -> None:
    """This thread gets a mount namespace of its own. Raises OSError."""
    allowed = os.sched_getaffinity(0)
    numbers: dict[int, int] = {}
    if len(allowed) > 1:
        thread = threading.Thread(target=_ask, args=(allowed, numbers), name="eldest")
        thread.start()
        thread.join()
    if not numbers:
        syscalls.unshare(syscalls.CLONE_NEWNS)
        return
    os.sched_setaffinity(0, {min(numbers, key=numbers.__getitem__)})
    try:
        syscalls.unshare(syscalls.CLONE_NEWNS)
    finally:
        os.sched_setaffinity(0, allowed)


def _ask(processors: set[int], numbers: dict[int, int]) -> None:
    """Which number each processor gives out next; none where the kernel has no such numbers. All kinds of namespaces get
    theirs from one batch, and a UTS namespace is made and gone in no time: with this thread.
    """
    try:
        for processor in processors:
            os.sched_setaffinity(0, {processor})
            syscalls.unshare(syscalls.CLONE_NEWUTS)
            fd = os.open("/proc/thread-self/ns/uts", os.O_RDONLY | os.O_CLOEXEC)
            try:
                answer = bytearray(8)
                fcntl.ioctl(fd, NS_GET_ID, answer)
            finally:
                os.close(fd)
            numbers[processor] = struct.unpack("Q", answer)[0]
    except OSError:  # ENOTTY: an older kernel
        numbers.clear()
