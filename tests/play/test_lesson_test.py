"""`nsplay lesson test` passes what is proved, and nothing else."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.patience import patience

STEP = """\
+++
title = "x"
minutes = 1
views = ["hostname"]
+++

# x

## A {{#a}}

Words.

```console
{console}
```

```check
{check}
```

```hint
h
```
"""
GOOD = ("# unshare -u sh", "inside.ns.uts != host.ns.uts | out")


def outcome(state: Path, text: str, *words: str) -> tuple[int, dict[str, Any]]:
    """Exit status and report of a lesson with this text."""
    folder = state / "lessons" / "x"
    folder.mkdir(parents=True)
    (folder / "lesson.md").write_text(text)
    env = {
        **os.environ,
        "XDG_STATE_HOME": str(state),
        "NSPLAY_LESSONS": str(folder.parent),
        "SHELL": "/bin/dash",
    }
    done = subprocess.run(
        [sys.executable, "-m", "nsplay", "lesson", "test", "--json", *words],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patience(120),
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)["lessons"][0]


def test_a_lesson_that_proves_itself(tmp_path: Path) -> None:
    status, report = outcome(tmp_path, STEP.format(console=GOOD[0], check=GOOD[1]), "x", "--step", "a")
    assert (status, report["passed"]) == (0, True)
    assert [step["id"] for step in report["steps"]] == ["a"]


@pytest.mark.parametrize(
    ("console", "check", "says"),
    [
        ("# true", GOOD[1], "fails after the step"),
        ("# unshare -i sh", GOOD[1], "fails after the step"),
        (GOOD[0], f"{GOOD[1]}\ninside.pid > 0 | x", "it proves nothing"),
        (GOOD[0], "host.hostname == before.host.hostname | x", "nothing has to be done"),
        ("# exit", GOOD[1], "the shell ended"),
        ("# unshare --no-such-thing", GOOD[1], "fails after the step"),
    ],
)
def test_a_lesson_that_does_not(tmp_path: Path, console: str, check: str, says: str) -> None:
    status, report = outcome(tmp_path, STEP.format(console=console, check=check))
    problems = " ".join(report["problems"] + [said for step in report["steps"] for said in step["problems"]])
    assert status == 1 and not report["passed"] and says in problems


def test_a_guard_has_to_hold_before(tmp_path: Path) -> None:
    text = STEP.format(console=GOOD[0], check=GOOD[1]).replace(
        "```check", "```guard\nhost.mounts < 1 | x\n```\n\n```check"
    )
    status, report = outcome(tmp_path, text)
    assert status == 1 and "a guard that doesn't hold" in str(report)


def test_every_other_way_is_played_too(tmp_path: Path) -> None:
    text = STEP.format(console=GOOD[0], check=GOOD[1]).replace(
        "```check", "```console also\n# true\n```\n\n```check"
    )
    status, report = outcome(tmp_path, text)
    assert status == 1 and [bool(step["problems"]) for step in report["steps"]] == [False, True]


def test_a_step_that_fails_says_what_its_commands_said(tmp_path: Path) -> None:
    console = "# true\n# unshare --utx sh\n# ls /no-such-place"
    _, report = outcome(tmp_path, STEP.format(console=console, check=GOOD[1]))
    fails, refused, missing = report["steps"][0]["problems"]
    assert "fails after the step" in fails
    assert refused.startswith("`unshare --utx sh` said:\nunshare: unrecognized option '--utx'\n")
    assert re.fullmatch(r"`ls /no-such-place` said:\nls: .*No such file or directory", missing)


def test_what_was_left_in_the_background_is_there_for_the_next_line(tmp_path: Path) -> None:
    made = "i=0; while [ $i -lt 50000 ]; do i=$((i + 1)); done; exec unshare -u sleep 60"
    text = STEP.format(console=f"# sh -c '{made}' &\n# nsenter -u -t $! sh", check=GOOD[1])
    status, report = outcome(tmp_path, text)
    assert status == 0, report


def test_another_way_begins_where_its_step_does(tmp_path: Path) -> None:
    """Not where another way of the step before it leads, unless that is the same."""
    first = STEP.format(console=GOOD[0], check=GOOD[1])
    ways = "".join(f"```console also\n{way}\n```\n\n" for way in ("# unshare -ui sh", "# unshare --uts sh"))
    text = first.replace("```check", f"{ways}```check") + (
        "\n## B {#b}\n\nWords.\n\n```console\n# hostname b\n```\n\n```console also\n# hostname 'b'\n```\n\n"
        "```guard\ninside.ns.ipc == host.ns.ipc | elsewhere\n```\n\n"
        '```check\ninside.hostname == "b" | no\n```\n\n```hint\nh\n```\n'
    )
    status, report = outcome(tmp_path, text)
    assert status == 0, report
    assert [step["id"].partition(" ")[0] for step in report["steps"]] == ["a", "b", "a", "a", "b"]


def test_what_cannot_run_here_is_no_failure_but_is_said(tmp_path: Path) -> None:
    text = STEP.format(console=GOOD[0], check=GOOD[1]).replace(
        "minutes", 'needs = { tools = ["no-such"] }\nminutes'
    )
    status, report = outcome(tmp_path, text)
    assert status == 3 and "no-such" in report["skipped"]


def test_a_disk_is_lent_to_a_lesson_that_needs_it(tmp_path: Path) -> None:
    console, check = (
        "# echo {{host.disk.device}} > /mnt/disk/number",
        'host.file./mnt/disk/number.text contains "7:" | no',
    )
    text = STEP.format(console=console, check=check).replace(
        "minutes", 'needs = { features = ["disk"] }\nminutes'
    )
    status, report = outcome(tmp_path, text)
    if report.get("skipped"):
        pytest.skip(f"needs a disk to lend: {report['skipped']}")
    assert status == 0, report
