"""What every group has, whatever controls it: members, groups in it, and whether it is frozen.

cgroups(7); Documentation/admin-guide/cgroup-v2.rst, "Core Interface Files"; cgroup-v1/freezer-subsystem.rst.
"""

import contextlib
from collections.abc import Iterable
from typing import NamedTuple

from nsplay.kernel.group.files import Files, Folders


class Core(NamedTuple):
    """A None: this version or kernel doesn't say."""

    controllers: tuple[
        str, ...
    ]  # version 1: in whose trees it has a folder; version 2: what its parent gives it
    children: tuple[str, ...]  # names of the groups in it
    members: tuple[int, ...]  # pids; in a threaded group, whose processes are its domain's: thread ids
    populated: bool  # has it, or a group in it, a member?
    frozen: bool | None  # by itself or by a group above
    freezing: bool | None  # asked for: version 1 stays so while a member can't stop
    given: tuple[str, ...] | None  # version 2: what it gives to the groups in it (cgroup.subtree_control)
    type: str | None  # version 2: domain, threaded, "domain threaded", "domain invalid"


def read(folders: Folders) -> Core:
    """Of a group that is in at least one tree."""
    files = tuple(folders.at.values())
    named = tuple(
        name for tree in folders.at if tree.version == 1 for name in tree.controllers if "=" not in name
    )
    unified = folders.unified
    offered = (unified.words("cgroup.controllers") if unified else None) or ()
    return Core(
        controllers=tuple(sorted({*named, *offered})),
        children=tuple(sorted({name for one in files for name in one.folders()})),
        members=_members(files),
        populated=any(_populated(one) for one in files),
        frozen=_frozen(folders),
        freezing=_freezing(folders),
        given=unified.words("cgroup.subtree_control") if unified else None,
        type=unified.text("cgroup.type") if unified else None,
    )


def _members(files: Iterable[Files]) -> tuple[int, ...]:
    """Of all these trees. At the top of the machine's there are thousands, in every tree the same: sorted out first."""
    return tuple(
        sorted({int(word) for raw in set(map(_raw_members, files)) for word in raw.split() if word.isdigit()})
    )


def _raw_members(files: Files) -> bytes:
    for name in ("cgroup.procs", "cgroup.threads"):  # EOPNOTSUPP for the first: it is threaded
        with contextlib.suppress(OSError):
            return files.raw(name)
    return b""


def _populated(files: Files) -> bool:
    told = files.counts("cgroup.events").get("populated") if files.version == 2 else None
    if told is not None:
        return bool(told)
    inner = (Files(files.version, f"{files.folder}/{name}") for name in files.folders())
    return bool(_raw_members(files)) or any(map(_populated, inner))


def _version_1(folders: Folders) -> Files | None:
    files = folders.of("freezer")
    return files if files and files.version == 1 else None


def _frozen(folders: Folders) -> bool | None:
    """By either version: on a hybrid machine a group can be in both."""
    told = []
    if (one := _version_1(folders)) and (state := one.text("freezer.state")) is not None:
        told.append(state == "FROZEN")
    if (two := folders.unified) and (frozen := two.counts("cgroup.events").get("frozen")) is not None:
        told.append(bool(frozen))
    return any(told) if told else None


def _freezing(folders: Folders) -> bool | None:
    told = []
    if (one := _version_1(folders)) and (asked := one.number("freezer.self_freezing")) is not None:
        told.append(bool(asked))
    if (two := folders.unified) and (asked := two.number("cgroup.freeze")) is not None:
        told.append(bool(asked))
    return any(told) if told else None
