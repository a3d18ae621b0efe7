"""Can a lesson run on this machine? Asked of the machine, before the lesson starts. Light: the menu asks it of every lesson."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from nsplay.kernel.offers import Offers

SBIN = "/usr/local/sbin:/usr/sbin:/sbin"  # an ordinary user's PATH lacks them

# Tool -> its package on Debian and Ubuntu, Fedora, Arch. A tool that isn't here is its own package.
PACKAGES = {
    **dict.fromkeys(
        ("unshare", "nsenter", "lsns", "mount", "umount", "findmnt", "script"), ("util-linux",) * 3
    ),
    **dict.fromkeys(("hostname", "domainname"), ("hostname", "hostname", "inetutils")),
    **dict.fromkeys(("uname", "cat", "sleep", "mkdir", "touch", "nproc"), ("coreutils",) * 3),
    **dict.fromkeys(("ps", "pgrep", "pkill", "sysctl", "top"), ("procps", "procps-ng", "procps-ng")),
    **dict.fromkeys(("ip", "ss", "tc"), ("iproute2", "iproute", "iproute2")),
    **dict.fromkeys(
        ("cgcreate", "cgset", "cgexec", "cgget", "cgdelete"), ("cgroup-tools", "libcgroup-tools", "libcgroup")
    ),
    **dict.fromkeys(("capsh", "getpcaps", "setcap"), ("libcap2-bin", "libcap", "libcap")),
    "busybox": ("busybox-static", "busybox", "busybox"),
    "nft": ("nftables",) * 3,
    "ping": ("iputils-ping", "iputils", "iputils"),
    "chroot": ("coreutils",) * 3,
    "pivot_root": ("util-linux",) * 3,
    **dict.fromkeys(("ipcs", "ipcmk", "ipcrm", "setpriv", "prlimit", "taskset"), ("util-linux",) * 3),
    **dict.fromkeys(("newuidmap", "newgidmap"), ("uidmap", "shadow-utils", "shadow")),
    "bpftool": ("bpftool", "bpftool", "bpf"),
    "mkfs.ext4": ("e2fsprogs",) * 3,
    "python3": ("python3", "python3", "python"),
}
INSTALLERS = (
    ("Debian, Ubuntu", "apt-get", "apt-get install"),
    ("Fedora", "dnf", "dnf install"),
    ("Arch", "pacman", "pacman -S"),
)

# What a kernel may have been built or started without, and no namespace or controller tells: a file that is there only
# with it, or a word in one. name: (path, word or "", what mends it)
FEATURES = {
    "overlay": ("/proc/filesystems", "overlay", "modprobe overlay"),
    "pressure": ("/proc/pressure/memory", "", "psi=1 on the kernel's command line"),
    "seccomp": ("/proc/sys/kernel/seccomp/actions_avail", "", ""),
    "notify": ("/proc/sys/kernel/seccomp/actions_avail", "user_notif", ""),
    "mqueue": ("/proc/sys/fs/mqueue/queues_max", "", ""),
    "fuse": ("/proc/filesystems", "fuse", "modprobe fuse"),
    "disk": ("/dev/loop-control", "", "modprobe loop"),  # that the stage lends (stage/disk.py)
}
# The same for what is a module of the kernel, which it loads when it is asked for: the module's name.
MODULES = {"veth": "veth", "bridge": "bridge", "nat": "nft_masq"}
UNPRIVILEGED = (
    "unprivileged"  # user namespaces for whoever has no capabilities; what is rootless needs it even for root
)
SYSFS = "sysfs"  # a network namespace's own /sys, which a container around us may forbid
DEV_MQUEUE = "dev-mqueue"  # a place to mount mqueue at: an ordinary user's stage has the machine's /dev
KNOWN_FEATURES = (*FEATURES, *MODULES, UNPRIVILEGED, SYSFS, DEV_MQUEUE)
# Controllers that lessons are about
USUAL = ("cpu", "cpuset", "io", "memory", "pids")
# What Debian and Ubuntu have added against these: a sysctl, and the value that closes it.
CLOSED = (
    ("kernel.unprivileged_userns_clone", "0"),
    ("kernel.apparmor_restrict_unprivileged_userns", "1"),
)


class Lack(NamedTuple):
    """One reason why a lesson can't run here. kind: tool, namespace, root, kernel, cgroup, controller or feature.

    why: a sentence of few words. mend: the command; empty when there is none.
    """

    kind: str
    name: str
    why: str
    mend: str


def which(tool: str) -> str | None:
    """Where a tool is; /usr/sbin is looked at, too."""
    # (shutil would bring every compression there is: 2 ms)
    folders = f"{os.environ.get('PATH', os.defpath)}:{SBIN}".split(":")
    found = (os.path.join(folder, tool) for folder in folders)
    return next((path for path in found if os.access(path, os.X_OK) and not os.path.isdir(path)), None)


def install(tools: Sequence[str]) -> str:
    """The command that installs them here."""
    return next((command for _, program, command in installs(tools) if which(program)), "")


def installs(tools: Sequence[str]) -> tuple[tuple[str, str, str], ...]:
    """Distribution, its installer, and the command that installs them there; this machine's first."""
    table = [
        (
            distribution,
            program,
            f"{command} {' '.join(dict.fromkeys(PACKAGES.get(tool, (tool,) * 3)[column] for tool in tools))}",
        )
        for column, (distribution, program, command) in enumerate(INSTALLERS)
    ]
    return tuple(sorted(table, key=lambda row: which(row[1]) is None))


def wanted(needs: Mapping[str, object]) -> list[str]:
    """The tools that a lesson with these needs types."""
    return _words(needs.get("tools"))


def missing(needs: Mapping[str, object]) -> tuple[str, str]:
    """Why a lesson with these needs can't run here, and the command that mends it; both empty when it can."""
    found = lacks(needs)
    if found and found[0].kind == "tool":
        tools = [lack.name for lack in found if lack.kind == "tool"]
        return f"missing: {', '.join(tools)}", install(tools)
    return (found[0].why, found[0].mend) if found else ("", "")


def lacks(needs: Mapping[str, object]) -> tuple[Lack, ...]:
    """Everything that a lesson with these needs lacks here; empty when it can run."""
    if not os.path.exists("/proc/self/ns"):
        return (Lack("kernel", "proc", "/proc isn't mounted", "mount -t proc proc /proc"),)
    found = [lack for tool in wanted(needs) for lack in _tool(tool)]
    found += [lack for kind in _words(needs.get("namespaces")) for lack in _namespace(kind)]
    if needs.get("root"):
        found += _root()
    kernel = str(needs.get("kernel") or "")
    if kernel and _version(os.uname().release) < _version(kernel):
        why = f"it needs Linux {kernel} or newer, this is {os.uname().release}"
        found.append(Lack("kernel", kernel, why, ""))
    found += [lack for name in _words(needs.get("features")) for lack in _feature(name)]
    return (*found, *_cgroups(needs))


def _tool(name: str) -> list[Lack]:
    return [] if which(name) else [Lack("tool", name, f"there is no {name}", install([name]))]


def _namespace(kind: str) -> list[Lack]:
    if not os.path.exists(f"/proc/self/ns/{kind}"):
        return [Lack("namespace", kind, f"this kernel has no {kind} namespaces", "")]
    ordinary = os.geteuid() != 0
    for each in (
        (kind, "user") if ordinary else (kind,)
    ):  # an ordinary user makes all of them in a user namespace
        if _content(f"/proc/sys/user/max_{each}_namespaces").strip() == "0":
            name = f"user.max_{each}_namespaces"
            return [
                Lack("namespace", each, f"{each} namespaces are off: {name} is 0", f"sysctl -w {name}=10000")
            ]
    name, closed = _closed_by() if ordinary else ("", "")
    if name:
        why = f"user namespaces are root's alone: {name} is {closed}"
        return [Lack("namespace", "user", why, "sudo nsplay")]
    return _contained("namespace", kind)


def _contained(kind: str, name: str) -> list[Lack]:
    """In a container without the machine's own power, what can be made is tried for use as well."""
    from nsplay.kernel import switches, usable

    around = switches.around()
    if not around.container or (around.root and around.machines_own):
        return []
    why = usable.forbidden(name)
    mend = f"{around.container} run --privileged" if around.container in ("docker", "podman") else ""
    return [Lack(kind, name, why, mend)] if why else []


def _closed_by() -> tuple[str, str]:
    """The sysctl that keeps user namespaces from whoever has no capabilities, and its value; empty where none does."""
    for name, closed in CLOSED:
        if _content(f"/proc/sys/{name.replace('.', '/')}").strip() == closed:
            # Ubuntu's lets programs pass that have an AppArmor profile of their own.
            passes = "apparmor" in name and not _content("/proc/self/attr/current").startswith("unconfined")
            return ("", "") if passes else (name, closed)
    return "", ""


def _unprivileged() -> list[Lack]:
    name, closed = _closed_by()
    if not name:
        return []
    why = f"user namespaces need root's power here: {name} is {closed}"
    return [Lack("feature", UNPRIVILEGED, why, f"sysctl -w {name}={1 - int(closed)}")]


def _root() -> list[Lack]:
    if os.geteuid():
        return [Lack("root", "root", "it needs root", "sudo nsplay")]
    from nsplay.kernel.switches import around

    if not around().root:
        why = "it needs root with CAP_SYS_ADMIN; this root was made without it, as in a container"
        return [Lack("root", "CAP_SYS_ADMIN", why, "docker run --privileged")]
    return []


def _content(path: str) -> str:
    """The file's text; "" where there is none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _feature(name: str) -> list[Lack]:
    if name == UNPRIVILEGED:
        return _unprivileged()
    if name == SYSFS:
        return _contained("feature", SYSFS)
    if name == "disk" and (found := _root() or _tool("mkfs.ext4")):
        return found
    if name == DEV_MQUEUE:
        there = os.geteuid() == 0 or os.path.isdir("/dev/mqueue")
        why = "there is no /dev/mqueue, and only root can make it"
        return [] if there else [Lack("feature", name, why, "sudo nsplay")]
    if name in MODULES:
        return module(name, MODULES[name])
    if name == "seccomp" and not _calls_known():
        return [Lack("feature", name, f"nsplay has no table of system calls for {os.uname().machine}", "")]
    path, word, mend = FEATURES.get(name, ("", "", ""))
    there = word in _content(path).split() if word else os.access(path, os.R_OK)
    return [] if there else [Lack("feature", name, f"this kernel has no {name}, or it isn't turned on", mend)]


def _calls_known() -> bool:
    """Can nsplay write a filter for this architecture?"""
    from nsplay.kernel import call_numbers

    return bool(call_numbers.of(os.uname().machine))


def module(feature: str, name: str, sys: str = "/sys", lib: str = "/lib/modules") -> list[Lack]:
    """What lacks where the kernel neither has this module nor could load it (depmod(8)). Where that is written nowhere, as
    in a container, it is taken for granted.
    """
    if os.path.exists(f"{sys}/module/{name}"):
        return []
    folder = f"{lib}/{os.uname().release}"
    lists = [_content(f"{folder}/{each}") for each in ("modules.builtin", "modules.dep")]
    listed = {
        os.path.basename(line.partition(":")[0]).partition(".")[0]
        for text in lists
        for line in text.split("\n")
    }
    if not any(lists) or {name, name.replace("_", "-")} & listed:
        return []
    return [Lack("feature", feature, f"this kernel has no {feature}: there is no module {name}", "")]


def _cgroups(needs: Mapping[str, object]) -> list[Lack]:
    controllers, version = _words(needs.get("controllers")), needs.get("cgroup")
    if not controllers and not version:
        return []
    from nsplay.kernel import cgroups, offers

    found, here = [], cgroups.version()
    if version and here != f"v{version}" and here != "hybrid":
        why = f"it needs cgroup version {version}; this machine has {here}"
        found.append(Lack("cgroup", f"v{version}", why, ""))
    wanted = version if isinstance(version, int) else None
    offered = offers.read(os.geteuid(), os.environ.get("XDG_RUNTIME_DIR", ""))
    if version and not controllers and offered.source == "nowhere":
        why = "no control group is yours to make others in"
        found.append(Lack("cgroup", f"v{version}", why, "sudo nsplay"))
    if version and offered.source == "root" and "freezer" in offered.versions.keys() - offered.usable:
        why = "control groups are mounted read-only here, as in a container"
        found.append(Lack("cgroup", f"v{version}", why, ""))
    return found + refused(controllers, wanted, offered)


def refused(controllers: Sequence[str], version: int | None, offers: "Offers") -> list[Lack]:
    """Why a lesson can't have these controllers. version: of their trees; None: either."""
    found = []
    gets = " ".join(sorted(offers.usable & set(USUAL))) or "none"
    for name in controllers:
        has = offers.versions.get(name)
        why, mend = "", ""
        if has is None:
            why = f"this machine offers no cgroup controller {name}"
        elif version not in (None, has):
            why = (
                f"the controller {name} belongs to cgroup version {has} here, and the lesson is on {version}"
            )
        elif name not in offers.usable:
            root = offers.source in ("root", "crowded")
            mend = "" if root else "sudo nsplay"
            why = {
                "root": f"the control groups of {name} are mounted read-only here, as in a container",
                "crowded": f"other processes stand in this container's group, so it gives no {name}: let nsplay be its first",
                "manager": f"systemd lets you have {gets}, not {name} (Delegate= of user@.service)",
                "group": f"the control group that you are in has {gets}, not {name}",
                "nowhere": f"no control group with {name} is yours",
            }[offers.source if has == 2 else "root" if root else "nowhere"]
        if why:
            found.append(Lack("controller", name, why, mend))
    return found


def _words(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else []


def _version(text: str) -> tuple[int, ...]:
    """ "6.18.44-fc" -> (6, 18)."""
    numbers = []
    for part in text.split(".")[:2]:
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        numbers.append(int(digits or 0))
    return tuple(numbers)
