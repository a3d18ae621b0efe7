"""Who a process is: its ids on both sides of a user namespace, its capabilities.

credentials(7), user_namespaces(7), capabilities(7).
"""

import os
from collections.abc import Iterable
from typing import Final, NamedTuple

from nsplay.kernel import namespaces
from nsplay.kernel.files import content, fields

OVERFLOW: Final = 65534  # what an id without a place in the map looks like: "nobody"

# include/uapi/linux/capability.h, by bit
# fmt: off
CAPABILITIES: Final = (
    "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
    "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
    "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
    "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
    "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
    "checkpoint_restore",
)
# fmt: on
_ORDER: Final = {word: bit for bit, word in enumerate(CAPABILITIES)}
_SECCOMP: Final = {"0": "none", "1": "strict", "2": "filter"}


class Ids(NamedTuple):
    """The four ids of one sort that a process has."""

    real: int
    effective: int
    saved: int
    filesystem: int


class MapRow(NamedTuple):
    """One line of uid_map or gid_map: `size` ids from `inside` on are the ones from `outside` on."""

    inside: int
    outside: int
    size: int

    def __str__(self) -> str:
        return f"{self.inside} {self.outside} {self.size}"


AS_THEY_ARE: Final = MapRow(0, 0, 0xFFFFFFFF)


class Capabilities(NamedTuple):
    """The five sets, as words such as "sys_admin"; one that this program doesn't know is its number."""

    effective: frozenset[str]
    permitted: frozenset[str]
    inheritable: frozenset[str]
    bounding: frozenset[str]
    ambient: frozenset[str]


class Identity(NamedTuple):
    """Who a process is."""

    uids: Ids  # as the reader's user namespace has them
    gids: Ids
    uid: int  # effective, as the process itself sees it; OVERFLOW where its map has no place for it
    gid: int
    uid_map: tuple[MapRow, ...]  # `outside`: as the reader sees it. Empty: nothing written yet
    gid_map: tuple[MapRow, ...]
    setgroups: str  # "allow" or "deny"; empty on a kernel before 3.19
    capabilities: Capabilities  # they count in the process's own user namespace
    no_new_privs: bool | None  # None: this kernel doesn't say
    seccomp: str | None  # "none", "strict", "filter"; None: this kernel doesn't say
    filters: int | None = None  # of seccomp; None: a kernel before 5.9 doesn't say


def words(mask: int) -> frozenset[str]:
    """The names of the bits of a capability mask."""
    return frozenset(
        CAPABILITIES[bit] if bit < len(CAPABILITIES) else str(bit)
        for bit in range(mask.bit_length())
        if mask >> bit & 1
    )


def ordered(capabilities: Iterable[str]) -> tuple[str, ...]:
    """In the kernel's order, as capsh and getpcaps print them; unknown ones last."""
    return tuple(sorted(capabilities, key=lambda word: (_ORDER.get(word, len(_ORDER)), len(word), word)))


def inner(outer: int, rows: Iterable[MapRow]) -> int:
    """What an id outside is called inside."""
    for row in rows:
        if row.outside <= outer < row.outside + row.size:
            return row.inside + outer - row.outside
    return OVERFLOW


def outer(inside: int, rows: Iterable[MapRow]) -> int:
    """What an id inside is called outside."""
    return inner(inside, (MapRow(row.outside, row.inside, row.size) for row in rows))


def as_in(outer: int, rows: Iterable[MapRow], around: Iterable[MapRow]) -> tuple[int, tuple[MapRow, ...]]:
    """An id and a map of the reader's, as somebody in the user namespace with the map `around` has them."""
    around = tuple(around)
    return inner(outer, around), tuple(row._replace(outside=inner(row.outside, around)) for row in rows)


def _map(pid: int | str, name: str, proc: str) -> tuple[MapRow, ...]:
    try:
        lines = content(f"{proc}/{pid}/{name}").split(b"\n")
    except ProcessLookupError:
        if os.path.lexists(f"{proc}/{pid}"):
            return ()  # a kernel without user namespaces
        raise
    return tuple(MapRow(*map(int, numbers)) for line in lines if len(numbers := line.split()) == 3)


def _setgroups(pid: int, proc: str) -> str:
    try:
        return content(f"{proc}/{pid}/setgroups").decode().strip()
    except OSError:
        return ""


def _in_ours(pid: int, uid_map: tuple[MapRow, ...], proc: str) -> bool:
    """Is pid in the reader's own user namespace?"""
    try:
        return os.readlink(f"{proc}/{pid}/ns/user") == os.readlink(f"{proc}/self/ns/user")
    except FileNotFoundError:
        return True  # a kernel without user namespaces
    except OSError:  # the link is for those who may trace pid, the map for everybody
        return uid_map == _map("self", "uid_map", proc)


def read(pid: int, proc: str = "/proc") -> Identity:
    """Raises ProcessLookupError if pid is gone or its status is cut short. Needs no privilege."""
    status = fields(content(f"{proc}/{pid}/status"))
    try:
        uids, gids = (Ids(*map(int, status[name].split())) for name in ("Uid", "Gid"))
        effective, permitted, inheritable, bounding = (
            words(int(status[name], 16)) for name in ("CapEff", "CapPrm", "CapInh", "CapBnd")
        )
    except (KeyError, ValueError, TypeError):
        raise ProcessLookupError(f"the status of process {pid} is cut short") from None
    ambient = words(int(status.get("CapAmb", "0"), 16))
    uid_map, gid_map = (_map(pid, name, proc) for name in ("uid_map", "gid_map"))
    # In our own user namespace status has the inner ids already, and the map leads out to its parent.
    ours = _in_ours(pid, uid_map, proc)
    privs = status.get("NoNewPrivs")
    return Identity(
        uids,
        gids,
        uids.effective if ours else inner(uids.effective, uid_map),
        gids.effective if ours else inner(gids.effective, gid_map),
        uid_map,
        gid_map,
        _setgroups(pid, proc),
        Capabilities(effective, permitted, inheritable, bounding, ambient),
        None if privs is None else privs == "1",
        _SECCOMP.get(status.get("Seccomp", "")),
        int(filters) if (filters := status.get("Seccomp_filters", "")).isdigit() else None,
    )


def maker(pid: int, proc: str = "/proc") -> Identity | None:
    """The nearest process above pid that is in another user namespace: as a rule it made pid's, and gave it what it has.

    None where there is none, or it can't be seen, and in the reader's own user namespace.
    """
    try:
        own = namespaces.inode(pid, "user", proc)
        if own == namespaces.inode("self", "user", proc):
            return None
        while namespaces.inode(pid, "user", proc) == own:
            pid = int(fields(content(f"{proc}/{pid}/status"))["PPid"])
        return read(pid, proc)
    except (OSError, KeyError, ValueError):  # nobody is above it, or it isn't ours to look at
        return None
