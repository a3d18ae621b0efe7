"""`:why` after what the kernel refuses in a tree of groups, on the real kernel."""

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nsplay.kernel.cgroups import variant
from nsplay.kernel.group import files
from nsplay.repl.reasons import find_out
from nsplay.snapshot import take
from nsplay.stage.options import Options, fresh_ident
from nsplay.stage.stage import Stage
from nsplay.view.ui import Ui
from nsplay.why.case import PARTS
from nsplay.why.group import memories


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    if os.geteuid() != 0:
        pytest.skip("needs root: groups of its own")
    with Stage.start(Options(fresh_ident()), tmp_path_factory.mktemp("state")) as stage:
        stage.wait()
        yield stage


def tree(stage: Stage, controller: str, version: int = 0) -> str:
    """Where the tree with a controller is mounted on the stage; skips where there is none."""
    for one in files.trees(stage.pid):
        if controller in (*one.controllers, "") and version in (0, one.version):
            return one.folder.removeprefix(f"/proc/{stage.pid}/root")
    pytest.skip(f"needs the {controller or 'unified'} tree" + (f" of version {version}" if version else ""))


def asked(stage: Stage, command: str, call: str, error: str, lang: str = "en") -> str:
    """What is said of the refusal that must be this one, in one line."""
    now = take(os.getpid(), stage.pid, stage.pid, PARTS)
    ui = Ui(width=80, lang="ja") if lang == "ja" else Ui(width=80)
    refused, reason = find_out(stage, now, command, ui)
    assert refused and reason, command
    assert (refused.call.removesuffix("at"), errno.errorcode[refused.error]) == (call, error)
    return " ".join((reason.rule, *reason.facts, reason.tries))


def test_a_group_with_somebody_in_it(stage: Stage) -> None:
    top = tree(stage, "pids")
    made = f"cd {top}; mkdir it; sleep 5 & echo $! > it/cgroup.procs; rmdir it; kill $!; wait; rmdir it"
    said = asked(stage, made, "rmdir", "EBUSY")
    assert "nobody is in it" in said and "GROUP/cgroup.procs" in said


def test_who_is_in_it(stage: Stage) -> None:
    top = tree(stage, "pids")
    made = f"mkdir -p {top}/it/inner; rmdir {top}/it"
    said = asked(stage, made, "rmdir", "EBUSY")
    assert "Groups in /it: inner." in said
    assert "/it の中のグループ: inner" in asked(stage, f"rmdir {top}/it", "rmdir", "EBUSY", "ja")
    asked(stage, f"rm -rf {top}/it", "unlink", "EPERM")
    os.rmdir(f"/proc/{stage.pid}/root{top}/it/inner")
    os.rmdir(f"/proc/{stage.pid}/root{top}/it")


def test_inner_groups_have_no_processes(stage: Stage) -> None:
    top = tree(stage, "", 2)
    controllers = Path(f"/proc/{stage.pid}/root{top}/cgroup.controllers").read_text().split()
    domain = next((name for name in ("memory", "io", "hugetlb") if name in controllers), None)
    if domain is None:
        pytest.skip("needs a domain controller of version 2")
    begin = f"cd {top}; echo +{domain} > cgroup.subtree_control; mkdir -p it/leaf; sleep 5 & "
    end = "; kill $!; wait; echo -{0} > it/cgroup.subtree_control; rmdir it/leaf it; echo -{0} > cgroup.subtree_control"
    said = asked(
        stage,
        f"{begin} echo $! > it/cgroup.procs; echo +{domain} > it/cgroup.subtree_control{end.format(domain)}",
        *("write", "EBUSY"),
    )
    assert "can't give memory, io" in said or "taken from the groups below first" in said
    said = asked(
        stage,
        f"{begin} echo +{domain} > it/cgroup.subtree_control; echo $! > it/cgroup.procs{end.format(domain)}",
        *("write", "EBUSY"),
    )
    assert "takes no processes" in said


def test_what_a_group_does_not_have_it_cannot_give(stage: Stage) -> None:
    top = tree(stage, "", 2)
    deep = f"{top}/it/deep"  # its parent gives nothing
    line = f"mkdir -p {deep}; echo +pids > {deep}/cgroup.subtree_control; rmdir {deep} {top}/it"
    said = asked(stage, line, "write", "ENOENT")
    assert "A group can give only what it has" in said
    said = asked(stage, f"echo +nosuch > {top}/cgroup.subtree_control", "write", "EINVAL")
    assert "no such controller" in said and "has the controllers" in said


def test_a_file_that_is_not_there(stage: Stage) -> None:
    top = tree(stage, "", 2)
    said = asked(stage, f"echo 1 > {top}/memory.nosuch", "open", "EACCES")
    assert "has no such file" in said


def test_a_group_that_is_not_there(stage: Stage) -> None:
    top = tree(stage, "memory")
    line = f"sh -c 'echo $$ > {top}/gone/cgroup.procs; exec nsplay load memory 1M'"
    said = asked(stage, f"mkdir {top}/it; {line}; rmdir {top}/it", "open", "ENOENT")
    assert "There is no such group" in said and f"In {top} there are:" in said
    assert "そのグループはありません" in asked(stage, line, "open", "ENOENT", "ja")
    asked(stage, f"rmdir {top}/gone", "rmdir", "ENOENT")
    assert "no such group" in asked(stage, "cgexec -g memory:gone true", "open", "ENOENT")


def test_a_controller_that_no_tree_has(stage: Stage) -> None:
    now = take(os.getpid(), stage.pid, stage.pid, PARTS)
    refused, reason = find_out(stage, now, "cgexec -g nosuch:it true", Ui(width=80))
    assert refused is None and reason and "has nosuch" in reason.rule


def test_a_group_in_one_that_is_not_there(stage: Stage) -> None:
    said = asked(stage, f"mkdir {tree(stage, 'pids')}/gone/in", "mkdir", "ENOENT")
    assert "in one that is there" in said


def test_a_line_for_a_disk_that_is_none(stage: Stage) -> None:
    top = tree(stage, "blkio", 1)
    said = asked(
        stage,
        f"mkdir {top}/it; echo nonsense > {top}/it/blkio.throttle.read_bps_device; rmdir {top}/it",
        *("write", "EINVAL"),
    )
    assert "MAJOR:MINOR" in said


def test_a_limit_by_the_name_of_the_other_version(stage: Stage) -> None:
    other = "memory.max" if variant(["memory"]) == 1 else "memory.limit_in_bytes"
    said = asked(stage, f"cgset -r {other}=64M /", "open", "ENOENT")
    assert "The group has no such file" in said


def test_a_cpuset_of_version_1(stage: Stage) -> None:
    top = tree(stage, "cpuset", 1)
    os.mkdir(f"/proc/{stage.pid}/root{top}/it")
    try:
        said = asked(stage, f"echo $$ > {top}/it/cgroup.procs", "write", "ENOSPC")
        assert "cpuset.cpus is empty, cpuset.mems is empty" in said
    finally:
        os.rmdir(f"/proc/{stage.pid}/root{top}/it")


def test_processors_that_are_not_there_or_not_given(stage: Stage) -> None:
    top = tree(stage, "cpuset", 1)
    folder = f"/proc/{stage.pid}/root{top}/it"
    os.makedirs(f"{folder}/in")
    try:
        said = asked(stage, f"echo 9999 > {top}/it/cpuset.cpus", "write", "ERANGE")
        assert "names processors" in said and "cpuset.cpus is empty" in said
        said = asked(stage, f"echo 0 > {top}/it/in/cpuset.cpus", "write", "EACCES")
        assert "only what the group above it has" in said
        said = asked(stage, "taskset -pc 1023 $$", "sched_setaffinity", "EINVAL")
        assert "None of the processors" in said
    finally:
        os.rmdir(f"{folder}/in")
        os.rmdir(folder)


def test_values_that_are_none(stage: Stage) -> None:
    top = tree(stage, "pids")
    os.mkdir(f"/proc/{stage.pid}/root{top}/it")
    try:
        said = asked(stage, f"echo many > {top}/it/pids.max", "write", "EINVAL")
        assert "the word max" in said and "pids.max is max now" in said
        assert "no process" in asked(stage, f"echo -5 > {top}/it/cgroup.procs", "write", "EINVAL")
        assert "pid namespace" in asked(stage, f"echo 4194303 > {top}/it/cgroup.procs", "write", "ESRCH")
    finally:
        os.rmdir(f"/proc/{stage.pid}/root{top}/it")


def test_a_device_that_the_group_may_not_open(stage: Stage) -> None:
    top = tree(stage, "devices") if variant(["devices"]) == 1 else tree(stage, "", 2)
    first = os.path.exists(f"/proc/{stage.pid}/root{top}/devices.deny")
    deny = f"echo 'c 1:5 r' > {top}/it/devices.deny" if first else "nsplay devices deny it c 1:5 r"
    line = (
        f"mkdir {top}/it; {deny}; sh -c 'echo $$ > {top}/it/cgroup.procs; head -c1 /dev/zero'; rmdir {top}/it"
    )
    said = asked(stage, line, "open", "EPERM")
    assert "/dev/zero is c 1:5." in said and "says no" in said
    assert "/dev/zero は c 1:5 です。" in asked(stage, line, "open", "EPERM", "ja")


def test_what_the_group_above_may_not_cannot_be_allowed(stage: Stage) -> None:
    top = tree(stage, "devices", 1)
    line = f"cd {top}; mkdir -p it/in; echo 'c 1:5 r' > it/devices.deny; echo 'c 1:5 r' > it/in/devices.allow"
    said = asked(stage, f"{line}; rmdir it/in it", "write", "EPERM")
    assert "can't allow what the group above doesn't" in said


def test_a_packet_that_a_rule_drops(stage: Stage) -> None:
    chain = "{ type filter hook output priority 0; policy drop; }"
    rules = f"ip link set lo up; nft add table inet t; nft 'add chain inet t out {chain}'"
    said = asked(stage, f'unshare -n sh -c "{rules}; nsplay load net --count 1"', "sendto", "EPERM")
    assert "dropped it on its way out" in said


def test_a_quota_that_is_too_small(stage: Stage) -> None:
    top = tree(stage, "cpu", 1)
    os.mkdir(f"/proc/{stage.pid}/root{top}/it")
    try:
        said = asked(stage, f"echo 5 > {top}/it/cpu.cfs_quota_us", "write", "EINVAL")
        assert "at least 1000 us" in said and "cpu.cfs_quota_us is -1 now" in said
    finally:
        os.rmdir(f"/proc/{stage.pid}/root{top}/it")


def test_an_ordinary_user_may_not(stage: Stage) -> None:
    top = tree(stage, "pids")
    said = asked(stage, f"setpriv --reuid 1000 --clear-groups mkdir {top}/mine", "mkdir", "EACCES")
    assert "delegated" in said and "uid 1000" in said


def test_the_oom_killer_is_no_refusal(stage: Stage) -> None:
    top = tree(stage, "memory")
    file = "memory.limit_in_bytes" if variant(["memory"]) == 1 else "memory.max"
    load = f"sh -c 'echo $$ > {top}/it/cgroup.procs; exec nsplay load memory 50M'"
    now = take(os.getpid(), stage.pid, stage.pid, PARTS)
    line = f"mkdir {top}/it; echo 10M > {top}/it/{file}; {load}"
    refused, reason = find_out(stage, now, line, Ui(width=80))
    os.rmdir(f"/proc/{stage.pid}/root{top}/it")
    assert refused is None and reason and "OOM killer" in reason.rule
    assert reason.facts[0].startswith("/it may have 10485760 bytes")


def test_a_place_that_is_gone_meanwhile_has_no_groups(stage: Stage) -> None:
    assert memories(stage.pid)
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
        assert memories(gone.pid) == {}


def test_a_fork_too_many(stage: Stage) -> None:
    top = tree(stage, "pids")
    os.mkdir(f"/proc/{stage.pid}/root{top}/it")
    try:
        line = f"echo 1 > {top}/it/pids.max; sh -c 'echo $$ > {top}/it/cgroup.procs; /bin/true; true'"
        said = _fork(stage, line)
        assert "pids.max" in said
    finally:
        os.rmdir(f"/proc/{stage.pid}/root{top}/it")


def _fork(stage: Stage, line: str) -> str:
    """Whichever call this shell forks by."""
    now = take(os.getpid(), stage.pid, stage.pid, PARTS)
    refused, reason = find_out(stage, now, line, Ui(width=80))
    assert refused and reason and refused.error == errno.EAGAIN
    return " ".join((reason.rule, *reason.facts))
