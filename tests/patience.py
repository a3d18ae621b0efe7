"""How long tests wait for what must come. An emulated machine says that it is slow: NSPLAY_SLOW=10 (tests/vm)."""

import os
from typing import Final

SLOW: Final = float(os.environ.get("NSPLAY_SLOW", "1"))


def patience(seconds: float) -> float:
    """A limit on time, as long as this machine needs it to be."""
    return seconds * SLOW
