"""What a container has beyond the one built by hand: that one itself, then each thing more and each thing less, alone."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from nsplay import owing
from nsplay.kernel import confinement
from nsplay.kernel.confinement import Confinement, Rlimit
from nsplay.kernel.identity import CAPABILITIES, MapRow
from nsplay.kernel.network import Address, Link, Network
from nsplay.limits import Bound
from nsplay.owing import owed
from nsplay.owing_rules import BY_HAND, FEWER, MORE, Case
from nsplay.portrait import Portrait
from nsplay.side import Side
from nsplay.view import owe as view
from nsplay.view.look_facts import outside
from tests.unit.test_dangers import identity, mount
from tests.unit.test_view_look import portrait
from tests.unit.view_world import OWN, drawn, ui

EVERY = frozenset(CAPABILITIES)
OURS = Confinement({"nofile": Rlimit(1024, 4096), "core": Rlimit(None, None)}, "", False)
LO = Link("lo", 1, "", True, True, None, None, None, 0, 0)
ETH = Link("eth0", 2, "veth", True, True, None, None, None, 0, 0)
MOUNTS = (
    mount("/", "overlay", device="0:50"),
    mount("/proc", "proc", device="0:51"),
    mount("/dev/pts/0", "devpts", device="0:52", root="/0"),
    mount("/dev/null", "tmpfs", device="0:53", root="/null"),
)


def network(*links: Link) -> Network:
    return Network(links, (Address(2, "10.0.0.2", 24),), (), (), False, {})


def by_hand(**more: Any) -> Case:
    """The container of the lesson."""
    it = portrait()
    ns = {
        kind: 4026532500 + n if kind in BY_HAND else inode
        for n, (kind, inode) in enumerate(it.side.ns.items())
    }
    who = identity(0, EVERY - {"sys_chroot"}, uid_map=(MapRow(0, 0, 1),), no_new_privs=False, seccomp="none")
    inside = replace(it.side, ns=ns, mounts=MOUNTS, root="/", identity=who, network=network(LO))
    bounds = (Bound("memory", 10, 1, "/x"), Bound("cpu", 30, None, "/x"), Bound("pids", None, 1, "/x"))
    return Case(seen(it, bounds=bounds, **{**vars_of(inside), **more}), OURS, OURS)


def vars_of(side: Side) -> dict[str, Any]:
    return {name: getattr(side, name) for name in ("ns", "mounts", "root", "identity", "network")}


def seen(it: Portrait, bounds: Any, **side: Any) -> Portrait:
    inside = replace(it.side, **side)
    return replace(it, bounds=bounds, now=replace(it.now, inside=inside))


def changed(**side: Any) -> Case:
    return by_hand(**side)


def held(**more: Any) -> Case:
    return replace(by_hand(), its=OURS._replace(**more))


def with_mounts(*more: Any) -> Case:
    return by_hand(mounts=(*MOUNTS, *more))


def with_identity(**more: Any) -> Case:
    who = by_hand().it.side.identity
    assert who
    return by_hand(identity=who._replace(**more))


def with_bounds(*bounds: Bound) -> Case:
    case = by_hand()
    return replace(case, it=replace(case.it, bounds=bounds))


def bounding(names: frozenset[str]) -> Case:
    who = by_hand().it.side.identity
    assert who
    return with_identity(capabilities=who.capabilities._replace(bounding=names))


def namespaces(**own: bool) -> Case:
    """own: kind -> has it one of its own?"""
    case = by_hand()
    host = case.it.now.host.ns
    return by_hand(
        ns={**case.it.side.ns, **{kind: OWN if mine else host[kind] for kind, mine in own.items()}}
    )


CHANGES: dict[str, Callable[[], Case]] = {
    "masked": lambda: with_mounts(mount("/proc/kcore", "tmpfs", root="/null")),
    "read-only": lambda: with_mounts(mount("/proc/sys", "proc", "ro", root="/sys")),
    "root": lambda: changed(mounts=(mount("/", "overlay", "ro", device="0:50"), *MOUNTS[1:])),
    "dev": lambda: with_mounts(mount("/dev", "tmpfs"), mount("/dev/shm", "tmpfs")),
    "files": lambda: with_mounts(mount("/etc/hosts", root="/x/hosts")),
    "no_new_privs": lambda: with_identity(no_new_privs=True),
    "seccomp": lambda: with_identity(seccomp="filter"),
    "capabilities": lambda: bounding(frozenset({"chown"})),
    "map": lambda: with_identity(uid_map=(MapRow(0, 100000, 65536),)),
    "uid": lambda: with_identity(uid=1000),
    "rlimits": lambda: held(rlimits={**(OURS.rlimits or {}), "nofile": Rlimit(64, 64)}),
    "label": lambda: held(label="docker-default (enforce)"),
    "devices": lambda: held(devices=True),
    "pids": lambda: with_bounds(*by_hand_bounds()[:2], Bound("pids", 50, 1, "/x")),
    "link": lambda: changed(network=network(LO, ETH)),
    "time": lambda: namespaces(time=True),
    **{kind: (lambda kind=kind: namespaces(**{kind: False})) for kind in BY_HAND},  # type: ignore[misc]
    "own root": lambda: changed(mounts=by_hand().it.now.host.mounts, root=by_hand().it.now.host.root),
    "sys_chroot": lambda: bounding(EVERY),
    "memory": lambda: with_bounds(Bound("memory", None, 1, "/x"), *by_hand_bounds()[1:]),
    "cpu": lambda: with_bounds(by_hand_bounds()[0], Bound("cpu", None, None, "/x")),
}


def by_hand_bounds() -> tuple[Bound, ...]:
    return by_hand().it.bounds or ()


def keys(case: Case) -> list[str]:
    found = owed(case)
    return [row.key for row in (*found.more, *found.fewer)]


def test_what_systemd_gives_every_login_is_nobodys_debt() -> None:
    mounted = with_mounts(mount("/sys/kernel/security", "securityfs"), mount("/sys/fs/bpf", "bpf"))
    assert "masked" not in keys(mounted)
    for path in ("/user.slice/user-0.slice", "/user.slice/user-0.slice/session-c1.scope"):
        assert "pids" not in keys(with_bounds(*by_hand_bounds()[:2], Bound("pids", 5200, 1, path)))


def test_the_one_built_by_hand_owes_nothing() -> None:
    assert owed(by_hand()) == owing.Owed((), (), ())


@pytest.mark.parametrize("key", CHANGES)
def test_each_thing_alone(key: str) -> None:
    assert keys(CHANGES[key]()) == [key]


def test_every_rule_has_a_case() -> None:
    assert list(CHANGES) == [key for key, *_ in (*MORE, *FEWER)]


def test_what_may_not_be_read_is_not_known() -> None:
    case = replace(by_hand(), its=Confinement(None, None, None))
    assert owed(case).unknown == ("rlimits", "label", "devices") and not keys(case)
    unread = by_hand(ns={}, mounts=(), identity=None, network=None)
    assert {"masked", "seccomp", "capabilities", "link", "user", "time"} <= set(owed(unread).unknown)


def test_only_lessons_that_there_are() -> None:
    found = owed(CHANGES["seccomp"]())
    assert [row.lesson for row in found.more] == ["seccomp"]
    assert [row.lesson for row in owing.with_lessons(found, ["pid"]).more] == [""]


def test_a_filter_that_everybody_here_is_under_is_nothing_more() -> None:
    """On a stage, or in a container: who builds by hand in there is under it, too."""
    case = with_identity(seccomp="filter")
    for its, ours, more in ((1, 1, False), (2, 1, True), (1, 0, True), (None, 1, True)):
        counted = replace(case, its=case.its._replace(filters=its), ours=case.ours._replace(filters=ours))
        assert ("seccomp" in {row.key for row in owed(counted).more}) == more


def test_a_file_of_limits() -> None:
    rows = (
        b"Limit                     Soft Limit           Hard Limit           Units     \n"
        b"Max open files            1024                 524288               files     \n"
        b"Max core file size        0                    unlimited            bytes     \n"
        b"Max nice priority         0                    0                    \n"
        b"Max of the future         1                    2                    \n"
        b"Max processes             77\n"
    )
    assert confinement.parse(rows) == {
        "nofile": Rlimit(1024, 524288),
        "core": Rlimit(0, None),
        "nice": Rlimit(0, 0),
    }


SCREENS = {
    "en": """
 look 8116   sh, pid 1 in there, 3 processes          no runtime that is known
-------------------------------------------------------------------------------

   by hand       unshare -muinpfrC, memory and cpu limited, a root folder of
                 its own, tty and null bound, sys_chroot dropped

   more          what it has beyond the container built by hand, and what adds
                 it
 + capabilities  bounding set 1 of 41: without dac_read_search, sys_module,
                 sys_rawio +36
                 capsh --drop=cap_sys_admin,... -- -c CMD   nsplay capabilities

 = fewer         what the one built by hand has, and it hasn't: nothing

 nsplay look 8116 all of it   --owe --json
""",
    "ja": """
 look 8116   sh、中では pid 1、プロセス 3             既知のランタイムではない
-------------------------------------------------------------------------------

   手作り        unshare -muinpfrC、memory と cpu に上限、独自のルート、tty と
                 null を bind、sys_chroot なし

   多いもの      手作りのコンテナより余分に持つものと、それを足す打ち方
 + capabilities  バウンディングセット 1 / 41: dac_read_search、sys_module、
                 sys_rawio +36 がない
                 capsh --drop=cap_sys_admin,... -- -c CMD   nsplay capabilities

 = 少ないもの    手作りのコンテナにはあって、これにはないもの: なし

 nsplay look 8116 全体   --owe --json
""",
}


@pytest.mark.parametrize("lang", SCREENS)
def test_the_screen(lang: str) -> None:
    case = CHANGES["capabilities"]()
    screen = view.owe(outside(ui(80, lang)), case.it, owed(case))
    assert drawn(screen, 80, lang) == SCREENS[lang]


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("width", [20, 41, 60, 80, 110])
def test_at_any_width(width: int, lang: str) -> None:
    every = [CHANGES[key]() for key in CHANGES]
    for plain in (False, True):
        eyes = outside(ui(width, lang, plain=plain))
        for screen in [view.owe(eyes, one.it, owed(one)) for one in every] + [
            view.owe(eyes, every[0].it, None)
        ]:
            for line in screen.fitted(eyes.cols):
                assert line.cell_len <= eyes.cols, line.plain
