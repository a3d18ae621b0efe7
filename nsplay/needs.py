"""Can a lesson run on this machine? Asked of the machine, before the lesson starts. Light: the menu asks it of every lesson."""

import os
from collections.abc import Mapping

SBIN = "/usr/local/sbin:/usr/sbin:/sbin"  # an ordinary user's PATH lacks them

# Tool -> its package on Debian and Ubuntu, Fedora, Arch. A tool that isn't here is its own package.
PACKAGES = {
    **dict.fromkeys(
        ("unshare", "nsenter", "lsns", "mount", "umount", "findmnt", "script"), ("util-linux",) * 3
    ),
    **dict.fromkeys(("hostname", "domainname"), ("hostname", "hostname", "inetutils")),
    **dict.fromkeys(("uname", "cat", "sleep", "mkdir", "touch"), ("coreutils",) * 3),
    **dict.fromkeys(("ps", "pgrep", "pkill", "sysctl", "top"), ("procps", "procps-ng", "procps-ng")),
    **dict.fromkeys(("ip", "ss", "tc"), ("iproute2", "iproute", "iproute2")),
    **dict.fromkeys(
        ("cgcreate", "cgset", "cgexec", "cgget", "cgdelete"), ("cgroup-tools", "libcgroup-tools", "libcgroup")
    ),
    **dict.fromkeys(("capsh", "getpcaps", "setcap"), ("libcap2-bin", "libcap", "libcap")),
    "busybox": ("busybox-static", "busybox", "busybox"),
    "nft": ("nftables",) * 3,
}
INSTALLERS = (("apt-get", "apt-get install"), ("dnf", "dnf install"), ("pacman", "pacman -S"))


def which(tool: str) -> str | None:
    """Where a tool is; /usr/sbin is looked at, too."""
    # (shutil would bring every compression there is: 2 ms)
    folders = f"{os.environ.get('PATH', os.defpath)}:{SBIN}".split(":")
    found = (os.path.join(folder, tool) for folder in folders)
    return next((path for path in found if os.access(path, os.X_OK) and not os.path.isdir(path)), None)


def install(tools: list[str]) -> str:
    """The command that installs them here."""
    for column, (program, command) in enumerate(INSTALLERS):
        if which(program):
            names = dict.fromkeys(PACKAGES.get(tool, (tool,) * 3)[column] for tool in tools)
            return f"{command} {' '.join(names)}"
    return ""


def missing(needs: Mapping[str, object]) -> tuple[str, str]:
    """Why a lesson with these needs can't run here, and the command that mends it; both empty when it can."""
    tools = [tool for tool in _words(needs.get("tools")) if not which(tool)]
    if tools:
        return f"missing: {', '.join(tools)}", install(tools)
    if not os.path.exists("/proc/self/ns"):
        return "/proc isn't mounted", "mount -t proc proc /proc"
    for kind in _words(needs.get("namespaces")):
        if not os.path.exists(f"/proc/self/ns/{kind}"):
            return f"this kernel has no {kind} namespaces", ""
        if _most(kind) == "0":  # namespaces(7)
            name = f"user.max_{kind}_namespaces"
            return f"this machine lets nobody make {kind} namespaces: {name} is 0", f"sysctl {name}=1000"
    if needs.get("root") and os.geteuid() != 0:
        return "it needs root", "sudo nsplay"
    wanted = str(needs.get("kernel") or "")
    if wanted and _version(os.uname().release) < _version(wanted):
        return f"it needs Linux {wanted} or newer, this is {os.uname().release}", ""
    return _missing_cgroups(needs)


def _most(kind: str) -> str:
    """How many namespaces of a kind a user may have; "" where the kernel doesn't say."""
    try:
        with open(f"/proc/sys/user/max_{kind}_namespaces") as file:
            return file.read().strip()
    except OSError:
        return ""


def _missing_cgroups(needs: Mapping[str, object]) -> tuple[str, str]:
    controllers, version = _words(needs.get("controllers")), needs.get("cgroup")
    if not controllers and not version:
        return "", ""
    from nsplay.kernel import cgroups

    here = cgroups.version()
    if version and here != f"v{version}" and here != "hybrid":
        return f"it needs cgroup version {version}; this machine has {here}", ""
    offered = {name for hierarchy in cgroups.hierarchies() for name in hierarchy.controllers}
    lacking = [name for name in controllers if name not in offered]
    return (f"this machine offers no cgroup controller {', '.join(lacking)}", "") if lacking else ("", "")


def _words(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else []


def _version(text: str) -> tuple[int, ...]:
    """ "6.18.44-fc" -> (6, 18)."""
    numbers = []
    for part in text.split(".")[:2]:
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        numbers.append(int(digits or 0))
    return tuple(numbers)
