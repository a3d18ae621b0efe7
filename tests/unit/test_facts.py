"""Facts and changes of recorded machines and of snapshots made by hand."""

from dataclasses import replace
from pathlib import Path

import pytest

from nsplay.changes import Change, changes
from nsplay.facts import FACTS, NAMES, SIDES, WORDS, Value, busy, describe, facts, known, parts_for
from nsplay.kernel.mounts import Mount
from nsplay.kernel.names import Names
from nsplay.kernel.processes import Process
from nsplay.snapshot import PARTS, Side, Snapshot, take
from nsplay.why.case import Case
from nsplay.why.rules import filtered

DATA = Path(__file__).parents[1] / "data"
DEBIAN = str(DATA / "proc-debian12")
UTS = 4026532301


def snapshot(place: int | None = 900, parts: frozenset[str] = PARTS) -> Snapshot:
    return take(812, 812, place, parts, DEBIAN)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("host.pid", 812),
        ("inside.pid", 900),
        ("inside.nspid", 1),
        ("host.nspid", 812),
        ("inside.ns.uts", UTS),
        ("inside.ns.pid_for_children", 4026532303),
        ("inside.own", ("uts", "pid", "mnt", "user")),
        ("host.own", ()),
        ("host.hostname", "bookworm"),
        ("host.domainname", "(none)"),
        ("host.processes", 8),
        ("inside.processes", 3),
        ("inside.processes.yours", 3),
        ("host.processes.yours", 5),
        ("inside.ps", 3),
        ("host.pids", 1),
        ("inside.pids", 2),
        ("inside.zombies", 1),
        ("inside.children.init", "alive"),
        ("host.inits", 1),
        ("inside.inits", 0),
        ("host.inits.proc.own", 1),
        ("host.inits.catching.TERM", 0),
        ("inside.ps.isolated", True),
        ("host.ps.isolated", False),
        ("inside.proc.own", True),
        ("host.mounts", 8),
        ("host.mounts.shared", 5),
        ("inside.mounts", 4),
        ("inside.mounts.shared", 0),
        ("host.kept.uts", 1),
        ("host.kept.ipc", 0),
        ("inside.uts.kept", True),
        ("host.uts.kept", False),
        ("inside.uid", 0),
        ("inside.uid.outside", 1000),
        ("inside.uid_map", ("0 1000 1",)),
        ("inside.setgroups", "deny"),
        ("inside.capabilities.inheritable", ()),
        ("inside.no_new_privs", False),
        ("inside.seccomp", "none"),
        ("inside.cgroup.path", "/user.slice/user-0.slice/session-3.scope"),
        ("inside.cgroup.memory", "/user.slice/user-0.slice/session-3.scope"),
        ("inside.uts.members", 4),
        ("host.uts.members", 3),
    ],
)
def test_values(name: str, value: Value) -> None:
    assert facts(snapshot())[name] == value


def test_capabilities_are_in_the_kernels_order() -> None:
    found = facts(snapshot())["inside.capabilities.effective"]
    assert isinstance(found, tuple)
    assert (found[0], found[-1], len(found)) == ("chown", "checkpoint_restore", 41)


def test_what_cannot_be_known_is_absent() -> None:
    found = facts(snapshot())
    assert "inside.hostname" not in found  # nobody can enter a recording
    assert not any(name.startswith("inside.") for name in facts(snapshot(None)))
    ended = facts(take(812, 4711, None, PARTS, DEBIAN))
    assert [name for name in ended if name.startswith("host.")] == ["host.pid"]


def test_an_unknown_mount_table_is_not_an_empty_one() -> None:
    seen = snapshot(None)
    for unreadable, count in (((), 0), (("mounts: Permission denied",), None)):
        host = replace(seen.host, mounts=(), unreadable=unreadable)
        assert facts(replace(seen, host=host)).get("host.mounts") == count
        assert facts(replace(seen, host=host)).get("host.kept.uts") == count
        assert ("host.uts.kept" in facts(replace(seen, host=host))) is not host.lacks("mounts")


def test_no_fact_without_its_part() -> None:
    for part in sorted(PARTS):
        found = facts(snapshot(parts=PARTS - {part}))
        assert found
        assert not [name for name in found if part in parts_for(name)]


def test_cgroups_of_both_versions() -> None:
    found = facts(take(1500, 1500, None, PARTS, str(DATA / "proc-ubuntu2004")))
    assert found["host.cgroup.path"] == "/user.slice/user-1000.slice/session-1.scope"
    assert found["host.cgroup.cpuacct"] == "/user.slice"
    assert found["host.cgroup.net_cls"] == "/"
    assert found["host.cgroup.hugetlb"] == found["host.cgroup.path"]  # on no tree of version 1


@pytest.mark.parametrize(
    ("place", "others"),
    [
        (900, 1),  # 905 joined, or was joined
        (901, 1),
        (905, 3),  # it has joined those of 899
    ],
)
def test_others(place: int, others: int) -> None:
    assert facts(snapshot(place))["inside.uts.others"] == others


def row(pid: int, ppid: int) -> Process:
    return Process(pid, ppid, "sh", "S", 1, pid, pid, 0, -1, pid, (pid,), 1)


def related(members: set[int], place: int) -> Value:
    """inside.uts.others in 10 → 20 → 30 → 40 and 30 → 41, and 10 → 50 → 51; members share a UTS namespace."""
    table = tuple(
        row(*pair) for pair in ((10, 1), (20, 10), (30, 20), (40, 30), (41, 30), (50, 10), (51, 50))
    )
    host = Side("host", 10, {"uts": 1})
    seen = Snapshot(
        parts=frozenset({"members"}),
        machine=replace(host, name="machine"),
        host=host,
        inside=Side("inside", place, {"uts": 2}),
        leader=place,
        processes=table,
        members={"uts": {2: frozenset(members)}},
        hidden=0,
        root_pid=10,
    )
    return facts(seen)["inside.uts.others"]


def test_nested_shells_are_no_others() -> None:
    assert related({20}, 20) == 0
    assert related({20, 30, 40}, 40) == 0
    assert related({20, 30, 40, 41}, 40) == 0  # a brother that was born in it


def test_a_join_has_others() -> None:
    assert related({20, 30, 50, 51}, 51) == 2
    assert related({30, 51}, 30) == 1
    assert related({10, 40}, 40) == 1  # back into an ancestor's, over one that isn't in it


def test_every_name_is_known_and_told() -> None:
    assert len(NAMES) == len(set(NAMES))
    for name in NAMES:
        assert known(name)
        assert parts_for(name) <= PARTS
        assert describe(name)
        assert not any(word in describe(name) or word in name for word in WORDS)


def test_every_fact_is_read_somewhere() -> None:
    """A name that is in the list and never has a value would be a check that can never hold."""
    found = {name.partition(".")[2] for name in facts(snapshot())}
    missing = {name.partition(".")[2] for name in NAMES} - found
    need_the_kernel = {f"{kind}.owner" for kind in WORDS["KIND"]} | {
        f"{kind}.parent" for kind in WORDS["NESTED"]
    }
    need_the_kernel |= {
        name for name in missing if name.startswith("cgroup.groups")
    }  # folders that are counted
    asked_from_within = {fact.name for fact in FACTS if fact.part in ("network", "rules", "ipc", "clocks")}
    # Groups have recorded files of their own (test_group.py), and both versions.
    of_groups = {fact.name for fact in FACTS if fact.part in ("groups", "pressure")}
    need_the_kernel |= {"seccomp.filters", "seccomp.more"}  # below: the recorded status has no such line
    assert missing == need_the_kernel | {"root", "root.out", "disk.device"} | (
        (asked_from_within | of_groups) & missing
    )


def test_names_that_are_not() -> None:
    for name in ("inside", "inside.", "hostname", "outside.hostname", "inside.ns.KIND", "inside.hostnam", ""):
        assert not known(name)
    with pytest.raises(KeyError):
        parts_for("inside.hostnam")


def test_types_are_told() -> None:
    kinds = {"text": str, "number": int, "id": int, "count": int, "yes or no": bool, "list": tuple}
    found = facts(snapshot())
    for fact in FACTS:
        for side in SIDES:
            if (value := found.get(f"{side}.{fact.name}")) is not None:
                assert type(value) is kinds[fact.type]


def test_descriptions() -> None:
    assert describe("inside.ns.uts") == "the number of its uts namespace"
    assert describe("host.mounts") == "how many mounts it sees"
    assert parts_for("inside.ns.uts") == frozenset()
    assert parts_for("host.kept.uts") == {"mounts"}
    assert busy("host.processes") and not busy("host.processes.yours")
    # Another stage gives a controller to the groups below the machine's top; somebody without a group is right there.
    assert busy("inside.group.given") and not busy("host.group./notes.given")


# What changed


def different(before: Snapshot, after: Snapshot) -> list[Change]:
    return [change for change in changes(before, after) if change.kind != "same"]


def test_nothing_changed() -> None:
    assert different(snapshot(), snapshot()) == []
    looked = {(change.side, change.what) for change in changes(snapshot(), snapshot())}
    assert ("host", "hostname") in looked
    assert ("host", "mounts") in looked


def test_a_host_name() -> None:
    before = snapshot(None, frozenset({"names"}))
    after = replace(before, host=replace(before.host, names=Names("other", "(none)")))
    assert different(before, after) == [Change("host", "hostname", "changed", "bookworm", "other")]


def test_into_the_namespaces() -> None:
    found = different(snapshot(812), snapshot(900))
    assert all(change.side == "inside" for change in found)
    assert Change("inside", "nspid", "changed", 812, 1) in found
    assert Change("inside", "own", "changed", (), ("uts", "pid", "mnt", "user")) in found
    gone = [change.before for change in found if change.what == "process"]
    assert [process.pid for process in gone if isinstance(process, Process)] == [899, 905]


def test_others_come_and_go_unnoticed() -> None:
    before = snapshot()
    stranger = row(5000, 1)
    table = (*before.processes, stranger)
    sides = {name: replace(getattr(before, name), processes=table, ps=99) for name in ("machine", "host")}
    after = replace(before, processes=table, machine=sides["machine"], host=sides["host"])
    assert different(before, after) == []


def test_the_learners_come_and_go_noticed() -> None:
    before = snapshot(None)
    mine = row(5000, 812)
    table = (*before.processes, mine)
    after = replace(before, processes=table, host=replace(before.host, processes=table))
    assert different(before, after) == [
        Change("host", "processes.yours", "changed", 5, 6),
        Change("host", "process", "added", None, mine),
    ]
    assert different(after, before)[-1] == Change("host", "process", "removed", mine, None)


def with_row(snapshot: Snapshot, changed: Process) -> Snapshot:
    table = tuple(changed if row.pid == changed.pid else row for row in snapshot.processes)
    return replace(snapshot, processes=table, host=replace(snapshot.host, processes=table))


def test_a_process_that_changes() -> None:
    before = snapshot(None)
    old = next(row for row in before.processes if row.pid == 905)
    assert different(before, with_row(before, old._replace(state="R"))) == []
    for new in (old._replace(comm="vi"), old._replace(state="T")):
        assert different(before, with_row(before, new)) == [Change("host", "process", "changed", old, new)]
    other = old._replace(start=old.start + 1)  # the same number, another process
    kinds = [change.kind for change in different(before, with_row(before, other))]
    assert sorted(kinds) == ["added", "removed"]


def with_mounts(table: tuple[Mount, ...]) -> Snapshot:
    seen = snapshot(None)
    return replace(seen, host=replace(seen.host, mounts=table))


def test_mounts() -> None:
    table = snapshot().host.mounts
    copied = tuple(mount._replace(id=mount.id + 500, parent=mount.parent + 500) for mount in table)
    assert different(with_mounts(table), with_mounts(copied)) == []
    proc = table[1]
    private = (table[0], proc._replace(propagation=()), *table[2:])
    found = [
        change for change in different(with_mounts(table), with_mounts(private)) if change.what == "mount"
    ]
    assert found == [Change("host", "mount", "changed", proc, private[1])]
    over = proc._replace(id=900, parent=proc.id)
    found = different(with_mounts(table), with_mounts((*table, over)))
    assert Change("host", "mounts", "changed", 8, 9) in found
    assert Change("host", "mount", "added", None, over) in found
    found = different(with_mounts((*table, over)), with_mounts(table))
    assert Change("host", "mount", "removed", over, None) in found


def test_only_what_both_have_read_is_compared() -> None:
    assert different(snapshot(parts=frozenset()), snapshot()) == []
    assert different(snapshot(), snapshot(parts=frozenset())) == []


def test_a_place_that_has_gone() -> None:
    found = different(snapshot(), snapshot(None))
    assert found
    assert {(change.side, change.kind, change.after) for change in found} == {("inside", "removed", None)}


def test_filters_beyond_the_hosts() -> None:
    now = snapshot()
    assert "inside.seccomp.more" not in facts(now)  # this kernel didn't count them
    assert now.inside is not None and now.inside.identity is not None and now.host.identity is not None
    counted = replace(
        now,
        host=replace(now.host, identity=now.host.identity._replace(seccomp="filter", filters=1)),
        inside=replace(now.inside, identity=now.inside.identity._replace(seccomp="filter", filters=3)),
    )
    found = facts(counted)
    assert (found["inside.seccomp.filters"], found["inside.seccomp.more"], found["host.seccomp.more"]) == (
        3,
        2,
        0,
    )
    told = filtered(Case("unshare", 1, (), counted))
    assert told is not None
    assert "loaded 2" in told.facts[0]
    assert filtered(Case("unshare", 1, (), now)) is None
