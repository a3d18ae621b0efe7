"""Capabilities as words: what was lost and won, and what they count for."""

from dataclasses import replace

from nsplay.kernel.identity import CAPABILITIES, Capabilities, Identity, Ids
from nsplay.snapshot import Snapshot
from nsplay.view.capabilities import ABOUT
from nsplay.view.registry import VIEWS
from tests.unit.view_world import STAGE, drawn, side, snapshot, ui

ALL = frozenset(CAPABILITIES)
VIEW = VIEWS["capabilities"]


def who(has: frozenset[str] = ALL, bounding: frozenset[str] = ALL, **more: object) -> Identity:
    sets = Capabilities(has, has, frozenset(), bounding, frozenset())
    ids = Ids(0, 0, 0, 0)
    return replace_(Identity(ids, ids, 0, 0, (), (), "allow", sets, False, "none"), more)


def replace_(identity: Identity, more: dict[str, object]) -> Identity:
    return identity._replace(**more)  # type: ignore[arg-type]


def moment(mine: Identity, own: tuple[str, ...] = ()) -> Snapshot:
    return snapshot(side("host", STAGE, identity=who()), side("inside", 8005, own=own, identity=mine))


def after(now: Snapshot, width: int = 80, **more: object) -> str:
    return drawn(VIEW.after(ui(width, **more), moment(who()), now), width, **more)  # type: ignore[arg-type]


FEWER = ALL - {"sys_chroot", "net_raw"}


def test_what_was_dropped() -> None:
    assert (
        after(moment(who(FEWER, FEWER)))
        == """
   capabilities         effective  permitted  bounding   ambient
                        41 -> 39   41 -> 39   41 -> 39   0
 -   net_raw            lost       lost       lost
                        raw sockets: ping, tcpdump
 -   sys_chroot         lost       lost       lost
                        change the root folder: chroot(2)
 =   39 kept     files 10, ids 3, network 3, machine 12, processes 3, audit 5,
                 nearly all 3
                 sys_admin is among them: it alone is nearly root
   no_new_privs  off
   seccomp       none
"""
    )
    assert f"{'lost':11}" * 3 + " " * 11 + "raw sockets: ping, tcpdump\n" in after(
        moment(who(FEWER, FEWER)), 120
    )


def test_a_narrow_terminal_has_a_row_a_set() -> None:
    text = after(moment(who(FEWER)), 60)
    assert "     effective   41 -> 39\n                 lost: net_raw, sys_chroot\n" in text
    assert "     bounding    41\n" in text


def test_all_lost_is_counted() -> None:
    text = after(moment(who(frozenset())))
    assert " -   chown              lost       lost\n" in text
    assert "     ... 35 more\n" in text
    assert "kept" not in text


def test_no_more_than_before() -> None:
    assert not VIEW.moved(moment(who()), moment(who()))
    assert VIEW.moved(moment(who()), moment(who(FEWER)))
    assert VIEW.moved(moment(who()), moment(who(no_new_privs=True)))
    assert " ~ no_new_privs  off -> on\n" in after(moment(who(no_new_privs=True)))
    assert " ~ seccomp       none -> filter\n" in after(moment(who(seccomp="filter")))
    assert " ~ seccomp       none -> 1 filter\n" in after(moment(who(seccomp="filter", filters=1)))


def test_one_filter_more() -> None:
    before, now = (moment(who(seccomp="filter", filters=count)) for count in (1, 2))
    assert VIEW.moved(before, now)
    assert " ~ seccomp       1 filter -> 2 filters\n" in drawn(VIEW.after(ui(80), before, now), 80)


def test_where_they_count() -> None:
    assert "they count in user 4026532505, not on the host\n" in after(moment(who(), ("user",)))
    assert "they count" not in after(moment(who()))


def test_plain() -> None:
    text = after(moment(who(FEWER, no_new_privs=True)), plain=True)
    assert "Effective capabilities: 39; lost net_raw, sys_chroot.\n" in text
    assert "Bounding capabilities: 41.\n" in text
    assert "no_new_privs: off, then on.\n" in text


def test_every_capability_is_about_something() -> None:
    named = [name for names in ABOUT.values() for name in names.split()]
    assert sorted(named) == sorted(CAPABILITIES)


def test_nobody_looked() -> None:
    nothing = replace(moment(who()), inside=side("inside", 8005))
    assert "not looked at" in after(nothing)
    assert "not looked at" in after(nothing, plain=True)
