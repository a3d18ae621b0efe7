"""The lesson traffic as somebody plays it: by other commands than its own, and with a learner's mistakes."""

import os
from pathlib import Path

import pytest

from nsplay.kernel import cgroups
from nsplay.kernel.cgroups import variant
from nsplay.needs import lacks
from tests.play.learner import learner

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, as most learners have it")

READY = r"# $"
FIRST = variant(["net_cls"]) == 1
TREE = next((tree.mountpoint for tree in cgroups.hierarchies() if tree.version == 2), "")
TOP = "/sys/fs/cgroup/net_cls" if FIRST else TREE
PATH = f"{TREE}/notes".removeprefix("/sys/fs/cgroup/")
ASKS = "meta cgroup 0x100001" if FIRST else f"socket cgroupv2 level 1 {PATH}"


@pytest.fixture(autouse=True)
def offered() -> None:
    if found := lacks({"controllers": ["net_cls"], "tools": ["nft"]}):
        pytest.skip(found[0].why)


def test_the_first_of_a_steps_commands_is_no_mistake(tmp_path: Path) -> None:
    with learner(tmp_path, "traffic") as person:
        person.until(r"A net to play in.*READY# $").type("unshare -n /bin/sh", r"what changed.*# $")
        assert "not yet" not in person.text(), "lo is off in there until the next command"
        person.type("exit", READY).type("ip link set lo down", r"lo is off.*# $")


def test_a_net_by_ip_netns_shows_no_groups(tmp_path: Path) -> None:
    with learner(tmp_path, "traffic") as person:
        person.until(r"A net to play in.*READY# $").type("ip netns add own", READY)
        person.type("ip netns exec own /bin/sh", r"no\s+group\s+is\s+to\s+be\s+seen.*# $")
        person.type("exit", r"READY# $").type("unshare -n /bin/sh", r"# $").type(
            "ip link set lo up", "step 1 of"
        )


def test_a_rule_for_everybody_counts_too_much(tmp_path: Path) -> None:
    with learner(tmp_path, "traffic/rule") as person:
        person.until(r"Counted: nobody.*READY# $")
        person.type("nft add table inet mine", READY)
        person.type("nft 'add chain inet mine out { type filter hook output priority 0; }'", READY)
        person.type("nft add rule inet mine out counter", r"what changed.*# $")
        person.type("nsplay load net --count 2", r"2 arrived.*# $")
        person.type(":check", r"your\s+own\s+packets\s+are\s+counted").until(READY)
        person.type("nft flush chain inet mine out", r"what changed.*# $")
        person.type(f"nft add rule inet mine out {ASKS} counter", "step 3 of")


def test_sent_by_another_program_and_from_the_wrong_group_first(tmp_path: Path) -> None:
    with learner(tmp_path, "traffic/count") as person:
        person.until(r"Counted: these.*READY# $")
        person.type("nsplay load net --count 2", r"2 arrived.*# $")
        person.type(":check", r"no\s+packet\s+of\s+notes\s+is\s+counted").until(READY)
        person.type(f"echo $$ > {TOP}/notes/cgroup.procs", r"what changed.*# $")
        person.type("bash -c 'echo hello > /dev/udp/127.0.0.1/9'", "step 4 of")
