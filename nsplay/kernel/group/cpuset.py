"""Where its members may run and take memory. cpuset(7); Documentation/admin-guide/cgroup-v2.rst, "Cpuset"."""

from typing import NamedTuple

from nsplay.kernel.group.files import Folders


class Cpuset(NamedTuple):
    """Lists as the kernel writes them: 0-1,3. Empty: none asked for, which is nowhere on version 1 and anywhere on
    version 2. A None: the controller isn't there.
    """

    cpus: str | None = None
    mems: str | None = None
    effective_cpus: str | None = None  # what they really get
    effective_mems: str | None = None


def read(folders: Folders) -> Cpuset:
    """What is asked for, and what is had."""
    if (files := folders.of("cpuset")) is None:
        return Cpuset()
    cpus, mems = (
        ("cpuset.effective_cpus", "cpuset.effective_mems")
        if files.version == 1
        else ("cpuset.cpus.effective", "cpuset.mems.effective")
    )
    return Cpuset(files.text("cpuset.cpus"), files.text("cpuset.mems"), files.text(cpus), files.text(mems))
