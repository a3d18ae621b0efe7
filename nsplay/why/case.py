"""One refused system call and the place it was made in, and the facts of that moment which trip a rule, as sentences."""

import errno
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from nsplay.facts import Value, facts
from nsplay.kernel.identity import inner, ordered
from nsplay.kernel.mounts import Mount
from nsplay.snapshot import Side, Snapshot

# What a case needs to know of the place.
PARTS: Final = frozenset({"identity", "owners", "mounts", "processes", "cgroups", "network"})
# A call with its arguments' names: what its words are about.
CAPABILITY: Final = {
    **dict.fromkeys(("sethostname", "setdomainname"), ("uts", "sys_admin")),
    **dict.fromkeys(
        ("mount", "umount2", "pivot_root", "move_mount", "open_tree", "fsmount", "fsconfig", "mount_setattr"),
        ("mnt", "sys_admin"),
    ),
    **dict.fromkeys(("netlink", "netdevice", "socket"), ("net", "net_admin")),
    "chroot": ("user", "sys_chroot"),
    "bind": ("net", "net_bind_service"),
    "chown": ("user", "chown"),
    "fchownat": ("user", "chown"),
    "kill": ("user", "kill"),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """call: the system call's name, "netlink" for a request over it, "netdevice" for an ioctl(2) about a link, "fork" for
    a shell that can't. error: the errno. paths: its arguments that are paths or names. now: a snapshot with PARTS.
    """

    call: str
    error: int
    paths: tuple[str, ...]
    now: Snapshot
    japanese: bool = False

    def say(self, english: str, japanese: str) -> str:
        """In the reader's language."""
        return japanese if self.japanese else english

    @property
    def side(self) -> Side:
        """Where the learner is."""
        return self.now.inside or self.now.host

    @property
    def symbol(self) -> str:
        """The errno's name, such as EPERM."""
        return errno.errorcode.get(self.error, str(self.error))

    @property
    def path(self) -> str:
        """The path that it is about; the last one where there are two."""
        return self.paths[-1] if self.paths else ""

    @cached_property
    def facts(self) -> dict[str, Value]:
        """Those of the learner's side, by name without it."""
        start = f"{self.side.name}."
        return {
            name.removeprefix(start): value
            for name, value in facts(self.now).items()
            if name.startswith(start)
        }

    @property
    def in_user_namespace(self) -> bool:
        """Is the place in another user namespace than the host's side?"""
        return self.side.ns.get("user") != self.now.host.ns.get("user")

    @property
    def owns(self) -> bool:
        """Does the place's user namespace own the namespace that the call is about?"""
        kind, _ = CAPABILITY.get(self.call, ("user", ""))
        return kind == "user" or self.side.owners.get(kind) == self.side.ns.get("user")

    @property
    def written(self) -> bool:
        """Has the map of ids that the call was to write lines already?"""
        one = self.side.identity
        return one is not None and bool(one.gid_map if "gid_map" in self.path else one.uid_map)

    @property
    def groups_open(self) -> bool:
        """Is it about gid_map, in a user namespace that still allows setgroups?"""
        one = self.side.identity
        return one is not None and "gid_map" in self.path and one.setgroups == "allow"

    @property
    def foreign(self) -> bool:
        """Is it about a file in /proc of a process outside of the stage?"""
        found = re.match(r"/proc/(\d+)/", self.path)
        counted = self.side.ns.get("pid") == self.now.host.ns.get("pid")  # else it has another number there
        return counted and found is not None and int(found[1]) not in self.now.stage_pids

    def has(self, capability: str) -> bool:
        """Is it effective?"""
        return self.side.identity is not None and capability in self.side.identity.capabilities.effective

    def mount(self, path: str) -> Mount | None:
        """The mount that a path lies on, as the place sees it."""
        over = [
            m for m in self.side.mounts if path == m.target or path.startswith(m.target.rstrip("/") + "/")
        ]
        return max(over, key=lambda m: len(m.target), default=None)


Tell = Callable[[Case], str]
"""A fact of a case as a sentence; empty when it can't be told."""


def owner(case: Case) -> str:
    """Whose namespace the call was about, and where one's power ends."""
    kind, _ = CAPABILITY.get(case.call, ("user", ""))
    number, user = case.side.ns.get(kind), case.side.ns.get("user")
    if number is None or user is None or kind == "user":
        return ""
    owned = case.side.owners.get(kind)
    whose = (
        case.say(f"user namespace {owned}", f"user 名前空間 {owned}")
        if owned
        else case.say("one out of sight", "見えないところにある user 名前空間")
    )
    if owned == case.now.host.ns.get("user"):
        whose = case.say(f"the host's user namespace {owned}", f"ホストの user 名前空間 {owned}")
    if owned == user:
        return case.say(
            f"The {kind} namespace {number} belongs to your own user namespace {user}.",
            f"{kind} 名前空間 {number} の持ち主は、いまいる user 名前空間 {user} です。",
        )
    return case.say(
        f"The {kind} namespace {number} belongs to {whose}; you have power only in {user}.",
        f"{kind} 名前空間 {number} の持ち主は{whose}です。権限が効くのは {user} の中だけです。",
    )


def capability(case: Case) -> str:
    """Whether the capability is there."""
    _, word = CAPABILITY.get(case.call, ("", ""))
    if not word or case.side.identity is None:
        return ""
    name = f"CAP_{word.upper()}"
    if case.has(word):
        return case.say(f"You have {name}.", f"{name} は持っています。")
    if word not in case.side.identity.capabilities.bounding:
        return case.say(
            f"{name} is gone from your bounding set: nothing in this user namespace brings it back.",
            f"{name} はバウンディングセットからも消えています。この user 名前空間ではもう戻りません。",
        )
    return case.say(f"You don't have {name}.", f"{name} がありません。")


def bounding(case: Case) -> str:
    """What an exec can't bring any more."""
    mine, host = case.side.identity, case.now.host.identity
    if mine is None or host is None:
        return ""
    lost = ordered(host.capabilities.bounding - mine.capabilities.bounding)
    if not lost:
        return case.say("Your bounding set is as the host's.", "バウンディングセットはホストと同じです。")
    return case.say(
        f"Your bounding set has lost {', '.join(lost)}.",
        f"バウンディングセットから {'、'.join(lost)} が消えています。",
    )


def clocks(case: Case) -> str:
    """Is somebody in that time namespace: the place itself?"""
    mine = case.side.ns.get("time")
    if mine is None or mine == case.now.host.ns.get("time"):
        return ""
    return case.say(
        f"You are in the time namespace {mine} yourself.", f"自分がその time 名前空間 {mine} の中にいます。"
    )


def who(case: Case) -> str:
    """The user, in here and as the host's side has it."""
    one = case.side.identity
    if one is None:
        return ""
    if not case.in_user_namespace:
        return case.say(f"You are uid {one.uid}.", f"uid は {one.uid} です。")
    out = inner(one.uids.effective, case.now.host_maps[0])
    return case.say(
        f"You are uid {one.uid} in here, {out} on the host's side.",
        f"uid は、ここでは {one.uid}、ホスト側では {out} です。",
    )


def maps(case: Case) -> str:
    """Both maps, and setgroups."""
    one = case.side.identity
    if one is None:
        return ""
    uids, gids = (
        "; ".join(map(str, rows)) or case.say("nothing yet", "まだなし")
        for rows in (one.uid_map, one.gid_map)
    )
    return case.say(
        f"uid_map: {uids}. gid_map: {gids}. setgroups: {one.setgroups or '?'}.",
        f"uid_map: {uids}、gid_map: {gids}、setgroups: {one.setgroups or '?'}",
    )


def lies_on(case: Case) -> str:
    """The mount that the path is on."""
    mount = case.mount(case.path)
    if not case.path.startswith("/") or mount is None:
        return ""
    options = ",".join(dict.fromkeys((mount.options.split(",")[0], *mount.super_options.split(",")[:1])))
    return case.say(
        f"{case.path} lies on the mount {mount.target} ({mount.fstype}, {options}).",
        f"{case.path} はマウント {mount.target} ({mount.fstype}, {options}) の上にあります。",
    )


def mounted(case: Case) -> str:
    """Is the path itself a mount point, and how does it propagate?"""
    mount = case.mount(case.path)
    if mount is None or not case.path.startswith("/"):
        return ""
    how = " ".join(mount.propagation) or "private"
    if mount.target != (case.path.rstrip("/") or "/"):
        return case.say(
            f"{case.path} is no mount point: it lies on {mount.target}, {how}.",
            f"{case.path} はマウントポイントではなく、{mount.target} の上にあります。その伝播は {how} です。",
        )
    return case.say(
        f"{case.path} is a mount point, {how}.", f"{case.path} はマウントポイントで、伝播は {how} です。"
    )


def children(case: Case) -> str:
    """Where the next child would be born."""
    born, own = case.side.ns_for_children.get("pid"), case.side.ns.get("pid")
    if born == own or own is None:
        return ""
    what = (
        case.say("one that has no process 1", "1 番のプロセスがいない名前空間")
        if born is None
        else case.say(f"{born}", f"{born} ")
    )
    return case.say(
        f"Your pid namespace is {own}, your children's {what}.",
        f"自分の PID 名前空間は {own}、子の PID 名前空間は {what}です。",
    )


def cgroup(case: Case) -> str:
    """Where the place is in the trees."""
    paths = sorted({row.path for row in case.side.cgroups if row.path != "/"})
    return (
        case.say(f"You are in {', '.join(paths)}.", f"いまの cgroup は {'、'.join(paths)} です。")
        if paths
        else ""
    )


def program(case: Case) -> str:
    """How many processes share the place's pid namespace."""
    count = len(case.side.processes)
    return (
        case.say(
            f"{count} {'process has' if count == 1 else 'processes have'} a number in your pid namespace.",
            f"いまの PID 名前空間で番号を持つプロセスは {count} 個です。",
        )
        if count
        else ""
    )
