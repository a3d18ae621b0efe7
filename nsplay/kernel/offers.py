"""Which cgroup controllers a stage can have here, and for whom: root all that are mounted to be written to, an ordinary user
what has been delegated on version 2 (cgroups(7), "Delegate=" in systemd.resource-control(5)).
"""

import os
from collections.abc import Mapping
from typing import Literal, NamedTuple

from nsplay.kernel import cgroups
from nsplay.kernel.cgroups import Hierarchy
from nsplay.kernel.files import content, text

# Where a user's controllers come from: nobody asks (root), the user manager, the group we are in, nowhere. Root of a
# container gets none where others stand in the group at the top of its tree (crowded).
Source = Literal["root", "crowded", "manager", "group", "nowhere"]


# What one version calls otherwise, or has without a controller: asked for, had by, in trees of that version
BLKIO = ("io", "blkio", 1)
FREEZER = ("freezer", "", 2)  # cgroup.freeze is in every group
CPUACCT = ("cpuacct", "cpu", 2)  # cpu.stat
DEVICES = ("devices", "", 2)  # a BPF program is tied to any group
NET_CLS = ("net_cls", "", 2)  # nft knows a packet by any group
NET_PRIO = ("net_prio", "", 2)  # and gives it a priority


class Offers(NamedTuple):
    """versions: controller -> the version whose tree has it. usable: those of a stage. source: who gives them. A lesson on
    both versions asks by one name: see BLKIO and the others above.
    """

    versions: Mapping[str, int]
    usable: frozenset[str]
    source: Source


def read(uid: int, runtime: str, proc: str = "/proc", root: str = "/") -> Offers:
    """Now. uid: whose stage. runtime: $XDG_RUNTIME_DIR, where the user manager answers. root: where mount points are."""
    return _by_one_name(*_read(uid, runtime, proc, root))


def _by_one_name(found: Offers, version_2: bool, ours: bool) -> Offers:
    versions, usable = dict(found.versions), set(found.usable)
    for name, same, version in (BLKIO, FREEZER, CPUACCT, DEVICES, NET_CLS, NET_PRIO):
        there = versions.get(same) == version if same else version_2
        if there and name not in versions:
            versions[name] = version
            if same in usable or (not same and ours):
                usable.add(name)
    return Offers(versions, frozenset(usable), found.source)


def _read(uid: int, runtime: str, proc: str, root: str) -> tuple[Offers, bool, bool]:
    """By the kernel's own names; and is there a tree of version 2, and is it to be written to?"""
    trees = cgroups.hierarchies(proc, root)
    versions = {name: tree.version for tree in trees for name in tree.controllers if "=" not in name}
    if uid == 0:
        writable = [tree for tree in trees if os.access(_at(root, tree.mountpoint), os.W_OK)]
        crowded = [tree for tree in writable if tree.version == 2 and _crowded(_at(root, tree.mountpoint))]
        usable = frozenset(name for tree in writable if tree not in crowded for name in tree.controllers)
        there, ours = (any(tree.version == 2 for tree in some) for some in (trees, writable))
        return Offers(versions, usable, "crowded" if crowded else "root"), there, ours
    for tree in trees:
        if tree.version == 2:
            usable, source = _delegated(tree, uid, runtime, proc, root)
            return Offers(versions, usable, source), True, source != "nowhere"
    return Offers(versions, frozenset(), "nowhere"), False, False


def _delegated(
    tree: Hierarchy, uid: int, runtime: str, proc: str, root: str
) -> tuple[frozenset[str], Source]:
    """As stage/scope.py goes about it: the user manager is asked first, then the own group is taken."""
    top = _at(root, tree.mountpoint)
    if runtime and os.path.exists(_at(root, f"{runtime}/systemd/private")):
        manager = f"{top}/user.slice/user-{uid}.slice/user@{uid}.service"
        return _controllers(manager), "manager"
    own = next(
        (row.path for row in cgroups.parse(content(f"{proc}/self/cgroup")) if not row.hierarchy_id), ""
    )
    group = top + own.removeprefix(tree.root.rstrip("/"))
    if own and os.access(f"{group}/cgroup.procs", os.W_OK) and os.access(group, os.W_OK):
        return _controllers(group), "group"
    return frozenset(), "nowhere"


def _crowded(group: str) -> bool:
    """Do others than we and our children stand in this group, which isn't the machine's top? Then it gives no controller to
    those below it ("no internal processes", cgroups(7)); our own step aside (stage/room.py).
    """
    if not os.path.exists(f"{group}/cgroup.type"):
        return False
    from nsplay.kernel import processes

    members = {int(pid) for pid in content(f"{group}/cgroup.procs").split()}
    return not members <= {os.getpid()} | processes.descendants(os.getpid())


def _controllers(group: str) -> frozenset[str]:
    try:
        return frozenset(map(text, content(f"{group}/cgroup.controllers").split()))
    except (OSError, ProcessLookupError):
        return frozenset()


def _at(root: str, path: str) -> str:
    return os.path.join(root, path.lstrip("/"))
