"""`python -m tests.bench [NAME ...]`: every timing as a table. Ratios are taken in one run, so that the machine cancels out."""

import importlib
import sys

PARTS = ("start", "terminal", "snapshot", "look", "stage", "crowd")


def main(names: list[str]) -> int:
    """Prints a row a figure; 1 when one is over its limit."""
    over = 0
    print(f"{'':2}{'what':62}{'measured':>10}{'limit':>8}")
    for part in names or PARTS:
        for what, measured, limit in importlib.import_module(f"tests.bench.{part}").rows():
            over += measured > limit
            print(f"{'!' if measured > limit else ' ':2}{what:62}{measured:10.2f}{limit:8.2f}", flush=True)
    return min(over, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
