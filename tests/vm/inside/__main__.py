"""The suite, part by part, as root and as an ordinary user, each after a real login. What was skipped comes last.

`python3 -m tests.vm.inside [WORD...]`: only those parts; see `suite.chosen`.
"""

import os
import re
import shlex
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

from nsplay.stage import bpf
from tests.vm.inside import here
from tests.vm.suite import Part, chosen

# What this machine, or an ordinary user of it, can't have; anything else that is skipped is a failure.
EXPECTED: Final = re.compile(
    r"needs (Linux 6\.12|Landlock with signals)|needs root|needs version 1's blkio"
    r"|systemd lets you have cpu memory pids, not (cpuset|io) "
)
SKIPPED: Final = re.compile(
    r"^(?:SKIPPED|-) (\[\d+\] .*|\S+: can't run here: .*)$", re.MULTILINE
)  # tests; lessons


FAILED: Final = re.compile(r"^FAILED (\S+): \d+ steps$", re.MULTILINE)  # a lesson


class Result(NamedTuple):
    """What came of a part. skipped: the lines that say so. again: lessons that took a second try."""

    part: Part
    status: int
    seconds: float
    skipped: list[str]
    again: list[str]

    @property
    def passed(self) -> bool:
        return self.status == 0 and all(EXPECTED.search(line) for line in self.skipped)

    def __str__(self) -> str:
        verdict = "ok" if self.passed else f"FAILED ({self.status})"
        second = f", the second try of {', '.join(self.again)}" if self.again else ""
        return f"{self.part.name}: {verdict}{second} ({self.seconds:.0f} s)"


def play(part: Part) -> Result:
    """Runs it, and once more the lessons in it that failed: a real terminal can lose to a busy machine."""
    print(f"-- {part.name}", flush=True)
    began = time.monotonic()
    status, said = run(part, part.command)
    skipped = SKIPPED.findall(said)
    again = FAILED.findall(said) if part.again and status == 1 else []
    if again:
        print(f"-- {part.name}, again: {', '.join(again)}", flush=True)
        status, _ = run(part, shlex.join([*shlex.split(part.again), *again]))
    return Result(part, status, time.monotonic() - began, skipped, again)


def run(part: Part, command: str) -> tuple[int, str]:
    """The exit status, and the output; each line of it is seen as soon as it is whole."""
    slow = shlex.quote(os.environ.get("NSPLAY_SLOW", "1"))
    line = f"cd /srv/nsplay && NSPLAY_SLOW={slow} exec timeout {part.seconds:.0f} {command}"
    said = []
    with subprocess.Popen(
        ["su", "-l", part.user, "-c", line], stdout=subprocess.PIPE, text=True, errors="replace"
    ) as job:
        assert job.stdout
        for text in job.stdout:
            said.append(text)
            print(f"{part.user:8}{text}", end="", flush=True)
    return job.returncode, "".join(said)


def hold_a_key() -> None:
    """Ties a program for sysctls to an empty group, for as long as the machine runs.

    With the first of its kind and after the last the kernel rewrites its own code (a static key). Stages make and end
    their first and last all the time, and a processor that QEMU emulates beside another can go on with the old code for
    ever: both stood in proc_sys_call_handler, at a breakpoint that wasn't there any more.
    """
    group = "/sys/fs/cgroup/key"
    os.mkdir(group)
    bpf.guard_sysctls(group)


def main(words: list[str]) -> int:
    """Every part, whatever became of the ones before; 0 when all of it holds."""
    assert here()
    # A network card, as every machine has one: with lo alone, two networks look the same.
    subprocess.run(["ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1"], check=True)
    hold_a_key()
    results: list[Result] = []
    for parts in chosen(words):
        with ThreadPoolExecutor(len(parts)) as beside:
            results += beside.map(play, parts)
    print("-- summary")
    for line in dict.fromkeys(line for result in results for line in result.skipped):
        print(f"   skipped: {line}" + ("" if EXPECTED.search(line) else "  <- not expected here"))
    for result in results:
        print(f"   {result}")
    return 0 if results and all(result.passed for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
