"""Namespaces that may be made and then not be used: what a container around us forbids in them. Asked by trying.

A container's filter of system calls lets through what makes a user namespace and refuses sethostname(2) even there; and
where parts of /proc or /sys are covered or read-only, no user namespace may mount one of its own (mount_namespaces(7)).
"""

import os
import socket
from collections.abc import Callable
from functools import cache
from typing import Final

from nsplay.kernel import syscalls

REASONS: Final = {
    "uts": "the container around us lets nobody set a host name (a filter of system calls)",
    "pid": "the container around us covers parts of /proc: then a pid namespace gets none of its own",
    "sysfs": "the container around us covers parts of /sys or makes it read-only: then a network namespace gets none of its own",
}


@cache
def forbidden(name: str) -> str:
    """Why a namespace of this kind, or "sysfs", is of no use here in a user namespace of its own; "" when it is, or can't be
    tried.
    """
    return REASONS[name] if name in TRIALS and _refused(TRIALS[name]) else ""


def _refused(trial: Callable[[], None]) -> bool:
    """Does it end with EPERM? Tried in a child, with which all that it made goes."""
    uid, gid = os.geteuid(), os.getegid()
    pid = os.fork()
    if pid == 0:
        status = 0
        try:
            syscalls.unshare(syscalls.CLONE_NEWUSER | syscalls.CLONE_NEWNS)
            for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
                with open(f"/proc/self/{name}", "w") as file:
                    file.write(text)
            try:
                trial()
            except PermissionError:
                status = 1
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1


def _name() -> None:
    syscalls.unshare(syscalls.CLONE_NEWUTS)
    socket.sethostname("nsplay")


def _proc() -> None:
    """Mounted by the namespace's first process, as `unshare -pf --mount-proc` does."""
    syscalls.unshare(syscalls.CLONE_NEWPID)
    pid = os.fork()
    if pid == 0:
        status = 0
        try:
            syscalls.mount("proc", "/proc", "proc")
        except PermissionError:
            status = 1
        finally:
            os._exit(status)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
        raise PermissionError


def _sys() -> None:
    syscalls.unshare(syscalls.CLONE_NEWNET)
    syscalls.mount("sysfs", "/sys", "sysfs")


TRIALS: Final = {"uts": _name, "pid": _proc, "sysfs": _sys}
