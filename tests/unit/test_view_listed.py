"""The views that are lists of values: what each says of two moments and of two sides."""

from dataclasses import replace

from nsplay.kernel.network import Address, Link, Network, Route, Socket
from nsplay.snapshot import Snapshot
from nsplay.view.registry import VIEWS
from tests.unit.view_world import STAGE, drawn, side, snapshot, ui


def after(view: str, before: Snapshot, now: Snapshot, width: int = 80, **more: object) -> str:
    """How the view reads; a newline before and after."""
    return drawn(VIEWS[view].after(ui(width, **more), before, now), width, **more)  # type: ignore[arg-type]


def sides(view: str, now: Snapshot, width: int = 80, **more: object) -> str:
    return drawn(VIEWS[view].sides(ui(width, **more), now), width, **more)  # type: ignore[arg-type]


# ---- links

LO = Link("lo", 1, "", True, True, None, None, None, 0, 0)
OUT = Link("vout", 3, "veth", True, True, 2, 0, None, 5, 5)
IN = Link("vin", 2, "veth", True, True, 3, 0, None, 5, 5)
LOCAL, OUTER, INNER = Address(1, "127.0.0.1", 8), Address(3, "10.0.0.1", 24), Address(2, "10.0.0.2", 24)


def net(*links: Link, addresses: tuple[Address, ...] = (), **more: object) -> Network:
    return Network(links, addresses, (), (), False, {})._replace(**more)  # type: ignore[arg-type]


def place(host: Network, mine: Network | None, sys: tuple[str, ...] | None = None) -> Snapshot:
    own = () if mine is None else ("net",)
    return snapshot(
        side("host", STAGE, network=host),
        side("inside", 8005, own=own, network=host if mine is None else mine, sys_links=sys),
    )


BARE = net(LO, addresses=(LOCAL,))
WIRED = place(
    net(LO, OUT, addresses=(LOCAL, OUTER), routes=(Route("10.0.0.0/24", "", 3),), numbers={8005: 0}),
    net(LO, IN, addresses=(LOCAL, INNER), routes=(Route("default", "10.0.0.1", 2),), numbers={STAGE: 0}),
)


def test_a_cable_has_two_ends() -> None:
    assert (
        after("links", place(BARE, net(LO._replace(up=False, carrier=False))), WIRED)
        == """
   links         before              after
     in here
       lo        down              ~ up 127.0.0.1/8
       vin       -                 + up 10.0.0.2/24   <--> vout on the host
       routes    0                 ~ 1, default by 10.0.0.1
     the host
       lo        up 127.0.0.1/8    = up 127.0.0.1/8
       vout      -                 + up 10.0.0.1/24   <--> vin in here
       routes    0                 ~ 1
"""
    )
    assert (
        sides("links", WIRED)
        == """
   links         on the host         in here
     lo          up 127.0.0.1/8    = up 127.0.0.1/8
     vin         up 10.0.0.1/24      up 10.0.0.2/24   <--> vout on the host
     routes      1                   1, default by 10.0.0.1
"""
    )


def test_a_narrow_terminal_stacks() -> None:
    text = after("links", place(BARE, net(LO._replace(up=False))), WIRED, 60)
    assert " ~     lo        down  -> up 127.0.0.1/8\n" in text
    assert " +     vin       up 10.0.0.2/24   <--> vout on the host\n" in text
    assert " =     lo        up 127.0.0.1/8  unchanged\n" in text


def test_on_the_hosts_side_there_is_one_list() -> None:
    assert (
        after("links", place(BARE, None), place(net(LO, OUT._replace(peer=9), addresses=(LOCAL,)), None))
        == """
   links         before              after
     the host   <- you are here
       lo        up 127.0.0.1/8    = up 127.0.0.1/8
       vout      -                 + up   <--> elsewhere
       routes    0                 = 0
"""
    )


def test_what_is_the_same_is_folded_with_its_names() -> None:
    many = net(*(LO._replace(name=f"d{n}", number=n) for n in range(9)))
    text = after("links", place(many, None), place(net(*many.links, OUT), None))
    assert "       ... 10 unchanged: d0, d1, d2, d3, d4, d5 ...\n" in text
    assert VIEWS["links"].moved(place(many, None), place(net(*many.links, OUT), None))


def test_sysfs_of_somebody_else_is_told() -> None:
    text = sides("links", place(BARE, BARE, ("eth0", "lo")))
    assert "     /sys shows  -                   eth0 lo\n" in text
    assert "not its own: sysfs was mounted elsewhere" in text
    assert "/sys" not in sides("links", place(BARE, BARE, ("lo",)))


def test_who_listens() -> None:
    sockets = tuple(Socket("tcp", "::", 8000 + n) for n in range(7))
    assert "tcp:8000 tcp:8001 tcp:8002 tcp:8003 and 3 more" in sides(
        "links", place(BARE, net(LO, sockets=sockets))
    )
    both = (Socket("tcp", "::", 80), Socket("tcp", "0.0.0.0", 80), Socket("unix", "@x", 0))
    assert "     listening   tcp:80 @x\n" in sides("links", place(net(LO, sockets=both), None))


def test_links_plain() -> None:
    text = after("links", place(BARE, net(LO._replace(up=False))), WIRED, plain=True)
    assert "links, in here, vin: new, up 10.0.0.2/24.\n" in text
    assert "links, in here, lo: up 127.0.0.1/8. It was down.\n" in text
    assert "vin, in here: up 10.0.0.2/24, vout on the host.\n" in sides("links", WIRED, plain=True)


def test_nobody_looked() -> None:
    nothing = snapshot(side("host", STAGE), side("inside", 8005, own=("net",)))
    for name in ("links",):
        assert "not looked at" in after(name, nothing, nothing)
        assert "not looked at" in sides(name, nothing)
        assert not VIEWS[name].moved(nothing, nothing)


def test_leaving_a_network() -> None:
    text = after("links", WIRED, replace(WIRED, inside=replace(WIRED.host, name="inside")))
    assert "       vin       up 10.0.0.2/24          - gone\n" in text
    assert "     the host   <- you are here\n" in text
