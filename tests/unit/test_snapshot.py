"""Snapshots of recorded machines: every part, only what was asked for, and what ends or can't be read meanwhile."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from nsplay.kernel import (
    cgroups,
    clocks,
    firewall,
    identity,
    inside,
    ipc,
    mounts,
    names,
    namespaces,
    network,
    ownership,
    processes,
)
from nsplay.kernel.group import files as group_files
from nsplay.kernel.group import group, pressure
from nsplay.snapshot import PARTS, take

DATA = Path(__file__).parents[1] / "data"
DEBIAN = str(DATA / "proc-debian12")


def test_three_sides() -> None:
    seen = take(812, 812, 900, PARTS, DEBIAN)
    assert seen.inside is not None
    assert [side.name for side in seen.sides] == ["machine", "host", "inside"]
    assert seen.machine.ns == seen.host.ns == namespaces.inodes(812, DEBIAN)
    assert seen.inside.ns["uts"] == 4026532301
    assert seen.host.names == names.Names("bookworm", "(none)")
    assert [row.pid for row in seen.inside.processes] == [900, 901, 902]
    assert len(seen.host.processes) == len(seen.processes) == 8
    assert seen.inside.process == processes.read(900, DEBIAN)
    assert (seen.inside.ps, seen.inside.proc_own) == (3, True)
    assert seen.inside.mounts == mounts.read(900, DEBIAN)
    assert seen.inside.identity == identity.read(900, DEBIAN)
    assert seen.inside.cgroups == cgroups.paths(900, DEBIAN)
    assert seen.leader == 900


def test_members() -> None:
    seen = take(812, 812, 900, PARTS, DEBIAN)
    assert seen.members["uts"][4026532301] == {899, 900, 901, 905}  # the zombie is in none
    assert seen.members["pid"][4026532303] == {900, 901}
    assert seen.members["net"][4026531840] == {1, 2, 812, 899, 900, 901, 905}
    assert seen.hidden == 0


def test_members_on_a_kernel_with_five_kinds() -> None:
    seen = take(701, 701, 702, PARTS, str(DATA / "proc-centos7"))
    assert set(seen.members) == {"uts", "pid", "mnt", "net", "ipc"}
    assert seen.members["uts"][4026531838] == {1, 700, 701, 702}


def test_the_learners_processes() -> None:
    assert take(812, 812, 900, PARTS, DEBIAN).stage_pids == {899, 900, 901, 902, 905}
    assert take(812, 812, 900, PARTS, DEBIAN, warden_pid=899).stage_pids == {900, 901, 902}


READERS: dict[str, list[tuple[object, str]]] = {
    "names": [(names, "read")],
    "processes": [(processes, "read"), (processes, "visible"), (processes, "proc_is_own")],
    "mounts": [(mounts, "read")],
    "identity": [(identity, "read")],
    "cgroups": [(cgroups, "paths")],
    "groups": [(group_files, "trees"), (group, "own"), (group, "found")],
    "pressure": [(pressure, "system")],
    "owners": [(namespaces, "owner"), (namespaces, "parent")],
    "network": [(network, "_ask"), (network, "read"), (network, "seen_by_sysfs")],
    "rules": [(firewall, "_ask"), (firewall, "parse")],
    "tree": [(ownership, "read")],
    "ipc": [(ipc, "_queues"), (ipc, "parse"), (ipc, "folders")],
    "clocks": [(clocks, "read")],
}


@pytest.mark.parametrize("part", sorted(PARTS))
def test_what_is_not_asked_for_is_not_read(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError(f"read without {part}")

    for module, reader in READERS.get(part, []):
        monkeypatch.setattr(module, reader, never)
    if part == "members":
        monkeypatch.setattr("nsplay.snapshot._members", never)
    # The tree asks for owners, too; the cgroups for the mounts of their trees, and groups for both.
    asking = {"owners": ("tree",), "mounts": ("cgroups", "groups"), "cgroups": ("groups",)}
    others = {part, *asking.get(part, ())}
    seen = take(812, 812, 900, PARTS - others, DEBIAN)
    assert part not in seen.parts
    with pytest.raises(AssertionError, match="read without"):
        take(812, 812, 900, frozenset({part}), DEBIAN)


def test_what_is_asked_from_within_is_asked_in_one_visit(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, list[str]]] = []

    def ask(pid: int, questions: list[inside.Question], proc: str) -> list[inside.Answer]:
        asked.append((pid, [question.kind for question in questions]))
        return [PermissionError(1, "refused") for _ in questions]

    monkeypatch.setattr(inside, "ask", ask)
    parts = PARTS - {"names"}
    seen = take(812, 2, 900, parts, DEBIAN)
    every = ["net", "net", "ipc", "time", "cgroup"]
    assert asked == [
        (812, every),
        (2, ["cgroup"]),
        (900, ["cgroup"]),
    ]  # they share all; a path is each one's own
    assert "network: refused" in seen.host.unreadable
    asked.clear()
    take(812, 2, 900, parts - {"network", "rules", "ipc", "clocks", "cgroups"}, DEBIAN)
    assert asked == []


def test_nothing_asked_for() -> None:
    seen = take(812, 812, 900, frozenset(), DEBIAN)
    assert seen.inside is not None
    assert seen.inside.ns["uts"] != seen.host.ns["uts"]
    assert (seen.processes, seen.members, seen.inside.mounts, seen.inside.unreadable) == ((), {}, (), ())


def test_an_unknown_part() -> None:
    with pytest.raises(ValueError, match="no such part of a snapshot: mouts"):
        take(812, 812, None, frozenset({"mouts"}), DEBIAN)


def test_what_two_sides_share_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def read(pid: int, proc: str) -> names.Names:
        asked.append(pid)
        return names.Names(f"of {pid}", "")

    monkeypatch.setattr(names, "read", read)
    seen = take(812, 2, 900, PARTS, DEBIAN)
    assert asked == [812, 900]
    assert seen.host.names == seen.machine.names


def test_a_place_that_has_ended_is_no_side() -> None:
    assert take(812, 812, 4711, PARTS, DEBIAN).inside is None
    assert take(812, 812, None, PARTS, DEBIAN).inside is None


def test_a_stage_that_has_ended_is_told() -> None:
    host = take(812, 4711, None, PARTS, DEBIAN).host
    assert (host.name, host.ns, host.unreadable) == ("host", {}, ("place: it has ended",))


@pytest.mark.parametrize(
    ("module", "reader"),
    [
        (names, "read"),
        (mounts, "read"),
        (identity, "read"),
        (cgroups, "paths"),
        (processes, "visible"),
        (processes, "proc_is_own"),
        (namespaces, "owner"),
        (namespaces, "inodes_for_children"),
    ],
)
def test_the_place_ends_at_any_moment(
    module: object, reader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything is there until one of the readers starts on the place, and then it is gone."""
    proc = tmp_path / "proc"
    shutil.copytree(DEBIAN, proc, symlinks=True)
    real: Callable[..., object] = getattr(module, reader)

    def ends(*args: object) -> object:
        if args[0] == 900 or getattr(args[-2], "pid", 0) == 900:
            shutil.rmtree(proc / "900", ignore_errors=True)
        return real(*args)

    monkeypatch.setattr(module, reader, ends)
    seen = take(812, 812, 900, PARTS, str(proc))
    assert not (proc / "900").exists()
    assert seen.inside is None
    assert seen.host.identity is not None


def test_what_may_not_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    for module, reader in ((namespaces, "inodes"), (mounts, "read"), (names, "read")):
        monkeypatch.setattr(module, reader, refuse)
    inside = take(812, 812, 900, PARTS - {"members"}, DEBIAN).inside
    assert inside is not None
    assert (inside.ns, inside.mounts, inside.names) == ({}, (), None)
    assert {
        "namespaces: Permission denied",
        "mounts: Permission denied",
        "names: Permission denied",
    } <= set(inside.unreadable)
    assert inside.identity is not None
    assert inside.cgroups
    assert inside.lacks("mounts")
    assert not inside.lacks("identity")
