"""Facts of a network namespace, and of where its cables end."""

from collections.abc import Callable, Iterator
from typing import Final

from nsplay.fact.base import At, Fact, Free, Read, Value
from nsplay.kernel.firewall import Rule
from nsplay.kernel.network import Address, Link, Network, other_end
from nsplay.snapshot import Side, Snapshot

ELSEWHERE: Final = "elsewhere"
_ORDER: Final = ("inside", "host", "machine", "second")


def end(snapshot: Snapshot, side: Side, link: Link) -> tuple[Side | None, str] | None:
    """Where the other end of a veth is: its side and its name there; (None, "") out of sight. None: it is no veth."""
    if side.network is None or link.kind != "veth":
        return None
    # Two that are in one network namespace: the second terminal's name is the last to be called
    order = sorted((one for one in snapshot.sides if one.network), key=lambda one: _ORDER.index(one.name))
    found = other_end(link, side.network, {one.pid: one.network for one in order if one.network})
    if found is None:
        return None, ""
    pid, peer = found
    return next((one for one in order if one.pid == pid), side), peer.name


def across(snapshot: Snapshot, side: Side) -> Iterator[str]:
    """The links of one side of the lesson, host or inside, whose other end is on the other one."""
    names = {"host": "inside", "inside": "host"}
    for link in side.network.links if side.network else ():
        found = end(snapshot, side, link)
        if found and found[0] and found[0].name == names.get(side.name) and found[0].ns != side.ns:
            yield link.name


def addresses(network: Network, link: Link | None = None) -> tuple[str, ...]:
    """Without those that IPv6 makes by itself for one cable only: they come a moment later than everything else."""
    rows: tuple[Address, ...] = network.of(link) if link else network.addresses
    return tuple(str(row) for row in rows if not row.address.startswith("fe80:"))


def _of(take: Callable[[Network], Value | None]) -> Read:
    return lambda at: take(at.side.network) if at.side.network else None


def _link(take: Callable[[At, Network, Link], Value | None]) -> Read:
    def read(at: At) -> Value | None:
        network = at.side.network
        link = next((link for link in network.links if link.name == at.word), None) if network else None
        return take(at, network, link) if network and link else None

    return read


def _peer(at: At, _: Network, link: Link) -> str | None:
    found = end(at.snapshot, at.side, link)
    if found is None:
        return None
    where, name = found
    if where is None:
        return ELSEWHERE
    return name if where is at.side else f"{where.name}:{name}"


def _master(_: At, network: Network, link: Link) -> str | None:
    master = network.link(link.master)
    return master.name if master else None


def _across(at: At) -> tuple[str, ...] | None:
    return tuple(across(at.snapshot, at.side)) if at.side.network else None


def _cables(at: At) -> int | None:
    found = _across(at)
    return None if found is None else len(found)


def _gateway(network: Network) -> str | None:
    return next((row.gateway for row in network.routes if row.to == "default" and row.version == 4), None)


def _sysfs(at: At) -> tuple[str, ...] | None:
    return at.side.sys_links


def _sysfs_own(at: At) -> bool | None:
    if at.side.network is None or at.side.sys_links is None:
        return None
    return set(at.side.sys_links) == {link.name for link in at.side.network.links}


def _rules(take: Callable[[At, tuple[Rule, ...]], Value | None]) -> Read:
    return lambda at: None if at.side.rules is None else take(at, at.side.rules)


def _packets(at: At, rules: tuple[Rule, ...]) -> int:
    return sum(rule.packets or 0 for rule in rules if at.word in ("", rule.chain))


def _count(at: At, rules: tuple[Rule, ...]) -> int:
    return sum(at.word in ("", rule.chain) for rule in rules)


WORDS: Final = {
    "LINK": Free(
        r"[A-Za-z0-9_.:@-]+", lambda _, side: [x.name for x in side.network.links] if side.network else ()
    ),
    "CHAIN": Free(r"[A-Za-z0-9_-]+", lambda _, side: dict.fromkeys(rule.chain for rule in side.rules or ())),
}

# fmt: off
FACTS: Final = (
    Fact("links", "list", "network", "its network links", _of(lambda it: tuple(x.name for x in it.links))),
    Fact("links.up", "list", "network", "those of its links that are turned on",
         _of(lambda it: tuple(x.name for x in it.links if x.up))),
    Fact("links.across", "list", "network",
         "those of its links that are one end of a cable between the host's side and inside", _across),
    Fact("cables", "count", "network", "how many veth pairs lead from the host's side to inside", _cables),
    Fact("links.received", "count", "network", "how many packets its links but lo have received",
         _of(lambda it: sum(x.received for x in it.links if x.name != "lo")), busy=True),
    Fact("links.sent", "count", "network", "how many packets its links but lo have sent",
         _of(lambda it: sum(x.sent for x in it.links if x.name != "lo")), busy=True),
    Fact("link.LINK.up", "yes or no", "network", "is its LINK turned on?", _link(lambda at, it, x: x.up)),
    Fact("link.LINK.carrier", "yes or no", "network", "is its LINK on and its other end, too?",
         _link(lambda at, it, x: x.carrier)),
    Fact("link.LINK.kind", "text", "network", "what LINK is: veth, bridge, ...; empty for lo",
         _link(lambda at, it, x: x.kind)),
    Fact("link.LINK.addresses", "list", "network", "the addresses of its LINK, such as 10.0.0.1/24",
         _link(lambda at, it, x: addresses(it, x))),
    Fact("link.LINK.peer", "text", "network",
         "the other end of the cable LINK: `NAME` on the same side, `host:NAME`, `inside:NAME`, or elsewhere",
         _link(_peer)),
    Fact("link.LINK.master", "text", "network", "the bridge that LINK is a port of", _link(_master)),
    Fact("link.LINK.received", "count", "network", "how many packets its LINK has received",
         _link(lambda at, it, x: x.received), busy=True),
    Fact("link.LINK.sent", "count", "network", "how many packets its LINK has sent",
         _link(lambda at, it, x: x.sent), busy=True),
    Fact("addresses", "list", "network", "its addresses, such as 10.0.0.1/24; none of IPv6's own fe80:",
         _of(addresses)),
    Fact("neighbours", "list", "network",
         "the addresses that it has heard of at the other end of a cable: who has talked to it or answered",
         _of(lambda it: tuple(x for x in it.neighbours if not x.startswith("fe80:"))), busy=True),
    Fact("routes", "count", "network", "how many IPv4 routes it has",
         _of(lambda it: sum(x.version == 4 for x in it.routes))),
    Fact("route.default", "yes or no", "network", "has it a default route (IPv4)?",
         _of(lambda it: _gateway(it) is not None)),
    Fact("route.gateway", "text", "network", "where its default route leads (IPv4)",
         _of(lambda it: _gateway(it) or None)),
    Fact("listening", "list", "network", "what listens there, such as tcp:8080 or udp:53",
         _of(lambda it: tuple(dict.fromkeys(str(x) for x in it.sockets if x.protocol != "unix")))),
    Fact("sockets.abstract", "list", "network", "its unix sockets with an abstract name, such as @hello",
         _of(lambda it: tuple(str(x) for x in it.sockets if x.protocol == "unix"))),
    Fact("ip_forward", "yes or no", "network", "does it forward packets from link to link (IPv4)?",
         _of(lambda it: it.forwards)),
    Fact("sys.links", "list", "network", "the links that its /sys/class/net shows", _sysfs),
    Fact("sys.own", "yes or no", "network", "are those its own links?", _sysfs_own),
    Fact("rules", "count", "rules", "how many nftables rules it has", _rules(_count)),
    Fact("rules.packets", "count", "rules", "how many packets the counters of its nftables rules have seen",
         _rules(_packets), busy=True),
    Fact("rules.nat", "yes or no", "rules",
         "does one of its nftables rules lend packets another address to come from (masquerade, snat)?",
         _rules(lambda at, rules: any(x.action in ("masquerade", "snat") for x in rules))),
    Fact("chain.CHAIN.rules", "count", "rules", "how many rules its nftables chain CHAIN has", _rules(_count)),
    Fact("chain.CHAIN.packets", "count", "rules", "how many packets the counters in its chain CHAIN have seen",
         _rules(_packets), busy=True),
    Fact("chain.CHAIN.actions", "list", "rules", "what the rules of CHAIN do: accept, drop, masquerade, ...",
         _rules(lambda at, rules: tuple(x.action for x in rules if x.chain == at.word and x.action))),
)
# fmt: on
