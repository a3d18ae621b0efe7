"""A whole group at one moment, and which ones there are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from nsplay.kernel.cgroups import Membership
from nsplay.kernel.group import core, cpu, cpuset, io, memory, others, pids, pressure
from nsplay.kernel.group.core import Core
from nsplay.kernel.group.cpu import Cpu
from nsplay.kernel.group.cpuset import Cpuset
from nsplay.kernel.group.files import Files, Folders, Tree, below
from nsplay.kernel.group.io import Device
from nsplay.kernel.group.memory import Memory
from nsplay.kernel.group.others import Others
from nsplay.kernel.group.pids import Pids
from nsplay.kernel.group.pressure import Pressure

MANY: Final = 40  # groups that are looked for; more of them are made only to see how many can be


@dataclass(frozen=True)
class Group:
    """path: below the tops of the trees, the same in each of them; of a process's own group that is in several: that of
    version 2, or the one that says most. versions: controller → the version whose files tell of it here.
    """

    path: str
    core: Core | None = None  # None: there is no such group
    cpu: Cpu = field(default_factory=Cpu)
    memory: Memory = field(default_factory=Memory)
    pids: Pids = field(default_factory=Pids)
    cpuset: Cpuset = field(default_factory=Cpuset)
    io: tuple[Device, ...] | None = None
    others: Others = field(default_factory=Others)
    pressure: Mapping[str, Pressure] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)

    @property
    def exists(self) -> bool:
        """In at least one tree."""
        return self.core is not None


def read(trees: Sequence[Tree], path: str) -> Group:
    """The group of that path, in every tree where it is. Never raises: what goes meanwhile isn't there."""
    return _read(trees, dict.fromkeys(trees, path), path)


def own(trees: Sequence[Tree], memberships: Iterable[Membership]) -> Group:
    """Whatever a process with these memberships is in, tree by tree, as far as that is below their tops."""
    rows = tuple(memberships)
    paths = {tree: path for tree in trees if (path := below(tree, rows)) is not None}
    return _read(trees, paths, max(paths.values(), key=len, default="/"))


def _read(trees: Sequence[Tree], paths: Mapping[Tree, str], path: str) -> Group:
    folders = Folders(trees, paths)
    if not folders.at:
        return Group(path)
    return Group(
        path,
        core.read(folders),
        cpu.read(folders),
        memory.read(folders),
        pids.read(folders),
        cpuset.read(folders),
        io.read(folders),
        others.read(folders),
        pressure.read(folders),
        _versions(folders),
    )


def _versions(folders: Folders) -> Mapping[str, int]:
    homes = {name: folders.of(name) for name in ("cpu", "cpuacct", "memory", "pids", "cpuset", "freezer")}
    return {name: files.version for name, files in {**homes, "io": io.home(folders)}.items() if files}


def found(trees: Iterable[Tree], but: Iterable[str] = ("/",)) -> tuple[str, ...]:
    """The paths of the groups that there are, sorted: MANY at most, those further up first. but: these aren't meant."""
    paths: dict[str, None] = {}
    for tree in trees:
        paths.update(dict.fromkeys(islice(_walk(tree), MANY + 2)))
    return tuple(sorted(sorted(paths.keys() - set(but), key=_depth)[:MANY]))


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path


def _walk(tree: Tree) -> Iterable[str]:
    paths = [""]
    for path in paths:  # grows meanwhile
        yield path or "/"
        paths += [f"{path}/{name}" for name in Files(tree.version, f"{tree.folder}{path}").folders()]
