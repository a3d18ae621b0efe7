"""Which container a cgroup path belongs to: each runtime has its own way to name the groups it makes.

Nobody is asked: no daemon, no file. The innermost name wins, since runtimes are run inside of each other (a Kubernetes node
in a docker container). systemd.unit(5) for `\\x2d`, in which unit names hide a `-`.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

_ID: Final = r"(?P<id>[0-9a-f]{64}|[0-9a-f]{32})"
_NAME: Final = r"(?P<name>[^/]+)"
_POD: Final = r"[^/]*pod(?P<pod>[0-9a-f]{8}(?:[-_]?[0-9a-f]{4}){3}[-_]?[0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?"


class Origin(NamedTuple):
    """What a path tells. name: what the runtime calls it, where that stands in the path. id: its number there. Or empty."""

    runtime: str  # "docker", "podman", "kubernetes" ...
    id: str = ""
    name: str = ""
    pod: str = ""  # kubernetes: the pod's uid
    container: bool = True  # False: a service or an application that was fenced in, rather than a container

    @property
    def key(self) -> tuple[str, str]:
        """The same for all processes of one container."""
        return self.runtime, self.id or self.name


# Runtime, what its part of a path looks like, and whether that is a container. Of two that end at one place, the first wins.
_RULES: Final = (
    ("kubernetes", rf"{_POD}(?:/|:)(?:(?:cri-containerd|crio|docker)[-:])?{_ID}(?:\.scope)?", True),
    ("kubernetes", _POD, True),
    ("docker", rf"docker/{_ID}", True),
    ("docker", rf"docker-{_ID}\.scope", True),
    ("podman", rf"libpod-{_ID}(?:\.scope)?", True),
    ("buildah", rf"buildah-{_ID}(?:\.scope)?", True),
    ("cri-o", rf"crio-{_ID}(?:\.scope)?", True),
    ("containerd", rf"(?:cri-containerd|nerdctl|containerd)-{_ID}(?:\.scope)?", True),
    ("nspawn", r"systemd-nspawn@(?P<name>[^/]+)\.service", True),
    ("libvirt", r"machine-lxc\\x2d\d+\\x2d(?P<name>[^/]+)\.scope", True),
    ("libvirt", r"machine/(?:lxc-\d+-)?(?P<name>[^/]+)\.libvirt-lxc", True),
    ("nspawn", r"machine-(?P<name>[^/]+)\.scope", True),
    ("lxc", rf"lxc\.payload[./]{_NAME}", True),
    ("lxc", rf"lxc/{_NAME}", True),
    ("flatpak", r"app-flatpak-(?P<name>[^/]+?)(?:-\d+)?\.scope", True),
    ("snap", r"snap\.(?P<name>[^./]+)\.[^/]+\.(?:scope|service)", False),
    ("containerd", rf"(?:default|moby|k8s\.io|buildkit)/{_ID}", True),
    ("runc", r"(?P<name>runc-[^/]+)\.scope", True),
    ("crun", r"crun-(?P<name>[^/]+)\.scope", True),
    ("nsplay", r"nsplay-(?P<name>\d+)[^/]*/stage", True),
    ("systemd", r"(?P<name>[^/]+\.service)", False),
)
_PATTERNS: Final = tuple((runtime, re.compile(f"/{rule}(?=/|$)"), real) for runtime, rule, real in _RULES)
# Who watches over a container from outside, in a group that is called nearly as its own.
_WATCHERS: Final = re.compile(
    r"/(?:(?:libpod-|crio-)conmon-[^/]+|lxc\.monitor[./][^/]+"
    r"|(?:machine-[^/]+\.scope|systemd-nspawn@[^/]+\.service)/supervisor)(?=/|$)"
)
_ESCAPE: Final = re.compile(r"\\x([0-9a-f]{2})")
_USER: Final = re.compile(r"user@\d+\.service")  # everything of a user's is below it: no container of its own


def origin(path: str) -> Origin | None:
    """What the path of a process's group tells; None when no runtime made it.

    path: in any tree, as /proc/PID/cgroup has it (cgroups(7)).
    """
    if _WATCHERS.search(path):
        return None
    matches = (
        (real, match.end(), -order, runtime, match)
        for order, (runtime, pattern, real) in enumerate(_PATTERNS)
        for match in pattern.finditer(path)
        if not _USER.fullmatch(match[0][1:])
    )
    # A systemd in a container has services, too: the container is what matters.
    found = max(matches, key=lambda one: one[:3], default=None)
    return _origin(found[3], found[4], found[0]) if found else None


def _origin(runtime: str, match: re.Match[str], real: bool) -> Origin:
    part = match.groupdict()
    pod = (part.get("pod") or "").replace("_", "-")
    name = _ESCAPE.sub(lambda code: chr(int(code[1], 16)), part.get("name") or "")
    return Origin(runtime, part.get("id") or "", name, pod, real)


def best(paths: Iterable[str]) -> Origin | None:
    """Of all trees that a process is in: a container before a service, and one with a number before one without."""
    found = [one for path in dict.fromkeys(paths) if path != "/" and (one := origin(path))]
    return max(found, key=lambda one: (one.container, bool(one.id)), default=None)
