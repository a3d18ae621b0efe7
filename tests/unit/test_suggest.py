"""Facts as lines for a lesson: what is suggested can be pasted, and proves what it says."""

import re

import pytest

from nsplay.facts import Value, known
from nsplay.lesson.checks import evaluate, facts_in, parse
from nsplay.lesson.fill import bare
from nsplay.lesson.suggest import everything, what_changed

HOST: dict[str, Value] = {
    "pid": 504,
    "ns.uts": 4026532323,
    "ns.pid": 4026531836,
    "ns.pid_for_children": 4026531836,
    "own": (),
    "hostname": "vm",
    "nspid": 504,
    "processes": 110,
    "processes.yours": 2,
    "ps": 110,
    "mounts": 35,
    "kept.uts": 0,
    "uts.others": 0,
    "uts.joined": False,
    "uid": 0,
    "cgroup.cpu": "/nsplay-493-1/stage",
    "capabilities.effective": tuple(f"c{number}" for number in range(40)),
    "root": "/",
}


def look(inside: dict[str, Value] | None = None, host: dict[str, Value] | None = None) -> dict[str, Value]:
    """Facts of a place that is the host's but for what is given."""
    there = {**HOST, **(host or {})}
    here = {**there, "pid": 512, **(inside or {})}
    return {
        f"{side}.{name}": fact
        for side, of in (("host", there), ("inside", here))
        for name, fact in of.items()
    }


UTS: dict[str, Value] = {"ns.uts": 4026532465, "own": ("uts",), "pid": 600}
PID: dict[str, Value] = {"ns.pid": 7, "nspid": 1, "processes": 2, "ps": 2, "own": ("pid",), "pid": 700}
SECOND = {f"second.{name}": fact for name, fact in HOST.items()} | {"second.pid": 800}
CASES = {
    "unshare -u": (look(), look(UTS), 'inside.ns.uts != host.ns.uts, inside.own contains "uts"', ""),
    "hostname x, in a namespace of its own": (
        look(UTS),
        look({**UTS, "hostname": "x"}),
        'inside.hostname != before.inside.hostname, inside.hostname != host.hostname, inside.hostname == "x"',
        "inside.ns.uts != host.ns.uts, host.hostname == before.host.hostname",
    ),
    "hostname x, on the wrong side": (
        look(),
        look({"hostname": "x"}, {"hostname": "x"}),
        'host.hostname != before.host.hostname, host.hostname == "x"',
        "",
    ),
    "from one namespace into another": (
        look(UTS),
        look({**UTS, "ns.uts": 9, "uts.joined": True}),
        "inside.ns.uts != before.inside.ns.uts, inside.uts.joined == true",
        "inside.ns.uts != host.ns.uts",
    ),
    "unshare -p, without a fork": (
        look(),
        look({"ns.pid_for_children": 7}),
        "inside.ns.pid_for_children != inside.ns.pid",
        "",
    ),
    "unshare -pf --mount-proc": (
        look(),
        look(PID),
        "inside.ns.pid != host.ns.pid, inside.nspid == 1, inside.processes < host.processes, inside.ps < host.ps, "
        'inside.own contains "pid"',
        "",
    ),
    "exit": (look(UTS), look(), 'inside.ns.uts == host.ns.uts, inside.own not contains "uts"', ""),
    "sleep &": (
        look(),
        look({"processes.yours": 3}, {"processes.yours": 3}),
        "host.processes.yours > before.host.processes.yours",
        "",
    ),
    "another kept": (look(), look(None, {"kept.uts": 1}), "host.kept.uts > before.host.kept.uts", ""),
    "all capabilities gone": (
        look(),
        look({"capabilities.effective": ()}),
        "inside.capabilities.effective != before.inside.capabilities.effective",
        "",
    ),
    "another cgroup, whose name has the stage's in it": (
        look(),
        look({"cgroup.cpu": "/nsplay-493-1/stage/x"}),
        "inside.cgroup.cpu != before.inside.cgroup.cpu, inside.cgroup.cpu != host.cgroup.cpu",
        "host.cgroup.cpu == before.host.cgroup.cpu",
    ),
    "a quote in a name can't be written": (
        look(UTS),
        look({**UTS, "hostname": 'a"b'}),
        "inside.hostname != before.inside.hostname, inside.hostname != host.hostname",
        "inside.ns.uts != host.ns.uts, host.hostname == before.host.hostname",
    ),
    "the second terminal is opened": (look(), {**look(), **SECOND}, "", ""),
    "a mount in the second terminal": (
        {**look(), **SECOND},
        {**look(), **SECOND, "second.mounts": 36},
        "second.mounts > before.second.mounts",
        "",
    ),
    "a mount that arrives in a table of its own": (
        look({"ns.mnt": 8}, {"ns.mnt": 5}),
        look({"ns.mnt": 8, "mounts": 36}, {"ns.mnt": 5, "mounts": 36}),
        "inside.mounts > before.inside.mounts, host.mounts > before.host.mounts",
        "",
    ),
    "ls": (look(), look({"pid": 512}, {"processes": 112, "ps": 113}), "", ""),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_command_changed(case: str) -> None:
    before, after, checks, guards = CASES[case]
    found = what_changed(before, after)
    assert {line.comparison for line in found.checks} == set(filter(None, checks.split(", ")))
    assert {line.comparison for line in found.guards} == set(filter(None, guards.split(", ")))


@pytest.mark.parametrize("case", CASES)
def test_every_line_can_be_pasted_and_proves_it(case: str) -> None:
    before, after, _, _ = CASES[case]
    found = what_changed(before, after)
    for line, guard in [*((line, False) for line in found.checks), *((line, True) for line in found.guards)]:
        check = parse(str(line), 1, guard=guard)
        assert check.message == line.words and all(known(bare(name)) for name in facts_in(check))
        assert evaluate((check,), after, before, before)[0].passed, line
        assert evaluate((check,), before, before, before)[0].passed is guard, line
        assert not re.search(r"\d{3}", line.comparison), "a number that the kernel gave out"


def test_all_facts_hold_and_can_be_pasted() -> None:
    now = look({**UTS, "hostname": "a|b"})
    lines = everything(now)
    for line in lines:
        check = parse(str(line), 1)
        assert check.message == line.words and check.source == line.comparison
        assert evaluate((check,), now, {}, {})[0].passed, line
    assert {line.comparison.split()[0] for line in lines} == set(now)
    told = {line.comparison: line.words for line in lines}
    assert told["inside.ns.uts != host.ns.uts"] == "the number of its uts namespace: 4026532465"
    assert 'inside.hostname == "a|b"' in told and 'inside.own contains "uts"' in told


def test_words_of_a_suggestion_say_what_is_wrong() -> None:
    (first, *_) = what_changed(look(), look(UTS)).checks
    assert first.words == "uts namespace in here is the same as uts namespace on the host"
    (first, *_) = what_changed(look(UTS), look({**UTS, "hostname": "x"})).checks
    assert first.words == "host name in here hasn't changed"
