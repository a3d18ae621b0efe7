"""What `look --owe` asks: each rule finds one thing that a container has beyond the one built by hand, or lacks. Pure.

The one built by hand is the lesson container's: memory and cpu limited, `unshare -muinpfrC`, a root folder of its own,
tty and null bound into it, CAP_SYS_CHROOT dropped from the bounding set. Everything else is the shell's as it was.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from nsplay import hostfiles
from nsplay.dangers import STRONG, Words
from nsplay.kernel.confinement import Confinement, Rlimit
from nsplay.kernel.identity import ordered
from nsplay.kernel.mounts import Mount
from nsplay.portrait import Portrait

BY_HAND: Final = ("mnt", "uts", "ipc", "net", "pid", "user", "cgroup")  # its namespaces
LIMITED: Final = ("memory", "cpu")
DROPPED: Final = "sys_chroot"
OWN_FILES: Final = ("/etc/hosts", "/etc/hostname", "/etc/resolv.conf")
OWN_DEV: Final = ("a /dev of its own", "独自の /dev")
_GROUPS: Final = "/sys/fs/cgroup"
# The kernel's own file systems below /proc and /sys, as a machine has them mounted there: no covers.
# fmt: off
_KERNELS: Final = frozenset({
    "proc", "sysfs", "cgroup", "cgroup2", "securityfs", "debugfs", "tracefs", "configfs", "pstore", "efivarfs", "bpf",
    "fusectl", "selinuxfs", "smackfs", "resctrl", "binfmt_misc", "autofs", "nfsd",
})
# fmt: on
# Where systemd limits whoever is logged in, and all services together: nobody's container alone.
_EVERYBODYS: Final = re.compile(r"/(?:(?:user(?:-\d+)?|system)\.slice|user@\d+\.service|session-\w+\.scope)$")


@dataclass(frozen=True)
class Case:
    """it: with PARTS. its, ours: what holds it, and this process, in whose shell one would build by hand."""

    it: Portrait
    its: Confinement
    ours: Confinement

    @property
    def mounts(self) -> Sequence[Mount] | None:
        """Its own mount table, those that are covered left out; None where there is none that could be read."""
        if not self.it.whose("mnt") or not self.it.side.mounts:
            return None
        return tuple({mount.target: mount for mount in self.it.side.mounts}.values())


NOTHING: Final = Words("", "")
Find = Callable[[Case], Words | None]
"""What there is to say: NOTHING when it isn't there, None where nobody can tell."""


def listed(names: Iterable[str], most: int = 4) -> str:
    """A few of them, and how many more."""
    every = list(names)
    return ", ".join(every[:most]) + (f" +{len(every) - most}" if len(every) > most else "")


def _words(en: str, ja: str, names: str) -> Words:
    """With the names in the place of {}, and each language's commas."""
    return Words(en.format(names), ja.format(names.replace(", ", "、")))


# ---- what a rule asks


def _masked(case: Case) -> Words | None:
    """Covered by something that isn't the kernel's own: /dev/null, or an empty folder (proc(5) has what they would show)."""
    if case.mounts is None:
        return None
    found = [one.target for one in case.mounts if _inner(one.target) and one.fstype not in _KERNELS]
    found = [name.rpartition("/")[2] for name in found if not name.startswith("/sys/fs/")]
    if not found:
        return NOTHING
    return _words(f"{len(found)} covered: {{}}", f"{len(found)} 個を覆い隠す: {{}}", listed(found))


def _inner(target: str) -> bool:
    return target.startswith(("/proc/", "/sys/"))


def _read_only(case: Case) -> Words | None:
    if case.mounts is None:
        return None
    kernels = [one for one in case.mounts if one.fstype in _KERNELS and not hostfiles.writable(one)]
    found = [_GROUPS if one.target.startswith(f"{_GROUPS}/") else one.target for one in kernels]
    names = sorted(dict.fromkeys(found), key=lambda name: (name != "/proc/sys", not name.startswith("/proc")))
    return _words("to be read only: {}", "読み取り専用: {}", listed(names)) if names else NOTHING


def _root_read_only(case: Case) -> Words | None:
    root = hostfiles.at(case.mounts, "/") if case.mounts is not None else None
    if root is None or case.mounts is None:
        return None
    if hostfiles.writable(root):
        return NOTHING
    return Words("its root folder is read-only", "ルートが読み取り専用")


def _dev(case: Case) -> Words | None:
    if case.mounts is None:
        return None
    targets = {one.target for one in case.mounts}
    if not any(one.target == "/dev" and one.fstype == "tmpfs" for one in case.mounts):
        return NOTHING
    names = listed(name for name in ("pts", "shm", "mqueue") if f"/dev/{name}" in targets)
    return _words(*(("a /dev of its own, with {}", "独自の /dev。{} も") if names else OWN_DEV), names)


def _own_files(case: Case) -> Words | None:
    if case.mounts is None:
        return None
    found = [one.target for one in case.mounts if one.target in OWN_FILES]
    names = listed(name.rpartition("/")[2] for name in found)
    return _words("its own {} in /etc", "/etc に独自の {}", names) if found else NOTHING


def _no_new_privs(case: Case) -> Words | None:
    who = case.it.side.identity
    if who is None or who.no_new_privs is None:
        return None
    return (
        Words("no setuid program gives it power", "setuid でも権限が増えない")
        if who.no_new_privs
        else NOTHING
    )


def _seccomp(case: Case) -> Words | None:
    who = case.it.side.identity
    if who is None or who.seccomp is None:
        return None
    here, ours = case.its.filters, case.ours.filters
    inherited = here is not None and ours is not None and here <= ours  # a stage's own, say
    if who.seccomp == "none" or inherited:
        return NOTHING
    return Words("a filter refuses some system calls", "フィルターが一部のシステムコールを断る")


def _capabilities(case: Case) -> Words | None:
    who, host = case.it.side.identity, case.it.now.host.identity
    if who is None or host is None:
        return None
    here, there = who.capabilities.bounding, host.capabilities.bounding
    dropped = there - here - {DROPPED}
    if not dropped:
        return NOTHING
    strong = ordered(dropped & STRONG)
    names = listed(dict.fromkeys([*strong, *ordered(dropped)]), 3)
    return _words(
        f"bounding set {len(here)} of {len(there)}: without {{}}",
        f"バウンディングセット {len(here)} / {len(there)}: {{}} がない",
        names,
    )


def _map(case: Case) -> Words | None:
    who, own = case.it.side.identity, case.it.whose("user")
    if who is None or own is None:
        return None
    count = sum(row.size for row in who.uid_map)
    return (
        Words(f"a user map of {count} ids, not of one", f"対応表の ID は 1 個ではなく {count} 個")
        if own and count > 1
        else NOTHING
    )


def _uid(case: Case) -> Words | None:
    who = case.it.side.identity
    if who is None:
        return None
    return (
        Words(f"runs as user {who.uid}, not as root", f"root ではなくユーザー {who.uid}")
        if who.uid
        else NOTHING
    )


def _rlimits(case: Case) -> Words | None:
    if case.its.rlimits is None or case.ours.rlimits is None:
        return None
    moved = [
        f"{name} {_soft(limit)}"
        for name, limit in case.its.rlimits.items()
        if limit != case.ours.rlimits.get(name, limit)
    ]
    names = listed(moved)
    return _words("other than your shell's: {}", "シェルのものと違う: {}", names) if moved else NOTHING


def _soft(limit: Rlimit) -> str:
    return "unlimited" if limit.soft is None else str(limit.soft)


def _label(case: Case) -> Words | None:
    if case.its.label is None:
        return None
    here = case.its.label
    return NOTHING if here in ("", case.ours.label) else Words(here, here)


def _devices(case: Case) -> Words | None:
    if case.its.devices is None:
        return None
    return (
        Words("its group refuses devices", "グループがデバイスを断る")
        if case.its.devices and not case.ours.devices
        else NOTHING
    )


def _pids(case: Case) -> Words | None:
    if case.it.bounds is None:
        return None
    own = [one.limit for one in case.it.bounds if one.resource == "pids" and not _EVERYBODYS.search(one.path)]
    limit = next(iter(own), None)
    return NOTHING if limit is None else Words(f"at most {limit} processes", f"プロセスは最大 {limit}")


def _link(case: Case) -> Words | None:
    own, network = case.it.whose("net"), case.it.side.network
    if own is None or (own and network is None):
        return None
    links = [link for link in network.links if link.name != "lo" and link.up] if own and network else []
    if not links or network is None:
        return NOTHING
    told = listed((" ".join([link.name, *map(str, network.of(link)[:1])]) for link in links), 2)
    return _words("a link that is up: {}", "up のリンク: {}", told)


def _time(case: Case) -> Words | None:
    own = case.it.whose("time")
    if own is None:
        return None
    return Words("a time namespace of its own", "time 名前空間が独自") if own else NOTHING


def _shares(kind: str) -> Find:
    def find(case: Case) -> Words | None:
        own = case.it.whose(kind)
        if own is None:
            return None
        return NOTHING if own else Words(f"it shares the host's {kind}", f"{kind} はホストと共有")

    return find


def _hosts_root(case: Case) -> Words | None:
    if not case.it.side.mounts or case.it.whose("mnt") is None:
        return None
    if not hostfiles.same_root(case.it.side, case.it.now.host):
        return NOTHING
    return Words("its root folder is the host's", "ルートがホストのもの")


def _may_chroot(case: Case) -> Words | None:
    who = case.it.side.identity
    if who is None:
        return None
    kept = DROPPED in who.capabilities.bounding
    return Words("chroot is in its bounding set", "バウンディングセットに chroot がある") if kept else NOTHING


def _unlimited(resource: str) -> Find:
    def find(case: Case) -> Words | None:
        if case.it.bounds is None:
            return None
        free = any(one.resource == resource and one.limit is None for one in case.it.bounds)
        return Words(f"no limit for {resource}", f"{resource} の上限なし") if free else NOTHING

    return find


# key, lesson, what is found, what adds it
# fmt: off
MORE: Final = (
    ("masked", "runtime", _masked, "mount --bind /dev/null /proc/kcore"),
    ("read-only", "runtime", _read_only, "mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys"),
    ("root", "rootfs", _root_read_only, "mount -o remount,bind,ro /"),
    ("dev", "devices", _dev, "mount -t tmpfs tmpfs dev; mount -t devpts devpts dev/pts"),
    ("files", "mount", _own_files, "mount --bind hosts etc/hosts"),
    ("no_new_privs", "capabilities", _no_new_privs, "setpriv --no-new-privs CMD"),
    ("seccomp", "seccomp", _seccomp, "nsplay seccomp deny unshare,mount -- CMD"),
    ("capabilities", "capabilities", _capabilities, "capsh --drop=cap_sys_admin,... -- -c CMD"),
    ("map", "user", _map, "newuidmap PID 0 100000 65536"),
    ("uid", "user", _uid, "setpriv --reuid 1000 --clear-groups CMD"),
    ("rlimits", "runtime", _rlimits, "prlimit --nofile=1024 CMD"),
    ("label", "", _label, "aa-exec -p PROFILE CMD, or runcon LABEL CMD"),
    ("devices", "devices", _devices, "nsplay devices deny GROUP c 1:5"),
    ("pids", "pids", _pids, "echo 100 > pids.max"),
    ("link", "network", _link, "ip link add veth0 type veth peer name eth0 netns PID"),
    ("time", "time", _time, "unshare -T"),
)
FEWER: Final = (
    *((kind, {"mnt": "mount", "net": "network"}.get(kind, kind), _shares(kind), f"unshare -{letter}")
      for kind, letter in zip(BY_HAND, "muinpUC", strict=True)),
    ("own root", "rootfs", _hosts_root, "pivot_root . ."),
    (DROPPED, "capabilities", _may_chroot, "capsh --drop=cap_sys_chroot -- -c CMD"),
    *((resource, resource, _unlimited(resource), add)
      for resource, add in zip(LIMITED, ("echo 10M > memory.max", "echo 30000 100000 > cpu.max"), strict=True)),
)
# fmt: on
