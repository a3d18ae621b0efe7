"""Kills at random moments of the lessons: nothing stays behind, and progress is never damaged. See tests/faults."""

import os
import signal
from pathlib import Path

import pytest

from nsplay.kernel import processes
from tests.faults.case import draw, environment
from tests.faults.trial import Trial
from tests.faults.window import Window
from tests.patience import patience

COUNT = int(os.environ.get("NSPLAY_FAULTS", "100"))


@pytest.mark.parametrize("number", range(COUNT))
def test_a_kill_at_a_random_moment(tmp_path: Path, number: int) -> None:
    """Again alone: python -m tests.faults --only NUMBER."""
    Trial(draw(number), tmp_path).run()


def test_a_terminal_that_is_gone_before_the_hang_up_is_heard(tmp_path: Path) -> None:
    """The kernel takes the terminal away first, and sends the signal then."""
    window = Window(
        ["uts", "--yes"],
        environment(str(tmp_path)),
        first=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP}),
    )
    assert window.until(lambda: bool(processes.children(window.pid)), patience(20.0))
    window.hang_up()
    assert window.ended(patience(20.0)) and window.process.returncode == 3
    assert not list(tmp_path.glob("nsplay-fault-*"))
