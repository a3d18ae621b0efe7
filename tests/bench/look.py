"""`nsplay look PID` and `nsplay look --all` against `ps ax`, over the same processes in one run."""

from nsplay import portrait
from nsplay.kernel import processes
from tests.bench.snapshot import LIMIT, SIZES, median, place, ps, room, sleepers


def rows() -> list[tuple[str, float, float]]:
    """(what, ratio to `ps ax`, limit) for each number of processes that this machine has room for."""
    found = []
    with place() as pid:
        for size in SIZES[-1:]:
            with sleepers(room(size - len(processes.pids()))):
                count = len(processes.pids())
                whole = median(ps)
                for what, work in (("PID", lambda: _draw(pid)), ("--all", _overview)):
                    found.append((f"look {what}, {count} processes, to ps ax", median(work) / whole, LIMIT))
    return found


def _draw(pid: int) -> None:
    portrait.draw(pid)


def _overview() -> None:
    portrait.overview()
