"""A group for a test, on whichever version has the controller."""

import contextlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from nsplay.kernel import cgroups
from nsplay.stage.groups import write

_numbers = itertools.count()


@contextlib.contextmanager
def group(controller: str, **limits: int) -> Iterator[Path]:
    """A folder of its own below where this process stands; limits by version 1's or 2's names, dots as underscores: those
    that aren't there are left out. Skips where it can't be made.
    """
    tree = next((each for each in cgroups.hierarchies() if controller in each.controllers), None)
    if tree is None or os.geteuid():
        pytest.skip(f"needs root and a cgroup controller {controller}")
    place = Path(tree.mountpoint) / f"nsplay-{os.getpid()}.load{next(_numbers)}"
    given = (
        tree.version == 2 and controller not in (place.parent / "cgroup.subtree_control").read_text().split()
    )
    if given:
        write(f"{place.parent}/cgroup.subtree_control", f"+{controller}")
    place.mkdir()
    try:
        for name, value in limits.items():
            with contextlib.suppress(FileNotFoundError):
                write(f"{place}/{controller}.{name}", str(value))
        yield place
    finally:
        place.rmdir()
        if given:
            write(f"{place.parent}/cgroup.subtree_control", f"-{controller}")
