"""`nsplay check` and `nsplay lesson facts` beside a session that somebody plays, and on any process."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nsplay.kernel import processes
from nsplay.lesson.checks import parse
from tests.kernel.place import as_nobody, needs_root, shell
from tests.play.learner import Learner, learner
from tests.play.test_terminals import LESSON, over

USER = 1000
AS_USER = ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups")


class Answer:
    """What a command said."""

    def __init__(self, state: Path, *words: str, through: tuple[str, ...] = (), **env: str) -> None:
        base = {"PATH": os.environ["PATH"], "HOME": str(state), "LANG": "C.UTF-8", "PYTHONPATH": os.getcwd()}
        done = subprocess.run(
            [*through, sys.executable, "-m", "nsplay", *words],
            env={**base, "XDG_STATE_HOME": str(state), "PYTHONDONTWRITEBYTECODE": "1", **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr
        assert "Traceback" not in self.err and "a fault of nsplay's" not in self.err

    def __repr__(self) -> str:
        return f"{self.status}\n{self.out}\n{self.err}"


def published(state: Path) -> list[str]:
    return os.listdir(state / "nsplay" / "sessions")


def test_a_step_half_done_then_done_then_the_next(tmp_path: Path) -> None:
    with learner(tmp_path, "uts", "--yes") as person:
        person.until(r"Make a UTS namespace.*READY# $")
        person.type("uname -n", r"READY# $")
        half = Answer(tmp_path, "check")
        assert half.status == 1 and half.err == "", half
        assert half.out.startswith(
            "you are still in the host's UTS namespace (found: uts namespace in here: "
        )
        assert half.out.count("\n") == 1 and "wanted: " in half.out
        person.type("unshare -u /bin/sh", "step 1 of 10 done.*READY# $")
        done = Answer(tmp_path, "check")
        assert (done.status, done.out, done.err) == (0, "done\n", "")
        person.key("\r").until("Give it a name.*READY# $")
        assert "still has its old name" in Answer(tmp_path, "check").out
        told = Answer(tmp_path, "check", "--json")
        answer = json.loads(told.out)
        assert told.status == 1 and answer["session"] == person.process.pid
        assert (answer["lesson"], answer["step"], answer["done"]) == ("uts", "name", False)
        assert [row["passed"] for row in answer["checks"]] == [True, True, False]
        person.type("hostname inside", "step 2 of 10 done.*READY# $")
        assert Answer(tmp_path, "check", "uts/name").status == 0
        assert Answer(tmp_path, "check", "uts").status == 0
        # `before.` is known of the current step only, `start.` of the whole lesson
        other = Answer(tmp_path, "check", "uts/make")
        assert other.status == 0 and other.out.startswith("done; 1 of 2 checks can't be judged"), other
        assert Answer(tmp_path, "check", "uts/leave").status == 1
        for name in ("uts/nothing", "nothing", "nothing/make"):
            assert Answer(tmp_path, "check", name).status == 2
    assert published(tmp_path) == []
    gone = Answer(tmp_path, "check")
    assert gone.status == 3 and gone.out == "" and "no session is being played" in gone.err


def test_the_words_are_the_sessions_language(tmp_path: Path) -> None:
    with learner(tmp_path, "uts", "--yes", "--lang", "ja") as person:
        person.until(r"READY# $")
        assert "めざす形" in Answer(tmp_path, "check").out
        assert "wanted" in Answer(tmp_path, "check", "--lang", "en").out


def test_the_place_is_followed_into_a_terminal_in_the_terminal(tmp_path: Path) -> None:
    with learner(tmp_path, "uts", "--yes") as person:
        person.until(r"Make a UTS namespace.*READY# $")
        person.type("script -q -c 'unshare -u sh' /dev/null", "step 1 of 10 done.*# $")
        assert Answer(tmp_path, "check").status == 0
        person.type("sleep 600", "")
        person.runs("sleep")
        assert Answer(tmp_path, "check").status == 0


def test_the_second_terminal_is_looked_at_too(tmp_path: Path) -> None:
    folder = tmp_path / "lessons" / "both"
    folder.mkdir(parents=True)
    (folder / "lesson.md").write_text(LESSON)
    with learner(tmp_path, "--lessons", str(folder.parent), "both", "--yes") as person:
        person.until(r"READY# $")
        for line in (
            "mount -t tmpfs demo /mnt",
            "mount --make-shared /mnt",
            "unshare -m --propagation slave sh",
        ):
            person.type(line, r"READY# $")
        half = Answer(tmp_path, "check")  # finds the lesson where the session has it
        assert half.status == 1 and "couldn't be read" in half.out, half
        over(person, 2)
        half = Answer(tmp_path, "check")
        assert "couldn't be read" not in half.out, half
        person.type("mkdir /mnt/x", r"READY# $")
        person.type("mount -t tmpfs there /mnt/x", "step 1 of 2 done")
        assert Answer(tmp_path, "check").status == 0
        diff = Answer(tmp_path, "lesson", "facts", "--diff").out
        assert "second.mounts > before" not in diff, "it is the host's"
        assert "host.mounts > before.host.mounts" in diff and "inside.mounts > before.inside.mounts" in diff


def test_a_reset_is_another_stage(tmp_path: Path) -> None:
    with learner(tmp_path, "uts", "--yes") as person:
        person.until(r"Make a UTS namespace.*READY# $")
        person.type("unshare -u /bin/sh", "step 1 of 10 done.*READY# $")
        person.key(":reset\r").until("step 1 of 10 done.*Make a UTS namespace.*READY# $")
        assert Answer(tmp_path, "check").status == 1
        assert len(published(tmp_path)) == 1


def test_a_shell_that_was_replaced_is_the_learners(tmp_path: Path) -> None:
    with learner(tmp_path, "uts", "--yes") as person:
        person.until(r"Make a UTS namespace.*READY# $")
        os.kill(person.named("dash"), signal.SIGKILL)
        person.until("Here is a new one.*READY# $")
        assert Answer(tmp_path, "check").status == 1
        person.type("unshare -u /bin/sh", "step 1 of 10 done.*READY# $")
        assert Answer(tmp_path, "check").status == 0


def test_after_a_kill_there_is_no_session_and_no_file(tmp_path: Path) -> None:
    with learner(tmp_path, "uts", "--yes") as person:
        person.until(r"READY# $")
        below = [(process.pid, process.start) for process in person.below()]
        person.process.send_signal(signal.SIGKILL)
        person.process.wait()
        assert len(published(tmp_path)) == 1
        gone = Answer(tmp_path, "check")
        assert gone.status == 3 and "no session is being played" in gone.err
        assert published(tmp_path) == []
        for pid, start in below:  # the warden is at work
            while (found := processes.read(pid)) and found.start == start and found.state not in "ZX":
                os.sched_yield()


def test_of_two_sessions_the_newest_is_taken_and_said_so(tmp_path: Path) -> None:
    with learner(tmp_path, "uts", "--yes") as old:
        old.until(r"READY# $")
        with learner(tmp_path, "uts/name", "--yes") as young:
            young.until(r"Give it a name.*READY# $")
            both = Answer(tmp_path, "check")
            assert both.status == 1 and "still has its old name" in both.out and "2 sessions" in both.err
            assert f"the newest, {young.process.pid}" in both.err and str(old.process.pid) in both.err
            other = Answer(tmp_path, "check", "--session", str(old.process.pid))
            assert "still in the host's UTS namespace" in other.out and other.err == ""
        assert Answer(tmp_path, "check").err == ""
        none = Answer(tmp_path, "check", "--session", str(young.process.pid))
        assert none.status == 3 and str(old.process.pid) in none.err


def test_the_last_command_as_lines_of_a_lesson(tmp_path: Path) -> None:
    with learner(tmp_path, "uts", "--yes") as person:
        person.until(r"Make a UTS namespace.*READY# $")
        nothing = Answer(tmp_path, "lesson", "facts", "--diff")
        assert (nothing.status, nothing.out) == (0, "") and "no command has been typed" in nothing.err
        person.type("unshare -u /bin/sh", "step 1 of 10 done.*READY# $")
        diff = Answer(tmp_path, "lesson", "facts", "--diff")
        assert "after `unshare -u /bin/sh`" in diff.err and diff.out.startswith(
            "```check\ninside.ns.uts != host.ns.uts "
        )
        person.type("hostname inside", r"READY# $")
        person.key("\r").until("Give it a name.*READY# $")
        diff = Answer(tmp_path, "lesson", "facts", "--diff")
        lines = [line for line in diff.out.splitlines() if line and not line.startswith("```")]
        sources = [parse(line, 1).source for line in lines]
        assert sources[:3] == [
            "inside.ns.uts != host.ns.uts",
            "host.hostname == before.host.hostname",
            "inside.hostname != before.inside.hostname",
        ]
        told = json.loads(Answer(tmp_path, "lesson", "facts", "--diff", "--json").out)
        assert told["line"] == "hostname inside"
        assert [row["comparison"] for kind in ("guards", "checks") for row in told[kind]] == sources


def test_all_facts_of_the_session(tmp_path: Path) -> None:
    with learner(tmp_path, "uts", "--yes") as person:
        person.until(r"READY# $")
        person.type("unshare -u /bin/sh", "step 1 of 10 done.*READY# $")
        told = Answer(tmp_path, "lesson", "facts")
        for line in told.out.splitlines():
            parse(line, 1)
        assert 'inside.own contains "uts" ' in told.out and "inside.uid == 0 " in told.out
        found = json.loads(Answer(tmp_path, "lesson", "facts", "--json").out)
        assert found["facts"]["inside.own"] == ["uts"] and found["session"] == person.process.pid
        told_of = {line["comparison"].split()[0] for line in found["lines"]}
        assert {name for name, value in found["facts"].items() if value != []} <= told_of


@needs_root
def test_the_place_of_any_process(tmp_path: Path) -> None:
    with shell("unshare", "-u") as pid:
        apart = Answer(tmp_path, "check", "uts/enter", "--pid", str(pid))
        assert apart.status == 1 and "but not the kept one" in apart.out, apart
        unknown = Answer(tmp_path, "check", "uts/make", "--pid", str(pid))
        assert unknown.status == 0 and "`before.` is only known" in unknown.out
        grown = Answer(tmp_path, "check", "look/child", "--pid", str(pid))
        assert grown.status in (1, 3), grown
        shared = Answer(tmp_path, "check", "uts/make", "--pid", str(os.getpid()))
        assert shared.status == 1 and "still in the host's" in shared.out
        lesson = tmp_path / "lessons" / "x"
        lesson.mkdir(parents=True)
        text = "+++\ntitle = 'x'\n+++\n# x\n\n## A {#a}\n\nW.\n\n```check\ninside.ns.uts != host.ns.uts | no\n```\n"
        (lesson / "lesson.md").write_text(text)
        there = Answer(tmp_path, "check", "x/a", "--pid", str(pid), NSPLAY_LESSONS=str(lesson.parent))
        assert (there.status, there.out) == (0, "done\n"), there
        told = Answer(tmp_path, "lesson", "facts", "--pid", str(pid)).out
        assert "inside.ns.uts != host.ns.uts " in told and "machine." not in told and "yours" not in told
    gone = Answer(tmp_path, "check", "uts/make", "--pid", str(pid))
    assert gone.status == 3 and f"there is no process {pid}" in gone.err
    assert Answer(tmp_path, "check", "--pid", str(os.getpid())).status == 2
    assert Answer(tmp_path, "lesson", "facts", "--diff", "--pid", "1").status == 2
    assert Answer(tmp_path, "check", "uts/make", "--pid", "0").status == 2


def test_a_zombie_is_in_no_place(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    answer = Answer(tmp_path, "check", "uts/make", "--pid", str(child))
    os.waitpid(child, 0)
    assert answer.status == 3 and "has ended" in answer.err


def test_a_thread_of_the_kernel_is_in_no_place(tmp_path: Path) -> None:
    if not processes.is_kernel_thread(2):
        pytest.skip("needs the machine's own pid namespace: process 2 is no thread of the kernel's here")
    answer = Answer(tmp_path, "check", "uts/make", "--pid", "2")
    assert answer.status == 3 and "a thread of the kernel's own" in answer.err


@needs_root
def test_what_is_not_ours_is_said_to_be_whose(tmp_path: Path, open_to_all: Path) -> None:
    as_nobody("pass")  # skips where an ordinary user can't run this program
    answer = Answer(open_to_all, "check", "uts/make", "--pid", "1", through=AS_USER)
    assert answer.status == 3 and "may not be looked at" in answer.err and "runs as user 0" in answer.err


@needs_root
def test_an_ordinary_users_session_is_found_by_them_and_by_root(open_to_all: Path) -> None:
    as_nobody("pass")
    person = Learner(open_to_all, "uts", "--yes", through=AS_USER)
    try:
        person.until(r"Make a UTS namespace.*READY# $")
        assert Answer(open_to_all, "check", through=AS_USER).status == 1
        person.type("unshare -u /bin/sh", "step 1 of 10 done.*READY# $")
        theirs = Answer(open_to_all, "check", through=AS_USER)
        assert (theirs.status, theirs.out) == (0, "done\n"), theirs
        assert "inside.ns.uts != host.ns.uts" in Answer(open_to_all, "lesson", "facts", through=AS_USER).out
        named = ("check", "--session", str(person.process.pid))
        elsewhere = Answer(open_to_all, *named, XDG_STATE_HOME="")
        assert (elsewhere.status, elsewhere.out) == (0, "done\n"), elsewhere
    finally:
        person.close()


@needs_root
def test_roots_session_is_not_read_by_others(open_to_all: Path) -> None:
    as_nobody("pass")
    with learner(open_to_all, "uts", "--yes") as person:
        person.until(r"READY# $")
        (file,) = (open_to_all / "nsplay" / "sessions").iterdir()
        for path in (open_to_all / "nsplay", file.parent, file):  # as under sudo, where they are the user's
            os.chown(path, USER, USER)
        answer = Answer(open_to_all, "check", through=AS_USER)
        assert answer.status == 3 and "can't be read" in answer.err and "runs as user 0" in answer.err, answer


@pytest.fixture
def open_to_all(tmp_path: Path) -> Path:
    """A state folder that an ordinary user may use, too."""
    folder = tmp_path / "state"
    folder.mkdir()
    folder.chmod(0o777)
    tmp_path.chmod(0o755)
    for above in tmp_path.parents:  # pytest keeps its folders to itself
        if os.stat(above).st_uid == os.getuid() and str(above) != "/":
            above.chmod(above.stat().st_mode | 0o111)
    return folder
