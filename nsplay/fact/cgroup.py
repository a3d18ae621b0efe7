"""Facts of a cgroup namespace: what its members see themselves."""

from typing import Final

from nsplay.fact.base import At, Fact
from nsplay.kernel.mounts import Mount


def _inside(at: At) -> str | None:
    # What no tree of version 1 has belongs to the one of version 2, whose row names no controllers.
    if at.side.own_cgroups is None:
        return None
    paths = {name: row.path for row in at.side.own_cgroups.paths for name in row.controllers or ("",)}
    return paths.get(at.word, paths.get(""))


def _mounted(at: At) -> Mount | None:
    """The mount of the tree that has the controller; without one, of version 2. Where it is mounted at two places, the first
    one counts: a second one hides nothing of it.
    """
    if at.side.own_cgroups is None:
        return None
    mounts = [mount for mount in at.side.own_cgroups.mounts if mount.fstype in ("cgroup", "cgroup2")]
    version2 = [mount for mount in mounts if mount.fstype == "cgroup2"]
    with_it = [mount for mount in mounts if at.word in mount.super_options.split(",")] if at.word else []
    found = with_it or version2
    return next((mount for mount in reversed(found) if mount.target == found[0].target), None)


def _top(at: At) -> str | None:
    mount = _mounted(at)
    return mount.root if mount else None


def _groups(at: At) -> int | None:
    mount = _mounted(at)
    return at.side.groups.get(mount.target) if mount else None


# fmt: off
FACTS: Final = (
    Fact("cgroup.inside", "text", "cgroups", "where it says itself that it is, in the tree of version 2", _inside),
    Fact("cgroup.inside.CONTROLLER", "text", "cgroups", "the same in the tree that has CONTROLLER", _inside),
    Fact("cgroup.top", "text", "cgroups",
         "what its mount of the tree of version 2 has at the top, as it says itself: / is its own, /.. above it", _top),
    Fact("cgroup.top.CONTROLLER", "text", "cgroups", "the same of the mounted tree that has CONTROLLER", _top),
    Fact("cgroup.groups", "count", "cgroups",
         "how many groups its mount of the tree of version 2 has right below the top", _groups, busy=True),
    Fact("cgroup.groups.CONTROLLER", "count", "cgroups", "the same of the mounted tree that has CONTROLLER", _groups,
         busy=True),
)
# fmt: on
