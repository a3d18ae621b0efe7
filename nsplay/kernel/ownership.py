"""Which namespaces some processes are in, and which user namespace owns each of them. user_namespaces(7), ioctl_nsfs(2)."""

from collections.abc import Iterable
from typing import NamedTuple

from nsplay.kernel import namespaces


class Owned(NamedTuple):
    """One namespace."""

    kind: str
    inode: int
    owner: (
        int | None
    )  # the user namespace whose capabilities count in it, for kind "user" its parent; None: out of sight
    pids: tuple[int, ...]  # who is in it, of those that were asked for


def read(pids: Iterable[int], proc: str = "/proc") -> tuple[Owned, ...]:
    """Every namespace that one of pids is in, and the user namespaces around those, kinds in the usual order.

    A process that has ended, or that may not be asked, is left out.
    """
    members: dict[tuple[str, int], list[int]] = {}
    for pid in pids:
        try:
            for kind, inode in namespaces.inodes(pid, proc).items():
                members.setdefault((kind, inode), []).append(pid)
        except OSError:
            continue
    found = {
        (kind, inode): Owned(kind, inode, namespaces.owner(who[0], kind, proc), tuple(who))
        for (kind, inode), who in members.items()
    }
    for kind, inode in [key for key in found if key[0] == "user"]:
        chain = (inode, *namespaces.around(members[kind, inode][0], kind, proc))
        for inner, outer in zip(chain, [*chain[1:], None], strict=True):
            found.setdefault((kind, inner), Owned(kind, inner, outer, ()))
    order = {kind: number for number, kind in enumerate(namespaces.KINDS)}
    return tuple(sorted(found.values(), key=lambda one: (order[one.kind], one.inode)))
