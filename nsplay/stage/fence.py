"""The fence: what a stage is made of. Read `put_up` from top to bottom; every line is one mechanism.

It stops accidents, not a learner who wants out. Nothing is relied on before it was tried: where the kernel
refuses, the mechanism is reported with the reason and the rest goes on. Only a mount namespace and memory
for the scratch places are a must. The order matters: groups first, so that all memory counts as the
stage's; /sys after the network that it shows; what refuses system calls last.
"""

import errno
import os
import resource
import socket
from collections.abc import Callable, Sequence
from typing import Final

from nsplay.errors import MachineError
from nsplay.kernel import switches, syscalls
from nsplay.stage import bpf, disk, family, groups, guard, net, places, refusals, room, wire
from nsplay.stage.groups import Hierarchy
from nsplay.stage.options import Mechanism, Options, Report, label

CAP_SYS_ADMIN: Final = 21
BOUNDED: Final = ("pids", "memory", "cpu")  # rows of their own in the report


def put_up(options: Options, hierarchies: Sequence[Hierarchy], warden: socket.socket) -> Report:
    """Fences the calling process, and so all that it will fork. Raises MachineError.

    hierarchies: where the stage may make groups. warden: who takes the listener for signals, on kernels
    where Landlock can't hold them.
    """
    root, attempt = has_root(), Tries(options.off)
    if not root:
        require("a user namespace", own_user_namespace, "user")
    mine: list[Hierarchy] = []
    attempt("cgroup", lambda: own_groups(options, hierarchies, mine))
    bounded = set[str]()
    attempt("limits", lambda: limits(options, mine, root, bounded))
    attempt.done += [Mechanism(name, name in bounded) for name in BOUNDED]
    image: list[int] = []
    if options.disk:  # while there is still a place to write it to
        require("room for a disk", lambda: image.append(disk.image(options.disk)))

    require("a mount namespace", places.own_mounts, "mnt")
    kept = places.hold(options.keep)
    attempt("mounts", places.read_only)
    require(
        "memory for its scratch places", lambda: places.scratch(label(options.ident), options.memory // 2)
    )
    if image:
        require("a disk to lend", lambda: disk.lend(image.pop(), label(options.ident)))
    attempt("devices", lambda: bpf.guard_devices(version_2(options, mine)))  # no block device from here on
    attempt("sysctls", lambda: bpf.guard_sysctls(version_2(options, mine)))
    attempt("homes", lambda: places.homes(root))
    attempt("proc", places.proc)
    attempt("sysrq", lambda: places.sysrq(root))

    attempt("uts", lambda: syscalls.unshare(syscalls.CLONE_NEWUTS))  # starts as a copy of the machine's names
    attempt("ipc", lambda: syscalls.unshare(syscalls.CLONE_NEWIPC))
    attempt("net", own_network)
    attempt("sys", lambda: places.sys(mine))
    attempt("dev", lambda: places.dev(root))
    places.keep(kept)

    attempt("signals", lambda: signals(options.off, warden))
    attempt("system calls", guard.refuse_calls)
    return Report(tuple(attempt.done), root)


class Tries:
    """Tries one mechanism after another and keeps what came of each."""

    def __init__(self, off: frozenset[str]) -> None:
        self._off = off
        self.done: list[Mechanism] = []

    def __call__(self, name: str, action: Callable[[], str | None]) -> bool:
        """Did it work? action may return a word to the reader; an OSError of it is a refusal, and the
        reason.
        """
        works, why = False, "switched off"
        if name not in self._off:
            try:
                works, why = True, action() or ""
            except OSError as error:
                why = reason(error)
        self.done.append(Mechanism(name, works, why))
        return works


def reason(error: OSError) -> str:
    """A few words for the reader: what was tried and what the kernel said."""
    said = error.strerror or str(error)
    return f"{error.filename}: {said}" if error.filename else said


def require(what: str, action: Callable[[], None], kind: str = "") -> None:
    """Does what a stage can't be without. kind: of the namespace that it makes. Raises MachineError."""
    before = switches.around()  # a new user namespace would hide what is around it
    try:
        action()
    except OSError as error:
        judged = refusals.namespace(kind, error, before) if kind else refusals.refusal(error, before)
        raise MachineError(
            f"The stage needs {what}, and this machine refuses it.",
            f"{reason(error)}. {judged.why}.",
            judged.do or "nsplay doctor",
        ) from error


def has_root() -> bool:
    """Does the calling process have CAP_SYS_ADMIN, so that it needs no user namespace (capabilities(7))?"""
    line = next(line for line in family.read("/proc/self/status").splitlines() if line.startswith("CapEff:"))
    return bool(int(line.split()[1], 16) >> CAP_SYS_ADMIN & 1)


def own_user_namespace() -> None:
    """Root in a user namespace, where the only user is the one who started nsplay (user_namespaces(7))."""
    uid, gid = os.getuid(), os.getgid()
    syscalls.unshare(syscalls.CLONE_NEWUSER)
    groups.write("/proc/self/setgroups", "deny")
    groups.write("/proc/self/uid_map", f"0 {uid} 1")
    groups.write("/proc/self/gid_map", f"0 {gid} 1")


def own_groups(options: Options, hierarchies: Sequence[Hierarchy], mine: list[Hierarchy]) -> str:
    """Into groups of its own, which from here on look like the tops of their trees (cgroup_namespaces(7)). Where that
    went well is added to `mine`; a word about the rest. Raises OSError.
    """
    if not hierarchies:
        raise OSError(errno.EACCES, "no control group here may be written to")
    made = groups.make(hierarchies, options, lambda place: not room.crowded(place))
    syscalls.unshare(syscalls.CLONE_NEWCGROUP)
    mine += made
    missed = [place.options or "version 2" for place in hierarchies if place not in made]
    return f"but not in {', '.join(missed)}" if missed else ""


def limits(options: Options, hierarchies: Sequence[Hierarchy], root: bool, bounded: set[str]) -> str:
    """Caps on processes and memory and a low weight for the processor, as far as there are controllers for
    them; those are added to `bounded`.
    """
    bounded |= groups.limit(hierarchies, options)
    if not root and "pids" not in bounded:  # holds everybody but the machine's root
        bound_processes(family.count_of(os.getuid()) + options.pids)
        bounded.add("pids")
    missing = [name for name in BOUNDED if name not in bounded]
    if missing == list(BOUNDED):
        raise OSError(errno.ENOENT, "no controller for pids, memory or cpu")
    return f"but no controller for {', '.join(missing)}" if missing else ""


def bound_processes(most: int) -> None:
    """A limit that may be lower already stays as it is (setrlimit(2))."""
    limits = resource.getrlimit(resource.RLIMIT_NPROC)
    soft, hard = (most if value == resource.RLIM_INFINITY else min(most, value) for value in limits)
    resource.setrlimit(resource.RLIMIT_NPROC, (soft, hard))


def version_2(options: Options, hierarchies: Sequence[Hierarchy]) -> str:
    """The stage's outermost group of version 2, which BPF programs are tied to. Raises OSError when there
    is none.
    """
    for hierarchy in hierarchies:
        if hierarchy.version == 2:
            return hierarchy.group(options.ident)
    raise OSError(errno.ENOENT, "no control group of version 2")


def own_network() -> str:
    """A network with lo and, where the kernel has veth, an eth0."""
    neighbour = net.enter()
    try:
        net.plug_in(neighbour)
    except OSError as error:
        return f"without eth0: {reason(error)}"
    return ""


def signals(off: frozenset[str], warden: socket.socket) -> str:
    """Signals and ptrace stay inside: by Landlock, or by asking the warden. Raises OSError when neither
    works.
    """
    try:
        if "landlock" in off:
            raise OSError(errno.ENOSYS, "Landlock is switched off")
        guard.signals_stay_inside()
    except OSError as error:
        if "notify" in off:
            raise
        listener = guard.signals_are_asked()
        wire.send(warden, "signals", [listener])
        os.close(listener)
        return f"by the warden, since {reason(error)}"
    return "by Landlock"
