"""Thirty learners on one machine, each at a real terminal on a real stage: what one of them costs, and what one of them
feels of the others, and of one who sets off a fork bomb.

    NSPLAY_CROWD=8 python -m tests.bench crowd      # fewer
"""

import contextlib
import os
import pty
import re
import selectors
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from nsplay.kernel import processes, tty
from tests.bench.start import BIN

MANY: Final = int(os.environ.get("NSPLAY_CROWD", "30"))
COMMANDS: Final = 15
IDLE: Final = 5.0  # seconds
DEADLINE: Final = 300.0  # seconds
TICKS: Final = os.sysconf("SC_CLK_TCK")
PROMPT: Final = b"READY# "
# Forks until the stage's limit refuses, and on; it goes with the stage.
BOMB: Final = "bomb() { bomb | bomb & }; bomb 2>/dev/null"

MEMORY_LIMIT: Final = 60.0  # MB a learner, shared pages divided among those who share them
IDLE_LIMIT: Final = 1.0  # percent of a processor
START_LIMIT: Final = 2.0
ANSWER_LIMIT: Final = 2.0
BOMB_LIMIT: Final = 3.0


class Learner:
    """One session of nsplay's in the UTS lesson. pid: nsplay's. seen: the end of what it has said."""

    def __init__(self, state: Path) -> None:
        state.mkdir()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            env = {**os.environ, "XDG_STATE_HOME": str(state), "HOME": str(state), "TERM": "xterm"}
            os.execve(
                f"{BIN}/nsplay",
                ["nsplay", "uts"],
                env | {"PS1": PROMPT.decode(), "SHELL": "/bin/dash", "COLORFGBG": "15;0"},
            )
        self.seen = b""

    def family(self) -> list[processes.Process]:
        """nsplay and all that it has made."""
        own = processes.read(self.pid)
        return [*([own] if own else []), *tty.descendants(self.pid)]

    def memory(self) -> float:
        """MB, as PSS in proc(5): a page that several share counts by its part."""
        total = 0
        for who in self.family():
            with contextlib.suppress(OSError):
                found = re.search(r"Pss:\s+(\d+) kB", Path(f"/proc/{who.pid}/smaps_rollup").read_text())
                total += int(found[1]) if found else 0
        return total / 1024

    def ran(self) -> float:
        """Seconds on a processor so far."""
        total = 0
        for who in self.family():
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{who.pid}/stat").read_text().rpartition(")")[2].split()
                total += int(fields[11]) + int(fields[12])
        return total / TICKS


class Crowd:
    """Learners, all of whose terminals are read, so that none waits for us."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._selector = folder, selectors.DefaultSelector()
        self.learners: list[Learner] = []

    def join(self) -> Learner:
        learner = Learner(self._folder / str(len(self.learners)))
        self.learners.append(learner)
        self._selector.register(learner.fd, selectors.EVENT_READ, learner)
        return learner

    def read(self, seconds: float) -> None:
        for key, _ in self._selector.select(max(seconds, 0.0)):
            key.data.seen = (key.data.seen + os.read(key.fd, 1 << 16))[-1 << 14 :]

    def until(self, learner: Learner, pattern: bytes) -> None:
        end = time.monotonic() + DEADLINE
        while not re.search(pattern, learner.seen):
            if time.monotonic() > end:
                raise SystemExit(f"{pattern!r} never came, but {learner.seen[-300:]!r}")
            self.read(end - time.monotonic())

    def pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.read(left)

    def answer(self, learner: Learner, number: int) -> float:
        """Seconds from Enter to the next prompt."""
        learner.seen = b""
        began = time.perf_counter()
        os.write(learner.fd, b"echo A$((%d+1))B\r" % number)
        self.until(learner, b"A%dB(?s:.*)%s" % (number + 1, PROMPT))
        return time.perf_counter() - began

    def answers(self, learner: Learner) -> list[float]:
        return sorted(self.answer(learner, number) for number in range(COMMANDS))

    def leave(self) -> None:
        """All windows are closed."""
        self._selector.close()
        for learner in self.learners:
            os.close(learner.fd)
        for learner in self.learners:
            os.waitpid(learner.pid, 0)


@contextlib.contextmanager
def crowd() -> Iterator[Crowd]:
    with tempfile.TemporaryDirectory(prefix="nsplay-bench-") as folder:
        found = Crowd(Path(folder))
        try:
            yield found
        finally:
            found.leave()


def rows() -> list[tuple[str, float, float]]:
    """(what, measured, limit)."""
    with crowd() as room:
        began = time.perf_counter()
        first = room.join()
        room.until(first, PROMPT)
        start = time.perf_counter() - began
        alone = room.answers(first)

        began = time.perf_counter()
        others = [room.join() for _ in range(MANY - 1)]
        for other in others:
            room.until(other, PROMPT)
        starts = time.perf_counter() - began
        beside = room.answers(first)

        before = [learner.ran() for learner in room.learners]
        room.pause(IDLE)
        idle = [learner.ran() - ran for learner, ran in zip(room.learners, before, strict=True)]
        memory = [learner.memory() for learner in room.learners]

        os.write(others[0].fd, BOMB.encode() + b"\r")
        room.pause(1.0)  # till it is at its limit
        bombed = room.answers(first)
        size = len(others[0].family())
    middle = statistics.median
    print(
        f"  answers in ms, alone {_ms(alone)}, with {MANY - 1} others {_ms(beside)}, with a bomb of {size} {_ms(bombed)}",
        file=sys.stderr,
    )
    return [
        (f"{MANY} learners: memory of one (PSS), MB", middle(memory), MEMORY_LIMIT),
        (f"{MANY} learners: an idle one, % of a processor", middle(idle) / IDLE * 100, IDLE_LIMIT),
        (f"{MANY} starts at once, to as many one by one", starts / (MANY - 1) / start, START_LIMIT),
        (f"a command with {MANY - 1} others there, to alone", middle(beside) / middle(alone), ANSWER_LIMIT),
        ("a command beside another's fork bomb, to without", middle(bombed) / middle(beside), BOMB_LIMIT),
    ]


def _ms(times: list[float]) -> str:
    return f"{statistics.median(times) * 1000:.0f} (worst {times[-1] * 1000:.0f})"
