"""Kills at random moments of the lessons: nothing stays behind, and progress is never damaged. See tests/faults."""

import os
from pathlib import Path

import pytest

from tests.faults.case import draw
from tests.faults.trial import Trial
from tests.play.learner import DEADLINE, learner

MOMENTS = (0.0, 0.003, 0.005, 0.008, 0.013, 0.02)  # seconds
COUNT = int(os.environ.get("NSPLAY_FAULTS", "100"))


@pytest.mark.parametrize("number", range(COUNT))
def test_a_kill_at_a_random_moment(tmp_path: Path, number: int) -> None:
    """Again alone: python -m tests.faults --only NUMBER."""
    Trial(draw(number), tmp_path).run()


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_window_that_closes_while_a_line_is_edited(tmp_path: Path, moment: float) -> None:
    """The signal can come between the editor's taking a step and doing it: that step is lost."""
    with learner(tmp_path, "uts", "--yes") as person:
        person.until("Make a UTS namespace.*READY# ").key(":reset\r")
        person.pump(moment)
        person.hang_up()
        assert person.process.wait(DEADLINE) == 129
