"""What holds a process beside namespaces, groups and capabilities: resource limits, a security module's label, filters of
system calls, and rules for devices. proc(5) (limits, attr/current, status), getrlimit(2), "devices" in
cgroup-v1/devices.rst and cgroup-v2.rst.
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from nsplay.kernel import bpf, cgroups
from nsplay.kernel.files import content, fields, text
from nsplay.kernel.group import files

# As /proc/PID/limits calls them, and as prlimit(1) does
RESOURCES: Final = {
    "Max cpu time": "cpu",
    "Max file size": "fsize",
    "Max data size": "data",
    "Max stack size": "stack",
    "Max core file size": "core",
    "Max resident set": "rss",
    "Max processes": "nproc",
    "Max open files": "nofile",
    "Max locked memory": "memlock",
    "Max address space": "as",
    "Max file locks": "locks",
    "Max pending signals": "sigpending",
    "Max msgqueue size": "msgqueue",
    "Max nice priority": "nice",
    "Max realtime priority": "rtprio",
    "Max realtime timeout": "rttime",
}
EVERYTHING: Final = ("a *:* rwm",)  # the rule of a group that refuses no device


class Rlimit(NamedTuple):
    """One resource limit, in its own unit; None: unlimited."""

    soft: int | None
    hard: int | None


class Confinement(NamedTuple):
    """rlimits: by prlimit's names. label: of AppArmor, SELinux or Smack; "" for none. devices: are some refused by its
    group? filters: how many of seccomp. None: may not be read, or nobody tells.
    """

    rlimits: Mapping[str, Rlimit] | None
    label: str | None
    devices: bool | None
    filters: int | None = None


def read(pid: int | str, proc: str = "/proc") -> Confinement:
    """Of a process; what may not be read is None."""
    return Confinement(_rlimits(pid, proc), _label(pid, proc), _devices(pid, proc), _filters(pid, proc))


def parse(limits: bytes) -> Mapping[str, Rlimit]:
    """The rows of a /proc/PID/limits; one that is cut short, or of a resource not known here, is left out."""
    found = {}
    for line in limits.split(b"\n"):
        name, *values = re.split(r" {2,}", text(line).strip())
        if name in RESOURCES and len(values) >= 2 and all(map(_is_limit, values[:2])):
            found[RESOURCES[name]] = Rlimit(*(None if v == "unlimited" else int(v) for v in values[:2]))
    return found


def _is_limit(word: str) -> bool:
    return word == "unlimited" or word.isdecimal()


def _rlimits(pid: int | str, proc: str) -> Mapping[str, Rlimit] | None:
    try:
        return parse(content(f"{proc}/{pid}/limits"))
    except OSError:
        return None


def _label(pid: int | str, proc: str) -> str | None:
    """ "unconfined" is no label. Without a security module the kernel says EINVAL."""
    try:
        label = text(content(f"{proc}/{pid}/attr/current").rstrip(b"\0\n"))
    except PermissionError:
        return None
    except OSError:
        return ""
    return "" if label == "unconfined" else label


def _filters(pid: int | str, proc: str) -> int | None:
    try:
        count = fields(content(f"{proc}/{pid}/status")).get("Seccomp_filters", "")
    except OSError:
        return None
    return int(count) if count.isdigit() else None


def _devices(pid: int | str, proc: str) -> bool | None:
    """By version 1's list; without one by BPF programs, of its group and those above: root alone is told of them."""
    try:
        rows, trees = cgroups.paths(pid, proc), files.trees("self", proc)
        paths = {tree: path for tree in trees if (path := files.below(tree, rows)) is not None}
        for tree, path in paths.items():
            if "devices" in tree.controllers:
                return files.Files(1, f"{tree.folder}{path}").lines("devices.list") != EVERYTHING
        for tree, path in paths.items():
            if tree.version == 2:
                above = [path, *map(str, PurePosixPath(path).parents)]
                return any(bpf.attached(f"{tree.folder}{each}") for each in above)
    except OSError:
        pass
    return None
