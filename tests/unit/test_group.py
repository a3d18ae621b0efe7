"""One group as both versions tell of it, from recorded files; words for it, and facts of it."""

from pathlib import Path

import pytest

from nsplay.facts import describe, known, parts_for, read_by
from nsplay.kernel.cgroups import Membership
from nsplay.kernel.group import cpu, files, group, io, pressure
from nsplay.kernel.group.files import MAX, Tree
from nsplay.lesson.group_words import words_for
from nsplay.lesson.words import phrase

DATA = Path(__file__).parents[1] / "data" / "groups"
V1 = tuple(
    Tree(1, (name,), str(DATA / "v1" / name), "/nsplay-1/stage")
    for name in ("cpu", "cpuacct", "memory", "pids", "blkio", "freezer", "devices", "cpuset")
)
V2 = (Tree(2, ("cpuset", "cpu", "io", "memory", "pids"), str(DATA / "v2"), "/nsplay-1/stage"),)
HYBRID = (*V1, *V2)


@pytest.mark.parametrize("trees", [V1, V2], ids=["version 1", "version 2"])
def test_both_versions_say_the_same(trees: tuple[Tree, ...]) -> None:
    it = group.read(trees, "/notes")
    assert it.exists and it.core
    assert (it.cpu.limit, it.cpu.period, it.cpu.weight, cpu.percent(it.cpu)) == (300000, 1000000, 50, 30)
    assert (it.cpu.periods, it.cpu.throttled, it.cpu.waited) == (7, 5, 2933401)
    assert (it.memory.limit, it.memory.used, it.memory.peak) == (9998336, 311296, 9998336)
    assert (it.pids.limit, it.pids.refused) == (3, 1)
    assert it.cpuset.effective_mems == "0"
    assert it.io is not None
    assert it.io[-2 if trees is V2 else -1].done == (90112, 524288, 2, 8)
    assert io.tightest(it.io, "write") == 1048576
    assert io.tightest(it.io, "reads") == MAX
    assert io.total(it.io, "write") == 524288
    assert it.core.populated


def test_version_1_alone() -> None:
    it = group.read(V1, "/notes")
    assert it.core and it.core.controllers == tuple(sorted(tree.controllers[0] for tree in V1))
    assert (it.core.members, it.core.children, it.core.type, it.core.given) == (
        (12763,),
        ("inner",),
        None,
        None,
    )
    assert it.core.frozen is False
    assert (it.memory.reached, it.memory.killed, it.memory.high, it.memory.together) == (91, 1, None, None)
    assert it.memory.swap_limit == 9998336  # 20 MB for both together, less 10
    assert it.memory.cache == 90112
    assert it.cpu.used == 426826
    assert it.others.devices == ("a *:* rwm",)
    assert it.pressure == {}
    assert set(it.versions.values()) == {1}


def test_version_2_alone() -> None:
    it = group.read(V2, "/notes")
    assert it.core and it.core.controllers == ("cpu", "cpuset", "io", "memory", "pids")
    assert (it.core.members, it.core.given, it.core.type) == ((912, 915), ("memory", "pids"), "domain")
    assert (it.core.frozen, it.core.freezing) == (True, True)
    memory = it.memory
    assert (memory.reached, memory.slowed, memory.killed, memory.killed_groups) == (58, 3, 4, 1)
    assert (memory.together, memory.high, memory.swap_limit) == (True, MAX, 0)
    assert it.pids.peak is None  # an older kernel
    assert it.others.devices is None
    assert it.pressure["cpu"].full is None
    assert it.pressure["io"].some == pressure.Stall(56.23, 12.0, 2.5, 8123456)


def test_threaded_and_invalid_groups() -> None:
    threaded, invalid = (group.read(V2, f"/notes/{name}").core for name in ("threads", "a"))
    assert threaded and (threaded.type, len(threaded.members)) == ("threaded", 3)
    assert invalid and (invalid.type, invalid.populated, invalid.members) == ("domain invalid", False, ())
    assert group.read(V2, "/notes/a").cpu.limit == MAX


def test_a_hybrid_machine_tells_each_controller_where_it_is() -> None:
    it = group.read(HYBRID, "/notes")
    assert it.versions["memory"] == 1 and it.memory.killed == 1
    assert it.core and it.core.frozen is True  # by version 2, though version 1 says no
    assert it.core.members == (912, 915, 12763)
    # In a group that only version 2 has, nothing of version 1's is told, nor taken from version 2's files.
    inner = group.read(HYBRID, "/notes/a")
    assert (inner.memory.limit, inner.cpu.limit) == (None, None)


def test_a_group_that_is_not() -> None:
    it = group.read(HYBRID, "/nobody")
    assert not it.exists
    assert group.read((), "/notes") == group.Group("/notes")


def test_a_group_of_ones_own_tree_by_tree() -> None:
    rows = (
        Membership(4, ("memory",), "/nsplay-1/stage/notes"),
        Membership(1, ("cpu",), "/nsplay-1/stage"),
        Membership(5, ("pids",), "/nsplay-12/stage/notes"),  # another stage's
        Membership(0, (), "/nsplay-1/stage/notes/a"),
    )
    it = group.own(HYBRID, rows)
    assert (it.path, it.memory.killed, it.cpu.limit, it.pids.limit) == ("/notes/a", 1, None, None)
    assert group.own(V1, ()) == group.Group("/")


def test_what_there_is() -> None:
    assert group.found(HYBRID) == ("/notes", "/notes/a", "/notes/inner", "/notes/threads")
    assert group.found(V2, but={"/", "/notes/a"}) == ("/notes", "/notes/threads")


@pytest.mark.parametrize(
    ("words", "value"),
    [("max", MAX), ("-1", MAX), ("9223372036854771712", MAX), ("10", 10), ("0", 0), ("", None), ("x", None)],
)
def test_limits(words: str, value: files.Limit | None) -> None:
    assert files.limit(words) == value


def test_pressure_that_is_damaged() -> None:
    assert pressure.parse(("some avg10=x", "full")) == pressure.Pressure()
    assert pressure.system("/nowhere") == {}


def test_names() -> None:
    name = "host.group./a.b/c.memory.limit"
    assert known(name) and parts_for(name) == {"group:/a.b/c"}
    assert describe(name).startswith("the group /a.b/c: bytes")
    assert read_by(name, frozenset({"groups"})) and not read_by(name, frozenset({"group:/a.b"}))
    for wrong in (
        "inside.group./a.exists",
        "host.group./../a.exists",
        "host.group./a/.exists",
        "host.group.a.exists",
    ):
        assert not known(wrong)
    assert (
        known("host.group./.members")
        and known("inside.group.memory.killed")
        and known("host.group./.c.type") is False
    )


def test_words() -> None:
    assert phrase("host.group./notes.memory.killed", "en") == "OOM kills of /notes"
    assert phrase("before.inside.group.cpu.throttled", "en").startswith(
        "throttled CPU periods of the group in here,"
    )
    assert phrase("host.group./notes.members", "ja") == "/notes のプロセス数"
    assert words_for("group./n.pressure.cpu.some.avg10", False) == "cpu pressure, some (% of 10 s) of /n"


def test_forks_refused_below_are_counted_once_whoever_counts_them(tmp_path: Path) -> None:
    inner = tmp_path / "few" / "inner"
    inner.mkdir(parents=True)
    (inner.parent / "pids.events").write_text("max 3\n")
    (inner / "pids.events").write_text("max 15\n")
    trees = (Tree(2, ("pids",), str(tmp_path), "/"),)
    assert group.read(trees, "/few").pids[3:] == (3, 18)  # each in the group that forked
    (inner.parent / "pids.events.local").write_text("max 3\n")
    (inner.parent / "pids.events").write_text("max 18\n")
    assert group.read(trees, "/few").pids[3:] == (18, 18)
