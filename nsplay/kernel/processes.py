"""The process table, cheaply: what `ps` knows, and numbers of a process in each pid namespace. proc(5)."""

import errno
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from signal import Signals
from typing import Final, NamedTuple

from nsplay.kernel import namespaces
from nsplay.kernel.files import content, text

_STAT: Final = 2048  # longer than the longest /proc/PID/stat: 52 numbers and a name
_PF_KTHREAD: Final = 0x00200000  # linux/sched.h
_COMMAND: Final = 1 << 15


class Process(NamedTuple):
    """One row of the process table."""

    pid: int  # in the pid namespace of the /proc it was read from
    ppid: int
    comm: str  # at most 15 bytes, as the process likes to be called
    state: str  # R S D T t Z X I, as in ps(1)
    threads: int
    pgrp: int
    session: int
    tty: int  # device number, 0 without a controlling terminal
    tpgid: int  # the terminal's foreground process group, -1 without
    start: int  # clock ticks after boot; (pid, start) names a process for good
    nspids: tuple[
        int, ...
    ]  # its numbers, outermost namespace first; the last one is what the process calls itself
    pid_ns: int  # inode of its pid namespace; 0 where that may not be read
    kernels: bool = (
        False  # one of the kernel's own threads, all of which are in the machine's first namespaces
    )


def parse(stat: bytes, nspids: tuple[int, ...] = (), pid_ns: int = 0) -> Process | None:
    """A row from the bytes of /proc/PID/stat; None when cut short. Without nspids: the one number."""
    # The name is the second field and may hold blanks and parentheses: it ends at the last one that closes.
    head, closing, tail = stat.rpartition(b") ")
    number, opening, comm = head.partition(b" (")
    values = tail.split(None, 20)
    if not closing or not opening or len(values) < 21:  # the last number that is wanted must have its end
        return None
    return Process(
        pid := int(number),
        int(values[1]),
        text(comm),
        values[0].decode(),
        int(values[17]),
        int(values[2]),
        int(values[3]),
        int(values[4]),
        int(values[5]),
        int(values[19]),
        nspids or (pid,),
        pid_ns,
        bool(int(values[6]) & _PF_KTHREAD),
    )


def numbers(pid: int, proc: str = "/proc") -> tuple[int, ...]:
    """pid's numbers in all pid namespaces from that of proc inwards (NSpid in /proc/PID/status).

    Just (pid,) on a kernel before 4.1. Raises ProcessLookupError if pid is gone.
    """
    _, found, rest = content(f"{proc}/{pid}/status").partition(b"\nNSpid:")
    values = tuple(map(int, rest.partition(b"\n")[0].split())) if found else ()
    return values or (pid,)


def home(proc: str = "/proc") -> int:
    """The inode of the pid namespace that proc belongs to, if that is the reader's own; else 0."""
    try:
        own = int(os.readlink(f"{proc}/self"))
        if len(numbers(own, proc)) == 1:
            return namespaces.inodes(own, proc).get("pid", 0)
    except (OSError, ValueError):
        pass
    return 0


def _read(pid: int, proc: str, home_ns: int) -> Process | None:
    base = f"{proc}/{pid}/"
    try:
        fd = os.open(base + "stat", os.O_RDONLY)
        try:
            stat = os.read(fd, _STAT)
        finally:
            os.close(fd)
        try:
            pid_ns = namespaces.number(os.readlink(base + "ns/pid"))
        except (PermissionError, FileNotFoundError, ValueError):
            pid_ns = 0
        # The status file is as dear as all the rest: only for those that live in another namespace.
        nspids = (pid,) if pid_ns and pid_ns == home_ns else numbers(pid, proc)
        return parse(stat, nspids, pid_ns)
    except OSError:  # it ended meanwhile, or /proc is mounted with hidepid=
        return None


def read(pid: int, proc: str = "/proc") -> Process | None:
    """One process; None when there is none (any more). Needs no privilege, except for pid_ns (then 0)."""
    return _read(pid, proc, 0)


def pidfd(pid: int) -> int:
    """A descriptor of it (pidfd_open(2)). Raises ProcessLookupError when it is gone, OSError."""
    try:
        return os.pidfd_open(pid)
    except OSError as error:
        if error.errno == errno.EINVAL:  # its number is still that of its group or session
            raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH)) from None
        raise


def sleeps(pid: int, proc: str = "/proc") -> int:
    """How often its first thread has given up the processor by itself; 0 when it is gone."""
    try:
        return int(content(f"{proc}/{pid}/status").partition(b"\nvoluntary_ctxt_switches:")[2].split()[0])
    except (OSError, IndexError):
        return 0


def all(proc: str = "/proc") -> tuple[Process, ...]:
    """Every process that proc shows, by pid. One that ends while this runs is left out."""
    home_ns = home(proc)
    rows = (_read(pid, proc, home_ns) for pid in pids(proc))
    return tuple(row for row in rows if row is not None)


def pids(proc: str = "/proc") -> list[int]:
    """The numbers that proc shows, ascending: what `ps ax` would list."""
    return sorted(int(name) for name in os.listdir(proc) if name.isdigit())


def roots(pid: int, proc: str = "/proc") -> Iterator[str]:
    """The root folders of the processes that pid descends from, nearest first, as far as they share its mount namespace."""
    try:
        namespace = os.readlink(f"{proc}/{pid}/ns/mnt")
        while (row := parse(content(f"{proc}/{pid}/stat"))) and (pid := row.ppid):
            if os.readlink(f"{proc}/{pid}/ns/mnt") != namespace:
                return
            yield os.readlink(f"{proc}/{pid}/root")
    except OSError:  # ended meanwhile, or not ours: further out nobody can tell
        return


def is_kernel_thread(pid: int, proc: str = "/proc") -> bool:
    """Is it one of the kernel's own? False when it is gone."""
    try:
        row = parse(content(f"{proc}/{pid}/stat"))
    except OSError:
        return False
    return row is not None and row.kernels


def command(pid: int, proc: str = "/proc") -> str:
    """The command line, cut at 32 KiB; `[comm]` for a kernel thread or a zombie; empty when pid is gone."""
    try:
        with open(f"{proc}/{pid}/cmdline", "rb", buffering=0) as file:
            raw = file.read(_COMMAND) or b""
        if line := text(raw.rstrip(b"\0").replace(b"\0", b" ")):
            return line
        return f"[{text(content(f'{proc}/{pid}/comm')[:-1])}]"
    except OSError:
        return ""


def children(pid: int, proc: str = "/proc") -> list[int]:
    """The children of all threads of pid, none when it is gone. Doesn't read the whole table."""
    found: list[int] = []
    try:
        threads = os.listdir(f"{proc}/{pid}/task")
    except OSError:
        return found
    for thread in threads:
        try:
            found += map(int, content(f"{proc}/{pid}/task/{thread}/children").split())
        except ProcessLookupError:
            if os.path.lexists(f"{proc}/{pid}/task/{thread}"):  # a kernel without CONFIG_PROC_CHILDREN
                return family(all(proc)).get(pid, [])
    return sorted(found)


def descendants(pid: int, proc: str = "/proc") -> set[int]:
    """All processes below pid, without itself."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        new = [child for child in children(waiting.pop(), proc) if child not in found]
        found.update(new)
        waiting += new
    return found


def family(table: Iterable[Process]) -> dict[int, list[int]]:
    """Parent → children."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for row in table:
        found[row.ppid].append(row.pid)
    return dict(found)


def below(pid: int, children_of: Mapping[int, list[int]]) -> frozenset[int]:
    """All processes below pid in a `family`, without itself."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        new = children_of.get(waiting.pop(), [])
        found.update(new)
        waiting += new
    return frozenset(found)


def visible(table: Iterable[Process], place: Process, proc: str = "/proc") -> tuple[Process, ...]:
    """Those of table that have a number in place's pid namespace: those in it and below it."""
    depth = len(place.nspids)
    if depth == 1:
        return tuple(table)
    inner: dict[int, bool] = {place.pid_ns: True}
    seen: dict[int, Process] = {}
    for row in table:
        if len(row.nspids) < depth:
            continue
        if row.pid_ns == 0:  # may not be looked at: it is where its parent is
            here = row.ppid in seen or row.pid == place.pid
        elif row.pid_ns in inner:
            here = inner[row.pid_ns]
        else:
            here = inner[row.pid_ns] = place.pid_ns in namespaces.around(row.pid, "pid", proc)
        if here:
            seen[row.pid] = row
    return tuple(seen.values())


def proc_is_own(place: Process, proc: str = "/proc") -> bool | None:
    """Does the /proc that place sees belong to place's own pid namespace? None where that can't be read.

    In the right one, the number that place calls itself leads to place: a process in the same pid namespace
    with just that number. In any other one it leads nowhere, or to a process of another namespace, or to
    one with more numbers.
    """
    if place.pid_ns == 0:
        return None
    inside = f"{proc}/{place.pid}/root/proc"
    own = place.nspids[-1]
    try:
        return len(numbers(own, inside)) == 1 and namespaces.inodes(own, inside).get("pid") == place.pid_ns
    except OSError:
        return False


class Init(NamedTuple):
    """What there is to know of the first process of a pid namespace."""

    caught: frozenset[
        str
    ]  # the signals it has handlers for, such as "TERM"; no other one from in there reaches it
    proc_own: bool | None  # does the /proc that it sees belong to its pid namespace?


def is_init(row: Process) -> bool:
    """Is it the first process of a pid namespace inside of the reader's, and not dead yet?"""
    return len(row.nspids) > 1 and row.nspids[-1] == 1 and row.state not in "ZX"


def init(row: Process, proc: str = "/proc") -> Init:
    """More of a process for which `is_init` holds. pid_namespaces(7)."""
    return Init(caught(row.pid, proc), proc_is_own(row, proc))


def caught(pid: int, proc: str = "/proc") -> frozenset[str]:
    """The signals that pid has handlers for (SigCgt in /proc/PID/status, signal(7)); none when it is gone."""
    try:
        _, found, rest = content(f"{proc}/{pid}/status").partition(b"\nSigCgt:")
    except OSError:
        return frozenset()
    mask = int(rest.partition(b"\n")[0], 16) if found else 0
    return frozenset(one.name.removeprefix("SIG") for one in Signals if mask >> (one - 1) & 1)
