"""Who waits for whom on a terminal, asked of the kernel (proc(5), termios(3), ioctl_tty(2)). Knows no screen and no lesson.

The foreground group's leader says where the learner is. That a shell sits at its *prompt*, and doesn't run a
builtin `read` or wait for a child, is told by the system call it sleeps in and by the terminal's flags. Needs no
marks in the output, so it works in any namespace.
"""

import contextlib
import enum
import os
import platform
import termios
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nsplay.kernel import processes
from nsplay.kernel.files import content
from nsplay.kernel.processes import Process

SHELLS: Final = frozenset({"bash", "rbash", "sh", "dash", "ash", "busybox", "zsh", "ksh", "mksh"})

# Programs whose other half, no descendant of theirs, holds the terminals inside: comm of the client -> of the server.
SERVERS: Final = {"tmux: client": "tmux: server", "screen": "screen"}

DEPTH: Final = 8  # terminals in terminals that are followed

Attributes = list[object]


@dataclass(frozen=True)
class Calls:
    """System call numbers of one architecture (syscalls(2)): a plain read, and waiting till something is readable."""

    read: int
    ready: frozenset[int]  # poll, select, pselect6, ppoll
    epoll: frozenset[int]  # epoll_wait, epoll_pwait, epoll_pwait2


CALLS: Final = {
    "x86_64": Calls(0, frozenset({7, 23, 270, 271}), frozenset({232, 281, 441})),
    "aarch64": Calls(63, frozenset({72, 73}), frozenset({22, 441})),
}
# Elsewhere nothing is ever taken for a prompt: nsplay is an ordinary terminal there.
_HERE: Final = CALLS.get(platform.machine(), Calls(-1, frozenset(), frozenset()))
_WAITING: Final = _HERE.ready | _HERE.epoll


class Kind(enum.Enum):
    """What the foreground waits for."""

    EDITING = "a shell at its prompt that edits the line itself"
    PLAIN = "a shell at its prompt that leaves editing to the line discipline"
    LINE = "a program that reads a line"
    SECRET = "a program that reads a line without echo"
    RAW = "a program that reads single keys"
    BUSY = "a program that doesn't wait for the terminal"
    GONE = "nobody"

    @property
    def prompt(self) -> bool:
        return self in (Kind.EDITING, Kind.PLAIN)


@dataclass(frozen=True)
class Front:
    """Who is in front of the terminal and what for.

    leader: the innermost foreground leader, which is the place. nested: it sits on a terminal in the terminal.
    canonical: that terminal hands over whole lines. blind: its system call can't be read (no ptrace rights), so
    that a prompt is never claimed.
    """

    kind: Kind
    leader: Process | None = None
    nested: bool = False
    canonical: bool = True
    blind: bool = False

    @property
    def reads(self) -> bool:
        """Is it a program, no shell, that waits for what is typed?"""
        return self.kind in (Kind.LINE, Kind.SECRET, Kind.RAW) and not self.shell

    @property
    def shell(self) -> bool:
        """Is it a shell, or nobody (where a shell is about to be)?"""
        return self.leader is None or self.leader.comm in SHELLS


def process(pid: int, proc: str = "/proc") -> Process | None:
    """pid's row of the process table, by /proc/PID/stat alone; None when it is gone."""
    try:
        return processes.parse(content(f"{proc}/{pid}/stat"))
    except OSError:
        return None


def descendants(pid: int, proc: str = "/proc") -> Iterator[Process]:
    """Everything below pid, nearest first."""
    todo = processes.children(pid, proc)
    while todo:
        if found := process(todo.pop(0), proc):
            yield found
            todo += processes.children(found.pid, proc)


def awaited(front: Front, shell: int, proc: str = "/proc") -> bool:
    """Does anybody in front read from a terminal, or wait till something is readable? It needn't be the leader, which may
    wait for a child of its own (`sh -c 'cat; :'`), and it may be any thread. Who can't be asked might."""
    if front.leader is None:
        return False
    group = front.leader.pgrp
    return any(_awaits(who, proc) for who in descendants(shell, proc) if who.pgrp == group)


def _awaits(who: Process, proc: str) -> bool:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for thread in os.listdir(f"{proc}/{who.pid}/task"):
            try:
                call = _call(f"{who.pid}/task/{thread}", proc)
            except PermissionError:
                return True
            if call and (call[0] in _WAITING or (call[0] == _HERE.read and _on_tty(who, call[1][0], proc))):
                return True
    return False


def front(master: int, shell: int, proc: str = "/proc") -> Front:
    """Who is in front of the pty whose master is ours and whose session leader is `shell`."""
    try:
        return _front(os.tcgetpgrp(master), termios.tcgetattr(master), shell, proc)
    except (OSError, termios.error):
        return Front(Kind.GONE)


def front_of(shell: int, proc: str = "/proc") -> Front:
    """The same asked by a process that has nothing to do with the terminal: `shell` leads the session on it."""
    who = process(shell, proc)
    return _front(who.tpgid, attributes(who, proc), shell, proc) if who else Front(Kind.GONE)


def _front(group: int, flags: Attributes | None, shell: int, proc: str) -> Front:
    """Who is in front, when `group` is the terminal's foreground group.

    A program that holds the terminal raw and has a terminal of its own below it (sudo, su --pty, script, tmux) is
    followed to the terminal inside.
    """
    who = _leader(group, shell, proc)
    if who is None:
        return Front(Kind.GONE)
    found, asleep = _judge(who, flags, nested=False, proc=proc), True
    for _ in range(DEPTH):
        if found.kind.prompt or found.canonical or (inner := _inner(who, proc)) is None:
            break
        # What the program in between has in hand, nobody sees yet: nothing inside counts before it sleeps.
        asleep = asleep and who.state == "S"
        who, found = inner, _judge(inner, attributes(inner, proc), nested=True, proc=proc)
    return found if asleep else Front(Kind.BUSY, who, True, found.canonical, found.blind)


def _judge(who: Process, flags: Attributes | None, *, nested: bool, proc: str) -> Front:
    if flags is None:
        return Front(Kind.RAW, who, nested, canonical=False, blind=True)
    canonical = _has(flags, 3, termios.ICANON)
    try:
        call = _call(who.pid, proc) if who.state == "S" else None
    except PermissionError:
        return Front(_reader(flags), who, nested, canonical, blind=True)
    return Front(_kind(who, flags, call, proc) if call else Kind.BUSY, who, nested, canonical)


def _kind(who: Process, flags: Attributes, call: tuple[int, list[int]], proc: str) -> Kind:
    """call: the one that who sleeps in."""
    number, args = call
    if who.comm in SHELLS and (_edits(flags, number) or (who.comm == "zsh" and _zle(flags, number))):
        return Kind.EDITING
    reading = number == _HERE.read and _on_tty(who, args[0], proc)
    # dash asks for a whole buffer, its builtin `read` for one byte; bash's `read` for a buffer, its prompt never.
    if reading and args[2] > 1 and who.comm in SHELLS and who.comm != "bash":
        return Kind.PLAIN
    return _reader(flags) if reading or number in _WAITING else Kind.BUSY


def _reader(flags: Attributes) -> Kind:
    """Who reads a terminal with these flags, and isn't at a prompt."""
    if not _has(flags, 3, termios.ICANON):
        return Kind.RAW
    return Kind.LINE if _has(flags, 3, termios.ECHO) else Kind.SECRET


def _edits(flags: Attributes, number: int) -> bool:
    """Does a shell that sleeps in this call edit a line? readline clears ICRNL, busybox ISIG; `read -s -n1` neither."""
    if number not in _HERE.ready or _has(flags, 3, termios.ICANON) or _has(flags, 3, termios.ECHO):
        return False
    return not (_has(flags, 0, termios.ICRNL) and _has(flags, 3, termios.ISIG))


def _zle(flags: Attributes, number: int) -> bool:
    """Does a zsh that sleeps in this call edit a line? It reads single bytes, and nobody else swaps CR and NL."""
    return number == _HERE.read and not _has(flags, 3, termios.ICANON) and _has(flags, 0, termios.INLCR)


def _has(flags: Attributes, word: int, bit: int) -> bool:
    """word: 0 for the input flags, 3 for the local ones (termios.tcgetattr)."""
    value = flags[word]
    return isinstance(value, int) and bool(value & bit)


def _call(pid: int | str, proc: str) -> tuple[int, list[int]] | None:
    """Number and arguments of the system call that pid ("PID/task/TID") sleeps in; None when it runs (again), or is gone.

    Raises PermissionError without ptrace rights.
    """
    try:
        words = content(f"{proc}/{pid}/syscall").split()
        return int(words[0]), [int(word, 16) for word in words[1:]]
    except (ProcessLookupError, ValueError, IndexError):
        return None


def _leader(group: int, shell: int, proc: str) -> Process | None:
    """The group's leader; when it is dead (`true | cat`), another member of the group below the shell."""
    found = process(group, proc) if group > 0 else None
    if found and found.state not in "ZX":
        return found
    below = descendants(shell, proc)
    return next((who for who in below if who.pgrp == group and who.state not in "ZX"), None)


def _on_tty(who: Process, fd: int, proc: str) -> bool:
    """Is fd of this process its controlling terminal, or /dev/tty? Field tty_nr is coded as in proc(5)."""
    number = os.makedev(who.tty >> 8 & 0xFFF, who.tty >> 12 & 0xFFF00 | who.tty & 0xFF)
    try:
        return os.stat(f"{proc}/{who.pid}/fd/{fd}").st_rdev in (number, os.makedev(5, 0))
    except OSError:
        return False


def _inner(who: Process, proc: str) -> Process | None:
    """The foreground leader of the next terminal below who; None when there is none.

    Told by its session, not by its tty's number: terminal 0 of another devpts has the number of ours.
    """
    if who.comm in SERVERS and (server := _server(who, proc)):
        kids = (process(pid, proc) for pid in processes.children(server.pid, proc))
        panes = [kid for kid in kids if kid and kid.session != who.session and kid.tty]
        below = max(panes, key=lambda pane: (_used(pane, proc), pane.start), default=None)
    else:
        others = (kid for kid in descendants(who.pid, proc) if kid.session != who.session)
        below = next((kid for kid in others if kid.tty and kid.tpgid > 0), None)
    return below and (_leader(below.tpgid, below.pid, proc) or below)


def _server(client: Process, proc: str) -> Process | None:
    """The daemon that serves a client: not below it, but it has the client's terminal open, and like every orphan its
    parent is one of the client's ancestors (prctl(2), PR_SET_CHILD_SUBREAPER)."""
    mine, ancestor = _terminals(client.pid, proc), process(client.ppid, proc)
    while ancestor:
        for pid in reversed(processes.children(ancestor.pid, proc)):  # it is young; pid 1 may have thousands
            kid = process(pid, proc)
            named = kid and kid.comm == SERVERS[client.comm] and kid.session != client.session
            if kid and named and mine & _terminals(pid, proc):
                return kid
        ancestor = process(ancestor.ppid, proc) if ancestor.ppid else None
    return None


def _terminals(pid: int, proc: str) -> set[tuple[int, int]]:
    """The terminals that pid has open, as (device, inode)."""
    found = set()
    with contextlib.suppress(OSError):
        for fd in os.listdir(f"{proc}/{pid}/fd"):
            with contextlib.suppress(OSError):
                seen = os.stat(f"{proc}/{pid}/fd/{fd}")
                if os.major(seen.st_rdev) in range(136, 144):  # Unix98 pty slaves (devices.txt)
                    found.add((seen.st_dev, seen.st_ino))
    return found


def _used(who: Process, proc: str) -> float:
    """When the terminal of who was used last, in seconds; the kernel notes it once in eight seconds."""
    try:
        seen = os.stat(f"{proc}/{who.pid}/fd/0")
    except OSError:
        return 0.0
    return max(seen.st_atime, seen.st_mtime)


@contextlib.contextmanager
def opened(who: Process, proc: str = "/proc") -> Iterator[int]:
    """The terminal of who, open for a moment: held longer it would hide its end from the program on its other side.

    Raises OSError (EACCES without ptrace rights, EIO when it was hung up).
    """
    names = [fd for fd in (0, 1, 2, 255) if _on_tty(who, fd, proc)]
    path = f"{proc}/{who.pid}/fd/{names[0]}" if names else f"{proc}/{who.pid}/fd/0"
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield fd
    finally:
        os.close(fd)


def attributes(who: Process, proc: str = "/proc") -> Attributes | None:
    """tcgetattr(3) of the terminal that who sits on; None when it can't be asked."""
    try:
        with opened(who, proc) as fd:
            return termios.tcgetattr(fd)
    except (OSError, termios.error):
        return None
