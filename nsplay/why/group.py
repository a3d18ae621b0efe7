"""What a group's own files say when the kernel refused something there. They are read where the place sees them."""

import os
from collections.abc import Mapping
from typing import Final

from nsplay.kernel import paths
from nsplay.kernel.group import memory, pids
from nsplay.kernel.group.files import Files, Folders, Tree, trees
from nsplay.kernel.group.group import found
from nsplay.kernel.group.memory import Memory
from nsplay.why.case import Case

_VERSIONS: Final = {"cgroup": 1, "cgroup2": 2}
_SHOWN: Final = 5  # pids that are named

Memories = Mapping[str, Memory]
"""Path of a group → its memory."""


def memories(pid: int) -> Memories:
    """Of every group below the tops that pid sees; of none when pid is gone, as a stage that is killed meanwhile."""
    try:
        seen = trees(pid)
    except ProcessLookupError:
        return {}
    paths = ("/", *found(seen))
    return {path: memory.read(Folders(seen, dict.fromkeys(seen, path))) for path in paths}


def hungry(before: Memories, after: Memories) -> str:
    """The innermost group in which the OOM killer has been meanwhile; "" when there is none."""
    old = {path: it.killed or 0 for path, it in before.items()}
    killed = [path for path, it in after.items() if (it.killed or 0) > old.get(path, 0)]
    return max(killed, key=lambda path: (path.count("/"), path), default="")


def files(case: Case) -> tuple[str, Files] | None:
    """The group that the refused path is, or is a file of, as the place calls it; None: that is no group."""
    mount = case.mount(case.path) if case.path.startswith("/") else None
    version = _VERSIONS.get(mount.fstype) if mount else None
    if mount is None or version not in (1, 2):
        return None
    path = case.path.rstrip("/")
    root = f"/proc/{case.side.pid}/root"
    folder = path if os.path.isdir(root + path) else os.path.dirname(path)
    name = folder.removeprefix(mount.target.rstrip("/")) or "/"
    return name, Files(2 if version == 2 else 1, root + folder)


def inhabited(case: Case) -> bool:
    """Has the group members itself?"""
    found = files(case)
    return found is not None and bool(found[1].words("cgroup.procs"))


def missing(case: Case) -> bool:
    """Is it a file that its group doesn't have? No program can make one: with `>` a shell asks for that (O_CREAT)."""
    found, path = files(case), f"/proc/{case.side.pid}/root{case.path}"
    return found is not None and os.path.isdir(os.path.dirname(path)) and not os.path.lexists(path)


def device(case: Case) -> bool:
    """Is it about a device file?"""
    return bool(_number(case))


def number(case: Case) -> str:
    """What the rules of groups call the device."""
    found = _number(case)
    return case.say(f"{case.path} is {found}.", f"{case.path} は {found} です。") if found else ""


def members(case: Case) -> str:
    """Who is in the group, and which groups are."""
    if (found := files(case)) is None:
        return ""
    name, group = found
    who, inner = group.words("cgroup.procs") or (), group.folders()
    numbers = ", ".join(who[:_SHOWN]) + (", ..." if len(who) > _SHOWN else "")
    said = []
    if who:
        said.append(
            case.say(
                f"{name} has {len(who)} {'process' if len(who) == 1 else 'processes'}: {numbers}.",
                f"{name} にはプロセスが {len(who)} 個います: {numbers}。",
            )
        )
    if inner:
        listed = ", ".join(inner[:_SHOWN])
        said.append(case.say(f"Groups in {name}: {listed}.", f"{name} の中のグループ: {listed}。"))
    return "".join(said) if case.japanese else " ".join(said)


def there(case: Case) -> str:
    """Which groups, or trees, are in the last folder on the way to the path."""
    root, folder = f"/proc/{case.side.pid}/root", case.path
    while not os.path.isdir(root + folder) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    names = Files(2, root + folder).folders()
    listed = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    return case.say(
        f"In {folder} there are: {listed or 'none'}.",
        f"{folder} にあるもの: {listed or 'なし'}。",
    )


def given(case: Case) -> str:
    """What the group gives to those in it, and what it could."""
    if (found := files(case)) is None or found[1].version != 2:
        return ""
    name, group = found
    gives = " ".join(group.words("cgroup.subtree_control") or ())
    has = " ".join(group.words("cgroup.controllers") or ())
    nothing = case.say("nothing", "なし")
    return case.say(
        f"{name} has the controllers: {has or nothing}; it gives to its children: {gives or nothing}.",
        f"{name} にあるコントローラ: {has or nothing}。子に渡しているもの: {gives or nothing}。",
    )


def kind(case: Case) -> str:
    """cgroup.type."""
    if (found := files(case)) is None or not (told := found[1].text("cgroup.type")):
        return ""
    return case.say(f"{found[0]} is of type {told}.", f"{found[0]} の種類は {told} です。")


def cpuset(case: Case) -> str:
    """What a cpuset of version 1 has."""
    if (found := files(case)) is None:
        return ""
    cpus, mems = (found[1].text(f"cpuset.{what}") for what in ("cpus", "mems"))
    if cpus is None or mems is None:
        return ""
    empty = case.say("empty", "空")
    return case.say(
        f"In {found[0]} cpuset.cpus is {cpus or empty}, cpuset.mems is {mems or empty}.",
        f"{found[0]} の cpuset.cpus は {cpus or empty}、cpuset.mems は {mems or empty} です。",
    )


def value(case: Case) -> str:
    """What the file holds now."""
    found, name = files(case), os.path.basename(case.path)
    told = found[1].text(name) if found else None
    if not told or "\n" in told or len(told) > 60:
        return ""
    return case.say(f"{name} is {told} now.", f"{name} はいま {told} です。")


def _number(case: Case) -> str:
    try:
        found = paths.read(case.side.pid, case.path) if case.path.startswith("/") else None
    except OSError:
        return ""
    return found.number if found else ""


def forks(case: Case) -> str:
    """The limit on processes of the group that the place is in."""
    for mount in case.side.mounts:
        row = next((it for it in case.side.cgroups if "pids" in it.controllers or not it.controllers), None)
        if mount.fstype not in _VERSIONS or row is None:
            continue
        below = row.path.removeprefix(mount.root.rstrip("/"))
        tree = Tree(
            2 if mount.fstype == "cgroup2" else 1, ("pids",), f"/proc/{case.side.pid}/root{mount.target}", ""
        )
        told = pids.read(Folders((tree,), {tree: below}))
        if told.limit is not None:
            name = below or "/"
            return case.say(
                f"{name} has {told.used} of {told.limit} (pids.max), and has refused {told.refused} times.",
                f"{name} は pids.max {told.limit} のうち {told.used} を使い、{told.refused} 回断りました。",
            )
    return ""
