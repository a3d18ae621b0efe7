"""How many processes and threads it may have. Documentation/admin-guide/cgroup-v2.rst, "PID"; cgroup-v1/pids.rst."""

from typing import NamedTuple

from nsplay.kernel.group.files import Files, Folders, Limit


class Pids(NamedTuple):
    """Threads count, too. A None: the controller isn't there, or this kernel doesn't say."""

    limit: Limit | None = None
    used: int | None = None
    peak: int | None = None  # Linux 6.1
    refused: int | None = None  # forks that failed at the limit, as the group's own file counts them
    refused_below: int | None = None  # the same of it and all groups below


def read(folders: Folders) -> Pids:
    """The files are the same in both versions."""
    if (files := folders.of("pids")) is None:
        return Pids()
    return Pids(
        files.limit("pids.max"),
        files.number("pids.current"),
        files.number("pids.peak"),
        files.counts("pids.events").get("max"),
        _below(files),
    )


def _below(files: Files) -> int | None:
    """A fork that fails is counted in the group that forked, wherever above it the limit is. On version 2 since Linux 6.11,
    which has pids.events.local, in the group with the limit and in all above that.
    """
    own = files.counts("pids.events").get("max")
    if own is None or files.text("pids.events.local") is not None:
        return own
    inner = (Files(files.version, f"{files.folder}/{name}") for name in files.folders())
    return own + sum(_below(each) or 0 for each in inner)
