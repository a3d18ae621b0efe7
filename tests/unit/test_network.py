"""What rtnetlink, nftables and /proc/PID/net say, from recorded answers, whole and cut short."""

import struct
from pathlib import Path

import pytest

from nsplay.kernel import firewall, network
from nsplay.kernel.firewall import Rule
from nsplay.kernel.netlink import attribute
from nsplay.kernel.network import Address, Link, Network, Route, Socket, other_end

DATA = Path(__file__).parents[1] / "data" / "network"

TCP = b"""  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
"""
TCP6 = b"""  sl  local_address                         remote_address                        st
   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000
   1: 00000000000000000000000001000000:0051 00000000000000000000000000000000:0000 0A 00000000:00000000
"""
UDP = b"""   sl  local_address rem_address   st
  10: 00000000:0035 00000000:0000 07 00000000:00000000
  11: 0200000A:0035 0100000A:0035 01 00000000:00000000
"""
UNIX = b"""Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 17 /run/x
0000000000000000: 00000002 00000000 00010000 0001 01 18 @hello there
0000000000000000: 00000003 00000000 00000000 0001 03 19
"""
FILES = {"tcp": TCP, "tcp6": TCP6, "udp": UDP, "unix": UNIX}


def recorded(forwards: bytes = b"0\n", numbers: bytes = b"") -> Network:
    answer = [(DATA / name).read_bytes() for name in ("links", "addresses", "routes", "neighbours")]
    return network.parse([*answer, forwards, numbers], FILES)


def test_links() -> None:
    seen = {link.name: link for link in recorded().links}
    assert list(seen) == ["lo", "vin", "vout", "br0"]
    assert seen["lo"] == Link("lo", 1, "", True, True, None, None, None, 0, 0)
    assert (seen["vout"].kind, seen["vout"].up, seen["vout"].carrier) == ("veth", True, False)
    assert (seen["vout"].peer, seen["vout"].peer_ns) == (seen["vin"].number, None)
    assert seen["vin"].master == seen["br0"].number
    assert (seen["br0"].kind, seen["br0"].up) == ("bridge", False)


def test_addresses_and_routes() -> None:
    seen = recorded()
    out = next(link for link in seen.links if link.name == "vout")
    assert seen.of(out) == (Address(out.number, "10.0.0.1", 24),)
    assert seen.routes == (Route("default", "10.0.0.9", out.number), Route("10.0.0.0/24", "", out.number))
    assert [route.version for route in seen.routes] == [4, 4]
    assert Route("default", "fe80::1", 2).version == 6


def test_sockets() -> None:
    assert recorded().sockets == (
        Socket("tcp", "127.0.0.1", 8080),
        Socket("tcp", "::", 80),
        Socket("tcp", "::1", 81),
        Socket("udp", "0.0.0.0", 53),
        Socket("unix", "@hello there", 0),
    )
    assert [str(one) for one in recorded().sockets][:2] == ["tcp:8080", "tcp:80"]
    assert str(recorded().sockets[-1]) == "@hello there"


def test_forwarding_and_numbers() -> None:
    assert recorded(b"1\n").forwards is True
    assert recorded(b"").forwards is None
    assert recorded(numbers=struct.pack("=4i", 7, -1, 8, 0)).numbers == {8: 0}


def link(name: str, index: int, peer: int | None, peer_ns: int | None = None) -> Link:
    return Link(name, index, "veth", True, True, peer, peer_ns, None, 0, 0)


def there(*links: Link, **numbers: int) -> Network:
    return Network(links, (), (), (), False, {int(pid[1:]): number for pid, number in numbers.items()})


def test_other_end() -> None:
    """A number of a namespace decides: the same indexes mean nothing."""
    a, b, c = link("a", 2, 3, 0), link("b", 3, 2, 5), link("c", 3, 2, 7)
    here, mine, strange = there(a, p8=0), there(b), there(c)
    assert other_end(a, here, {7: strange, 8: mine}) == (8, b)
    assert other_end(a, there(a, p8=1), {8: mine}) is None  # another namespace's
    assert other_end(a, here, {8: there()}) is None
    both = there(link("x", 4, 5), link("y", 5, 4))
    assert other_end(both.links[0], both, {}) == (0, both.links[1])
    assert other_end(a._replace(peer=None), here, {8: mine}) is None


def test_rules() -> None:
    assert firewall.parse([(DATA / "rules").read_bytes()]) == (
        Rule("nat", "post", 2, "masquerade", 0, 0),
        Rule("nat", "post", 3, "drop", None, None),
    )
    assert firewall.parse([b""]) == ()


def test_neighbours() -> None:
    """Recorded with one that was heard of, one set by hand, one that is still asked for, and groups of receivers."""
    assert recorded().neighbours == ("10.0.0.9",)


def rule(name: bytes, data: bytes) -> bytes:
    """NFT_MSG_NEWRULE with one expression."""
    expression = attribute(1, name + b"\0") + attribute(2, data)
    body = bytes(4) + attribute(firewall.NFTA_RULE_EXPRESSIONS, attribute(1, expression))
    return struct.pack("=IHHII", 16 + len(body), 10 << 8 | 6, 0, 1, 0) + body


@pytest.mark.parametrize(
    ("name", "data", "action"),
    [
        (b"nat", attribute(1, bytes(4)), "snat"),
        (b"nat", attribute(1, b"\0\0\0\1"), "dnat"),
        (b"target", attribute(1, b"MASQUERADE\0"), "masquerade"),  # iptables-nft
        (b"counter", b"", ""),
    ],
)
def test_actions(name: bytes, data: bytes, action: str) -> None:
    assert [one.action for one in firewall.parse([rule(name, data)])] == [action]


@pytest.mark.parametrize("name", ["links", "addresses", "routes", "neighbours", "rules"])
def test_cut_short_at_any_byte(name: str) -> None:
    raw = (DATA / name).read_bytes()
    for end in range(0, len(raw), 7):
        cut = raw[:end]
        if name == "rules":
            firewall.parse([cut])
        else:
            answer = [
                cut if name == other else b"" for other in ("links", "addresses", "routes", "neighbours")
            ]
            network.parse([*answer, b"", b""], {"tcp": TCP[: end % len(TCP)]})
