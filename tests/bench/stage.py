"""How long a stage takes to stand, and how long after a kill -9 of nsplay everything is gone. In milliseconds."""

import os
import select
import signal
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

from nsplay.kernel import processes
from nsplay.kernel.syscalls import PR_SET_CHILD_SUBREAPER, prctl
from nsplay.stage import groups
from nsplay.stage.fence import has_root
from nsplay.stage.journal import FOLDER
from nsplay.stage.options import Options, fresh_ident
from nsplay.stage.stage import Stage
from tests.stage.house import Nsplay, reap

ROUNDS: Final = 15
UP_LIMIT: Final = 40.0
GONE_LIMIT: Final = 50.0
BUSY: Final = "for n in $(seq 20); do setsid sleep 1000 & done; (setsid sh -c 'sleep 1001 & sleep 1002' &); echo up; wait"


def rows() -> list[tuple[str, float, float]]:
    """(what, median in ms, limit in ms)."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    count = len(groups.hierarchies(has_root()))
    with tempfile.TemporaryDirectory() as folder:
        up = statistics.median(_up(Path(folder)) for _ in range(ROUNDS))
        gone = statistics.median(_gone(Path(folder)) for _ in range(ROUNDS))
    return [
        (f"stage up with {count} hierarchies, ms", up, UP_LIMIT),
        ("25 processes and the stage gone after kill -9 of nsplay, ms", gone, GONE_LIMIT),
    ]


def _up(state: Path) -> float:
    before = time.perf_counter()
    with Stage.start(Options(fresh_ident()), state) as stage:
        stage.wait()
        return (time.perf_counter() - before) * 1000


def _gone(state: Path) -> float:
    """From the kill till the warden, the last of all, has removed its journal and ended."""
    with Nsplay(Options(fresh_ident()), state, BUSY) as nsplay:
        nsplay.wait_up()
        warden = processes.children(nsplay.pid)[0]
        poll = select.poll()
        fd = os.pidfd_open(warden)
        poll.register(fd, select.POLLIN)
        before = time.perf_counter()
        os.kill(nsplay.pid, signal.SIGKILL)
        poll.poll()
        took = (time.perf_counter() - before) * 1000
        os.close(fd)
        nsplay.end()
    reap()
    assert not list((state / FOLDER).iterdir()), "something was left"
    return took
