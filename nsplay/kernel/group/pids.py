"""How many processes and threads it may have. Documentation/admin-guide/cgroup-v2.rst, "PID"; cgroup-v1/pids.rst."""

from typing import NamedTuple

from nsplay.kernel.group.files import Folders, Limit


class Pids(NamedTuple):
    """Threads count, too. A None: the controller isn't there, or this kernel doesn't say."""

    limit: Limit | None = None
    used: int | None = None
    peak: int | None = None  # Linux 6.1
    refused: int | None = None  # forks that failed at the limit


def read(folders: Folders) -> Pids:
    """The files are the same in both versions."""
    if (files := folders.of("pids")) is None:
        return Pids()
    return Pids(
        files.limit("pids.max"),
        files.number("pids.current"),
        files.number("pids.peak"),
        files.counts("pids.events").get("max"),
    )
