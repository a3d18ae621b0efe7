"""The suite, part by part, as root and as an ordinary user, each after a real login. What was skipped comes last.

`python3 -m tests.vm.inside [WORD...]`: only the parts whose names have one of these words in them.
"""

import os
import re
import shlex
import subprocess
import sys
import time
from typing import Final, NamedTuple

from tests.vm.inside import here
from tests.vm.suite import Part, parts

# What this machine can't have; anything else that is skipped is a failure.
EXPECTED: Final = re.compile(r"needs (Linux 6\.12|Landlock with signals)|needs root")
SKIPPED: Final = re.compile(
    r"^(?:SKIPPED|-) (\[\d+\] .*|\S+: can't run here: .*)$", re.MULTILINE
)  # tests; lessons


class Result(NamedTuple):
    """What came of a part. skipped: the lines that say so."""

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
    line = f"cd /srv/nsplay && NSPLAY_SLOW={slow} exec timeout {part.seconds:.0f} {part.command}"
    with subprocess.Popen(["su", "-l", part.user, "-c", line], stdout=subprocess.PIPE) as job:
        assert job.stdout
        while data := os.read(job.stdout.fileno(), 65536):
            os.write(1, data)
            said += data
    skipped = SKIPPED.findall(said.decode(errors="replace").replace("\r\n", "\n"))
    return Result(part, job.returncode, time.monotonic() - began, skipped)


def main(words: list[str]) -> int:
    """Every part, whatever became of the ones before; 0 when all of it holds."""
    assert here()
    # A network card, as every machine has one: with lo alone, two networks look the same.
    subprocess.run(["ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1"], check=True)
    results = [
        play(part) for part in parts() if not words or any(word in part.name.split(", ") for word in words)
    ]
    print("-- summary")
    for line in dict.fromkeys(line for result in results for line in result.skipped):
        print(f"   skipped: {line}" + ("" if EXPECTED.search(line) else "  <- not expected here"))
    for result in results:
        verdict = "ok" if result.passed else f"FAILED ({result.status})"
        print(f"   {result.part.name}: {verdict} ({result.seconds:.0f} s)")
    return 0 if results and all(result.passed for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
