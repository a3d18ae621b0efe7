"""What the terminal costs, against the same shell on a plain pty in the same run: a command, a lot of output, memory."""

import codecs
import contextlib
import os
import re
import select
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.terminal.person import SHELLS, Workshop
from tests.terminal.product import Job, open_shell

COMMANDS: Final = 40
MEGABYTES: Final = 50
ROUNDS: Final = 5
ADDED_LIMIT: Final = 4.0  # ms
RELAY_LIMIT: Final = 1.1
MEMORY_LIMIT: Final = 45.0  # MB
DEADLINE: Final = 60.0  # seconds
STILL: Final = 0.05  # seconds
CELLS: Final = re.compile(r"[\x00-\x1f\x7f]|[^\x00-\x20\x7f]+| +")
PROMPT: Final = rb"# [^\n]*$"


@dataclass
class Line:
    """Our end of a pty: nothing is emulated."""

    fd: int
    pid: int
    folder: Path

    def until(self, pattern: bytes) -> bytes:
        seen, end = b"", time.monotonic() + DEADLINE
        while not re.search(pattern, seen):
            if not select.select([self.fd], [], [], end - time.monotonic())[0]:
                raise TimeoutError(f"{pattern!r} never came, but {seen[-200:]!r}")
            seen = (seen + os.read(self.fd, 1 << 16))[-4096:]
        return seen

    def still(self) -> None:
        while select.select([self.fd], [], [], STILL)[0]:
            os.read(self.fd, 1 << 16)

    def command(self, number: int) -> float:
        """Seconds from Enter to the next prompt, of a person who waits for it."""
        self.still()
        os.write(self.fd, b"echo A$((%d+1))B" % number)
        self.still()
        start = time.perf_counter()
        os.write(self.fd, b"\r")
        self.until(b"A%dB\r\n(?s:.*)# " % (number + 1))
        return time.perf_counter() - start

    def output(self) -> float:
        """Seconds that the big file takes, read as a quick terminal reads: decoded, and cut at every control.

        (Read blindly, by nobody who looks at a character, it is about 1.3 times: three programs, two processors.)
        """
        self.still()
        cells, decoder = [""], codecs.getincrementaldecoder("utf-8")("replace")
        start = time.perf_counter()
        os.write(self.fd, b"cat big; echo E$((1+1))D\r")
        while not any(cell.startswith("E2D") for cell in cells):
            cells = CELLS.findall(decoder.decode(os.read(self.fd, 1 << 16)))
        return time.perf_counter() - start

    def peak(self) -> float:
        """The most memory it has had, in MB."""
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text())
        return int(found[1]) / 1024 if found else 0.0


@contextlib.contextmanager
def line(workshop: Workshop | None, shell: str) -> Iterator[Line]:
    """A shell on a pty: through the terminal, or plain when there is no workshop."""
    folder = Path(tempfile.mkdtemp(prefix="bench"))
    (folder / ".bashrc").write_text("PS1='# '\n")
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "xterm", "LANG": "C.UTF-8", "PS1": "# "}
    master, slave = os.openpty()
    try:
        argv = SHELLS[shell]
        job = Job(str(folder), argv, env)
        pid = workshop.start(job, slave) if workshop else open_shell(slave, argv, env, str(folder))
        ours = Line(master, pid, folder)
        ours.until(PROMPT)
        yield ours
    finally:
        if workshop:
            workshop.sweep()
        os.close(slave)
        os.close(master)  # hangs up
        if not workshop:
            os.waitpid(pid, 0)
        shutil.rmtree(folder)


def rows() -> list[tuple[str, float, float]]:
    """(what, figure, limit), all from one run."""
    with contextlib.closing(Workshop()) as workshop:
        found = [row for shell in ("bash", "dash", "busybox") for row in _round_trip(workshop, shell)]
        return found + _relay(workshop)


def _round_trip(workshop: Workshop, shell: str) -> list[tuple[str, float, float]]:
    if not shutil.which(SHELLS[shell][0]):
        return []
    with line(workshop, shell) as ours, line(None, shell) as plain:
        times = [(ours.command(number), plain.command(number)) for number in range(COMMANDS)]
    added = statistics.median(our - bare for our, bare in times) * 1000
    return [(f"a command's round trip in {shell}, added ms", added, ADDED_LIMIT)]


def _relay(workshop: Workshop) -> list[tuple[str, float, float]]:
    with line(workshop, "dash") as ours, line(None, "dash") as plain:
        for each in (ours, plain):
            with (each.folder / "big").open("wb") as file:
                text = b"0123456789abcdefghijklmnopqrstuvwxyz, and so on till the line is full\n"
                file.write(text * (MEGABYTES * 1_000_000 // len(text)))
        times = [(ours.output(), plain.output()) for _ in range(ROUNDS)]
        ratio = min(our for our, _ in times) / min(bare for _, bare in times)  # others use this machine, too
        return [
            (f"relay of {MEGABYTES} MB, to cat on the same pty", ratio, RELAY_LIMIT),
            ("memory at its highest, MB", ours.peak(), MEMORY_LIMIT),
        ]


if __name__ == "__main__":
    for name, figure, limit in rows():
        print(f"{name:50} {figure:8.2f}  limit {limit}")
