"""A snapshot of everything, with its facts, against `ps ax`: both in one run, over the same processes."""

import contextlib
import os
import signal
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from nsplay.facts import facts
from nsplay.kernel import cgroups, processes
from nsplay.kernel.syscalls import PR_SET_PDEATHSIG, prctl
from nsplay.snapshot import PARTS, take

SIZES: Final = (100, 1_000, 10_000)
LIMIT: Final = 2.0
ROUNDS: Final = 7
SPARE: Final = 1_000  # processes for everybody else
PER_SLEEPER: Final = 160 << 10  # bytes of memory: page tables, kernel stack and the pages a fork dirties


def rows() -> list[tuple[str, float, float]]:
    """(what, ratio to `ps ax`, limit) for each number of processes that this machine has room for."""
    found = []
    with place() as pid:
        for size in SIZES:
            with sleepers(room(size - len(processes.pids()))):
                count = len(processes.pids())
                ratio = median(lambda: _snapshot(pid)) / median(ps)
                found.append((f"snapshot with facts, {count} processes, to ps ax", ratio, LIMIT))
    return found


def _snapshot(pid: int) -> None:
    own = os.getpid()
    facts(take(own, own, pid, PARTS))


def ps() -> None:
    subprocess.run(["/usr/bin/ps", "ax"], stdout=subprocess.DEVNULL, check=True)


def median(work: Callable[[], None]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


@contextlib.contextmanager
def place() -> Iterator[int]:
    """A process in namespaces of its own: the dear case, with names to be asked for from within."""
    flags = ["-Ur"] if os.geteuid() else []
    argv = ["unshare", *flags, "-upf", "--mount-proc", "--kill-child", "sh", "-c", "echo; read x"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as outer:
        assert outer.stdin and outer.stdout
        outer.stdout.readline()
        yield processes.children(outer.pid)[0]
        outer.stdin.close()


def room(wanted: int) -> int:
    """As many of the wanted sleepers as the numbers of processes and a half of the free memory allow."""
    numbers = int(Path("/proc/sys/kernel/pid_max").read_text()) - len(processes.pids()) - SPARE
    memory = dict(line.split()[:2] for line in Path("/proc/meminfo").read_text().splitlines())
    return max(
        0, min(wanted, numbers, int(memory["MemAvailable:"]) * 1024 // 2 // PER_SLEEPER, *_pids_left())
    )


def _pids_left() -> Iterator[int]:
    """What the cgroups that this process is in, and the ones around them, still allow."""
    trees = cgroups.hierarchies()
    for row in cgroups.paths(os.getpid()):
        for tree in trees:
            mine = tree.controllers == row.controllers if row.controllers else tree.version == 2
            folder = Path(tree.mountpoint, row.path.lstrip("/"))
            for group in (folder, *folder.parents) if mine else ():
                with contextlib.suppress(OSError, ValueError):  # "max", or the top, which has no such file
                    limit, used = ((group / name).read_text() for name in ("pids.max", "pids.current"))
                    yield int(limit) - int(used) - SPARE


@contextlib.contextmanager
def sleepers(count: int) -> Iterator[None]:
    """So many processes that do nothing and end with this one, whatever happens to it."""
    children: list[int] = []
    try:
        for _ in range(count):
            child = os.fork()
            if child == 0:
                _sleep()
            children.append(child)
        yield
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
        for child in children:
            os.waitpid(child, 0)


def _sleep() -> None:
    try:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        while True:
            signal.pause()
    finally:
        os._exit(0)


if __name__ == "__main__":
    for name, ratio, limit in rows():
        print(f"{ratio:6.2f}  {limit:6.2f}  {name}")
