"""Every refusal that a lesson makes on its learner's screen is one that `:why` explains."""

import errno
import os
import re
from pathlib import Path

import pytest

from nsplay import facts
from nsplay.kernel.cgroups import variant
from nsplay.lesson.course import course
from nsplay.lesson.loader import load
from nsplay.needs import missing
from nsplay.repl.reasons import find_out
from nsplay.repl.scene import Scene, opened
from nsplay.repl.script import ways
from nsplay.settings import Settings
from nsplay.snapshot import take
from nsplay.view.registry import VIEWS
from nsplay.view.ui import Ui
from nsplay.why.case import PARTS

LESSONS = Path(__file__).parents[2] / "lessons"
UI = Ui(width=80)
# How programs tell a refusal: the C library's words, and a few of their own.
NAMES = (
    "EPERM EBUSY EINVAL ENOSPC ENOMEM EAGAIN EROFS ENXIO ENODEV EACCES ESRCH EADDRINUSE EADDRNOTAVAIL "
    "ENETUNREACH ECONNREFUSED EEXIST ENOTSUP EIDRM ERANGE"
)
WORDS = [os.strerror(getattr(errno, name)) for name in NAMES.split()]
OWN_WORDS = ["not mounted", "target is busy", "permission denied", "must be superuser to use mount"]
REFUSED = re.compile(
    rf": (?:\[Errno \d+\] )?(?:{'|'.join(map(re.escape, (*WORDS, *OWN_WORDS)))})\.?$|^Cannot find device"
)
LEAST = {"pid": 1, "network": 3, "together": 2}  # so many a lesson makes on purpose, at least


def _refused(line: str, said: str) -> bool:
    """An `unshare` in the background may tell its own trouble behind a later command."""
    told = (row.strip() for row in said.split("\n"))
    return any(REFUSED.search(row) and not ("unshare:" in row and "unshare" not in line) for row in told)


def _unexplained(scene: Scene, terminal: int, line: str) -> str:
    stage = scene.stage
    place = scene.player(terminal).place() or stage.pid
    refused, reason = find_out(stage, take(os.getpid(), stage.pid, place, PARTS), line, UI)
    return "" if reason else f"{line}: {refused}"


@pytest.mark.parametrize("folder", course(str(LESSONS)), ids=os.path.basename)
def test_what_a_lesson_is_refused_is_explained(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHELL", "/bin/bash")
    lesson = load(folder, "en", variant=variant, known=facts.known, views=VIEWS)
    if why := missing(vars(lesson.needs))[0]:
        pytest.skip(f"the lesson can't run here: {why}")
    settings = Settings("en", False, True, str(LESSONS), str(tmp_path), False, "edit")
    left: list[str] = []
    seen, unexplained = 0, list[str]()
    with opened(settings, lesson.needs, left, plain=True) as scene:
        for step, moves in ways(lesson.steps):
            before = scene.look(step)
            for move in moves:
                scene.type(move, before)
                said = scene.player(move.terminal).said.decode(errors="replace")
                if move.line != "exit" and _refused(move.line, said.partition("\n")[2]):
                    seen += 1
                    line = scene._filled(move.line, before)
                    unexplained += filter(None, [_unexplained(scene, move.terminal, line)])
    assert not unexplained, "\n".join(unexplained)
    assert seen >= LEAST.get(lesson.id, 0)
