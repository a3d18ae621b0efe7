"""What a stage is asked for, and what came of it. Named tuples: this is imported before anything else, and
must be quick.
"""

import itertools
import os
from typing import Final, NamedTuple

_counter: Final = itertools.count(1)


class Options(NamedTuple):
    """What kind of stage is wanted.

    ident: part of every name that the stage makes on the machine (`fresh_ident`). fence: False for the bare
    machine.
    off: mechanisms not to use, by the names of `Mechanism`, and "landlock" or "notify" for one way to hold
    signals.
    pids: processes at most. memory: bytes at most, files in the scratch places included.
    keep: folders that stay readable inside even if a scratch place covers them.
    disk: the folder for the image of a disk that the stage lends (disk.py); "" for none.
    """

    ident: str
    fence: bool = True
    off: frozenset[str] = frozenset()
    pids: int = 512
    memory: int = 1 << 30
    keep: tuple[str, ...] = ()
    disk: str = ""


class Mechanism(NamedTuple):
    """One part of the fence: does it hold on this machine, and how or why not (a few words, may be empty)."""

    name: str
    works: bool
    why: str = ""


class Report(NamedTuple):
    """How the stage stands.

    mechanisms: in the order in which they were tried. root: False when it stands in a user namespace of its
    own, because whoever started nsplay has no CAP_SYS_ADMIN.
    """

    mechanisms: tuple[Mechanism, ...]
    root: bool

    def works(self, name: str) -> bool:
        """Does the mechanism of this name hold?"""
        return any(mechanism.works for mechanism in self.mechanisms if mechanism.name == name)


def fresh_ident() -> str:
    """An ident that no living stage has: nsplay's pid, then a number that is new in this process."""
    return f"{os.getpid()}-{next(_counter)}"


def label(ident: str) -> str:
    """The name of the stage's groups and the source of its mounts: `nsplay-IDENT`."""
    return f"nsplay-{ident}"
