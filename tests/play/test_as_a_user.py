"""Every lesson that doesn't claim to need root, played by an ordinary user."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from nsplay import facts
from nsplay.kernel.cgroups import variant
from nsplay.lesson.course import course
from nsplay.lesson.loader import load
from nsplay.lesson.model import Lesson
from nsplay.view.registry import VIEWS
from tests.patience import patience

LESSONS = Path(__file__).parents[2] / "lessons"
UID = 1000
LACKING = re.compile(
    r"- \w+: can't run here: (no control group .*is yours.*|it needs root|there is no /dev/mqueue.*)"
    r" \(try: sudo nsplay\)\n"
)
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become an ordinary user")


def _rootless() -> list[Lesson]:
    lessons = (
        load(folder, "en", variant=variant, known=facts.known, views=VIEWS) for folder in course(str(LESSONS))
    )
    return [lesson for lesson in lessons if not lesson.needs.root]


@pytest.fixture
def home() -> Iterator[str]:
    """A folder that is the ordinary user's (pytest's own lies in one that only root may enter)."""
    with tempfile.TemporaryDirectory(prefix="nsplay-user-", dir="/tmp") as folder:
        os.chown(folder, UID, UID)
        yield folder


@pytest.mark.parametrize("lesson", _rootless(), ids=lambda lesson: lesson.id)
def test_a_lesson_that_needs_no_root(lesson: Lesson, home: str) -> None:
    """It is played to its end. Where no control group is the user's, or what only root can make isn't there, it says so."""
    env = {"PATH": os.environ["PATH"], "HOME": home, "XDG_STATE_HOME": home, "LANG": "C.UTF-8"}
    played = subprocess.run(
        [sys.executable, "-m", "tests.input.user", "lesson", "test", lesson.id],
        env=env | {"SHELL": "/bin/bash"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patience(120.0),
        check=False,
    )
    lent = {"disk", "dev-mqueue"} & set(lesson.needs.features)
    if played.returncode == 3 and (lent or lesson.needs.controllers or lesson.needs.cgroup):
        assert LACKING.fullmatch(played.stdout), played.stdout
        return
    assert played.returncode == 0, played.stdout + played.stderr
    assert f"ok {lesson.id}:" in played.stdout
