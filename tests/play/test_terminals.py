"""Two terminals on one stage: changing over, what goes on behind, and steps that need both."""

import re
from collections.abc import Iterator
from pathlib import Path
from socket import gethostname

import pytest

from tests.play.learner import Learner, learner

LESSON = """+++
format = 1
title = "Both sides"
minutes = 5
needs = { namespaces = ["mnt"], tools = ["unshare", "mount", "umount"] }
views = ["mounts"]
+++

# Both sides

Two terminals on {{host.hostname}}, one host.

## Share {#share}

```console
# mount -t tmpfs demo /mnt
# mount --make-shared /mnt
# unshare -m --propagation slave sh
```

```console host
# mkdir /mnt/x
# mount -t tmpfs there /mnt/x
```

```check
inside.ns.mnt != host.ns.mnt | make a mount namespace in terminal 1
second.mounts > before.host.mounts | mount both in terminal 2
inside.mounts == second.mounts | it has to arrive in here
```

## Unmount {#unmount}

```console host
# umount /mnt/x
```

```console
# exit
```

```check
inside.ns.mnt == host.ns.mnt | leave terminal 1's namespace
host.mounts < before.host.mounts | unmount it in terminal 2
```
"""
READY = r"READY# $"


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Learner]:
    folder = tmp_path / "lessons" / "both"
    folder.mkdir(parents=True)
    (folder / "lesson.md").write_text(LESSON)
    with learner(tmp_path, "--lessons", str(tmp_path / "lessons"), "both", "--yes") as one:
        one.until(
            rf"Two terminals on {gethostname()}, one.*step 1 of 2.*in terminal 2 \(Ctrl-\] 2\):.*{READY}"
        )
        yield one


def over(person: Learner, number: int, then: str = "# $") -> Learner:
    """Ctrl-] and the digit."""
    return person.key("\x1d").until("q leave").key(str(number)).until(rf"terminal {number} .*{then}")


def test_a_step_in_both(person: Learner) -> None:
    for line in ("mount -t tmpfs demo /mnt", "mount --make-shared /mnt"):
        person.type(line, rf"what changed +{re.escape(line)}\n.*{READY}")
    person.type("unshare -m --propagation slave sh", r"Ctrl-\] 2 to terminal 2")
    over(person, 2).type("mkdir /mnt/x", READY)
    person.type("mount -t tmpfs there /mnt/x", rf"> terminal 2 .*step 1 of 2 done.*{READY}")
    person.key("\r").until(rf"Unmount.*{READY}")
    person.type("umount /mnt/x", READY)
    over(person, 1).type("exit", "step 2 of 2 done")


def test_skipping_changes_over_by_itself(person: Learner) -> None:
    person.type(":skip", r"terminal 2 .*mount -t tmpfs there /mnt/x.*step 1 of 2 done")
    person.key("\r").until(rf"Unmount.*{READY}")
    # A fresh stage: the first step is done again in both terminals, then one stands in front of the second step.
    person.type(":reset", rf"A fresh stage.*step 2 of 2.*{READY}")
    person.type(":skip", r"terminal 1 .*step 2 of 2 done")


def test_a_step_that_begins_in_the_other_terminal_says_so(person: Learner) -> None:
    person.type(":skip", "step 1 of 2 done")
    over(person, 1).key("\r").until(
        rf"Unmount.* in terminal 2 +# umount /mnt/x\n.* Ctrl-\] 2 to terminal 2 .*{READY}"
    )
    over(person, 2).type(
        ":show", rf" do +# umount /mnt/x\n +in terminal 1 \(Ctrl-\] 1\):\n +# exit\n.*{READY}"
    )


def test_what_is_asked_is_asked_of_the_terminal_that_is_shown(person: Learner) -> None:
    over(person, 2).type("unshare -Ur sh", r"what changed.*# $")
    person.type("hostname x", "you must be root").until("# $")
    person.type(":why", r"belongs to the host's user\s+namespace.*you have power only in.*# $")
    person.type(":both readlink /proc/self/ns/user", r"\n user:\[(\d+)\]\n +user:\[(?!\1)\d+\]\n.*# $")


def test_what_goes_on_behind(person: Learner) -> None:
    over(person, 2).type("mkfifo /tmp/go; (read x < /tmp/go; seq 1 30000; echo 'E'ND) &", READY)
    over(person, 1).type("echo > /tmp/go; echo on; sleep 0.3", rf"on.*{READY}")
    assert not person.shows("29999|END")
    over(person, 2, "29999\n30000\nEND")
    assert not person.shows("\n20\n")  # only the last of it


def test_the_end_of_the_second_one(person: Learner) -> None:
    over(person, 2)
    person.type("exit", rf"terminal 1 .*{READY}")
    over(person, 2).type("kill -9 $$", r"Here is a new one")
    over(person, 1).type("echo fi''ne", "fine")
    over(person, 2).type("sh -c 'sleep 0.2; kill -9 $PPID' & true", READY)
    over(person, 1).type("sleep 0.4; echo sti''ll", "still")  # it ended behind
    over(person, 2).type("echo a''gain", "again")


def test_a_full_screen_program_comes_back(person: Learner) -> None:
    person.key("less /etc/passwd\r").until("root:x:0")
    over(person, 2).type("echo here", "here")
    person.key("\x1d").until("q leave").key("1").until("root:x:0")
    person.key("q").until(READY)


def test_what_is_typed_behind_the_change_is_the_other_ones(person: Learner) -> None:
    person.type("WHERE=first", READY)
    person.key("\x1d2echo in $WHERE $((1+1))nd\r").until(rf"terminal 2 .*\nin 2nd\n.*{READY}")
    person.key("\x1d1echo in $WHERE $((0+1))st\r").until(rf"terminal 1 .*\nin first 1st\n.*{READY}")


def test_a_change_that_is_typed_while_the_stage_is_made_anew(person: Learner) -> None:
    person.type(":skip", "step 1 of 2 done").key("\r").until(rf"Unmount.*{READY}")
    person.key(":reset\r\x1d1echo $((1+1))nd $(readlink /proc/$$/ns/mnt /proc/$PPID/ns/mnt | uniq | wc -l)\r")
    person.until(r"A fresh stage.*terminal 1 .*\n2nd 2\n.*# $")
