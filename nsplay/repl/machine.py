"""The machine as it is outside of every stage: looked at before a lesson and after it."""

import os
from collections.abc import Mapping
from typing import Final, NamedTuple

from nsplay.kernel import mounts

TREES: Final = ("cgroup", "cgroup2")


class Machine(NamedTuple):
    """What a lesson could have moved. processes is a count: others come and go by themselves. trees: the options of each
    hierarchy of control groups by its mount point, which are those of all its mounts (nsdelegate, cgroups(7)).
    """

    name: str
    mounts: tuple[str, ...]
    trees: Mapping[str, str]
    links: tuple[str, ...]
    processes: int

    def compared(self, before: "Machine") -> tuple[tuple[str, ...], "Machine"]:
        """What moved since, in words that name both values; and this look itself."""
        moved = []
        if self.name != before.name:
            moved.append(f"{before.name} -> {self.name}")
        moved += [f"+ {target}" for target in sorted(set(self.mounts) - set(before.mounts))]
        moved += [f"- {target}" for target in sorted(set(before.mounts) - set(self.mounts))]
        moved += [
            f"{at} {before.trees[at]} -> {now}"
            for at, now in self.trees.items()
            if before.trees.get(at, now) != now
        ]
        moved += [f"+ {link}" for link in sorted(set(self.links) - set(before.links))]
        moved += [f"- {link}" for link in sorted(set(before.links) - set(self.links))]
        return tuple(moved), self


def machine() -> Machine:
    """A look, in about a millisecond."""
    try:
        links = tuple(sorted(os.listdir("/sys/class/net")))
    except OSError:
        links = ()
    table = mounts.read(os.getpid())
    targets = tuple(sorted(mount.target for mount in table))
    trees = {mount.target: mount.super_options for mount in table if mount.fstype in TREES}
    count = sum(name.isdigit() for name in os.listdir("/proc"))
    return Machine(os.uname().nodename, targets, trees, links, count)
