"""Questions that the kernel answers to whoever asks from within a namespace: a short visit, and nobody stays.

A network, IPC or UTS namespace may be entered by one thread alone: a thread does so, asks and is gone (0.2 ms).
Where that is refused, the namespace belongs to a user namespace that has to be entered first, which only a process
with a single thread may do, and so it is with time namespaces: one child is forked for all that is left to ask
(2.4 ms in a program of this size). setns(2).
"""

import errno
import marshal
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from nsplay.kernel import namespaces, syscalls

_DEADLINE: Final = 2.0  # seconds for the child to answer; it takes milliseconds
_CHUNK: Final = 1 << 16
_FLAGS: Final = {
    "uts": syscalls.CLONE_NEWUTS,
    "net": syscalls.CLONE_NEWNET,
    "ipc": syscalls.CLONE_NEWIPC,
    "time": syscalls.CLONE_NEWTIME,
    "cgroup": syscalls.CLONE_NEWCGROUP,
}
_ALONE: Final = frozenset({"time"})  # for a process with a single thread only


class Question(NamedTuple):
    """What is to be asked in which namespace (a kind of _FLAGS). ask raises OSError, which becomes the answer."""

    kind: str
    ask: Callable[[], Sequence[bytes]]


Answer = Sequence[bytes] | OSError


def ask(pid: int, questions: Sequence[Question], proc: str = "/proc") -> list[Answer]:
    """The answers, in the order of the questions, from within the namespaces that pid is in.

    An OSError in place of an answer: ProcessLookupError when pid is gone, PermissionError when its namespace may not
    be entered from here, TimeoutError when the child doesn't answer, or what the question itself raised.
    """
    answers: list[Answer] = [PermissionError(1, "the namespace may not be entered") for _ in questions]
    doors: dict[
        int, int
    ] = {}  # question → its namespace, open: from here on pid may end, the namespace stays
    try:
        for number, question in enumerate(questions):
            try:
                theirs, ours = (namespaces.inode(who, question.kind, proc) for who in (pid, "self"))
                if theirs == ours:
                    answers[number] = question.ask()
                else:
                    doors[number] = os.open(f"{proc}/{pid}/ns/{question.kind}", os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError as error:
                answers[number] = ProcessLookupError(error.errno, error.strerror, error.filename)
            except OSError as error:
                answers[number] = error
        if by_thread := [number for number in doors if questions[number].kind not in _ALONE]:
            _by_thread(by_thread, questions, doors, answers)
        asked = len(questions) + 1
        # Who entered the user namespace of one can't come back to that of another: the rest has a child of its own.
        while 0 < len(left := [n for n in doors if isinstance(answers[n], PermissionError)]) < asked:
            _by_child(left, questions, doors, answers)
            asked = len(left)
    finally:
        for fd in doors.values():
            os.close(fd)
    return answers


def _visit(question: Question, door: int) -> Answer:
    try:
        syscalls.setns(door, _FLAGS[question.kind])
        return question.ask()
    except OSError as error:
        return error


def _by_thread(
    numbers: Sequence[int], questions: Sequence[Question], doors: dict[int, int], answers: list[Answer]
) -> None:
    """A thread enters one after the other and ends there."""
    own = {n: os.dup(doors[n]) for n in numbers}  # its own: the caller may be interrupted while it waits

    def run() -> None:
        for number, door in own.items():
            answers[number] = _visit(questions[number], door)
            os.close(door)

    thread = threading.Thread(target=run, name="visit")
    try:
        thread.start()
    except RuntimeError:  # clone(2) said EAGAIN, which Python doesn't tell
        for number, door in own.items():
            answers[number] = _no_more_processes()
            os.close(door)
        return
    thread.join()


def _no_more_processes() -> OSError:
    return OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def _by_child(
    numbers: Sequence[int], questions: Sequence[Question], doors: dict[int, int], answers: list[Answer]
) -> None:
    """A child enters what a thread may not."""
    readable, writable = os.pipe()
    with open(readable, "rb", buffering=0):
        try:
            child = _fork(numbers, questions, doors, writable)
        except OSError as error:
            for number in numbers:
                answers[number] = error
            return
        finally:
            os.close(writable)
        try:
            told = _receive(readable)
        except TimeoutError as error:
            for number in numbers:
                answers[number] = error
            return
        finally:
            _end(child)
    for number, (code, words, pieces) in zip(numbers, marshal.loads(told) if told else (), strict=False):
        answers[number] = OSError(code, words) if code else list(pieces)


def _fork(numbers: Sequence[int], questions: Sequence[Question], doors: dict[int, int], writable: int) -> int:
    """Start the child, and say its pid."""
    # No signal may wake a handler of ours in the child. It lives for a moment, and SIGKILL can't be blocked.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        child = os.fork()
        if child == 0:
            _child(numbers, questions, doors, writable)
        return child
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _child(
    numbers: Sequence[int], questions: Sequence[Question], doors: dict[int, int], writable: int
) -> None:
    """What the child does. It never comes back: nothing of the parent's is run or flushed a second time."""
    try:
        told: list[tuple[int, str, tuple[bytes, ...]]] = []
        for number in numbers:
            answer = _visit(questions[number], doors[number])
            if isinstance(answer, PermissionError):
                answer = _visit_by_owner(questions[number], doors[number])
            if isinstance(answer, OSError):
                told.append((answer.errno or 1, answer.strerror or "", ()))
            else:
                told.append((0, "", tuple(answer)))
        left = memoryview(marshal.dumps(told))
        while left:
            left = left[os.write(writable, left) :]
    finally:
        os._exit(0)


def _visit_by_owner(question: Question, door: int) -> Answer:
    try:
        owner = namespaces.owner_fd(door)
        try:
            syscalls.setns(owner, syscalls.CLONE_NEWUSER)
        finally:
            os.close(owner)
    except OSError as error:
        return error
    return _visit(question, door)


def _receive(fd: int) -> bytes:
    """Everything up to the end of the pipe."""
    deadline = time.monotonic() + _DEADLINE
    pieces: list[bytes] = []
    while select.select([fd], [], [], max(0.0, deadline - time.monotonic()))[0]:
        if not (piece := os.read(fd, _CHUNK)):
            return b"".join(pieces)
        pieces.append(piece)
    raise TimeoutError(110, "no answer from inside the namespace")


def _end(child: int) -> None:
    """The child has answered or never will."""
    try:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    except (ProcessLookupError, ChildProcessError):  # somebody else has waited for it
        pass
