"""Facts of the process table as a pid namespace has it."""

from collections.abc import Callable
from typing import Final

from nsplay.fact.base import At, Fact, Read
from nsplay.kernel.processes import Init, Process
from nsplay.snapshot import init_of_children


def _mine(at: At) -> tuple[Process, ...]:
    return tuple(row for row in at.side.processes if row.pid in at.snapshot.stage_pids)


def _yours(at: At) -> int | None:
    return len(_mine(at)) if at.side.process else None


def _programs(at: At) -> tuple[str, ...] | None:
    stage = at.snapshot.host.pid
    alive = (row.comm for row in _mine(at) if row.pid != stage and row.state not in "ZX")
    return tuple(dict.fromkeys(alive)) if at.side.process else None


def _zombies(at: At) -> int | None:
    return sum(row.state == "Z" for row in _mine(at)) if at.side.process else None


def _inits(count: Callable[[Init, str], bool]) -> Read:
    def read(at: At) -> int | None:
        if at.side.process is None:
            return None
        depth, inits = len(at.side.process.nspids), at.snapshot.inits
        further = (row.pid for row in at.side.processes if len(row.nspids) > depth)
        return sum(count(inits[pid], at.word) for pid in further if pid in inits)

    return read


def _isolated(at: At) -> bool | None:
    here, host = at.side.ns.get("pid"), at.snapshot.host.ns.get("pid")
    return here != host and at.side.proc_own if here and host and at.side.proc_own is not None else None


# fmt: off
FACTS: Final = (
    Fact("nspid", "id", "processes", "what its process calls itself",
         lambda at: at.side.process and at.side.process.nspids[-1]),
    Fact("processes", "count", "processes", "how many processes have a number in its pid namespace",
         lambda at: len(at.side.processes) if at.side.process else None, busy=True),
    Fact("processes.yours", "count", "processes", "how many of them are below the stage", _yours),
    Fact("programs", "list", "processes", "what those that live are called, each name once", _programs, busy=True),
    Fact("ps", "count", "processes", "how many processes ps lists there", lambda at: at.side.ps, busy=True),
    Fact("pids", "count", "processes", "how many numbers its process has: one in each pid namespace it is in",
         lambda at: at.side.process and len(at.side.process.nspids)),
    Fact("children.init", "text", "processes",
         "pid 1 of the pid namespace that its next child is born in: none yet, alive or gone",
         lambda at: init_of_children(at.snapshot, at.side)),
    Fact("zombies", "count", "processes",
         "how many processes below the stage have ended there, and nobody waited for them", _zombies),
    Fact("inits", "count", "processes",
         "how many pid namespaces inside of its own, and below the stage, have a pid 1 that lives",
         _inits(lambda init, word: True)),
    Fact("inits.proc.own", "count", "processes", "how many of those see a /proc of their own pid namespace",
         _inits(lambda init, word: init.proc_own is True)),
    Fact("inits.catching.SIGNAL", "count", "processes", "how many of those have a handler for SIGNAL",
         _inits(lambda init, signal: signal in init.caught)),
    Fact("ps.isolated", "yes or no", "processes",
         "is the pid namespace that ps lists there its own, and not the host's?", _isolated),
    Fact("proc.own", "yes or no", "processes", "does its /proc belong to its pid namespace?",
         lambda at: at.side.proc_own),
)
# fmt: on
