"""What looks dangerous: a tight container, and each way to make it less so, alone."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from nsplay import dangers, hostfiles
from nsplay.dangers import KEYS, judge
from nsplay.hostfiles import Shared
from nsplay.kernel.identity import CAPABILITIES, Capabilities, Identity, Ids, MapRow
from nsplay.kernel.mounts import Mount
from nsplay.kernel.namespaces import KINDS
from nsplay.kernel.paths import File
from nsplay.side import Side
from tests.unit.view_world import process

NONE = frozenset[str]()
EVERY = frozenset(CAPABILITIES)


def identity(uid: int = 1000, capabilities: frozenset[str] = NONE, **more: Any) -> Identity:
    sets = Capabilities(capabilities, capabilities, NONE, capabilities, NONE)
    ids = Ids(uid, uid, uid, uid)
    everybody = (MapRow(0, 0, 0xFFFFFFFF),)
    who = Identity(ids, ids, uid, uid, everybody, everybody, "allow", sets, True, "filter")
    return who._replace(**more)


def mount(target: str, fstype: str = "ext4", options: str = "rw", device: str = "8:1", **more: Any) -> Mount:
    return Mount(1, 1, device, "/", target, options, (), fstype, fstype, "rw")._replace(**more)


HOST = Side(
    "host",
    1,
    ns={kind: n for n, kind in enumerate(KINDS, 100)},
    root="/",
    mounts=(
        mount("/", propagation=("shared:1",)),
        mount("/run", "tmpfs", device="0:20"),
        mount("/proc", "proc", device="0:21"),
        mount("/srv", device="8:2"),
    ),
)
MOUNTS = (
    mount("/", "overlay", device="0:50"),
    mount("/proc", "proc", device="0:51"),
    mount("/proc/sys", "proc", "ro", device="0:51", root="/sys"),
    mount("/sys", "sysfs", "ro", device="0:22"),
    mount("/dev", "tmpfs", device="0:52"),
    mount("/sys/fs/cgroup", "cgroup2", "ro", device="0:23"),
    mount("/etc/hosts", device="8:1", root="/var/lib/docker/containers/x/hosts"),
    mount("/data", device="8:2", root="/data"),
)
TIGHT = Side(
    "inside",
    7,
    ns={kind: n for n, kind in enumerate(KINDS, 200)} | {"time": HOST.ns["time"], "user": HOST.ns["user"]},
    root="/",
    mounts=MOUNTS,
    identity=identity(),
    files=dict.fromkeys((*hostfiles.SOCKETS, dangers.SYSRQ)),
)
LIMITED = NONE


def keys(side: Side, unlimited: frozenset[str] | None = LIMITED, host: Side = HOST) -> list[str]:
    return [danger.key for danger in judge(side, host, unlimited).dangers]


def shared(*kinds: str) -> Callable[[Side], Side]:
    return lambda side: replace(side, ns={**side.ns, **{kind: HOST.ns[kind] for kind in kinds}})


def who(uid: int = 0, capabilities: frozenset[str] = NONE, **more: Any) -> Callable[[Side], Side]:
    return lambda side: replace(side, identity=identity(uid, capabilities, **more))


def mounted(*more: Mount) -> Callable[[Side], Side]:
    return lambda side: replace(side, mounts=(*side.mounts, *more))


def both(*changes: Callable[[Side], Side]) -> Callable[[Side], Side]:
    def change(side: Side) -> Side:
        for one in changes:
            side = one(side)
        return side

    return change


def file(kind: str, device: str) -> File:
    return File(kind, 0, 0, 0o660, device, 5, 0, NONE)


def test_a_tight_container_has_none() -> None:
    found = judge(TIGHT, HOST, LIMITED)
    assert not found.dangers and not found.unknown and len(found.fine) > 5


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (shared("pid"), ["pid"]),
        (shared("net"), ["net"]),
        (shared("ipc"), ["ipc"]),
        (shared("mnt"), ["mnt"]),
        (who(0), ["user"]),
        (who(1000, frozenset({"chown", "kill", "net_admin"})), []),
        (both(shared("net"), who(1000, frozenset({"net_admin"}))), ["net", "capabilities"]),
        (who(1000, frozenset({"sys_admin"})), ["capabilities"]),
        (both(shared("uts"), who(1000, frozenset({"sys_admin"}))), ["uts", "capabilities"]),
        (who(1000, no_new_privs=False), ["no_new_privs"]),
        (who(1000, seccomp="none"), ["seccomp"]),
        (lambda side: replace(side, mounts=(mount("/"), *MOUNTS[1:])), ["root"]),
        (lambda side: replace(side, mounts=(mount("/", options="ro"), *MOUNTS[1:])), []),
        (mounted(mount("/host/etc", root="/etc")), ["folders"]),
        (mounted(mount("/host", device="8:2"), mount("/h2", root="/usr/lib")), ["folders"]),
        (mounted(mount("/host/etc", options="ro", root="/etc")), []),
        (mounted(mount("/host/etc", root="/etc"), mount("/host/etc", options="ro", root="/etc")), []),
        (mounted(mount("/work", root="/home/me/work")), []),
        (mounted(mount("/r", "tmpfs", device="0:20", root="/docker.sock")), ["socket"]),
        (lambda s: replace(s, files={**s.files, "/run/docker.sock": file("socket", "0:20")}), ["socket"]),
        (lambda s: replace(s, files={**s.files, "/run/docker.sock": file("socket", "0:50")}), []),
        (lambda s: replace(s, files={**s.files, "/run/docker.sock": file("file", "0:20")}), []),
        (mounted(mount("/mnt", device="0:60", propagation=("shared:1",))), ["propagation"]),
        (mounted(mount("/mnt", device="0:60", propagation=("shared:2",))), []),
        (both(who(0), mounted(mount("/proc/sys", "proc"))), ["user", "proc-sys"]),
        (both(who(1000), mounted(mount("/proc/sys", "proc"))), []),
        (both(who(0), lambda s: replace(s, files={dangers.SYSRQ: file("file", "0:51")})), ["user", "sysrq"]),
        (both(who(0), mounted(mount("/sys", "sysfs"))), ["user", "sys"]),
        (both(who(0), mounted(mount("/dev", "devtmpfs"))), ["user", "dev"]),
        (both(who(0), mounted(mount("/sys/fs/cgroup/cpu", "cgroup"))), ["user", "cgroup"]),
        (both(who(0), mounted(mount("/c", "cgroup2", super_options="rw,nsdelegate"))), ["user"]),
        (both(who(0), mounted(mount("/c", "cgroup2"))), ["user", "cgroup"]),
    ],
)
def test_each_danger_alone(change: Callable[[Side], Side], expected: list[str]) -> None:
    assert keys(change(TIGHT)) == expected


def test_limits() -> None:
    assert keys(TIGHT, frozenset({"pids", "memory", "cpu"})) == ["pids", "memory"]
    assert judge(TIGHT, HOST, None).unknown == ("pids", "memory")


def test_a_proc_of_another_pid_namespace() -> None:
    row = replace(TIGHT, proc_own=False)
    assert keys(row) == []  # nobody asked about processes
    assert keys(replace(row, process=process(7, "sh", inner=1))) == ["proc"]


def test_in_a_user_namespace_of_its_own_power_ends_there() -> None:
    apart = replace(TIGHT, ns={**TIGHT.ns, "user": 999}, identity=identity(100000, EVERY))
    assert keys(replace(apart, mounts=(*MOUNTS, mount("/proc/sys", "proc")))) == []
    root = judge(replace(apart, identity=identity(0, EVERY)), HOST, LIMITED).dangers
    assert [danger.key for danger in root] == ["user"] and "map" in root[0].words.en


def test_what_could_not_be_read_is_neither_fine_nor_dangerous() -> None:
    found = judge(Side("inside", 7, identity=identity(0, EVERY)), HOST, None)
    assert not found.dangers
    assert set(found.unknown) == {
        "mnt",
        "pid",
        "user",
        "net",
        "ipc",
        "uts",
        "capabilities",
        "pids",
        "memory",
    } - {"uts"}


def test_every_rule_has_both_languages_and_a_lesson() -> None:
    for rule in dangers.RULES:
        assert rule.lesson and all(rule.fine) == any(rule.fine)
    assert len(set(KEYS)) == len(KEYS)


def test_where_a_folder_is_on_the_host() -> None:
    assert hostfiles.shared(TIGHT, HOST) == (
        Shared("/etc/hosts", "/var/lib/docker/containers/x/hosts", True),
        Shared("/data", "/srv/data", True),
    )
