"""Wherever nsplay runs: a stage that leaves out one mechanism, or a sentence that says what is refused and what mends it.
The fixture of tests/conftest.py looks for what is left.
"""

import json
import os
from pathlib import Path

import pytest

from nsplay.kernel.switches import around
from nsplay.needs import lacks as lacking
from nsplay.stage import lacks, probe
from nsplay.stage.options import Mechanism, Report

from .conftest import PROJECT, OpenStage
from .house import run
from .surroundings import SURROUNDINGS, capabilities, covered_sys, in_child, masked, refuses, stand, together

COMMANDS = (
    "echo there",
    "unshare -u sh -c 'hostname inner; uname -n'",
    "touch /etc/nsplay-probe 2>&1 | grep -c 'Read-only'",
    "echo > /dev/null && echo written",
)
FINE = ["there", "inner", "1", "written"]
GROUPS = {"cgroup", "limits", "pids", "memory", "cpu", "devices", "sysctls"}
# Surroundings: what of the fence may be left out there, and not more
STANDS = {
    "read-only groups": GROUPS,
    "masked": set[str](),
    "masked, a user": GROUPS,
    "docker's capabilities": GROUPS,
    "docker without seccomp": GROUPS,
    "rootless": GROUPS,
    "rootless, masked": GROUPS,
    "lone root": {"devices", "sysctls"},
    "no bpf": {"devices", "sysctls"},
    "no mknod": set[str](),
    "no mount_setattr": set[str](),
    "an old kernel's mount_setattr": set[str](),
    "no seccomp": {"system calls"},
}
# Surroundings: words of the refusal
REFUSES = {
    "docker": ("a user namespace", "EPERM: a seccomp filter", "seccomp=unconfined"),
    "no capabilities": ("a user namespace", "CAP_SETFCAP", "--cap-add SETFCAP"),
    "no mount": ("a mount namespace", "mount", "seccomp=unconfined"),
    "no unshare": ("a mount namespace", "unshare(CLONE_NEWNS)", "seccomp=unconfined"),
    "no unshare, a user": ("a user namespace", "unshare(CLONE_NEWUSER)", "seccomp=unconfined"),
    "no pidfd": ("pidfd_open", "EPERM: a seccomp filter", "seccomp=unconfined"),
    "no memfd": ("memfd_create", "EPERM: a seccomp filter", "seccomp=unconfined"),
}


def without_landlock() -> set[str]:
    """Before Linux 6.12 signals are held by seccomp, which takes one listener a process: not where a container refuses
    seccomp, not on a stage on a stage.
    """
    trials = probe.mechanisms(around())
    return {"signals"} if any(trial.name == "landlock" and not trial.works for trial in trials) else set()


def test_every_surrounding_is_told_of() -> None:
    assert SURROUNDINGS.keys() == STANDS.keys() | REFUSES.keys()


@pytest.mark.parametrize("name", list(STANDS))
def test_a_stage_stands_and_leaves_out_no_more_than_it_must(root: None, state: Path, name: str) -> None:
    try:
        found = stand(SURROUNDINGS[name], COMMANDS, state)
    finally:
        Path("/etc/nsplay-probe").unlink(missing_ok=True)  # where a broken fence let it through
    assert found.get("answers") == FINE, found
    old = without_landlock() if name == "no seccomp" else set[str]()
    assert set(found["lacks"]) <= STANDS[name] | old, found
    assert found["left"] == []
    assert list((state / "stages").iterdir()) == []


@pytest.mark.parametrize("name", list(REFUSES))
def test_or_a_sentence_says_why_not(root: None, state: Path, name: str) -> None:
    found = stand(SURROUNDINGS[name], COMMANDS, state)
    assert "refused" in found, found
    for part, words in zip(REFUSES[name], found["refused"], strict=True):
        assert part in words, found
    assert list((state / "stages").glob("*")) == []


def test_nsplay_on_a_stage_of_nsplay(root: None, open_stage: OpenStage) -> None:
    stage = open_stage()
    env = {"XDG_STATE_HOME": "/tmp/state", "PYTHONPATH": PROJECT}
    result = run(stage, "$PYTHON -m nsplay doctor --json 2>&1", **env)
    found = json.loads(result.output)
    assert result.status == 0
    assert found["refused"] == []
    assert found["around"]["container"] == "nsplay"
    assert {row["name"] for row in found["stage"] if not row["works"]} <= {
        "devices",
        "sysctls",
    } | without_landlock()
    (mounts,) = (row for row in found["stage"] if row["name"] == "mounts")
    assert "one mount after another" in mounts["why"]
    assert run(stage, "echo still there; ls -d /sys/fs/cgroup/*/nsplay-* 2>/dev/null").output == "still there"
    assert stage.close() == ()


def test_what_is_tried_here_works_here(root: None) -> None:
    trials = probe.namespaces(around()) + probe.mechanisms(around())
    here = {kind: os.path.exists(f"/proc/self/ns/{kind}") for kind in ("time", "cgroup")} | {
        "landlock": False
    }
    assert [trial for trial in trials if not trial.works and here.get(trial.name, True)] == []


def test_a_trial_tells_errno_and_cure(root: None) -> None:
    def tried() -> dict[str, object]:
        refuses("unshare")()
        rows = probe.namespaces(around()) + probe.mechanisms(around())
        return {row.name: [row.works, row.why, row.do] for row in rows}

    found = in_child(tried)
    assert found["uts"][:2] == [False, "EPERM: a seccomp filter around this process, as containers have"]
    assert "seccomp=unconfined" in found["uts"][2]
    assert found["overlay"] == [False, "without a mnt namespace it can't be tried", ""]
    assert found["landlock"][0] or "ENOSYS" in found["landlock"][1]


def test_covered_proc_is_found_by_trying(root: None) -> None:
    def tried() -> dict[str, object]:
        together(masked, capabilities(frozenset({0, 1, 6, 7, 8, 31})))()
        return {row.name: [row.works, row.why] for row in probe.mechanisms(around())}

    found = in_child(tried)
    assert found["proc"][0] is False and "parts of /proc are covered" in found["proc"][1]
    assert found["mknod"][0] is False and "user namespace" in found["mknod"][1]
    assert found["bind"][0] is True


def test_a_namespace_that_may_be_made_and_not_used_is_lacking(root: None) -> None:
    """What podman leaves root: unshare passes, a host name may not be set, no proc of its own may be mounted."""

    def tried() -> dict[str, str]:
        os.environ["NSPLAY_STAGE"] = "1"  # a container, whichever
        needs = {"namespaces": ["uts", "pid", "time"], "features": ["sysfs"]}
        before = lacking(needs)
        together(refuses("sethostname"), masked, covered_sys, capabilities(frozenset({0, 1, 6, 7, 8, 31})))()
        assert not before, before
        return {lack.name: lack.why for lack in lacking(needs)}

    found = in_child(tried)
    assert found.keys() == {"uts", "pid", "sysfs"}, found
    assert "host name" in found["uts"] and "/proc" in found["pid"] and "/sys" in found["sysfs"]


def test_one_line_for_the_learner() -> None:
    here = around()._replace(machines_own=True)
    rows = tuple(Mechanism(lack.mechanism, True) for lack in lacks.LACKS)
    assert lacks.sentence(Report(rows, root=True), here, "en") == ""
    assert lacks.sentence(Report((), root=True), here, "en") == "", "--no-fence was asked for"
    broken = tuple(row._replace(works=row.name not in ("memory", "sysctls")) for row in rows)
    said = lacks.sentence(Report(broken, root=True), here, "en")
    assert "memory isn't bounded; sysctl -w changes this machine" in said and "nsplay doctor" in said
    assert "sysctl" not in lacks.sentence(Report(broken, root=False), here, "en"), "a user can't anyway"
    assert "メモリに上限がない" in lacks.sentence(Report(broken, root=False), here, "ja")
