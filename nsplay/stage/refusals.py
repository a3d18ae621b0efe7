"""Why the kernel refused a namespace or a mount, and what mends it: judged from the errno and from what stands around us.

unshare(2), user_namespaces(7), mount_namespaces(7), seccomp(2).
"""

import errno
from typing import Final, NamedTuple

from nsplay.errors import limit
from nsplay.kernel.switches import Around

OPEN: Final = "--security-opt seccomp=unconfined --security-opt apparmor=unconfined"
RUN: Final = {
    "docker": "docker run --privileged",
    "podman": "podman run --privileged",
    "lxc": "in the container's configuration: security.nesting=true",
}


class Reason(NamedTuple):
    """why: one sentence without its full stop. do: the command that mends it; empty when there is none."""

    why: str
    do: str


def name(error: OSError) -> str:
    """ "EPERM"."""
    return errno.errorcode.get(error.errno or 0, str(error.errno))


def namespace(kind: str, error: OSError, around: Around) -> Reason:
    """A namespace of this kind ("user", "mnt", ...) was refused."""
    most = around.switches.most.get(kind)
    if error.errno in (errno.ENOSPC, errno.EUSERS):
        if most == 0:
            return Reason(
                f"{name(error)}: /proc/sys/user/max_{kind}_namespaces is 0",
                f"{_as_root(around)}sysctl -w user.max_{kind}_namespaces=10000",
            )
        return Reason(f"{name(error)}: as many {kind} namespaces as are allowed, or nested too deep", "")
    if error.errno in (errno.EINVAL, errno.ENOSYS):
        return Reason(f"{name(error)}: this kernel has no {kind} namespaces", "")
    if kind == "user" and error.errno in (errno.EPERM, errno.EACCES):
        return _user(error, around)
    return refusal(error, around)


def _user(error: OSError, around: Around) -> Reason:
    at_map, said = "_map" in str(error) or "setgroups" in str(error), name(error)
    if around.switches.unprivileged is False and not around.root:
        return Reason(
            f"{said}: kernel.unprivileged_userns_clone is 0, so only root may make user namespaces",
            _sudo(around) or "sysctl -w kernel.unprivileged_userns_clone=1",
        )
    if around.switches.apparmor and not around.root:
        return Reason(
            f"{said}: kernel.apparmor_restrict_unprivileged_userns is 1, so AppArmor keeps user namespaces from you",
            _sudo(around) or "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        )
    if at_map and around.uid == 0 and "setfcap" not in around.capabilities:
        return Reason(
            f"{said}: root without CAP_SETFCAP may not map itself into a user namespace (Linux 5.12)",
            RUN.get(around.container, "give this process CAP_SETFCAP (docker run --cap-add SETFCAP)"),
        )
    return refusal(error, around)


def refusal(error: OSError, around: Around) -> Reason:
    """A system call that root may use was refused."""
    said = name(error)
    if error.errno == errno.ENOSYS:
        return Reason(f"{said}: this kernel, or a filter around this process, has no such call", "")
    if error.errno not in (errno.EPERM, errno.EACCES):
        why, do = limit(error)
        return Reason(f"{said}: {why}", do)
    if around.container == "nsplay":
        return Reason(f"{said}: the stage that you are on refuses it", "leave it with `exit` first")
    if around.seccomp:
        return Reason(f"{said}: a seccomp filter around this process, as containers have", _run(around))
    if around.container:
        return Reason(f"{said}: the container ({around.container}) refuses it", _run(around))
    if not around.root:
        return Reason(f"{said}: this process has no CAP_SYS_ADMIN", _sudo(around))
    return Reason(f"{said}: a security module (AppArmor, SELinux) or a chroot refuses it", "")


def _run(around: Around) -> str:
    return RUN.get(around.container, f"start the container with more rights (docker run {OPEN})")


def _sudo(around: Around) -> str:
    return "sudo nsplay" if around.uid and around.sudo and not around.no_new_privs else ""


def _as_root(around: Around) -> str:
    return "sudo " if around.uid and around.sudo else ""
