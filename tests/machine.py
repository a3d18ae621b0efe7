"""Everything that nsplay could leave on the machine, in one quick look (a few ms): the same before and
after is the test.

Only what can be traced to this test process counts: other test processes and other sessions work on the
same machine at the same time.
"""

import contextlib
import os
import socket
import struct
import tempfile
import time
from pathlib import Path
from typing import Final, NamedTuple

from nsplay.kernel import processes
from nsplay.stage import groups
from tests.patience import patience

PATIENCE: Final = patience(3.0)  # seconds that a warden of a killed nsplay may need on a busy machine
SHARED_FOLDERS: Final = ("/tmp", "/run", "/run/netns", "/var/tmp", "/dev/shm", "/dev/mqueue", "/mnt")
SETTINGS: Final = (
    *("kernel/hostname", "kernel/domainname", "kernel/core_pattern", "kernel/panic", "kernel/pid_max"),
    *("net/ipv4/ip_forward", "vm/overcommit_memory", "fs/binfmt_misc/status"),
)


class Machine(NamedTuple):
    """One look. Each set holds lines fit to be printed."""

    mounts: frozenset[str]
    groups: frozenset[str]
    links: frozenset[str]
    processes: frozenset[str]
    namespaces: frozenset[str]
    ipc: frozenset[str]
    files: frozenset[str]
    loops: frozenset[str]
    tables: frozenset[str]
    settings: frozenset[str]
    controllers: frozenset[str]


def look() -> Machine:
    """The machine now, as far as this test process could have changed it."""
    mounts = _read("/proc/self/mountinfo").splitlines()
    ours = processes.descendants(os.getpid())
    return Machine(
        mounts=frozenset(line.split(" ", 1)[1] for line in mounts),
        groups=frozenset(_groups(mounts, ours)),
        links=frozenset(os.listdir("/sys/class/net")),
        processes=frozenset(_processes(ours)),
        namespaces=frozenset(_own_namespaces()),
        ipc=frozenset(line for kind in ("shm", "sem", "msg") for line in _ipc(kind)),
        files=frozenset(_files(ours)),
        loops=frozenset(_loops(ours)),
        tables=frozenset(_tables()),
        settings=frozenset(_settings()),
        controllers=frozenset(_controllers(mounts)),
    )


def changes(before: Machine) -> list[str]:
    """What is different from before, after waiting for it to go: "processes: + 123 sleep". Empty: nothing."""
    until = time.monotonic() + PATIENCE
    while (found := _differences(before, look())) and time.monotonic() < until:
        time.sleep(0.01)
    return found


def _differences(before: Machine, after: Machine) -> list[str]:
    found = []
    for kind, old, new in zip(Machine._fields, before, after, strict=True):
        found += [f"{kind}: + {line}" for line in sorted(new - old)]
        # What a test ends that ran before it (a shop's helper, a folder) is its own business.
        if kind not in ("processes", "files", "groups", "loops", "controllers"):
            found += [f"{kind}: - {line}" for line in sorted(old - new)]
    return found


def _groups(mounts: list[str], ours: set[int]) -> list[str]:
    """Control groups called nsplay-PID..., but for those of a PID that lives and isn't ours."""
    places = {line.split()[4] for line in mounts if " - cgroup" in line}
    places |= {place + path for place in list(places) for path in _own_paths() if os.path.isdir(place + path)}
    return [entry for place in places for entry in _ours(place, ours)]


def _own_paths() -> list[str]:
    return [line.split(":", 2)[2] for line in _read("/proc/self/cgroup").splitlines()]


def _ours(folder: str, ours: set[int]) -> list[str]:
    """Entries of a shared folder called nsplay-PID..., that no foreign living PID answers for."""
    names = []
    with contextlib.suppress(OSError):
        names = [name for name in os.listdir(folder) if name.startswith("nsplay-")]
    return [f"{folder}/{name}" for name in names if not _foreign(name, ours)]


def _foreign(name: str, ours: set[int]) -> bool:
    """Does a process that lives and isn't ours answer for what is called nsplay-PID...?"""
    pid = name.split("-")[1].partition(".")[0]
    return not pid.isdigit() or (os.path.exists(f"/proc/{pid}") and int(pid) not in ours | {os.getpid()})


def _loops(ours: set[int]) -> list[str]:
    """Loop devices, but for those whose file lies in a foreign folder called nsplay-PID..."""
    own = os.path.dirname(tempfile.gettempdir())
    found = {str(path): _read(str(path)) for path in Path("/sys/block").glob("loop*/loop/backing_file")}
    return [
        f"{path}: {file}"
        for path, file in found.items()
        if not any(name.startswith("nsplay-") and _foreign(name, ours) for name in file.split("/"))
        and (own in file or "/pytest-of-" not in file)  # another worker's
    ]


def _processes(ours: set[int]) -> list[str]:
    """Living ones below us. Whoever is orphaned comes to us too: conftest.py makes us a subreaper."""
    rows = [processes.read(pid) for pid in ours]
    return [f"{row.pid} {row.comm} (started {row.start})" for row in rows if row and row.state not in "ZX"]


def _own_namespaces() -> list[str]:
    """A test that enters one has to come back."""
    return [os.readlink(f"/proc/self/ns/{kind}") for kind in os.listdir("/proc/self/ns")]


def _ipc(kind: str) -> list[str]:
    return [
        f"{kind} {' '.join(line.split()[:3])}" for line in _read(f"/proc/sysvipc/{kind}").splitlines()[1:]
    ]


def _files(ours: set[int]) -> list[str]:
    """All in our own folder for temporary files; elsewhere what is called nsplay-PID..."""
    own = tempfile.gettempdir()
    found = [f"{own}/{name}" for name in os.listdir(own)] if own not in SHARED_FOLDERS else []
    return found + [entry for folder in SHARED_FOLDERS for entry in _ours(folder, ours)]


def _settings() -> list[str]:
    found = [f"{name}: {_read(f'/proc/sys/{name}').strip()}" for name in SETTINGS]
    found.append(f"swaps: {_read('/proc/swaps')}")
    found.append(f"/dev/null: {os.path.exists('/dev/null')}")
    skew = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    return [*found, f"clock: {round(skew / 60)}"]


def _controllers(mounts: list[str]) -> list[str]:
    """What version 2 trees give at their tops, but for what a stage that stands there says that it turned on."""
    found = []
    for place in {line.split()[4] for line in mounts if " - cgroup2 " in line}:
        with groups.locked(
            [place]
        ):  # a stage that goes removes its folder first, then turns off what it turned on
            given = set(_read(f"{place}/cgroup.subtree_control").split()) - groups.turned_on(place)
        found += [f"{place}: {name}" for name in given]
    return found


def _tables() -> list[str]:
    """nftables' tables, by netlink (NFT_MSG_GETTABLE, a dump); none where the kernel has no nf_tables."""
    netfilter, get_table, dump = 12, 10 << 8 | 1, 0x301
    with contextlib.suppress(OSError), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, netfilter) as link:
        link.settimeout(0.2)
        link.send(struct.pack("=IHHIIBBH", 20, get_table, dump, 1, 0, 0, 0, 0))
        return [answer.hex() for answer in _messages(link.recv(65536)) if answer]
    return []


def _messages(answer: bytes) -> list[bytes]:
    """Bodies of the netlink messages that aren't errors (2) or the end (3)."""
    found = []
    while len(answer) >= 16:
        length, kind = struct.unpack_from("=IH", answer)
        if kind > 3:
            found.append(answer[20:length])  # after the headers: attributes of one table
        answer = answer[(length + 3) & ~3 :]
    return found


def _read(path: str) -> str:
    try:
        with open(path, errors="replace") as file:
            return file.read()
    except OSError:
        return ""
