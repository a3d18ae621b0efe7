"""What the learner did in a lesson: the receipt is made of it."""

import time
from dataclasses import dataclass, field
from typing import Final

from nsplay.changes import changes
from nsplay.snapshot import Snapshot

# What a command changes for good: done a second time it changes it once more, or is refused.
LASTING: Final = frozenset({"mount", "hostname", "domainname", "links", "addresses", "routes"})


@dataclass
class Deed:
    """One line that the learner typed, and the looks before and after it: the receipt is made of these."""

    line: str
    before: Snapshot
    after: Snapshot

    @property
    def lasting(self) -> bool:
        """Did it change something for good?"""
        found = changes(self.before, self.after)
        return any(one.kind != "same" and one.side != "machine" and one.what in LASTING for one in found)


@dataclass
class Tally:
    """What the receipt says of the learner."""

    deeds: list[Deed] = field(default_factory=list)
    guesses: int = 0
    right: int = 0
    hints: int = 0
    skipped: int = 0
    began: float = field(default_factory=time.monotonic)
