"""Kills at random moments of the lessons: nothing stays behind, and progress is never damaged. See tests/faults."""

import os
from pathlib import Path

import pytest

from tests.faults.case import draw
from tests.faults.trial import Trial

COUNT = int(os.environ.get("NSPLAY_FAULTS", "100"))


@pytest.mark.parametrize("number", range(COUNT))
def test_a_kill_at_a_random_moment(tmp_path: Path, number: int) -> None:
    """Again alone: python -m tests.faults --only NUMBER."""
    Trial(draw(number), tmp_path).run()
