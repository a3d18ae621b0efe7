"""The suite, part by part, as root and as an ordinary user, each after a real login. What was skipped comes last."""

import os
import re
import shlex
import subprocess
import sys
import time
from typing import Final, NamedTuple

from tests.vm.inside import here

# A short folder: with a long one a prompt doesn't fit a row.
PYTEST: Final = (
    "env NSPLAY_FAULTS=4 python3 -m pytest -n 2 --dist loadgroup --reruns 1 -rsR --basetemp /tmp/t-$USER"
)
# Where the answer is the kernel's; what is only the screen's is the same everywhere.
KERNELS: Final = "tests/kernel tests/stage tests/terminal/test_waiting.py tests/terminal/test_places.py"
USERS: Final = "tests/vm/inside/test_scope.py tests/stage/test_terminals.py tests/play/test_faults.py"
LESSONS: Final = "nsplay lesson test"
PART_TIME: Final = 900  # seconds, for one that hangs
# What this machine can't have; anything else that is skipped is a failure.
EXPECTED: Final = re.compile(r"needs (Linux 6\.12|Landlock with signals)|needs root")


class Part(NamedTuple):
    """One command of the suite."""

    name: str
    user: str
    command: str


PARTS: Final = (
    Part("tests, root", "root", f"{PYTEST} {KERNELS} tests/play/test_faults.py"),
    Part("lessons, root", "root", LESSONS),
    Part("tests, learner", "learner", f"{PYTEST} {USERS}"),
    Part("lessons, learner", "learner", LESSONS),
    # A link of that kind in a test or a lesson loads the module that a danger wants to load.
    Part(
        "dangers",
        "root",
        "sh -c 'modprobe -r dummy; exec python3 -m pytest -rs tests/vm/inside/test_dangers.py'",
    ),
)


class Result(NamedTuple):
    """What came of a part. skipped: pytest's lines."""

    part: Part
    status: int
    seconds: float
    skipped: list[str]

    @property
    def passed(self) -> bool:
        return self.status == 0 and all(EXPECTED.search(line) for line in self.skipped)


def play(part: Part) -> Result:
    """Runs it; its output is seen as it comes."""
    print(f"-- {part.name}", flush=True)
    began, said = time.monotonic(), b""
    slow = shlex.quote(os.environ.get("NSPLAY_SLOW", "1"))
    line = f"cd /srv/nsplay && NSPLAY_SLOW={slow} exec timeout {PART_TIME} {part.command}"
    with subprocess.Popen(["su", "-l", part.user, "-c", line], stdout=subprocess.PIPE) as job:
        assert job.stdout
        while data := os.read(job.stdout.fileno(), 65536):
            os.write(1, data)
            said += data
    skipped = re.findall(r"^SKIPPED (.*)$", said.decode(errors="replace"), re.MULTILINE)
    return Result(part, job.returncode, time.monotonic() - began, skipped)


def main() -> int:
    """Every part, whatever became of the ones before; 0 when all of it holds."""
    assert here()
    # A network card, as every machine has one: with lo alone, two networks look the same.
    subprocess.run(["ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1"], check=True)
    results = [play(part) for part in PARTS]
    print("-- summary")
    for line in dict.fromkeys(line for result in results for line in result.skipped):
        print(f"   skipped: {line}" + ("" if EXPECTED.search(line) else "  <- not expected here"))
    for result in results:
        verdict = "ok" if result.passed else f"FAILED ({result.status})"
        print(f"   {result.part.name}: {verdict} ({result.seconds:.0f} s)")
    return 0 if all(result.passed for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
