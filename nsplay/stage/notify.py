"""Signals before Linux 6.12: the warden is asked about each (seccomp_unotify(2)).

Only what stands in registers is judged, so that nothing changes between the question and the kernel's own look. (A
descriptor can be made another one in between, but not by accident.)
About a quarter of a millisecond a signal. When the warden is dead, kill(2) says ENOSYS.
"""

import contextlib
import ctypes
import errno
import fcntl
import os
import struct
from typing import Final

from nsplay.kernel import processes, syscalls
from nsplay.stage import family

RECEIVE: Final = 0xC0502100  # SECCOMP_IOCTL_NOTIF_RECV
ANSWER: Final = 0xC0182101  # SECCOMP_IOCTL_NOTIF_SEND
NOTIFICATION: Final = struct.Struct("=QIIiIQ6Q")  # id, pid, flags; number, architecture, ip, six arguments
RESPONSE: Final = struct.Struct("=QqiI")  # id, value, error, flags
CONTINUE: Final = 1  # let the kernel do the call


def serve(listener: int, top: int) -> None:
    """Answers one question. Inside is what descends from `top`. Call it when the listener is readable."""
    buffer = bytearray(NOTIFICATION.size)
    with contextlib.suppress(OSError):  # the asker is gone meanwhile
        fcntl.ioctl(listener, RECEIVE, buffer)
        ident, caller, _, number, _, _, *arguments = NOTIFICATION.unpack(buffer)
        target = ctypes.c_int32(arguments[0] & 0xFFFFFFFF).value
        if number == syscalls.numbers()["pidfd_send_signal"]:
            target = _behind(caller, target)
        number_of_kill = syscalls.numbers()["kill"]
        if target == -1 and number == number_of_kill and _in_our_pid_namespace(caller):
            _everybody(caller, top, arguments[1] & 0xFF)
            answer = RESPONSE.pack(ident, 0, 0, 0)
        else:
            error = judge(caller, target, top)
            answer = RESPONSE.pack(ident, 0, -error, 0 if error else CONTINUE)
        fcntl.ioctl(listener, ANSWER, answer)


def judge(caller: int, target: int, top: int) -> int:
    """An errno, or 0 when the kernel may go on. target: as for kill(2), a process, a group below -1, or 0
    for the own.
    """
    if not _in_our_pid_namespace(caller):  # it can name only what is in there with it
        return 0
    inside = processes.descendants(top)
    if target in inside or target == 0:
        return 0
    if target > 0:
        row = processes.read(target)  # perhaps a thread's number, then with the parent of its process
        return 0 if row is None or row.ppid in inside else errno.EPERM
    members = {row.pid for row in processes.all() if row.pgrp == -target}
    return 0 if members <= inside else errno.EPERM


def _behind(caller: int, fd: int) -> int:
    """The process that a descriptor of the caller's stands for: a pidfd, or an open /proc/PID. 0: none."""
    name = os.path.basename(_link(f"/proc/{caller}/fd/{fd}"))
    if name.isdigit():
        return int(name)
    lines = family.read(f"/proc/{caller}/fdinfo/{fd}").splitlines()
    return next((max(0, int(line[4:])) for line in lines if line.startswith("Pid:")), 0)


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _everybody(caller: int, top: int, number: int) -> None:
    """kill(-1) for the stage alone: whom the caller may signal, but not the caller."""
    uid = os.stat(f"/proc/{caller}").st_uid
    for pid in processes.descendants(top) - {caller}:
        with contextlib.suppress(OSError):
            if uid == 0 or uid == os.getuid() or os.stat(f"/proc/{pid}").st_uid == uid:
                os.kill(pid, number)


def _in_our_pid_namespace(pid: int) -> bool:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid") == os.readlink("/proc/self/ns/pid")
    except OSError:
        return True  # the strict side
