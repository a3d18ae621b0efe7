"""Whom `nsplay check` and `nsplay lesson facts` ask: a session that is being played, or any process; from outside."""

import sys
from pathlib import Path
from typing import Final, NamedTuple

from nsplay import facts, sessions
from nsplay.errors import MachineError
from nsplay.sessions import Facts, Running
from nsplay.snapshot import Snapshot, take
from nsplay.standing import hidden, host_pid, refusal, standing, with_more_rights

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
            raise MachineError(what, refusal(running.pid), with_more_rights())
        if seen.inside:
            return seen
    raise MachineError(what, "nobody is in front of its terminal at this moment", "the same once more")


def look_at(pid: int, parts: frozenset[str]) -> Snapshot:
    """The place of any process, and as its host that of `host_pid`.

    MachineError when there is none, or it may not be read.
    """
    found = standing(pid)
    if found.problem:
        raise found.error
    host = host_pid()
    seen = take(host, host, pid, parts)
    if not seen.inside:
        raise MachineError(f"process {pid} ({found.row.comm}) has ended just now")
    if not seen.inside.ns:
        raise hidden(found.row).error
    return seen


def facts_of(seen: Snapshot) -> Facts:
    """All facts, without those that only a stage has where there is none."""
    found = facts.facts(seen)
    if seen.root_pid != seen.host.pid:  # the warden's: there is a stage
        return found
    return {name: value for name, value in found.items() if not name.endswith(YOURS)}
