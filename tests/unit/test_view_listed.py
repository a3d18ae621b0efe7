"""The views that are lists of values: what each says of two moments and of two sides."""

import re
from dataclasses import replace

import pytest

from nsplay.kernel.clocks import Clocks as ClocksOfTime
from nsplay.kernel.clocks import Offsets, Outsider
from nsplay.kernel.identity import Capabilities, Identity, Ids, MapRow
from nsplay.kernel.ipc import Entry, Folder
from nsplay.kernel.ipc import Ipc as IpcNamespace
from nsplay.kernel.network import Address, Link, Network, Route, Socket
from nsplay.kernel.paths import File
from nsplay.snapshot import Snapshot
from nsplay.view.files import Files
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
    assert "       ... 10 unchanged: d0, d1, d2, d3, d4, d5, d6, d7, d8, routes\n" in text
    text = after("links", place(many, None), place(net(*many.links, OUT), None), 48)
    assert "       ... 10 unchanged: d0, d1, d2, d3, d4 ...\n" in text
    assert VIEWS["links"].moved(place(many, None), place(net(*many.links, OUT), None))


def test_sysfs_of_somebody_else_is_told() -> None:
    text = sides("links", place(BARE, BARE, ("eth0", "lo")))
    assert "     /sys shows  -                   eth0 lo\n" in text
    assert "not its own: sysfs was mounted elsewhere" in text
    text = sides("links", place(BARE, BARE, ("lo",)))
    assert "     /sys shows  -                   lo\n" in text and "not its own" not in text


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
    for name in ("links", "ids", "ipc", "clocks"):
        assert "not looked at" in after(name, nothing, nothing)
        assert "not looked at" in sides(name, nothing)
        assert not VIEWS[name].moved(nothing, nothing)


def test_leaving_a_network() -> None:
    text = after("links", WIRED, replace(WIRED, inside=replace(WIRED.host, name="inside")))
    assert re.search(r"       vin +up 10.0.0.2/24 +- gone", text)
    assert "     the host   <- you are here\n" in text


# ---- ids


def identity(uid: int, outer: int, rows: tuple[MapRow, ...], setgroups: str = "allow") -> Identity:
    """With root's power where it is root."""
    sets = Capabilities(*(frozenset({"sys_admin"} if uid == 0 else ()),) * 5)
    outside = Ids(*(outer,) * 4)
    return Identity(outside, outside, uid, uid, rows, rows, setgroups, sets, False, "none")


ALL = identity(1000, 1000, (MapRow(0, 0, 0xFFFFFFFF),))


def person(mine: Identity) -> Snapshot:
    own = () if mine is ALL else ("user",)
    return snapshot(side("host", STAGE, identity=ALL), side("inside", 8005, own=own, identity=mine))


def test_root_in_here_is_somebody_outside() -> None:
    assert (
        after(
            "ids", person(ALL), person(identity(0, 1000, (MapRow(0, 1000, 1), MapRow(1, 100000, 9)), "deny"))
        )
        == """
   ids            before                  after
     in here
       user       1000                  ~ 0   1000 outside
       group      1000                  ~ 0   1000 outside
       uid_map    everybody as they are ~ 0 = 1000, 1-9 = 100000-100008
       gid_map    everybody as they are ~ 0 = 1000, 1-9 = 100000-100008
       setgroups  allow                 ~ deny
     the host
       ... 5 unchanged: user, group, uid_map, gid_map, setgroups
"""
    )


def test_nobody() -> None:
    text = sides("ids", person(identity(65534, 1000, ())))
    assert "     user        1000                    65534   nobody; 1000 outside\n" in text
    assert "     uid_map     everybody as they are   empty\n" in text


def test_a_map_deeper_down_says_whose_numbers_it_has() -> None:
    """`cat` in there shows those of the level around it."""
    there = person(identity(0, 1000, (MapRow(0, 1000, 1),)))
    assert there.inside
    deep = replace(there, inside=replace(there.inside, parents={"user": 4026532999}))
    assert "0 = 1000   as the host's side has it\n" in sides("ids", deep)
    right = replace(there, inside=replace(there.inside, parents={"user": there.host.ns["user"]}))
    assert "as the host's" not in sides("ids", right)


# ---- IPC

SEGMENT = Entry("0x0000beef", 0, 4096, 0)
NO_IPC = IpcNamespace((), (), (), (), 20)


def ipcs(mine: IpcNamespace | None, shm: int = 27, mqueue: int = 20) -> Snapshot:
    folders = {"/dev/shm": Folder(27, True, ("x",)), "/dev/mqueue": Folder(20, True, ())}
    here = {"/dev/shm": Folder(shm, True, ("x",)), "/dev/mqueue": Folder(mqueue, True, ("q",))}
    return snapshot(
        side("host", STAGE, ipc=NO_IPC, folders=folders),
        side(
            "inside",
            8005,
            own=("ipc",) if mine else (),
            ipc=mine or NO_IPC,
            folders=here if mine else folders,
        ),
    )


def test_a_segment_of_ones_own() -> None:
    text = after("ipc", ipcs(NO_IPC._replace(device=30)), ipcs(NO_IPC._replace(shm=(SEGMENT,), device=30)))
    assert "       shared memory  none              ~ 0x0000beef 4096 B\n" in text
    assert "       ... 5 unchanged: semaphores, queues, POSIX queues, /dev/mqueue, /dev/shm\n" in text


def test_the_two_folders_are_no_part_of_it() -> None:
    text = sides("ipc", ipcs(NO_IPC._replace(device=30)))
    assert "q   another namespace's queues\n" in text
    assert "the host's: a file system, not IPC" in text
    text = sides("ipc", ipcs(NO_IPC._replace(device=30), shm=40, mqueue=30))
    assert "another" not in text
    assert "x   its own\n" in text


def test_many_segments_are_counted() -> None:
    text = sides("ipc", ipcs(NO_IPC._replace(shm=(SEGMENT,) * 5)))
    assert "0x0000beef 4096 B, 0x0000beef 4096 B, 3 more\n" in text


# ---- clocks


def clock(uptime: float, ahead: int = 0, boottime: int = 0, date: float = 0) -> ClocksOfTime:
    return ClocksOfTime(uptime, ahead, date, Offsets(0, boottime))


def times(mine: ClocksOfTime, host: ClocksOfTime) -> Snapshot:
    return snapshot(side("host", STAGE, clocks=host), side("inside", 8005, clocks=mine))


def test_time_that_passes_is_no_change() -> None:
    before, now = times(clock(5), clock(5)), times(clock(9, date=4), clock(9, date=4))
    assert not VIEWS["clocks"].moved(before, now)
    assert "       uptime    00:00:05            = 00:00:09\n" in after("clocks", before, now)


def test_a_shifted_clock() -> None:
    now = times(clock(90_061, 90_000, 90_000), clock(61))
    assert VIEWS["clocks"].moved(times(clock(60), clock(60)), now)
    text = after("clocks", times(clock(60), clock(60)), now)
    assert "       uptime    00:01:00            ~ 1 day 01:01:01   +90000 s\n" in text
    assert "       boottime  -                   + +90000 s\n" in text


def test_whoever_makes_a_time_namespace_stays_outside() -> None:
    before = times(clock(60), clock(60))
    maker = Outsider(8010, "unshare", before.host.ns["time"], Offsets(0, 864_000))
    now = replace(before, outsiders=(maker,))
    text = after("clocks", before, now)
    assert "       unshare 8010  -                   + outside\n" in text
    assert "its children: boottime +864000 s\n" in text
    unwritten = replace(now, outsiders=(maker._replace(offsets=Offsets(0, 0)),))
    assert "its children: no offset" in after("clocks", before, unwritten)
    assert VIEWS["clocks"].moved(unwritten, now), "writing its offsets is news"
    elsewhere = replace(now, outsiders=(maker._replace(inode=1),))
    assert not VIEWS["clocks"].moved(before, elsewhere), "it is told where it is"


def test_an_offset_of_the_next_child_alone() -> None:
    now = times(clock(60, 0, 3600), clock(60))
    born = replace(now.inside or now.host, ns_for_children={"time": 4026539999})
    assert "+3600 s for its children\n" in sides("clocks", replace(now, inside=born))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (r"\x7fELF\x02\x01", "file: 1953 bytes"),
        (r"./\x00\x00\x00", "file: 1953 bytes"),
        ("one", "file: one"),
        ("", "file"),
    ],
)
def test_a_file_that_is_no_text_is_told_by_its_size(text: str, told: str) -> None:
    file = File("file", 0, 0, 0o644, "8:1", 12, 1953, frozenset(), text)
    world = place(BARE, None)
    assert Files().items(ui(), world, replace(world.host, files={"/x": file}))["/x"].value == told
