"""`nsplay devices` on the stage: the rule holds in the group, for that device and access, and can be taken off."""

import re

import pytest

from nsplay.devices import program
from nsplay.errors import UsageError
from nsplay.kernel import cgroups
from nsplay.stage.stage import Stage

from .house import run


@pytest.fixture
def top(stage: Stage) -> str:
    found = next((tree.mountpoint for tree in cgroups.hierarchies() if tree.version == 2), None)
    if found is None or not stage.report.works("devices"):
        pytest.skip("needs BPF on a version 2 group")
    return found


def inside(stage: Stage, top: str, command: str) -> str:
    return run(stage, f"sh -c 'echo $$ > {top}/notes/cgroup.procs; {command}' 2>&1").output


def test_a_device_is_refused_and_others_arent(stage: Stage, top: str) -> None:
    assert run(stage, f"mkdir {top}/notes").status == 0
    before = inside(stage, top, "head -c1 /dev/zero | wc -c")
    assert before == "1"
    said = run(stage, "nsplay devices deny notes c 1:5 r")
    assert said.status == 0, said.output
    assert "if r3 != 1 goto allow" in said.output
    assert "Operation not permitted" in inside(stage, top, "head -c1 /dev/zero")
    assert inside(stage, top, "echo x > /dev/zero; head -c1 /dev/urandom | wc -c") == "1"
    assert run(stage, "head -c1 /dev/zero | wc -c").output == "1"  # in no such group
    (ident,) = re.findall(r"BPF program (\d+)\n?$", run(stage, "nsplay devices list notes").output)
    assert f"BPF program {ident} judges" in said.output
    assert "is untied" in run(stage, f"nsplay devices allow {top}/notes").output
    assert inside(stage, top, "head -c1 /dev/zero | wc -c") == "1"
    assert run(stage, "nsplay devices list notes").output == ""


def test_what_cannot_be_is_a_sentence(stage: Stage, top: str) -> None:
    gone = run(stage, "nsplay devices deny gone c 1:5")
    assert gone.status == 3
    assert "there is no such group" in gone.output
    assert run(stage, "nsplay devices list /tmp").status == 3
    assert run(stage, "nsplay devices deny notes").status == 2


@pytest.mark.parametrize(
    "rule", [("x", "1:5"), ("c", "1"), ("c", "1:5", "q"), ("c", "1:5", ""), ("c", "-1:5")]
)
def test_wrong_rules(rule: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="no rule for a device"):
        program(*rule)
