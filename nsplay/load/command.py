"""`nsplay load WHAT ...`: which load, and what goes wrong with it, in sentences."""

import importlib
import os
import sys
from collections.abc import Sequence

from nsplay.load.tell import meaning, say, trouble
from nsplay.load.words import Wrong

LOADS = ("cpu", "memory", "io", "pids", "net")
OPENING = """\
A load for the group that it runs in. It is bounded by itself; Ctrl-C ends it at
once, with all that it started."""
ENDING = """\
Exit status: 0 all of it was had, 1 the kernel refused some of it or time was
over, 2 wrong usage, 128 + N ended by signal N (137: killed, 130: Ctrl-C)."""
NAME = "nsplay-load"


def main(words: Sequence[str]) -> int:
    """words: what stands behind `nsplay load`. The exit status."""
    try:
        return _run(words)
    except Wrong as wrong:
        _complain(f"{wrong}\nTry: nsplay load --help")
        return 2
    except BrokenPipeError:  # nobody reads any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _complain(f"{where}{trouble(error.errno or 0)}{meaning(error.errno or 0)}")
        return 1
    except KeyboardInterrupt:  # before there was anything to end
        return 130


def _run(words: Sequence[str]) -> int:
    if not words or words[0] in ("--help", "-h", "help"):
        usages = [importlib.import_module(f"nsplay.load.{load}").USAGE for load in LOADS]
        say("\n\n".join([OPENING, *usages, ENDING]))
        return 0 if words else 2
    load, *rest = words
    if load not in LOADS:
        raise Wrong(f"there is no load {load}; there are {', '.join(LOADS)}")
    module = importlib.import_module(f"nsplay.load.{load}")
    if "--help" in rest or "-h" in rest:
        say(module.USAGE)
        return 0
    _be_called(f"{NAME}-{load}"[:15])
    return int(module.run(rest))


def _be_called(name: str) -> None:
    """What ps and the kernel's log call this process: 15 characters at most (proc(5), comm)."""
    try:
        with open("/proc/self/comm", "w", encoding="ascii") as comm:
            comm.write(name)
    except OSError:
        pass


def _complain(words: str) -> None:
    sys.stderr.write(f"nsplay load: {words}\n")
