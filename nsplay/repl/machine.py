"""The machine as it is outside of every stage: looked at before a lesson and after it."""

import os
from typing import NamedTuple

from nsplay.kernel import mounts


class Machine(NamedTuple):
    """What a lesson could have moved. processes is a count: others come and go by themselves."""

    name: str
    mounts: tuple[str, ...]
    links: tuple[str, ...]
    processes: int

    def compared(self, before: "Machine") -> tuple[tuple[str, ...], "Machine"]:
        """What moved since, in words that name both values; and this look itself."""
        moved = []
        if self.name != before.name:
            moved.append(f"{before.name} -> {self.name}")
        moved += [f"+ {target}" for target in sorted(set(self.mounts) - set(before.mounts))]
        moved += [f"- {target}" for target in sorted(set(before.mounts) - set(self.mounts))]
        moved += [f"+ {link}" for link in sorted(set(self.links) - set(before.links))]
        moved += [f"- {link}" for link in sorted(set(before.links) - set(self.links))]
        return tuple(moved), self


def machine() -> Machine:
    """A look, in about a millisecond."""
    try:
        links = tuple(sorted(os.listdir("/sys/class/net")))
    except OSError:
        links = ()
    targets = tuple(sorted(mount.target for mount in mounts.read(os.getpid())))
    return Machine(os.uname().nodename, targets, links, sum(name.isdigit() for name in os.listdir("/proc")))
