"""A machine to draw: snapshots written by hand, a keyword for what differs. Nothing of the real kernel is read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from nsplay.kernel.cgroups import Membership
from nsplay.kernel.mounts import Mount
from nsplay.kernel.names import Names
from nsplay.kernel.namespaces import KINDS
from nsplay.kernel.processes import Process
from nsplay.snapshot import PARTS, Side, SideName, Snapshot
from nsplay.view.ui import Screen, Ui, render

HOST_NS = dict(zip(KINDS, (177, 836, 832, 833, 839, 837, 835, 834), strict=True))
NS = {kind: 4026531000 + number for kind, number in HOST_NS.items()}
OWN = 4026532500  # the number of a namespace of one's own is this plus its kind's place
WARDEN, STAGE, SHELL = 8001, 8002, 8003


def process(pid: int, comm: str, ppid: int = 1, inner: int | None = None, state: str = "S") -> Process:
    """inner: its number in the pid namespace of one's own."""
    nspids = (pid,) if inner is None else (pid, inner)
    ns = NS["pid"] if inner is None else OWN + KINDS.index("pid")
    return Process(pid, ppid, comm, state, 1, pid, pid, 0, -1, pid * 10, nspids, ns)


def system(count: int = 76) -> tuple[Process, ...]:
    """What runs on the machine anyway: `count` processes, nsplay, warden and stage among them."""
    named = (process(1, "systemd", 0), process(2, "kthreadd", 0))
    rest = (process(100 + n, f"kworker/{n}", 2) for n in range(count - 5))
    ours = (process(8000, "nsplay"), process(WARDEN, "warden", 8000), process(STAGE, "stage", WARDEN))
    return (*named, *rest, *ours)


def mount(target: str, fstype: str = "tmpfs", *tags: str, options: str = "rw", number: int = 0) -> Mount:
    return Mount(number, 1, "0:1", "/", target, options, tags, fstype, fstype, "rw")


def table(count: int = 20, *more: Mount) -> tuple[Mount, ...]:
    """`/` and others, all private."""
    return (mount("/", "ext4"), *(mount(f"/sys/fs/{n}") for n in range(count - 1)), *more)


def side(
    name: SideName,
    pid: int,
    *,
    own: Sequence[str] = (),
    names: tuple[str, str] | None = ("vm", "(none)"),
    processes: tuple[Process, ...] = (),
    mounts: tuple[Mount, ...] = (),
    cgroups: Mapping[str, str] | None = None,
    **more: object,
) -> Side:
    ns = {kind: OWN + n if kind in own else NS[kind] for n, kind in enumerate(KINDS)}
    built = Side(
        name,
        pid,
        ns=ns,
        ns_for_children={"pid": ns["pid"], "time": ns["time"]},
        names=Names(*names) if names else None,
        process=next((row for row in processes if row.pid == pid), None),
        processes=tuple(row for row in processes if "pid" not in own or len(row.nspids) > 1),
        mounts=mounts,
        cgroups=tuple(
            Membership(n, tuple(filter(None, trees.split(","))), path)
            for n, (trees, path) in enumerate((cgroups or {}).items())
        ),
    )
    return replace(built, **more)  # type: ignore[arg-type]


def snapshot(
    host: Side, inside: Side | None, processes: tuple[Process, ...] = (), machine: Side | None = None
) -> Snapshot:
    """A moment. Without `machine` it is as the host was called before anybody renamed it, behind a fence."""
    fenced = {**NS, "uts": 4026531838, "mnt": 4026531840}
    outside = machine or replace(host, name="machine", pid=8000, names=Names("vm", "(none)"), ns=fenced)
    return Snapshot(
        parts=PARTS,
        machine=outside,
        host=host,
        inside=inside,
        leader=inside.pid if inside else None,
        processes=processes,
        members={},
        hidden=0,
        root_pid=WARDEN,
    )


# ---- moments of lessons


def at_host(
    name: str = "vm", mounts: tuple[Mount, ...] | None = None, more: tuple[Process, ...] = ()
) -> Snapshot:
    """The learner's shell on the host's side; `more` are its processes."""
    processes = (*system(), process(SHELL, "bash", STAGE), *more)
    there = {
        "names": (name, "(none)"),
        "processes": processes,
        "mounts": table() if mounts is None else mounts,
    }
    host = side("host", STAGE, **there)  # type: ignore[arg-type]
    return snapshot(host, side("inside", SHELL, **there), processes)  # type: ignore[arg-type]


def in_uts(name: str = "vm", domain: str = "(none)", host: str = "vm") -> Snapshot:
    """In `unshare -u /bin/sh`."""
    processes = (*system(), process(SHELL, "bash", STAGE), process(8005, "sh", SHELL))
    return snapshot(
        side("host", STAGE, names=(host, "(none)"), processes=processes, mounts=table()),
        side("inside", 8005, own=("uts",), names=(name, domain), processes=processes, mounts=table()),
        processes,
    )


def in_pid(children: int = 1, state: str = "S", **more: object) -> Snapshot:
    """In `unshare --mount-proc -p --fork /bin/bash`, with sleeping children."""
    sleepers = (process(8013 + n, "sleep", 8011, 3 + n, state) for n in range(children))
    door = (process(SHELL, "bash", STAGE), process(8010, "unshare", SHELL))
    processes = (*system(), *door, process(8011, "bash", 8010, 1), *sleepers)
    return snapshot(
        side("host", STAGE, processes=processes, mounts=table()),
        side("inside", 8011, own=("pid", "mnt"), processes=processes, mounts=table(21), **more),  # type: ignore[arg-type]
        processes,
    )


def in_nested() -> Snapshot:
    """In `unshare -pf bash` in `unshare -pf bash`: three numbers."""
    door = (process(SHELL, "bash", STAGE), process(8010, "unshare", SHELL), process(8011, "bash", 8010, 1))
    inner = process(8023, "bash", 8022)._replace(nspids=(8023, 5, 1), pid_ns=OWN + 100)
    processes = (*system(), *door, process(8022, "unshare", 8011, 4), inner)
    inside = side("inside", 8023, own=("pid",), processes=processes, mounts=table(), proc_own=False, ps=90)
    inside = replace(inside, ns={**inside.ns, "pid": OWN + 100}, processes=(inner,))
    return snapshot(side("host", STAGE, processes=processes, mounts=table()), inside, processes)


def no_fork(born: bool) -> Snapshot:
    """In `unshare -p bash`, before and after its first child, number 1 of the new namespace, has come and gone."""
    processes = (*system(), process(SHELL, "bash", STAGE), process(8005, "bash", SHELL))
    inside = side("inside", 8005, processes=processes, mounts=table())
    children = {"time": NS["time"], **({"pid": OWN} if born else {})}
    host = side("host", STAGE, processes=processes, mounts=table())
    return snapshot(host, replace(inside, ns_for_children=children), processes)


def in_mnt(mine: tuple[Mount, ...], host: tuple[Mount, ...] | None = None) -> Snapshot:
    """In `unshare -m`."""
    processes = (*system(), process(SHELL, "bash", STAGE), process(8005, "bash", SHELL))
    return snapshot(
        side("host", STAGE, processes=processes, mounts=table() if host is None else host),
        side("inside", 8005, own=("mnt",), processes=processes, mounts=mine),
        processes,
    )


# ---- how a screen reads


def ui(width: int = 80, lang: str = "en", **more: object) -> Ui:
    """A terminal without attributes: what is printed is text."""
    made = Ui(width=width, lang="ja" if lang == "ja" else "en", colour=False, attributes=False)
    return replace(made, **more)  # type: ignore[arg-type]


def drawn(screen: Screen, width: int = 80, lang: str = "en", **more: object) -> str:
    """The screen as plain lines, without the blanks at their ends; a newline before and after, as in a literal."""
    text = render(ui(width, lang, **more), screen)
    return "\n" + re.sub(r" +$", "", text, flags=re.MULTILINE)
