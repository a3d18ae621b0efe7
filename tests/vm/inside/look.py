"""The whole machine in one look, by parts, each a list of lines: what a danger could move. Only for tests.vm's machine."""

import ctypes
import os
import subprocess
import time
from pathlib import Path
from typing import Final

from nsplay.kernel import processes

FILES: Final = ("/etc", "/usr/bin", "/usr/sbin", "/boot", "/opt", "/root", "/home", "/srv/precious")
FIND: Final = ("find", *FILES, "-printf", "%p %y %m %u %s %T@\n")
RESTLESS: Final = (
    *(
        "fs.dentry-state",
        "fs.file-nr",
        "fs.inode-",
        "fs.quota.",
        "fs.aio-nr",
        "kernel.random.",
        "kernel.ns_last_pid",
    ),
    *("kernel.pty.nr", "net.netfilter."),
)
SYSLOG_READ_ALL: Final = 3  # syslog(2)
MARK: Final = "nsplay: a line that stays"

Look = dict[str, list[str]]


def look() -> Look:
    """The machine now."""
    return {
        "files": _output(*FIND),
        "nodes": [
            f"{entry.path} {entry.stat(follow_symlinks=False).st_rdev}"
            for entry in os.scandir("/dev")
            if entry.name != "pts"
        ],
        "disk": [Path("/dev/vda").open("rb", buffering=0).read(512).hex()],
        "mounts": [line.split(" ", 1)[1] for line in _lines("/proc/1/mountinfo")],
        "names": [*_lines("/proc/sys/kernel/hostname"), *_lines("/proc/sys/kernel/domainname")],
        "links": _output("ip", "-o", "link"),
        "tables": _output("nft", "list", "ruleset"),
        "ipc": [
            line.split()[1] for kind in ("shm", "sem", "msg") for line in _lines(f"/proc/sysvipc/{kind}")[1:]
        ],
        "sysctls": [line for line in _output("sysctl", "-a") if not line.startswith(RESTLESS)],
        "swaps": [line.split()[0] for line in _lines("/proc/swaps")[1:]],
        "modules": [line.split()[0] for line in _lines("/proc/modules")],
        "clock": [f"boot and {round((time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)) / 60)} min"],
        "processors": _lines("/sys/devices/system/cpu/online"),
        "log": [MARK] if MARK in _kernel_log() else [],
        "processes": _processes(),
        "groups": _groups(),
    }


def mark_log() -> None:
    """A line in the kernel's log, to see whether it stays."""
    Path("/dev/kmsg").write_text(MARK + "\n")  # without its end the line is not in the log yet


def differences(before: Look, after: Look) -> dict[str, list[str]]:
    """What came (+) and went (-), by part; {}: nothing moved."""
    found = {}
    for part, old in before.items():
        new = after[part]
        if lines := [f"- {line}" for line in old if line not in set(new)] + [
            f"+ {line}" for line in new if line not in set(old)
        ]:
            found[part] = lines
    return found


def _processes() -> list[str]:
    """Those of the system's services, and what may be done to them. Kernel threads and udev's workers come and go."""
    found = []
    for row in processes.all():
        group = _lines(f"/proc/{row.pid}/cgroup")
        if row.state in "ZX" or not group or not ("/init.scope" in group[0] or ".service" in group[0]):
            continue
        if "vmjob" in group[0] or "udev" in group[0]:
            continue
        words = [str(row.pid), row.comm, str(row.start), group[0], "stopped" if row.state in "tT" else ""]
        words += [str(os.getpriority(os.PRIO_PROCESS, row.pid)), *_lines(f"/proc/{row.pid}/oom_score_adj")]
        words += [line for line in _lines(f"/proc/{row.pid}/limits") if line.startswith("Max open files")]
        found.append(" ".join(words))
    return found


def _groups() -> list[str]:
    """Every control group, what it gives to its children and how it is bounded."""
    found = []
    for folder, _, _ in os.walk("/sys/fs/cgroup"):
        values = [
            " ".join(_lines(f"{folder}/{name}"))
            for name in ("cgroup.subtree_control", "pids.max", "memory.max")
        ]
        found.append(f"{folder}: {', '.join(values)}")
    return found


def _kernel_log() -> str:
    size = 1 << 20
    buffer = ctypes.create_string_buffer(size)
    count = ctypes.CDLL(None).klogctl(SYSLOG_READ_ALL, buffer, size)
    return buffer.raw[: max(0, count)].decode(errors="replace")


def _output(*command: str) -> list[str]:
    return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
