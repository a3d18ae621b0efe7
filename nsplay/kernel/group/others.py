"""What only version 1 has files for: device files and the marks on packets.

Documentation/admin-guide/cgroup-v1/devices.rst, net_cls.rst, net_prio.rst. Version 2 does both by BPF, which has no files:
the kernel is asked for the programs.
"""

from typing import NamedTuple

from nsplay.kernel import bpf
from nsplay.kernel.group.files import Files, Folders


class Others(NamedTuple):
    """A None: the controller isn't there."""

    devices: tuple[str, ...] | None = None  # rules such as "c 1:3 rwm"; "a *:* rwm" also after a deny of some
    classid: str | None = None  # as tc(8) writes it: 10:1; 0:0 is none
    priorities: tuple[str, ...] | None = None  # "eth0 5"; links without one are left out
    programs: tuple[int, ...] | None = (
        None  # version 2: ids of the BPF programs that judge devices; None: we aren't told
    )


def read(folders: Folders) -> Others:
    """What is there."""
    devices, marks, priorities = (folders.of(name) for name in ("devices", "net_cls", "net_prio"))
    return Others(
        devices.lines("devices.list") if devices and devices.version == 1 else None,
        _class(marks.number("net_cls.classid")) if marks and marks.version == 1 else None,
        tuple(line for line in priorities.lines("net_prio.ifpriomap") if not line.endswith(" 0"))
        if priorities and priorities.version == 1
        else None,
        _programs(folders.unified) if folders.unified else None,
    )


def _programs(files: Files) -> tuple[int, ...] | None:
    try:
        return bpf.attached(files.folder)
    except OSError:  # EPERM: not root; EINVAL: a kernel without BPF for groups
        return None


def _class(number: int | None) -> str | None:
    return None if number is None else f"{number >> 16:x}:{number & 0xFFFF:x}"
