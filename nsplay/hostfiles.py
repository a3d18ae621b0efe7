"""What of the host's files a process with mounts of its own has in sight. Pure: from two mount tables."""

from collections.abc import Iterator, Sequence
from posixpath import basename
from typing import Final, NamedTuple

from nsplay.kernel.mounts import Mount
from nsplay.side import Side

# Who may write into one of these, or below one of the second sort, is soon root on the host.
_FOLDERS: Final = frozenset(
    {"/", "/var", "/var/lib", "/run", "/var/run", "/home", "/var/lib/docker", "/var/lib/containerd"}
    | {"/var/lib/containers", "/var/lib/kubelet", "/var/spool", "/var/spool/cron"}
)
_BELOW: Final = ("/etc", "/root", "/boot", "/usr", "/bin", "/sbin", "/lib", "/lib64")
_USUAL: Final = frozenset(
    {"/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/dev/termination-log"}
)  # files
_PSEUDO: Final = frozenset(
    {
        "proc",
        "sysfs",
        "cgroup",
        "cgroup2",
        "devpts",
        "devtmpfs",
        "mqueue",
        "nsfs",
        "bpf",
        "debugfs",
        "tracefs",
    }
    | {
        "securityfs",
        "pstore",
        "configfs",
        "fusectl",
        "hugetlbfs",
        "binfmt_misc",
        "efivarfs",
        "selinuxfs",
        "autofs",
    }
)
SOCKETS: Final = (
    *(
        "/run/docker.sock",
        "/var/run/docker.sock",
        "/run/containerd/containerd.sock",
        "/run/podman/podman.sock",
    ),
    *("/run/crio/crio.sock", "/run/incus/unix.socket", "/var/lib/incus/unix.socket"),
)
_SOCKETS: Final = frozenset(map(basename, SOCKETS)) - {"unix.socket"}


class Shared(NamedTuple):
    """A folder or file of the host's. inside: where it is mounted in there. host: where it is on the host."""

    inside: str
    host: str
    writable: bool

    @property
    def grave(self) -> bool:
        """Would writing there be power over the host?"""
        below = any(self.host == top or self.host.startswith(f"{top}/") for top in _BELOW)
        return self.writable and (self.host in _FOLDERS or below) and self.inside not in _USUAL


def at(mounts: Sequence[Mount], path: str) -> Mount | None:
    """The mount that path is on: the deepest one above it, and of those on one point the last."""
    found = None
    for mount in mounts:
        top = mount.target.rstrip("/")
        above = path == mount.target or path.startswith(f"{top}/")
        if above and (found is None or len(mount.target) >= len(found.target)):
            found = mount
    return found


def writable(mount: Mount) -> bool:
    """Neither the mount nor the file system is read-only."""
    return "ro" not in mount.options.split(",") and "ro" not in mount.super_options.split(",")


def same_root(side: Side, host: Side) -> bool:
    """Is its root folder the host's own?"""
    mine, theirs = at(side.mounts, "/"), at(host.mounts, "/")
    if not mine or not theirs:
        return False
    return (mine.device, mine.root) == (theirs.device, theirs.root) and side.root == host.root


def shared(side: Side, host: Side) -> tuple[Shared, ...]:
    """All that is the host's, but for its root folder and for file systems that aren't files (/proc)."""
    return tuple(
        Shared(mount.target, there, writable(mount))
        for mount in {mount.target: mount for mount in side.mounts}.values()  # the last one covers
        if mount.target != "/" and mount.fstype not in _PSEUDO
        for there in [_on_host(mount, host.mounts)]
        if there
    )


def _on_host(mount: Mount, table: Sequence[Mount]) -> str:
    """Where the host has the same folder of the same file system; empty when it has not."""
    found = list(_places(mount, table))
    return min(found, key=len, default="")


def _places(mount: Mount, table: Sequence[Mount]) -> Iterator[str]:
    for one in table:
        top = one.root.rstrip("/")
        if one.device == mount.device and (mount.root == one.root or mount.root.startswith(f"{top}/")):
            yield (one.target.rstrip("/") + mount.root[len(top) :]).rstrip("/") or "/"


def sockets(side: Side, host: Side) -> tuple[str, ...]:
    """Sockets of the host's container daemons that it can reach. One of a daemon of its own is another file system's."""
    root = at(side.mounts, "/")
    devices = {mount.device for mount in host.mounts} - ({root.device} if root else set())
    found = {
        path
        for path in SOCKETS
        if (file := side.files.get(path)) and file.kind == "socket" and file.device in devices
    }
    found |= {mount.target for mount in side.mounts if basename(mount.root) in _SOCKETS}
    # /var/run is a link to /run
    return tuple(sorted(path for path in found if not (path.startswith("/var/run/") and path[4:] in found)))
