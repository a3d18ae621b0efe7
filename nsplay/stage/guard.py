"""What the stage may ask of the kernel: signals that stay inside (Landlock), system calls that are refused
(seccomp).
"""

import ctypes
import errno
import os
import struct
from typing import Final

from nsplay.kernel import seccomp, syscalls
from nsplay.kernel.seccomp import (
    ALLOW,
    FIRST_ARGUMENT,
    FLAG_NEW_LISTENER,
    FLAG_WAIT_KILLABLE_RECV,
    NOTIFY,
    Filter,
    load,
    skip_if_any,
    skip_unless,
    skip_unless_any,
    stop,
)

# landlock(7)
LANDLOCK_CREATE_RULESET_VERSION: Final = 1
LANDLOCK_SCOPE_SIGNAL: Final = 2
ABI_WITH_SIGNALS: Final = 6  # Linux 6.12

# What would change the machine itself, and isn't in any namespace.
REFUSED: Final = (
    *("reboot", "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module"),
    *("swapon", "swapoff", "quotactl", "quotactl_fd", "acct", "iopl", "ioperm"),
    *("settimeofday", "clock_settime", "adjtimex", "clock_adjtime"),
)
# mount(8) tries these first, and goes on with mount(2) when it hears that the kernel hasn't got them. They
# take their flags by pointer, which a filter can't follow.
UNKNOWN: Final = ("mount_setattr", "fspick")
# What names a process by a number; and by a descriptor, which may be an open /proc/PID as well (killall's way).
SIGNALLING: Final = ("kill", "tkill", "rt_sigqueueinfo", "pidfd_open", "pidfd_send_signal")
SYSLOG_CLEARS: Final = range(4, 9)  # syslog(2): read and clear, clear, console off, on, level

CAP_SYS_PTRACE: Final = 19


def signals_stay_inside() -> None:
    """Landlock: this process and all that it forks can signal or trace none but each other. Raises OSError
    (ENOSYS: too old).
    """
    version = LANDLOCK_CREATE_RULESET_VERSION
    abi = syscalls.syscall(
        syscalls.SYS_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(version)
    )
    syscalls.check(abi, "landlock_create_ruleset")  # ENOSYS, EOPNOTSUPP: not built in, not turned on
    if abi < ABI_WITH_SIGNALS:
        raise OSError(errno.ENOSYS, f"Landlock can't hold signals before Linux 6.12 (ABI {abi})")
    rules = ctypes.create_string_buffer(struct.pack("=QQQ", 0, 0, LANDLOCK_SCOPE_SIGNAL), 24)
    create = syscalls.SYS_LANDLOCK_CREATE_RULESET
    fd = syscalls.check(
        syscalls.syscall(create, ctypes.byref(rules), ctypes.c_size_t(24), ctypes.c_uint(0)),
        "landlock_create_ruleset",
    )
    try:
        restrict = syscalls.SYS_LANDLOCK_RESTRICT_SELF
        syscalls.check(
            syscalls.syscall(restrict, ctypes.c_int(fd), ctypes.c_uint(0)), "landlock_restrict_self"
        )
    finally:
        os.close(fd)


def signals_are_asked() -> int:
    """seccomp: every signal by number is asked of whoever reads the descriptor that this returns
    (notify.py).
    """
    numbers = seccomp.numbers()
    code = seccomp.prologue()
    for name in SIGNALLING:
        code += [skip_unless(numbers[name], 1), stop(NOTIFY)]
    code = [*code, stop(ALLOW)]
    try:
        # Else a signal that comes while the warden thinks (SIGCHLD, say) lets kill(2) fail with EINTR. One that comes
        # before it has taken the question still does, where its handler has no SA_RESTART (dash's).
        flags = FLAG_NEW_LISTENER | FLAG_WAIT_KILLABLE_RECV
        fd = seccomp.install(code, flags)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        fd = seccomp.install(code, FLAG_NEW_LISTENER)
    _drop_capability(CAP_SYS_PTRACE)  # else nsenter and strace still reach the machine's processes
    return fd


def refuse_calls() -> None:
    """seccomp: EPERM for what would change the machine. Without NO_NEW_PRIVS, so that su works. Raises
    OSError.
    """
    numbers = seccomp.numbers()
    code = seccomp.prologue()
    for name in REFUSED:
        if name in numbers:
            code += [skip_unless(numbers[name], 1), stop(seccomp.error(errno.EPERM))]
    for name in UNKNOWN:
        code += [skip_unless(numbers[name], 1), stop(seccomp.error(errno.ENOSYS))]
    code += _refuse_clearing_log(numbers["syslog"]) + _refuse_remount(numbers["mount"])
    seccomp.install([*code, stop(ALLOW)])


def _refuse_clearing_log(number: int) -> Filter:
    inside = [load(FIRST_ARGUMENT)]
    for action in SYSLOG_CLEARS:
        inside += [skip_unless(action, 1), stop(seccomp.error(errno.EPERM))]
    inside += [stop(ALLOW)]
    return [skip_unless(number, len(inside)), *inside]


def _refuse_remount(number: int) -> Filter:
    """mount(2), fourth argument: no MS_REMOUNT but of a single mount (MS_BIND) to read-only."""
    inside = [
        load(FIRST_ARGUMENT + 3 * 8),
        skip_unless_any(syscalls.MS_REMOUNT, 3),
        skip_unless_any(syscalls.MS_BIND, 1),
        skip_if_any(syscalls.MS_RDONLY, 1),
        stop(seccomp.error(errno.EPERM)),
        stop(ALLOW),
    ]
    return [skip_unless(number, len(inside)), *inside]


def _drop_capability(capability: int) -> None:
    """From the calling process and, by the bounding set, from all that it will ever run (capabilities(7),
    capset(2)).
    """
    syscalls.prctl(syscalls.PR_CAPBSET_DROP, capability)
    header = struct.pack("=Ii", 0x20080522, 0)
    data = ctypes.create_string_buffer(24)
    numbers = seccomp.numbers()
    syscalls.check(syscalls.syscall(numbers["capget"], header, data), "capget")
    words = list(
        struct.unpack("=6I", data.raw)
    )  # effective, permitted, inheritable; then the same of the upper 32
    low = [word & ~(1 << capability) for word in words[:3]]
    syscalls.check(
        syscalls.syscall(numbers["capset"], header, struct.pack("=6I", *low, *words[3:])), "capset"
    )
