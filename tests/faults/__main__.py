"""`python -m tests.faults [--count N] [--seed S] [--only N]`: kills at random moments of all lessons, a thousand by default."""

import argparse
import multiprocessing
import sys
import tempfile
import time
import traceback
from pathlib import Path

from nsplay.kernel.syscalls import PR_SET_CHILD_SUBREAPER, prctl
from tests import machine
from tests.faults.case import draw
from tests.faults.trial import Trial

WORKERS = 2


def prepare() -> None:
    """In each worker: orphans come to it, and temporary files lie in a folder of its own."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)


def attempt(job: tuple[int, int]) -> tuple[int, str, str]:
    """Number, case and what is wrong ("" for nothing)."""
    number, seed = job
    case = draw(number, seed)
    before, wrong = machine.look(), ""
    with tempfile.TemporaryDirectory(prefix="nsplay-faults-", ignore_cleanup_errors=True) as home:
        try:
            Trial(case, Path(home)).run()
        except AssertionError as error:
            wrong = str(error)
        except Exception:  # noqa: BLE001 - told with its case
            wrong = traceback.format_exc()
        left = [line for line in machine.changes(before) if not line.startswith("files:")]
    return number, str(case), "; ".join(filter(None, [wrong, *left]))


def main() -> int:
    """0 when nothing is wrong; 1; 130 after Ctrl-C."""
    parser = argparse.ArgumentParser("python -m tests.faults", description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, metavar="N", help="this case alone")
    args = parser.parse_args()
    numbers = [args.only] if args.only is not None else list(range(args.count))
    began, failed = time.monotonic(), 0
    with multiprocessing.get_context("fork").Pool(min(WORKERS, len(numbers)), prepare) as pool:
        results = pool.imap_unordered(attempt, [(number, args.seed) for number in numbers])
        for count, (_, case, wrong) in enumerate(results, 1):
            if wrong:
                failed += 1
                print(f"\r\033[KFAILED {case}\n    {wrong}", flush=True)
            if sys.stdout.isatty() or count % 50 == 0 or count == len(numbers):
                end = "" if sys.stdout.isatty() and count < len(numbers) else "\n"
                seconds = time.monotonic() - began
                print(f"\r{count} of {len(numbers)}, {failed} failed, {seconds:.0f} s ", end=end, flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\ninterrupted")
        sys.exit(130)
