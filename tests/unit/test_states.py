"""Facts of two runs on two stages are compared by what they mean, not by numbers that are new every time."""

from nsplay.facts import Value
from nsplay.lesson.states import differences, inside, state


def facts(uts: int, own: int, pid: int, nspid: int, **more: Value) -> dict[str, Value]:
    """Host and learner's place; more: facts by name, with `__` for the dot."""
    found: dict[str, Value] = {
        "machine.ns.uts": 100,
        "machine.mounts": pid,
        "host.pid": pid - 1,
        "host.ns.uts": uts,
        "host.hostname": "vm",
        "host.processes": pid,
        "inside.pid": pid,
        "inside.ns.uts": own,
        "inside.nspid": nspid,
        "inside.hostname": "vm",
        "inside.cgroup.path": f"/nsplay-{pid}-1/x",
        "inside.own": (f"nsplay-{pid}-1",),
    }
    return found | {name.replace("__", "."): value for name, value in more.items()}


def test_the_same_done_twice_is_the_same() -> None:
    here = state(facts(201, 202, 31, 31), "31-1")
    assert here == state(facts(301, 302, 41, 41), "41-1")
    assert here["inside.cgroup.path"] == "/nsplay-STAGE/x" and here["inside.own"] == ("nsplay-STAGE",)
    assert "host.processes" not in here and "machine.mounts" not in here


def test_which_numbers_are_equal_counts() -> None:
    alone, shared = state(facts(201, 202, 31, 31), "x"), state(facts(201, 201, 31, 31), "x")
    (differ,) = differences(shared, alone)
    assert str(differ) == "inside.ns.uts: that of host.ns.uts, not one of its own"
    assert state(facts(100, 202, 31, 31), "x")["host.ns.uts"] == "machine.ns.uts"


def test_the_first_process_of_a_namespace_is_told_from_the_others() -> None:
    init, second, third = (state(facts(1, 1, 31, nspid), "x") for nspid in (1, 2, 3))
    assert second == third
    assert [str(one) for one in differences(second, init)] == ["inside.nspid: one of its own, not 1"]


def test_what_can_not_be_read_differs_and_the_learners_side_is_named_first() -> None:
    here = state(facts(1, 1, 31, 31, host__hostname="a", inside__hostname="b"), "x")
    there = {name: value for name, value in here.items() if name != "inside.hostname"} | {
        "host.hostname": "c"
    }
    assert [str(one) for one in differences(here, there)] == [
        "inside.hostname: b, not unreadable",
        "host.hostname: a, not c",
    ]


def test_who_is_inside() -> None:
    at_home: dict[str, Value] = {
        "host.pid": 2,
        "host.ns.uts": 1,
        "host.own": (),
        "inside.pid": 3,
        "inside.ns.uts": 1,
        "inside.own": (),
    }
    assert not inside(state(at_home, "x"))
    assert inside(state(at_home | {"inside.ns.uts": 5}, "x"))
    assert inside(state(at_home | {"inside.root": "/a", "host.root": "/"}, "x"))
