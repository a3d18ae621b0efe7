"""Block devices: limits and what has gone to them and come.

Documentation/admin-guide/cgroup-v2.rst, "IO"; cgroup-v1/blkio-controller.rst.
"""

import os
from collections import defaultdict
from collections.abc import Mapping
from typing import Final, NamedTuple

from nsplay.kernel.group.files import MAX, Files, Folders, Limit, limit

_LIMITS: Final = {
    "blkio.throttle.read_bps_device": "read",
    "blkio.throttle.write_bps_device": "write",
    "blkio.throttle.read_iops_device": "reads",
    "blkio.throttle.write_iops_device": "writes",
}
_MAX: Final = {"rbps": "read", "wbps": "write", "riops": "reads", "wiops": "writes"}
_STAT: Final = {"rbytes": "read", "wbytes": "write", "rios": "reads", "wios": "writes"}


class Four(NamedTuple):
    """One value for each way. read, write: bytes; reads, writes: how often. Limits are for a second."""

    read: Limit
    write: Limit
    reads: Limit
    writes: Limit


class Device(NamedTuple):
    """A block device that the group is limited on, or that it has used."""

    number: str  # "major:minor"
    name: str  # such as vda; the number where it can't be told
    limits: Four  # MAX where there is none
    done: Four


def read(folders: Folders, sys: str = "/sys") -> tuple[Device, ...] | None:
    """Device by device, in the order of their numbers; None: the controller isn't there."""
    files = home(folders)
    if files is None or (files.version == 2 and files.text("io.stat") is None):
        return None
    limits, done = _version_1(files) if files.version == 1 else _version_2(files)
    return tuple(
        Device(number, name(number, sys), _four(limits.get(number, {}), MAX), _four(done.get(number, {}), 0))
        for number in sorted({*limits, *done}, key=_order)
    )


def home(folders: Folders) -> Files | None:
    """Where the controller's files are: on version 1 it is called blkio."""
    return folders.of("blkio") if "blkio" in folders.homes else folders.of("io")


_Rows = Mapping[str, Mapping[str, Limit]]


def _version_1(files: Files) -> tuple[_Rows, _Rows]:
    limits: defaultdict[str, dict[str, Limit]] = defaultdict(dict)
    for name, way in _LIMITS.items():
        for line in files.lines(name):
            number, _, value = line.partition(" ")
            if (found := limit(value)) is not None:
                limits[number][way] = found
    done: defaultdict[str, dict[str, Limit]] = defaultdict(dict)
    for name, ways in (("io_service_bytes", ("read", "write")), ("io_serviced", ("reads", "writes"))):
        rows = files.lines(f"blkio.throttle.{name}_recursive") or files.lines(f"blkio.throttle.{name}")
        for words in map(str.split, rows):
            if len(words) == 3 and words[1] in ("Read", "Write") and words[2].isdecimal():
                done[words[0]][ways[words[1] == "Write"]] = int(words[2])
    return limits, done


def _version_2(files: Files) -> tuple[_Rows, _Rows]:
    return _keyed(files, "io.max", _MAX), _keyed(files, "io.stat", _STAT)


def _keyed(files: Files, name: str, ways: Mapping[str, str]) -> _Rows:
    """The lines `8:0 key=value key=value` of a file."""
    found: dict[str, dict[str, Limit]] = {}
    for line in files.lines(name):
        number, *pairs = line.split()
        parts = (pair.partition("=") for pair in pairs)
        values = {ways[key]: limit(value) for key, _, value in parts if key in ways}
        found[number] = {way: value for way, value in values.items() if value is not None}
    return found


def _four(row: Mapping[str, Limit], otherwise: Limit) -> Four:
    return Four(*(row.get(way, otherwise) for way in Four._fields))


def _order(number: str) -> tuple[int, ...]:
    return tuple(int(word) if word.isdecimal() else 0 for word in number.split(":"))


def name(number: str, sys: str = "/sys") -> str:
    """What a device is called in /dev."""
    try:
        return os.path.basename(os.readlink(f"{sys}/dev/block/{number}"))
    except OSError:
        return number


def tightest(devices: tuple[Device, ...], way: str) -> Limit:
    """The smallest of the devices' limits."""
    numbers = [value for one in devices if isinstance(value := getattr(one.limits, way), int)]
    return min(numbers, default=MAX)


def total(devices: tuple[Device, ...], way: str) -> int:
    """Of all devices together."""
    return sum(value for one in devices if isinstance(value := getattr(one.done, way), int))
