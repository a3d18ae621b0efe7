"""What a process may have and what it has: of its own group, and of the groups around that, whose limits bind it, too."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from nsplay.kernel import cgroups
from nsplay.kernel.group import cpu, files, memory, pids
from nsplay.kernel.group.files import Folders, Limit, Tree, below

UNITS: Final = {"memory": "bytes", "cpu": "percent of one processor", "pids": "processes and threads"}

_Figures = Mapping[str, tuple[Limit | None, int | None]]  # resource -> limit, used


class Bound(NamedTuple):
    """One resource. limit: the tightest of all groups that it is in, None without any. used: in that group, or in its own.

    path: of that group, below the trees' tops. Units are those of UNITS; of the processor there is no current use.
    """

    resource: str
    limit: int | None
    used: int | None
    path: str


def unlimited(bounds: Sequence[Bound] | None) -> frozenset[str] | None:
    """The resources without any limit; None: nobody can tell."""
    return None if bounds is None else frozenset(bound.resource for bound in bounds if bound.limit is None)


class Limits:
    """The groups that are mounted here, each read once."""

    def __init__(self, proc: str = "/proc") -> None:
        self.proc = proc
        self._seen: dict[tuple[str, ...], _Figures] = {}
        try:
            self._trees: tuple[Tree, ...] = files.trees("self", proc)
        except OSError:
            self._trees = ()

    def of(self, pid: int) -> tuple[Bound, ...] | None:
        """One a resource whose controller is here. None: nobody can tell, or pid is gone."""
        try:
            around = list(self._around(pid))
        except OSError:
            return None
        bounds = (_bound(resource, around) for resource in UNITS)
        return tuple(bound for bound in bounds if bound) if around else None

    def _around(self, pid: int) -> Iterator[tuple[_Figures, str]]:
        """Its own groups, then those around them, up to the tops of the trees; each with its longest path."""
        rows = cgroups.paths(pid, self.proc)
        while True:
            paths = {tree: path for tree in self._trees if (path := below(tree, rows)) is not None}
            if paths:
                yield self._figures(paths), max(paths.values(), key=len)
            if all(row.path == "/" for row in rows):
                return
            rows = tuple(row._replace(path=row.path.rpartition("/")[0] or "/") for row in rows)

    def _figures(self, paths: Mapping[Tree, str]) -> _Figures:
        """Only the files that are needed: a group's members may be many."""
        key = tuple(f"{tree.folder} {path}" for tree, path in paths.items())
        if key not in self._seen:
            folders = Folders(self._trees, paths)
            storage, numbers = memory.read(folders), pids.read(folders)
            self._seen[key] = {
                "memory": (storage.limit, storage.used),
                "cpu": (cpu.percent(cpu.read(folders)), None),
                "pids": (numbers.limit, numbers.used),
            }
        return self._seen[key]


def _bound(resource: str, around: Sequence[tuple[_Figures, str]]) -> Bound | None:
    told = [(*figures[resource], path) for figures, path in around]
    known = [row for row in told if row[:2] != (None, None)]
    limited = [(limit, used, path) for limit, used, path in known if isinstance(limit, int)]
    if limited:
        return Bound(resource, *min(limited, key=lambda row: row[0]))
    return Bound(resource, None, *known[0][1:]) if known else None
