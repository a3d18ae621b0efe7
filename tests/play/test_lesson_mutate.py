"""`nsplay lesson test --mutate` refuses a lesson that takes a wrong way for the step, and only such a one."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.play.test_lesson_test import GOOD, STEP, outcome


def lesson(console: str, check: str, *more: str) -> str:
    """A lesson with a step a and, for each two of `more`, another one."""
    text = STEP.format(console=console, check=check)
    section = text[text.index("## A") :]
    for number, (commands, checks) in enumerate(zip(more[::2], more[1::2], strict=True)):
        step = section.replace("{#a}", f"{{#b{number}}}")
        text += "\n" + step.replace(f"\n{console}\n", f"\n{commands}\n").replace(
            f"\n{check}\n", f"\n{checks}\n"
        )
    return text


def mutated(state: Path, text: str, *words: str) -> tuple[int, dict[str, Any], list[dict[str, Any]]]:
    """Exit status, report, and the mutants of the last step."""
    status, report = outcome(state, text, "--mutate", *words)
    assert report["problems"] == []
    return status, report, report["mutated"][-1]["mutants"]


def by_outcome(mutants: list[dict[str, Any]], kind: str) -> set[str]:
    """What is wrong with those that ended like this."""
    return {mutant["says"] for mutant in mutants if mutant["outcome"] == kind}


def test_every_wrong_way_is_refused(tmp_path: Path) -> None:
    status, report, mutants = mutated(tmp_path, lesson(f"# uname -n\n{GOOD[0]}", GOOD[1]))
    assert (status, report["passed"]) == (0, True)
    assert by_outcome(mutants, "same") == {"without `uname -n`"}, "a look has no wrong way"
    assert by_outcome(mutants, "refused") == {
        "nothing typed",
        "without `unshare -u sh`",
        "`sh`, `unshare -u` dropped: on the wrong side",
        "`unshare sh`, `-u` dropped",
    }
    assert {mutant["story"] for mutant in mutants} == {"out", ""}


def test_a_check_too_weak_for_a_dropped_flag(tmp_path: Path) -> None:
    check = "inside.ns.pid != host.ns.pid | out"
    status, report, mutants = mutated(tmp_path, lesson("# unshare -pf --mount-proc sh", check))
    assert (status, report["passed"]) == (1, False)
    assert by_outcome(mutants, "survived") == {"`unshare -pf sh`, `--mount-proc` dropped"}
    (problem,) = report["mutated"][0]["problems"]
    assert "line 13: `unshare -pf sh`" in problem and "inside.proc.own: false, not true" in problem


def test_that_check_made_stronger(tmp_path: Path) -> None:
    text = lesson("# unshare -pf --mount-proc sh", "inside.ns.pid != host.ns.pid | out")
    guarded = text.replace("```check", "```guard\ninside.proc.own == true | ps lies\n```\n\n```check")
    status, _, mutants = mutated(tmp_path, guarded)
    assert status == 0 and "ps lies" in {mutant["story"] for mutant in mutants}


def test_a_check_without_a_message(tmp_path: Path) -> None:
    status, report, mutants = mutated(tmp_path, lesson(GOOD[0], GOOD[1].partition(" |")[0]))
    assert status == 1 and {mutant["outcome"] for mutant in mutants} == {"unheard"}
    assert "without a word of the lesson's own (line 18: inside.ns.uts" in report["mutated"][0]["problems"][0]


def test_the_wrong_side(tmp_path: Path) -> None:
    weak = "inside.hostname != before.inside.hostname | still the old one"
    status, _, mutants = mutated(tmp_path, lesson(*GOOD, "# hostname oops", weak))
    assert status == 1
    assert by_outcome(mutants, "survived") == {"typed in a fresh shell on the host's side"}


def test_a_deed_may_be_done_from_either_side(tmp_path: Path) -> None:
    mount = ("# mount -t tmpfs none /mnt", "host.mounts > before.host.mounts | nothing is mounted")
    status, _, mutants = mutated(tmp_path, lesson(*GOOD, *mount), "--step", "b0")
    assert status == 0 and by_outcome(mutants, "same") == {"typed in a fresh shell on the host's side"}


def test_a_value_that_a_check_names(tmp_path: Path) -> None:
    checks = 'host.hostname == "web" | not web'
    status, _, mutants = mutated(tmp_path, lesson("# hostname web", checks))
    assert status == 0 and "`hostname other`, `web` changed to `other`" in by_outcome(mutants, "refused")


def test_another_accepted_way_accepts_its_state(tmp_path: Path) -> None:
    console = "# unshare -u -f sh"  # what forks is one process more
    status, _, mutants = mutated(tmp_path, lesson(console, GOOD[1]))
    assert status == 1 and by_outcome(mutants, "survived") == {"`unshare -u sh`, `-f` dropped"}
    (tmp_path / "lessons" / "x" / "lesson.md").unlink()
    (tmp_path / "lessons" / "x").rmdir()
    (tmp_path / "lessons").rmdir()
    also = lesson(console, GOOD[1]).replace("```check", f"```console also\n{GOOD[0]}\n```\n\n```check")
    status, _, mutants = mutated(tmp_path, also)
    assert status == 0 and by_outcome(mutants, "same") == {"`unshare -u sh`, `-f` dropped"}


@pytest.mark.parametrize(
    ("console", "hangs"),
    [
        ("# echo oops | xargs hostname", "`xargs hostname`, `echo oops` left out"),
        (
            "# python3 -c 'import socket as s; s.sethostname(\"oops\")'",
            "`python3`, `-c 'import socket as s; s.sethostname(\"oops\")'` dropped",
        ),
    ],
)
def test_what_waits_for_ever_is_interrupted(tmp_path: Path, console: str, hangs: str) -> None:
    check = "host.hostname != before.host.hostname | still the old one"
    status, _, mutants = mutated(tmp_path, lesson(console, check))
    assert status == 0
    assert {m["says"]: m["outcome"] for m in mutants if m["interrupted"]} == {hangs: "refused"}


def test_a_shell_that_ends_gives_way_to_another(tmp_path: Path) -> None:
    back = ("# exit", "inside.ns.uts == host.ns.uts | still inside")
    status, _, mutants = mutated(tmp_path, lesson(*GOOD, *back), "--step", "b0")
    assert status == 0 and by_outcome(mutants, "refused") == {
        "nothing typed",
        "typed in a fresh shell on the host's side",
    }


def test_a_reset_that_differs(tmp_path: Path) -> None:
    first = ("# hostname h$$", "host.hostname != before.host.hostname | still the old one")
    status, report = outcome(tmp_path, lesson(*first, *GOOD))
    assert status == 1 and [step["passed"] for step in report["steps"]] == [True, True]
    (problem,) = report["problems"]
    assert problem.startswith("b0: after :reset it doesn't begin as it did: inside.hostname: h")


def test_what_does_not_pass_is_not_mutated(tmp_path: Path) -> None:
    status, report = outcome(tmp_path, lesson("# true", GOOD[1]), "--mutate")
    assert status == 1 and "mutated" not in report


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "lessons" / "x"
    folder.mkdir(parents=True)
    env = {
        **os.environ,
        "XDG_STATE_HOME": str(tmp_path),
        "NSPLAY_LESSONS": str(folder.parent),
        "SHELL": "/bin/dash",
    }
    (folder / "lesson.md").write_text(
        lesson(f"# uname\n{GOOD[0]}", GOOD[1], "# exit", "inside.own == host.own | in")
    )
    words = [sys.executable, "-m", "nsplay", "lesson", "test", "--mutate"]
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, text=True) as test:
        assert test.stdout
        while "refused" not in test.stdout.readline():
            pass
        test.send_signal(signal.SIGINT)
        assert test.wait(30) == 130
        assert test.stdout.read() == ""
    assert not any((tmp_path / "nsplay").glob("stages/*"))
