"""The cgroup trees of this machine, whichever version they are of."""

import os
from pathlib import Path

from nsplay.kernel import cgroups, namespaces

from .place import needs_root, shell


def test_version_and_trees_agree() -> None:
    versions = {tree.version for tree in cgroups.hierarchies()}
    expected = {"none": set(), "v1": {1}, "v2": {2}, "hybrid": {1, 2}}
    assert expected[cgroups.version()] == versions


def test_every_line_is_read() -> None:
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    ours = [
        f"{row.hierarchy_id}:{','.join(row.controllers)}:{row.path}" for row in cgroups.paths(os.getpid())
    ]
    assert ours == lines


def test_trees_are_where_they_say() -> None:
    for tree in cgroups.hierarchies():
        assert Path(tree.mountpoint, "cgroup.procs").exists()
        if tree.version == 2:
            offered = Path(tree.mountpoint, "cgroup.controllers").read_text().split()
            assert list(tree.controllers) == offered


def test_controllers_have_a_tree() -> None:
    mounted = {name for tree in cgroups.hierarchies() if tree.version == 1 for name in tree.controllers}
    ours = {name for row in cgroups.paths(os.getpid()) for name in row.controllers}
    assert mounted <= ours


@needs_root
def test_a_cgroup_namespace_changes_no_path_seen_from_here() -> None:
    with shell("unshare", "-C") as pid:
        assert namespaces.inodes(pid)["cgroup"] != namespaces.inodes("self")["cgroup"]
        assert cgroups.paths(pid) == cgroups.paths(os.getpid())


def test_groups_are_counted_below_each_top() -> None:
    counted = cgroups.groups(os.getpid())
    trees = [tree.mountpoint for tree in cgroups.hierarchies()]
    assert list(counted) == trees
    for tree, groups in counted.items():
        assert groups == sum(entry.is_dir() for entry in os.scandir(tree))
