"""Tries for real what a stage and its lessons are made of, each in a short-lived child of its own, and tells what the
kernel said. Whoever has no CAP_SYS_ADMIN tries in a user namespace, as the stage does.
"""

import contextlib
import errno
import json
import os
import select
import signal
from collections.abc import Callable
from functools import partial
from typing import Final

from nsplay.findings import Trial
from nsplay.kernel import syscalls
from nsplay.kernel.namespaces import KINDS
from nsplay.kernel.switches import Around
from nsplay.stage import fence, guard, net, places, refusals, shells

PATIENCE: Final = 5.0  # seconds for one trial; milliseconds are usual
FLAGS: Final = {
    "uts": syscalls.CLONE_NEWUTS,
    "pid": syscalls.CLONE_NEWPID,
    "mnt": syscalls.CLONE_NEWNS,
    "net": syscalls.CLONE_NEWNET,
    "ipc": syscalls.CLONE_NEWIPC,
    "user": syscalls.CLONE_NEWUSER,
    "cgroup": syscalls.CLONE_NEWCGROUP,
    "time": syscalls.CLONE_NEWTIME,
}
MOUNTING: Final = ("mount_setattr", "tmpfs", "overlay", "mknod", "bind", "proc", "sysfs")
# What EPERM means in a user namespace.
SPECIAL: Final = {
    "mknod": "EPERM: nobody in a user namespace may make device nodes; they are bound from the machine's",
    "proc": "EPERM: parts of /proc are covered, as in a container; then no user namespace may mount a proc of its own",
    "sysfs": "EPERM: parts of /sys are covered, as in a container; then no user namespace may mount one of its own",
}
SPOT: Final = "/tmp"  # where a trial mounts, in a mount namespace that goes with it


def namespaces(around: Around) -> tuple[Trial, ...]:
    """Each kind: made, and gone again."""
    return tuple(_trial(kind, partial(_namespace, kind), around, kind) for kind in KINDS)


def mechanisms(around: Around) -> tuple[Trial, ...]:
    """What the fence and the lessons rest on, one after another."""
    table: tuple[tuple[str, Callable[[], None]], ...] = (
        ("mount_setattr", _read_only),
        ("tmpfs", _tmpfs),
        ("overlay", _overlay),
        ("mknod", _mknod),
        ("bind", _bind),
        ("proc", _proc),
        ("sysfs", _sysfs),
        ("veth", _veth),
        ("landlock", _landlock),
        ("notify", _notify),
        ("seccomp", _seccomp),
    )
    return tuple(_trial(name, action, around) for name, action in table)


def _trial(name: str, action: Callable[[], None], around: Around, kind: str = "") -> Trial:
    """Runs the action in a child. kind: of the namespace that it is about."""
    news, tell = os.pipe()
    try:
        pid = os.fork()
    except OSError as error:
        os.close(news)
        return Trial(name, False, *refusals.refusal(error, around))
    else:
        if pid == 0:
            _child(name, action, around, tell)
    finally:
        os.close(tell)
    try:
        answered = select.select([news], [], [], PATIENCE)[0]
        words = os.read(news, 65536) if answered else b""
    finally:
        os.close(news)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    if not answered:
        return Trial(name, False, f"no answer in {PATIENCE:.0f} seconds")
    if not words:
        return Trial(name, False, "the process that tried it was killed")
    number, said, base = json.loads(words)
    if not number:
        return Trial(name, True)
    failed = OSError(number, said)
    if base and base != kind:
        return Trial(name, False, f"without a {base} namespace it can't be tried")
    if kind:
        judged = refusals.namespace(kind, failed, around)
    elif name in SPECIAL and number == errno.EPERM and (not around.root or not around.machines_own):
        judged = refusals.Reason(SPECIAL[name], "")
    elif number == errno.ENOSYS and os.strerror(number) not in said:  # ours: which version has it
        judged = refusals.Reason(f"ENOSYS: {said}", "")
    else:
        judged = refusals.refusal(failed, around)
    return Trial(name, False, judged.why, judged.do)


def _child(name: str, action: Callable[[], None], around: Around, tell: int) -> None:
    """Never returns. What it made goes with it. Tells errno, what was said, and the namespace that was only the ground
    to stand on.
    """
    base = ""
    try:
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
        shells.default_signals()
        try:
            if not around.root:
                base = "user"
                fence.own_user_namespace()
            if name in MOUNTING:
                base = "mnt"
                places.own_mounts()
            base = ""
            action()
            answer = (0, "", "")
        except OSError as error:
            answer = (error.errno or errno.EIO, fence.reason(error), base)
        os.write(tell, json.dumps(answer).encode())
    finally:
        os._exit(0)


def _namespace(kind: str) -> None:
    if kind == "user":
        fence.own_user_namespace()
        return
    syscalls.unshare(FLAGS[kind])
    if kind == "pid":  # the caller stays where it is: its next child is number 1
        _in_grandchild(lambda: None)


def _in_grandchild(action: Callable[[], None]) -> None:
    """In a fork of its own, whose errno becomes ours. Raises OSError."""
    pid = os.fork()
    if pid == 0:
        number = errno.EIO
        try:
            action()
            number = 0
        except OSError as error:
            number = error.errno or errno.EIO
        finally:
            os._exit(number)
    number = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if number:
        raise OSError(number, os.strerror(number))


def _read_only() -> None:
    syscalls.mount_setattr("/", on=syscalls.MOUNT_ATTR_RDONLY, recursive=True)


def _tmpfs() -> None:
    syscalls.mount("nsplay-probe", SPOT, "tmpfs", syscalls.MS_NOSUID, "size=1m")


def _overlay() -> None:
    _tmpfs()
    for folder in ("lower", "upper", "work", "top"):
        os.mkdir(f"{SPOT}/{folder}")
    options = "" if os.geteuid() == 0 and _machines_root() else ",userxattr"
    data = f"lowerdir={SPOT}/lower,upperdir={SPOT}/upper,workdir={SPOT}/work{options}"
    syscalls.mount("nsplay-probe", f"{SPOT}/top", "overlay", 0, data)
    os.mkdir(f"{SPOT}/top/written")


def _machines_root() -> bool:
    with open("/proc/self/uid_map") as file:
        return file.read().split()[2] != "1"


def _mknod() -> None:
    _tmpfs()
    os.mknod(f"{SPOT}/null", 0o20666, os.makedev(1, 3))
    os.close(os.open(f"{SPOT}/null", os.O_RDWR))


def _bind() -> None:
    _tmpfs()
    os.close(os.open(f"{SPOT}/null", os.O_CREAT | os.O_WRONLY))
    syscalls.mount("/dev/null", f"{SPOT}/null", None, syscalls.MS_BIND)
    os.close(os.open(f"{SPOT}/null", os.O_RDWR))


def _proc() -> None:
    """As `unshare -pf --mount-proc` does."""
    _tmpfs()
    os.mkdir(f"{SPOT}/proc")
    syscalls.unshare(syscalls.CLONE_NEWPID)
    _in_grandchild(lambda: syscalls.mount("proc", f"{SPOT}/proc", "proc"))


def _sysfs() -> None:
    _tmpfs()
    os.mkdir(f"{SPOT}/sys")
    syscalls.unshare(syscalls.CLONE_NEWNET)
    syscalls.mount("sysfs", f"{SPOT}/sys", "sysfs", syscalls.MS_RDONLY)


def _veth() -> None:
    neighbour = net.enter()
    net.plug_in(neighbour)


def _landlock() -> None:
    parent = os.getppid()
    guard.signals_stay_inside()
    try:
        os.kill(parent, 0)
    except PermissionError:
        return
    raise OSError(errno.EIO, "Landlock took the rule, and a signal went out all the same")


def _notify() -> None:
    os.close(guard.signals_are_asked())


def _seccomp() -> None:
    guard.refuse_calls()
    try:  # what the filter has to answer
        syscalls.mount_setattr("/", on=0)
    except OSError as error:
        if error.errno == errno.ENOSYS:
            return
    raise OSError(errno.EIO, "the filter was taken, and doesn't filter")
