"""What the learner did in a lesson: the receipt is made of it."""

import time
from dataclasses import dataclass, field

from nsplay.snapshot import Snapshot


@dataclass
class Deed:
    """One line that the learner typed, and the looks before and after it: the receipt is made of these."""

    line: str
    before: Snapshot
    after: Snapshot


@dataclass
class Tally:
    """What the receipt says of the learner."""

    deeds: list[Deed] = field(default_factory=list)
    guesses: int = 0
    right: int = 0
    hints: int = 0
    skipped: int = 0
    began: float = field(default_factory=time.monotonic)
