"""The stage's file system: everything read-only but the homes, the scratch places, /proc and an own /dev
and /sys.

All in a mount namespace of its own (mount_namespaces(7)), so it goes with the last process on the stage.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Sequence
from typing import Final

from nsplay.kernel import mounts, syscalls
from nsplay.kernel.syscalls import (
    MS_BIND,
    MS_MOVE,
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_PRIVATE,
    MS_RDONLY,
    MS_REC,
    MS_REMOUNT,
)
from nsplay.stage import eldest, groups

SCRATCH: Final = {"/tmp": 0o1777, "/run": 0o755, "/mnt": 0o755, "/var/tmp": 0o1777, "/dev/shm": 0o1777}
WORKBENCH: Final = "/run/.nsplay"
NODES: Final = ("null", "zero", "full", "random", "urandom", "tty", "fuse", "net/tun")
LINKS: Final = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}
PTMX: Final = (5, 2)
WRITABLE: Final = ("/proc", "/dev/pts")  # what would have to be made writable again at once
KEPT_FLAGS: Final = {"nosuid": MS_NOSUID, "nodev": MS_NODEV, "noexec": MS_NOEXEC}

Held = list[tuple[str, int]]


def own_mounts() -> None:
    """A mount namespace that neither tells the machine of its mounts nor hears of the machine's. Raises
    OSError.
    """
    eldest.unshare_mounts()
    syscalls.mount(None, "/", None, MS_REC | MS_PRIVATE)


def hold(folders: Sequence[str]) -> Held:
    """Opens folders that must stay reachable, before anything covers them."""
    return [(folder, os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)) for folder in folders]


def keep(held: Held) -> None:
    """Puts these folders where they were, read-only."""
    for folder, fd in held:
        os.makedirs(folder, exist_ok=True)
        syscalls.mount(f"/proc/self/fd/{fd}", folder, None, MS_BIND | MS_REC)
        with contextlib.suppress(OSError):  # then nothing here is, and `mounts` has said so
            _all_read_only(folder)
        os.close(fd)


def read_only() -> str:
    """Every mount there is: `rm -rf /etc` says "Read-only file system". A word, or OSError."""
    return _all_read_only("/")


def _all_read_only(top: str) -> str:
    """All in one call since Linux 5.12. Where that is refused (an older kernel or seccomp profile; the stage itself, on
    which somebody starts nsplay) one after another.
    """
    try:
        syscalls.mount_setattr(top, on=syscalls.MOUNT_ATTR_RDONLY, recursive=True)
    except OSError as error:
        if error.errno not in (errno.ENOSYS, errno.EPERM):
            raise
        _one_by_one(top)
        return f"one mount after another, since {error.strerror}"
    return ""


def _one_by_one(top: str) -> None:
    below = [mount for mount in mounts.read("self") if _within(mount.target, {top})]
    for mount in below:
        if not _within(mount.target, set(WRITABLE)):
            flags = sum(flag for word, flag in KEPT_FLAGS.items() if word in mount.options.split(","))
            try:  # what is locked (mount_namespaces(7)) has to be named again
                syscalls.mount(None, mount.target, None, MS_REMOUNT | MS_BIND | MS_RDONLY | flags)
            except OSError:
                if mount.target == top:
                    raise


def _writable(path: str) -> None:
    """Undoes `read_only` there and below. Raises OSError."""
    if os.statvfs(path).f_flag & os.ST_RDONLY:
        syscalls.mount_setattr(path, off=syscalls.MOUNT_ATTR_RDONLY)


def scratch(name: str, size: int) -> None:
    """One tmpfs of `size` bytes, a folder of it over each scratch place. Its name tells whose it is
    (family.marked).
    """
    syscalls.mount(name, "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, f"mode=755,size={size}")
    for place, mode in SCRATCH.items():
        if place != "/tmp" and os.path.isdir(place):
            syscalls.mount(_folder(f"/tmp{place}", mode), place, None, MS_BIND)
    # /tmp itself last, by way of the workbench: the whole tmpfs goes from sight, its folders stay where
    # they are.
    aside = _folder(f"{WORKBENCH}/tmp", 0o755)
    syscalls.mount(_folder("/tmp/tmp", 0o1777), aside, None, MS_BIND)
    syscalls.umount("/tmp")
    syscalls.mount(aside, "/tmp", None, MS_MOVE)


def _folder(path: str, mode: int) -> str:
    os.makedirs(path, exist_ok=True)
    os.chmod(path, mode)
    return path


def homes(root: bool) -> str:
    """What is in the homes stays readable; what is written goes to the scratch tmpfs, by overlays. A word,
    or OSError.
    """
    options = "" if root else ",userxattr"
    skipped = []
    for number, (home, fd) in enumerate(hold(_homes())):
        status = os.fstat(fd)
        upper = _folder(f"{WORKBENCH}/home{number}/upper", stat.S_IMODE(status.st_mode))
        work = _folder(f"{WORKBENCH}/home{number}/work", 0o700)
        with contextlib.suppress(OSError):  # in a user namespace others' ids have no number
            os.chown(upper, status.st_uid, status.st_gid)
        # What is mounted in a home is hidden as soon as that home has its overlay, and is reached by
        # descriptor.
        lower = home if os.path.samestat(os.stat(home), status) else f"/proc/self/fd/{fd}"
        data = f"lowerdir={lower},upperdir={upper},workdir={work}{options}"
        try:
            syscalls.mount("nsplay-home", home, "overlay", MS_NOSUID | MS_NODEV, data)
        except OSError as error:
            skipped.append(f"{home} stays read-only ({error.strerror})")
        os.close(fd)
    return "; ".join(skipped)


def _homes() -> list[str]:
    """Where homes are, and what is mounted in them; outer ones first."""
    wanted = {os.path.realpath(home) for home in ("/root", "/home", os.environ.get("HOME", "/root"))}
    tops = {home for home in wanted - {"/"} if _readable(home) and not _within(home, set(SCRATCH))}
    tops = {home for home in tops if not _within(home, tops - {home})}
    targets = {mount.target for mount in mounts.read("self")}
    mounted = {target for target in targets if _within(target, tops) and target not in tops}
    return sorted(tops) + sorted(target for target in mounted if _readable(target))


def _within(path: str, folders: set[str]) -> bool:
    return any(path == folder or path.startswith(f"{folder.rstrip('/')}/") for folder in folders)


def _readable(folder: str) -> bool:
    return os.path.isdir(folder) and os.access(folder, os.R_OK | os.X_OK)


def proc() -> str:
    """/proc writable again (uid_map and the like), and a second one, which nothing ever covers. A word, or OSError.

    The kernel lets a user namespace mount a proc of its own only where one is visible in full
    (mount_too_revealing): without the second, the cover over sysrq-trigger would break `unshare
    --mount-proc -r`. In a container whose /proc has covers of its own there is none to show.
    """
    _writable("/proc")
    spare = _folder(f"{WORKBENCH}/proc", 0o755)
    try:
        syscalls.mount("proc", spare, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    except OSError:  # in a user namespace without a pid namespace: show the one there is twice
        try:
            syscalls.mount("/proc", spare, None, MS_BIND)
            _writable(spare)
        except OSError as error:
            if error.errno != errno.EINVAL:  # covers that we may not take off
                raise
            return "parts of /proc are covered: a user namespace can't mount a proc of its own"
    return ""


def sysrq(root: bool) -> str:
    """`echo b > /proc/sysrq-trigger` goes to /dev/null. Raises OSError."""
    if not root:
        return "an ordinary user can't write to it"
    if not os.path.exists("/proc/sysrq-trigger"):
        return "this kernel has none"
    syscalls.mount("/dev/null", "/proc/sysrq-trigger", None, MS_BIND)
    return ""


def sys(hierarchies: Sequence[groups.Hierarchy]) -> str:
    """A fresh, read-only /sys, which shows the stage's network; in it the stage's groups as tops of their
    trees. A word, or OSError.

    Without groups of its own the machine's stay visible, read-only. Where parts of /sys are covered, as in a container,
    the kernel allows no fresh one (mount_too_revealing): then it is the machine's, with the stage's groups.
    """
    new = _folder(f"{WORKBENCH}/sys", 0o755)
    flags = MS_NOSUID | MS_NODEV | MS_NOEXEC
    why = ""
    try:
        syscalls.mount("sysfs", new, "sysfs", flags | MS_RDONLY)
    except OSError as error:
        syscalls.mount("/sys", new, None, MS_BIND | MS_REC)
        why = f"the machine's, with its network cards: {error.strerror}"
    _trees(new, hierarchies, flags, bool(why))
    with contextlib.suppress(OSError):  # in a user namespace the old one can't be taken off: it lies below
        syscalls.umount("/sys")
    syscalls.mount(new, "/sys", None, MS_MOVE)
    return why


def _trees(new: str, hierarchies: Sequence[groups.Hierarchy], flags: int, there: bool) -> None:
    """The stage's groups below `new`, a copy of /sys. there: the machine's groups are already in it."""
    tree = f"{new}/fs/cgroup"
    if not hierarchies:
        if not there and os.path.isdir(tree):
            syscalls.mount("/sys/fs/cgroup", tree, None, MS_BIND | MS_REC)
    elif any(hierarchy.mountpoint != "/sys/fs/cgroup" for hierarchy in hierarchies):
        syscalls.mount("cgroup", tree, "tmpfs", flags, "mode=755,size=1m")
        _same_links("/sys/fs/cgroup", tree)
    for hierarchy in hierarchies:
        inside = hierarchy.mountpoint.startswith("/sys/")
        target = new + hierarchy.mountpoint.removeprefix("/sys") if inside else hierarchy.mountpoint
        os.makedirs(target, exist_ok=True)
        fstype = "cgroup2" if hierarchy.version == 2 else "cgroup"
        syscalls.mount(fstype, target, fstype, flags, hierarchy.options or None)
        if hierarchy.version == 2:
            groups.enter_leaf(target)


def _same_links(source: str, target: str) -> None:
    """Version 1 with systemd: cpu -> cpu,cpuacct."""
    for entry in os.scandir(source):
        if entry.is_symlink():
            os.symlink(os.readlink(entry.path), f"{target}/{entry.name}")


def dev(root: bool) -> str:
    """An own /dev with the harmless nodes, the machine's terminals, and the stage's message queues. Raises
    OSError.

    (A devtmpfs is one for the whole machine: an `rm` in it would delete the machine's nodes.)
    """
    new = _folder(f"{WORKBENCH}/dev", 0o755) if root else "/dev"
    if root:
        syscalls.mount("dev", new, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=1m")
        _fill(new)
    with contextlib.suppress(OSError):  # POSIX message queues belong to the IPC namespace (mq_overview(7))
        queues = f"{new}/mqueue"
        os.makedirs(queues, exist_ok=True)
        syscalls.mount("mqueue", queues, "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    if not root:
        return "the machine's, read-only"
    with contextlib.suppress(OSError):  # in a container's user namespace it can't be taken off: it lies below
        syscalls.umount("/dev")
    syscalls.mount(new, "/dev", None, MS_MOVE)
    return ""


def _fill(new: str) -> None:
    for name in NODES:
        if os.path.exists(f"/dev/{name}"):
            os.makedirs(os.path.dirname(f"{new}/{name}"), exist_ok=True)
            open(f"{new}/{name}", "w").close()
            syscalls.mount(f"/dev/{name}", f"{new}/{name}", None, MS_BIND)
    for folder in filter(os.path.isdir, ("/dev/pts", "/dev/shm")):
        copy = f"{new}/{os.path.basename(folder)}"
        os.mkdir(copy)
        syscalls.mount(folder, copy, None, MS_BIND | MS_REC)
        _writable(copy)
    for name, target in LINKS.items():
        os.symlink(target, f"{new}/{name}")
    try:  # opens the pts beside it, for everybody; pts/ptmx often is for root alone
        os.mknod(f"{new}/ptmx", 0o666 | stat.S_IFCHR, os.makedev(*PTMX))
        os.chmod(f"{new}/ptmx", 0o666)
    except PermissionError:
        os.symlink("pts/ptmx", f"{new}/ptmx")
