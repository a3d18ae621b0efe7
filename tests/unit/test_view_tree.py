"""The tree of owners: whose user namespace owns what, who is in it, what came and what went."""

import re
from dataclasses import replace

from nsplay.kernel.identity import MapRow
from nsplay.kernel.namespaces import KINDS
from nsplay.kernel.ownership import Owned
from nsplay.snapshot import Snapshot
from nsplay.view.registry import VIEWS
from tests.unit.test_view_listed import identity
from tests.unit.view_world import NS, OWN, SHELL, STAGE, at_host, drawn, process, side, snapshot, system, ui

HOST = tuple(Owned(kind, NS[kind], NS["user"] if kind != "user" else None, (STAGE, SHELL)) for kind in KINDS)
USER, UTS, NET = OWN + KINDS.index("user"), OWN, OWN + KINDS.index("net")
MINE = (
    Owned("user", USER, NS["user"], (8005, 8006, 8007)),
    Owned("uts", UTS, USER, (8005, 8006, 8007)),
    Owned("net", NET, USER, (8006,)),
    Owned("user", 4026532600, USER, (8007,)),
)


def before() -> Snapshot:
    return replace(at_host(), tree=HOST)


def now() -> Snapshot:
    mine = (
        process(SHELL, "bash", STAGE),
        process(8005, "sh", SHELL),
        process(8006, "sh", 8005),
        process(8007, "sleep", 8006),
    )
    processes = (*system(), *mine)
    inside = side("inside", 8005, own=("user", "uts"), identity=identity(0, 1000, (MapRow(0, 1000, 1),)))
    return replace(snapshot(side("host", STAGE), inside, processes), tree=(*HOST, *MINE))


def after(width: int = 80, **more: object) -> str:
    return drawn(VIEWS["tree"].after(ui(width, **more), before(), now()), width, **more)  # type: ignore[arg-type]


def test_what_came_hangs_below_its_owner() -> None:
    assert (
        after()
        == """
   who owns whom
   user 4026531837  the host's
     |  owns uts  pid  mnt  net  ipc  cgroup  time  (the host's)
     |
 +   `- user 4026532505  yours; 0 in here is 1000 on the host
 +        |  owns uts 4026532500    sh 8005, sh 8006, sleep 8007
 +        |  owns net 4026532503    sh 8006
          |
 +        `- user 4026532600  sleep 8007
                  owns nothing
   Your power reaches uts. Not pid, mnt, net, ipc, cgroup, time: those aren't
   your user namespace's.
"""
    )


def test_a_narrow_terminal_goes_on_in_the_branch() -> None:
    text = after(40)
    assert " +        |  owns uts 4026532500\n          |    sh 8005, sh 8006, sleep\n" in text


def test_what_went_is_told() -> None:
    text = drawn(VIEWS["tree"].after(ui(), now(), before()))
    assert " - gone: user 4026532505, uts 4026532500, net 4026532503, user 4026532600\n" in text
    plain = drawn(VIEWS["tree"].after(ui(plain=True), now(), before()))
    assert "Gone: user 4026532505, uts 4026532500" in plain


def test_plain() -> None:
    text = re.sub(r"\s+", " ", after(120, plain=True))
    assert (
        "user 4026532505, inside user 4026531837: yours; 0 in here is 1000 on the host. It owns: uts " in text
    )
    assert (
        "user 4026532600, inside user 4026532505: sleep 8007. It owns: nothing. Your power reaches uts."
        in text
    )


def test_siblings_and_owners_out_of_sight() -> None:
    """An owner that nobody of these is in has a branch of its own; two children hang at one stem."""
    more = (Owned("user", 4026532700, NS["user"], ()), Owned("ipc", 4026532701, 4026532800, (8007,)))
    text = drawn(VIEWS["tree"].sides(ui(), replace(now(), tree=(*HOST, *MINE, *more))))
    assert "     |- user 4026532505  yours; 0 in here is 1000 on the host\n     |    |  owns uts" in text, (
        "the branch of the second child begins at the first"
    )
    assert "   user 4026532800  around it, nobody of yours\n" in text
    assert "     `- user 4026532700  around it, nobody of yours\n" in text
    assert text.count("user 4026532505") == 1


def test_moved() -> None:
    view = VIEWS["tree"]
    assert view.moved(before(), now())
    assert not view.moved(now(), now())
    assert "not looked at" in drawn(view.sides(ui(), at_host()))


def test_every_namespace_is_in_it_once() -> None:
    text = after()
    for one in MINE:
        assert text.count(f"{one.kind} {one.inode}") == 1


def test_where_power_ends() -> None:
    def told(**more: object) -> str:
        here = now()
        assert here.inside
        there = replace(here.inside, **more)  # type: ignore[arg-type]
        return drawn(VIEWS["tree"].sides(ui(), replace(here, inside=there)))

    assert "Your power reaches uts. Not pid, mnt, net" in told()
    weak = identity(65534, 1000, ())
    assert "no capability in here: your power reaches nothing." in told(identity=weak)
    assert "You are in nothing that your user namespace owns" in told(ns={**NS, "user": USER})
    assert "Your power" not in told(ns=NS), "the host's"
