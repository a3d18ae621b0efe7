"""The host and domain name of a process's UTS namespace. uts_namespaces(7).

The kernel tells them to whoever asks from within, so somebody has to enter. A UTS namespace may be entered
by one thread alone: a thread does so, answers and is gone, and no other thread ever leaves its namespace
(0.2 ms). Where that is refused, the namespace belongs to a user namespace that has to be entered first, which
only a process with a single thread may do: a child is forked for it (2.4 ms in a program of this size).
"""

import os
import select
import signal
import threading
from typing import Final, NamedTuple

from nsplay.kernel import namespaces, syscalls
from nsplay.kernel.files import content, text

_DEADLINE: Final = 2.0  # seconds for the child to answer; it takes milliseconds


class Names(NamedTuple):
    """What uname(2) says; an unset domain name is "(none)"."""

    hostname: str
    domainname: str


def _parse(answer: bytes) -> Names:
    hostname, domainname, *_ = answer.split(b"\n")
    return Names(text(hostname), text(domainname))


def _ask(proc: str) -> bytes:
    """Both names, a line each. These files answer for the UTS namespace of the thread that reads them."""
    return content(f"{proc}/sys/kernel/hostname") + content(f"{proc}/sys/kernel/domainname")


def own(proc: str = "/proc") -> Names:
    """The names of the reader's own UTS namespace."""
    return _parse(_ask(proc))


def read(pid: int, proc: str = "/proc") -> Names:
    """The names of the UTS namespace that pid is in.

    Raises ProcessLookupError if pid is gone, PermissionError if its namespace may not be entered from here,
    TimeoutError if the child that entered it doesn't answer.
    """
    theirs, ours = (namespaces.inodes(who, proc).get("uts") for who in (pid, "self"))
    if theirs is not None and theirs == ours:
        return own(proc)
    fd = os.open(f"{proc}/{pid}/ns/uts", os.O_RDONLY)  # from here on pid may end, the namespace stays
    try:
        try:
            return _parse(_by_thread(os.dup(fd), proc))
        except PermissionError:
            return _parse(_by_child(fd, proc))
    finally:
        os.close(fd)


def _by_thread(fd: int, proc: str) -> bytes:
    """The answer of a thread that enters fd and ends there. It closes fd: the caller may be interrupted."""
    answer: list[bytes] = []
    trouble: list[OSError] = []

    def enter() -> None:
        try:
            syscalls.setns(fd, syscalls.CLONE_NEWUTS)
            answer.append(_ask(proc))
        except OSError as error:
            trouble.append(error)
        finally:
            os.close(fd)

    thread = threading.Thread(target=enter, name="names")
    thread.start()
    thread.join()
    if trouble:
        raise trouble[0]
    return answer[0]


def _by_child(fd: int, proc: str) -> bytes:
    """The answer of a child that enters the user namespace that owns fd, and then fd."""
    owner = namespaces.owner_fd(fd)
    readable, writable = os.pipe()
    with open(readable, "rb", buffering=0):
        try:
            child = _fork(owner, fd, writable, proc)
        finally:
            os.close(writable)
            os.close(owner)
        try:
            answer = _receive(readable)
        finally:
            _end(child)
    if not answer:
        raise PermissionError(f"the UTS namespace {os.fstat(fd).st_ino} may not be entered")
    return answer


def _fork(owner: int, fd: int, writable: int, proc: str) -> int:
    """Start the child, and say its pid."""
    # No signal may wake a handler of ours in the child. It lives for a moment, and SIGKILL can't be blocked.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        child = os.fork()
        if child == 0:
            _child(owner, fd, writable, proc)
        return child
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _child(owner: int, fd: int, writable: int, proc: str) -> None:
    """What the child does. It never comes back: nothing of the parent's is run or flushed a second time."""
    try:
        syscalls.setns(owner, syscalls.CLONE_NEWUSER)
        syscalls.setns(fd, syscalls.CLONE_NEWUTS)
        os.write(writable, _ask(proc))
    finally:
        os._exit(0)


def _receive(fd: int) -> bytes:
    """Everything up to the end of the pipe; the names fit into one atomic write."""
    if not select.select([fd], [], [], _DEADLINE)[0]:
        raise TimeoutError("no answer from inside the UTS namespace")
    return os.read(fd, select.PIPE_BUF)


def _end(child: int) -> None:
    """The child has answered or never will."""
    try:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    except (ProcessLookupError, ChildProcessError):  # somebody else has waited for it
        pass
