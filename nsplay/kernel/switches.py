"""What a machine's owner, or a container around us, has switched off: namespaces, capabilities, system calls.

namespaces(7), user_namespaces(7), and what Debian and Ubuntu add to them.
"""

import os
from collections.abc import Mapping
from typing import Final, NamedTuple

from nsplay.kernel.files import content, fields, text
from nsplay.kernel.identity import words
from nsplay.kernel.namespaces import KINDS, number

MACHINES_PIDS: Final = (
    0xEFFFFFFC  # inode of the machine's own pid namespace (include/linux/proc_ns.h, proc_fs.h)
)
EVERY_ID: Final = "4294967295"  # the size of the map that the machine's own user namespace has


class Switches(NamedTuple):
    """most: how many namespaces of a kind a user may have (/proc/sys/user), by kind; a kind the kernel lacks is left out.

    unprivileged: may ordinary users make user namespaces (kernel.unprivileged_userns_clone, Debian)? None: no such switch.
    apparmor: may they only with an AppArmor profile that says so (Ubuntu 23.10 and newer)?
    """

    most: Mapping[str, int]
    unprivileged: bool | None
    apparmor: bool


class Around(NamedTuple):
    """What stands around this process. uid: effective. container: "docker", "lxc", ..., "" for none that is known.

    machines_own: are we in the machine's own user namespace? seccomp: is there a filter on us? sudo: is there one to ask?
    """

    uid: int
    capabilities: frozenset[str]
    container: str
    machines_own: bool
    seccomp: bool
    no_new_privs: bool
    sudo: bool
    switches: Switches

    @property
    def root(self) -> bool:
        """Is this the root that needs no user namespace of its own (CAP_SYS_ADMIN)?"""
        return "sys_admin" in self.capabilities


def _number(path: str) -> int | None:
    try:
        return int(content(path))
    except (OSError, ValueError):
        return None


def switches(proc: str = "/proc") -> Switches:
    """The switches of this machine."""
    most = {kind: _number(f"{proc}/sys/user/max_{kind}_namespaces") for kind in KINDS}
    clone = _number(f"{proc}/sys/kernel/unprivileged_userns_clone")
    return Switches(
        {kind: number for kind, number in most.items() if number is not None},
        None if clone is None else bool(clone),
        _number(f"{proc}/sys/kernel/apparmor_restrict_unprivileged_userns") == 1,
    )


def container(root: str = "/", proc: str = "/proc") -> str:
    """Which container we are in, by the marks that they leave (systemd's container interface names most); "" for none."""
    if os.environ.get("NSPLAY_STAGE"):
        return "nsplay"
    try:
        if (
            number(os.readlink(f"{proc}/self/ns/pid")) == MACHINES_PIDS
        ):  # marks of the image that a VM was made from
            return ""
    except OSError:
        pass
    for mark, name in (("run/.containerenv", "podman"), (".dockerenv", "docker")):
        if os.path.exists(os.path.join(root, mark)):
            return name
    for path in (os.path.join(root, "run/systemd/container"), f"{proc}/1/environ"):
        try:
            raw = content(path)
        except OSError:
            continue
        if not path.endswith("environ"):
            return text(raw.strip())
        for pair in raw.split(b"\0"):
            if pair.startswith(b"container="):
                return text(pair[10:]) or "a container"
    try:
        return "lxc" if b" fuse.lxcfs " in content(f"{proc}/self/mountinfo") else ""
    except OSError:
        return ""


def around(proc: str = "/proc") -> Around:
    """What stands around the calling process."""
    status = fields(content(f"{proc}/self/status"))
    try:
        map_ = content(f"{proc}/self/uid_map").split()
    except OSError:
        map_ = []
    return Around(
        os.geteuid(),
        words(int(status.get("CapEff", "0"), 16)),
        container(proc=proc),
        not map_ or (len(map_) == 3 and map_[2] == EVERY_ID.encode()),
        status.get("Seccomp") == "2",
        status.get("NoNewPrivs") == "1",
        any(os.access(f"{folder}/sudo", os.X_OK) for folder in ("/usr/bin", "/bin", "/usr/local/bin")),
        switches(proc),
    )
