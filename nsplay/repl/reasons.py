"""`:why`: the learner's last command once more, in the same place, with every system call watched."""

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from nsplay.kernel.identity import Ids, MapRow, outer
from nsplay.repl.errand import Errand, Errands
from nsplay.repl.sides import Patience, environment
from nsplay.snapshot import Side, Snapshot
from nsplay.stage.stage import Stage
from nsplay.stage.trace import MARK, Refusal, told
from nsplay.view.ui import Ui
from nsplay.view.why import Refused
from nsplay.why import group
from nsplay.why.case import Case
from nsplay.why.rules import Reason, born_nowhere, filtered, killed, misread, reason, treeless

ENOMEM = 12
_BYTE_CODE = "/__pycache__"  # where Python can't keep it, it does without
_ADVICE = re.compile(
    r"^\s+dmesg\(1\) may have more information"
)  # mount(8) puts it behind what it has to say


class StoppedError(Exception):
    """The command took too long, or the learner didn't want to wait: nobody knows what it is refused."""


def find_out(stage: Stage, now: Snapshot, command: str, ui: Ui) -> tuple[Refused | None, Reason | None]:
    """What the kernel refuses it, and why; only the latter where it would pass outside of a filter, or where it isn't the
    kernel who refuses.
    now: with nsplay.why.case.PARTS. Raises MachineError when the stage is gone, StoppedError.
    """
    japanese = ui.lang == "ja"
    nobody = Case("fork", ENOMEM, (), now, japanese)
    if born_nowhere(nobody):  # the place's own shell can't fork; one of ours, in that place, could
        return Refused("fork", ENOMEM), reason(nobody)
    place, memories = now.inside.pid if now.inside else stage.pid, group.memories(stage.pid)
    errand = Errand([sys.executable, "-m", "nsplay.stage.trace", str(place), command])
    with Patience(ui) as patience:
        Errands(stage.open_terminal, stage.status, patience, environment()).run(errand)
    if errand.cut:
        raise StoppedError
    if ended := killed(nobody, memories, group.memories(stage.pid)):
        return None, ended
    said = [
        line
        for line in errand.lines
        if line.strip() and not line.startswith(MARK) and not _ADVICE.search(line)
    ]
    if misunderstood := misread(Case("", 0, (), now, japanese), command, said):
        return None, misunderstood
    refusals = [one for one in told(errand.lines) if not any(_BYTE_CODE in path for path in one.paths)]
    if errand.status == 0 and not any(one.complained for one in refusals):
        refusals = []  # the program did without
    cases = [
        (one, Case(one.call, one.error, tuple(one.paths), moved(now, one.place), japanese))
        for one in _likely(refusals)
    ]
    for one, case in cases:
        if found := reason(case):
            return _refused(one, said), found
    if cases:
        return _refused(cases[0][0], said), None
    if errand.status and (missing := treeless(nobody, command)):
        return None, missing
    return None, filtered(Case("", 0, (), now, japanese))


def _likely(refusals: Sequence[Refusal]) -> list[Refusal]:
    """The likeliest first: what was complained about, then the others; the later the likelier."""
    later_first = list(reversed(refusals))
    return sorted(later_first, key=lambda one: not one.complained)


def moved(now: Snapshot, place: Mapping[str, Any]) -> Snapshot:
    """The snapshot as the refused process would have it: `unshare -Ur CMD` asks in namespaces of its own."""
    here = now.inside or now.host
    if not place or here.identity is None:
        return now
    # The tracer was in the place's user namespace, and tells an id as it is there; one in a new user namespace as it is
    # outside of that.
    same = place["ns"].get("user") == here.ns.get("user")
    uid = _outer(now, here, place["uid"] if same else place["uid_outside"])
    # It sees no owner that is further out than that, and we do.
    owners = {
        kind: here.owners.get(kind) if owner is None and number == here.ns.get(kind) else owner
        for kind, number in place["ns"].items()
        for owner in (place["owners"].get(kind),)
    }
    who = here.identity._replace(
        uid=place["uid"],
        uids=Ids(uid, uid, uid, uid),
        uid_map=tuple(MapRow(*row) for row in place["uid_map"]),
        gid_map=tuple(MapRow(*row) for row in place["gid_map"]),
        setgroups=place["setgroups"],
        capabilities=here.identity.capabilities._replace(
            effective=frozenset(place["effective"]), bounding=frozenset(place["bounding"])
        ),
    )
    network = here.network if place["ns"].get("net") == here.ns.get("net") else None
    return replace(
        now, inside=replace(here, name="inside", ns=place["ns"], owners=owners, identity=who, network=network)
    )


def _outer(now: Snapshot, here: Side, uid: int) -> int:
    """An id of the place's as nsplay itself sees it."""
    if here.ns.get("user") == now.machine.ns.get("user") or here.identity is None:
        return uid
    return outer(uid, here.identity.uid_map)


def _refused(one: Refusal, said: Sequence[str]) -> Refused:
    return Refused(one.call, one.error, one.paths, said[-1:])
