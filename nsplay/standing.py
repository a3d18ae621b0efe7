"""Whether a process can be looked at at all, who stands for the host beside it, and why not."""

import os
from typing import Literal, NamedTuple

from nsplay.errors import MachineError
from nsplay.kernel import identity, namespaces, processes
from nsplay.kernel.processes import Process


class Standing(NamedTuple):
    """A process, and why it can't be looked at as others can: "" where it can. why: it is hidden. do: what would help."""

    row: Process
    problem: Literal["", "ended", "kernel", "hidden"] = ""
    why: str = ""
    do: str = ""

    @property
    def error(self) -> MachineError:
        """The problem, for a reader."""
        what = f"process {self.row.pid} ({self.row.comm})"
        if self.problem == "ended":
            why = "it waits for its parent to ask how, and is in no place any more"
            return MachineError(f"{what} has ended", why)
        if self.problem == "kernel":
            return MachineError(f"{what} is a thread of the kernel's own", "nobody put it into a place")
        return MachineError(f"{what} may not be looked at", self.why, self.do)


def standing(pid: int) -> Standing:
    """MachineError when there is no such process."""
    row = processes.read(pid)
    if row is None:
        raise MachineError(f"there is no process {pid}", "it has ended, or there never was one")
    if row.state in "ZX":
        return Standing(row, "ended")
    if processes.is_kernel_thread(pid):
        return Standing(row, "kernel")
    return Standing(row) if _may_read(pid) else hidden(row)


def hidden(row: Process) -> Standing:
    """Of one that turns out to be."""
    return Standing(row, "hidden", refusal(row.pid), with_more_rights())


def host_pid() -> int:
    """Who stands for the host: process 1 or, where that may not be read, this one."""
    return 1 if _may_read(1) else os.getpid()


def _may_read(pid: int) -> bool:
    try:
        return bool(namespaces.inodes(pid))
    except OSError:
        return False


def refusal(pid: int) -> str:
    """Why a process may not be looked at."""
    try:
        owner = identity.read(pid).uids.effective
    except OSError:
        return "it has ended meanwhile"
    if owner == os.geteuid():
        return "the kernel protects it from those outside of it (ptrace(2))"
    if owner == identity.OVERFLOW:
        return "its user has no number in our user namespace, so ours has no power over it"
    return f"it runs as user {owner}"


def with_more_rights() -> str:
    """What to do where something may not be read: nothing, for root, who is refused by a security module or a sandbox."""
    return "the same with sudo" if os.geteuid() else ""
