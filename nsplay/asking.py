"""Whom `nsplay check` and `nsplay lesson facts` ask: a session that is being played, or any process; from outside."""

import os
import sys
from pathlib import Path
from typing import Final, NamedTuple

from nsplay import facts, sessions
from nsplay.errors import MachineError
from nsplay.kernel import identity, namespaces, processes
from nsplay.sessions import Facts, Running
from nsplay.snapshot import Snapshot, take

TRIES: Final = 5  # a program in front may end between two questions
YOURS: Final = (".yours", ".apart")  # facts of those below a stage


class Wish(NamedTuple):
    """Who is asked about: any process (--pid), the session of that nsplay (--session), else the newest session."""

    pid: int | None = None
    session: int | None = None


def note(text: str) -> None:
    """A sentence beside the answer, which has standard output for itself."""
    print(f"nsplay: {text}", file=sys.stderr)


def session(state: Path, wish: Wish) -> Running:
    """The session that is meant; says so when there are several. MachineError when there is none."""
    found = sessions.running(state)
    if not found:
        why = f"none is told of in {state / sessions.FOLDER}"
        raise MachineError("no session is being played", why, "nsplay LESSON, in another terminal")
    told = ", ".join(f"{one.pid} ({one.lesson}/{one.step})" for one in found)
    if wish.session is not None:
        for one in found:
            if one.pid == wish.session:
                return one
        raise MachineError(f"there is no session {wish.session}", f"there are: {told}")
    if len(found) > 1:
        note(f"{len(found)} sessions: {told}. Taken: the newest, {found[0].pid}; another one: --session PID")
    return found[0]


def look(running: Running, parts: frozenset[str]) -> Snapshot:
    """The session's place and host now, with these parts of a snapshot. MachineError when they can't be read."""
    what = f"the session {running.pid} can't be read"
    for _ in range(TRIES):
        place = running.place()
        if place is None:
            break
        second = running.place(2)
        seen = take(running.pid, running.stage, place, parts, warden_pid=running.warden, second_pid=second)
        if not seen.host.ns or (seen.inside and not seen.inside.ns):
            raise MachineError(what, _refusal(running.pid), "the same with sudo")
        if seen.inside:
            return seen
    raise MachineError(what, "nobody is in front of its terminal at this moment", "the same once more")


def look_at(pid: int, parts: frozenset[str]) -> Snapshot:
    """The place of any process, and as its host that of process 1 or, where that may not be read, our own.

    MachineError when there is none, or it may not be read.
    """
    row = processes.read(pid)
    if row is None:
        raise MachineError(f"there is no process {pid}", "it has ended, or there never was one")
    what = f"process {pid} ({row.comm})"
    if row.state in "ZX":
        raise MachineError(
            f"{what} has ended", "it waits for its parent to ask how, and is in no place any more"
        )
    if processes.is_kernel_thread(pid):
        raise MachineError(f"{what} is a thread of the kernel's own", "nobody put it into a place")
    host = 1 if _may_read(1) else os.getpid()
    seen = take(host, host, pid, parts)
    if not seen.inside:
        raise MachineError(f"{what} has ended just now")
    if not seen.inside.ns:
        raise MachineError(f"{what} may not be looked at", _refusal(pid), "the same with sudo")
    return seen


def facts_of(seen: Snapshot) -> Facts:
    """All facts, without those that only a stage has where there is none."""
    found = facts.facts(seen)
    if seen.root_pid != seen.host.pid:  # the warden's: there is a stage
        return found
    return {name: value for name, value in found.items() if not name.endswith(YOURS)}


def _may_read(pid: int) -> bool:
    try:
        return bool(namespaces.inodes(pid))
    except OSError:
        return False


def _refusal(pid: int) -> str:
    """Why a process may not be looked at."""
    try:
        owner = identity.read(pid).uids.effective
    except OSError:
        return "it has ended meanwhile"
    ours = owner == os.geteuid()
    return (
        "the kernel protects it from those outside of it (ptrace(2))" if ours else f"it runs as user {owner}"
    )
