"""Both cgroup versions, and both at once."""

from pathlib import Path

import pytest

from nsplay.kernel import cgroups
from nsplay.kernel.cgroups import Hierarchy, Membership

DATA = Path(__file__).parents[1] / "data"


@pytest.mark.parametrize(
    ("machine", "version"),
    [("debian12", "v2"), ("ubuntu2004", "hybrid"), ("centos7", "v1"), ("container", "none")],
)
def test_version(machine: str, version: str) -> None:
    assert cgroups.version(str(DATA / f"proc-{machine}")) == version


def test_hierarchies_of_version_2() -> None:
    offered = ("cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc")
    found = cgroups.hierarchies(str(DATA / "proc-debian12"), str(DATA / "root-debian12"))
    assert found == (Hierarchy(2, offered, "/sys/fs/cgroup", "/"),)


def test_hierarchies_of_both() -> None:
    found = cgroups.hierarchies(str(DATA / "proc-ubuntu2004"), str(DATA / "root-ubuntu2004"))
    assert [(tree.version, tree.controllers, tree.mountpoint) for tree in found] == [
        (2, (), "/sys/fs/cgroup/unified"),
        (1, ("name=systemd",), "/sys/fs/cgroup/systemd"),
        (1, ("cpu", "cpuacct"), "/sys/fs/cgroup/cpu,cpuacct"),
        (1, ("memory",), "/sys/fs/cgroup/memory"),
        (1, ("cpuset",), "/sys/fs/cgroup/cpuset"),
    ]


def test_a_mount_point_that_is_covered(tmp_path: Path) -> None:
    (tree,) = cgroups.hierarchies(str(DATA / "proc-debian12"), str(tmp_path))
    assert tree.controllers == ()


def test_paths() -> None:
    found = cgroups.paths(1500, str(DATA / "proc-ubuntu2004"))
    assert found[0] == Membership(12, ("devices",), "/user.slice")
    assert found[3] == Membership(9, ("cpu", "cpuacct"), "/user.slice")
    assert found[-1] == Membership(0, (), "/user.slice/user-1000.slice/session-1.scope")
    assert len(found) == 10


def test_a_path_outside_of_the_cgroup_namespace() -> None:
    assert cgroups.paths(1, str(DATA / "proc-container")) == (Membership(0, (), "/../../kubepods/pod (1)"),)


def test_gone() -> None:
    with pytest.raises(ProcessLookupError):
        cgroups.paths(4711, str(DATA / "proc-debian12"))


def test_the_version_of_a_lesson_is_that_of_its_controllers() -> None:
    """A net_cls of version 1 beside a memory of version 2: memory's lesson is for version 2."""
    first = Hierarchy(1, ("net_cls", "net_prio"), "/sys/fs/cgroup/net_cls", "/")
    second = Hierarchy(2, ("cpu", "memory", "pids"), "/sys/fs/cgroup", "/")
    assert cgroups.variant(["memory"], [first, second]) == 2
    assert cgroups.variant(["net_cls"], [first, second]) == 1
    assert cgroups.variant((), [first, second]) == 2
    # most on version 1, a second tree with what is left
    old = Hierarchy(1, ("memory",), "/sys/fs/cgroup/memory", "/")
    assert cgroups.variant((), [old, Hierarchy(2, ("hugetlb",), "/sys/fs/cgroup/unified", "/")]) == 1
    assert cgroups.variant(["io"], [Hierarchy(1, ("blkio",), "/sys/fs/cgroup/blkio", "/"), second]) == 1
    assert cgroups.variant((), []) == cgroups.variant(["memory"], []) == 2
