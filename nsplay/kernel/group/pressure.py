"""Who waits for what: pressure stall information. Documentation/accounting/psi.rst (Linux 4.20, at least)."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from nsplay.kernel.group.files import Files, Folders

RESOURCES: Final = ("cpu", "memory", "io")


class Stall(NamedTuple):
    """Shares of time in percent over the last seconds, and the whole in microseconds."""

    avg10: float
    avg60: float
    avg300: float
    total: int


class Pressure(NamedTuple):
    """of `some`: at least one waited; `full`: nobody could work. A None: not told (cpu has no full before Linux 5.13)."""

    some: Stall | None = None
    full: Stall | None = None


def read(folders: Folders) -> Mapping[str, Pressure]:
    """Of a group, by resource: in the tree of version 2, where no controller is needed. Empty: not told."""
    return _of(folders.unified, "{}.pressure") if folders.unified else {}


def system(proc: str = "/proc") -> Mapping[str, Pressure]:
    """Of the whole machine. Empty where the kernel was built or started without it."""
    return _of(Files(2, f"{proc}/pressure"), "{}")


def _of(files: Files, name: str) -> Mapping[str, Pressure]:
    found = {what: parse(files.lines(name.format(what))) for what in RESOURCES}
    return {what: one for what, one in found.items() if one != Pressure()}


def parse(lines: tuple[str, ...]) -> Pressure:
    """From `some avg10=0.00 avg60=0.00 avg300=0.00 total=0` and the same with full."""
    rows = {}
    for line in lines:
        kind, *pairs = line.split()
        values = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
        try:
            ten, sixty, longest = (float(values[name]) for name in ("avg10", "avg60", "avg300"))
            rows[kind] = Stall(ten, sixty, longest, int(values["total"]))
        except (KeyError, ValueError):
            continue
    return Pressure(rows.get("some"), rows.get("full"))
