"""A group's folders in the trees that are mounted, and reading the files in them. cgroups(7)."""

import os
from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

from nsplay.kernel import cgroups, mounts
from nsplay.kernel.cgroups import Hierarchy, Membership
from nsplay.kernel.files import content, text

MAX: Final = "max"  # no limit, as version 2 writes it
_HUGE: Final = 1 << 62  # version 1 writes no limit as the largest number of whole pages

Limit = int | str  # a number, or MAX


class Tree(NamedTuple):
    """A mounted tree of groups."""

    version: Literal[1, 2]
    controllers: tuple[str, ...]  # as in Hierarchy
    folder: str  # its top, where this process can open it
    top: str  # which group that is, as this process's own cgroup namespace calls it


def trees(pid: int | str, proc: str = "/proc") -> tuple[Tree, ...]:
    """The trees as pid has them mounted, each once, and none that is covered by another mount.

    Raises ProcessLookupError if pid is gone, PermissionError if it isn't ours.
    """
    root = f"{proc}/{pid}/root"
    found: dict[str, Tree] = {}
    for mount in {mount.target: mount for mount in mounts.read(pid, proc)}.values():  # the last one covers
        if mount.device in found or (tree := cgroups.hierarchy(mount, root)) is None:
            continue
        if _is_there(f"{root}{mount.target}", mount.device):
            found[mount.device] = _opened(tree, root)
    return tuple(found.values())


def _is_there(path: str, device: str) -> bool:
    try:
        at = os.stat(path)
    except OSError:
        return False
    return f"{os.major(at.st_dev)}:{os.minor(at.st_dev)}" == device


def _opened(tree: Hierarchy, root: str) -> Tree:
    return Tree(tree.version, tree.controllers, f"{root}{tree.mountpoint}", tree.root)


def below(tree: Tree, memberships: Iterable[Membership]) -> str | None:
    """The path below the tree's top of whoever has these memberships; None: it isn't below it."""
    for row in memberships:
        same = row.controllers == tree.controllers if row.hierarchy_id else tree.version == 2
        top = tree.top.rstrip("/")
        if same and (row.path == (top or "/") or row.path.startswith(f"{top}/")):
            return row.path[len(top) :] or "/"
    return None


class Files:
    """The files of a group in one tree. What isn't there, or can't be read, is None or empty: an older kernel lacks it."""

    def __init__(self, version: Literal[1, 2], folder: str) -> None:
        self.version, self.folder = version, folder

    def text(self, name: str) -> str | None:
        """The whole file, without the last newline."""
        try:
            return "\n".join(map(text, self.raw(name).split(b"\n"))).rstrip("\n")
        except OSError:
            return None

    def raw(self, name: str) -> bytes:
        """The file as it is. Raises OSError."""
        return content(f"{self.folder}/{name}")

    def lines(self, name: str) -> tuple[str, ...]:
        """Its lines that aren't empty."""
        return tuple(line for line in (self.text(name) or "").split("\n") if line.strip())

    def words(self, name: str) -> tuple[str, ...] | None:
        """What stands between blanks; None: no such file."""
        found = self.text(name)
        return None if found is None else tuple(found.split())

    def number(self, name: str) -> int | None:
        """One number; None for anything else, too."""
        return number(self.text(name) or "")

    def limit(self, name: str) -> Limit | None:
        """One number, or MAX."""
        return limit(self.text(name) or "")

    def counts(self, name: str) -> Mapping[str, int]:
        """The lines `name number` of a file such as cpu.stat."""
        pairs = (line.split() for line in self.lines(name))
        return {words[0]: int(words[1]) for words in pairs if len(words) == 2 and words[1].isdigit()}

    def folders(self) -> tuple[str, ...]:
        """The names of the groups in it, sorted."""
        try:
            with os.scandir(self.folder) as entries:
                return tuple(sorted(text(os.fsencode(entry.name)) for entry in entries if entry.is_dir()))
        except OSError:
            return ()


def number(words: str) -> int | None:
    """What the kernel wrote as a number; None for anything else."""
    words = words.strip()
    return int(words) if words.removeprefix("-").isdecimal() else None


def limit(words: str) -> Limit | None:
    """A number, or MAX for each of the ways to write none."""
    words = words.strip()
    found = number(words)
    return MAX if words == MAX or (found is not None and (found >= _HUGE or found < 0)) else found


class Folders:
    """A group in all trees where it is: on version 2 one folder, on version 1 one in each tree that it was made in."""

    def __init__(self, trees: Iterable[Tree], paths: Mapping[Tree, str]) -> None:
        """paths: where it is below each tree's top; in a tree without one it isn't."""
        self.homes = {name: tree for tree in trees for name in tree.controllers if tree.version == 1}
        self.at = {
            tree: Files(tree.version, f"{tree.folder}{path}".rstrip("/"))
            for tree, path in paths.items()
            if os.path.isdir(f"{tree.folder}{path}")
        }
        self.unified = next((files for files in self.at.values() if files.version == 2), None)

    def of(self, controller: str) -> Files | None:
        """Where this controller's files are: in its own tree where version 1 has it, else in the tree of version 2."""
        home = self.homes.get(controller)
        return self.unified if home is None else self.at.get(home)
