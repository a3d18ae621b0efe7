"""`nsplay lesson draft` for real: what is typed becomes a lesson that lints, plays, and refuses wrong ways."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nsplay.lesson.loader import load
from tests.patience import patience
from tests.play import program
from tests.play.learner import Learner, learner

READY = r"(?:look, kept|could prove it|not kept)[^\n]*\nREADY# $"
DONE = patience(180.0)


@pytest.fixture
def author(tmp_path: Path) -> Iterator[Learner]:
    """At the first prompt of a draft called mine."""
    (tmp_path / "lessons").mkdir()
    with learner(tmp_path, "lesson", "draft", "mine", NSPLAY_LESSONS=str(tmp_path / "lessons")) as me:
        yield me.until(r"A draft of the lesson mine.*READY# $")


def nsplay(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """On the lessons that are drafted there."""
    return program.nsplay(home, *words, NSPLAY_LESSONS=str(home / "lessons"))


def test_what_is_typed_becomes_a_lesson_whose_wrong_ways_are_refused(tmp_path: Path, author: Learner) -> None:
    author.type("uname -n", READY)  # a look before the first step
    author.type("unshare -u /bin/sh", READY).type("hostname other", READY)
    author.key(":undo\r").until(r"built up to here.*1 unshare.*READY# $")
    author.type("hostname web", READY).type(
        ":name A name of its own", "is called: A name of its own.*READY# $"
    )
    author.type("no-such-command", r"not kept: it changed nothing and failed \(exit status 127\).*READY# $")
    author.type("hostname", "look, kept with step 2.*READY# $")
    author.key("\x04").until(r"step 3, exit.*READY# $")
    author.key("\x04")
    assert author.gone(DONE) == 0, author.text()
    lesson = load(tmp_path / "lessons" / "mine")
    assert [step.id for step in lesson.steps] == ["unshare", "a-name-of-its-own", "exit"]
    typed = [console.commands for step in lesson.steps for console in step.consoles]
    assert typed == [("uname -n", "unshare -u /bin/sh"), ("hostname web", "hostname"), ("exit",)]
    checks = [[check.source for check in step.checks] for step in lesson.steps]
    assert checks[0] == ["inside.ns.uts != host.ns.uts"] and 'inside.hostname == "web"' in checks[1]
    assert "mutants refused" in author.text() and "places in" in author.text()
    said = nsplay(tmp_path, "lesson", "lint")
    waits = len(re.findall("WRITE:", (tmp_path / "lessons" / "mine" / "lesson.md").read_text()))
    assert said.returncode == 1 and said.stdout.count(": still to be written\n") == waits > 5, said.stdout
    assert len(re.findall(r"^\S+:\d+:\d+:", said.stdout, re.MULTILINE)) == waits, "nothing else is wrong"
    played = nsplay(tmp_path, "lesson", "test", "--mutate", "mine")
    assert played.returncode == 0 and "ok mine: 3 steps" in played.stdout, played.stdout


def test_lines_typed_ahead_are_steps_of_their_own(tmp_path: Path, author: Learner) -> None:
    author.key("unshare -u /bin/sh\rhostname one\rhostname two\r:done\r")
    author.gone(DONE)
    steps = load(tmp_path / "lessons" / "mine").steps
    assert [step.consoles[0].commands for step in steps] == [
        ("unshare -u /bin/sh",),
        ("hostname one",),
        ("hostname two",),
    ]


def test_a_closed_window_keeps_what_was_typed(tmp_path: Path, author: Learner) -> None:
    author.type("unshare -u /bin/sh", READY)
    author.close()
    assert load(tmp_path / "lessons" / "mine").steps[0].consoles[0].commands == ("unshare -u /bin/sh",)


def test_nothing_done_is_nothing_written(tmp_path: Path, author: Learner) -> None:
    author.key(":undo\r").until("There is no step yet.*READY# $")
    author.type(":name", "There is no step yet.*READY# $").type("uname", READY)
    author.key(":quit\r")
    assert author.gone() == 1 and "nothing to make a lesson of" in author.text()
    assert not list((tmp_path / "lessons").iterdir())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("list",), "a lesson can't be called list"),
        (("../up",), "no id for a lesson"),
        ((), "takes one id"),
        (("mine",), "nsplay needs a terminal"),
    ],
)
def test_what_draft_refuses_is_said_before_anything_is_typed(
    tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    (tmp_path / "lessons").mkdir()
    answer = nsplay(tmp_path, "lesson", "draft", *words)
    assert answer.returncode == 2 and says in answer.stderr and "Traceback" not in answer.stderr


def test_a_path_that_a_command_names_is_looked_at_before_and_after(tmp_path: Path, author: Learner) -> None:
    author.type("unshare -m /bin/sh", READY).type("mount -t tmpfs none /srv", READY)
    author.type("touch /srv/note", "step 3, touch.*READY# $").key(":done\r")
    author.gone(DONE)
    steps = load(tmp_path / "lessons" / "mine").steps
    mounted = [check.source for check in steps[1].checks]
    assert mounted == ["inside.ns.mnt != host.ns.mnt", "inside.at./srv.mounted == true"], author.text()
    assert [check.source for check in steps[2].checks] == ["inside.file./srv/note.exists == true"]
