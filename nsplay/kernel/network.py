"""The links, addresses, routes and sockets of a network namespace. rtnetlink(7), network_namespaces(7), veth(4)."""

import os
import socket
import struct
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from nsplay.kernel import netlink
from nsplay.kernel.files import content, table, text
from nsplay.kernel.inside import Question

# linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h, linux/neighbour.h, linux/net_namespace.h
RTM_NEWLINK: Final = 16
RTM_GETLINK: Final = 18
RTM_NEWADDR: Final = 20
RTM_GETADDR: Final = 22
RTM_NEWROUTE: Final = 24
RTM_GETROUTE: Final = 26
RTM_NEWNEIGH: Final = 28
RTM_GETNEIGH: Final = 30
RTM_NEWNSID: Final = 88
RTM_GETNSID: Final = 90
IFLA_IFNAME: Final = 3
IFLA_LINK: Final = 5
IFLA_MASTER: Final = 10
IFLA_LINKINFO: Final = 18
IFLA_STATS64: Final = 23
IFLA_LINK_NETNSID: Final = 37
IFLA_INFO_KIND: Final = 1
IFA_ADDRESS: Final = 1
IFA_LOCAL: Final = 2
RTA_DST: Final = 1
RTA_OIF: Final = 4
RTA_GATEWAY: Final = 5
RT_TABLE_MAIN: Final = 254
RTN_UNICAST: Final = 1
RTM_F_CLONED: Final = 0x200
NDA_DST: Final = 1
NUD_HEARD: Final = 0x02 | 0x04 | 0x08 | 0x10  # reachable, stale, delay, probe: it has answered or asked once
NETNSA_NSID: Final = 1
NETNSA_PID: Final = 2
IFF_UP: Final = 1
IFF_LOWER_UP: Final = 1 << 16

_LISTEN: Final = "0A"  # net/tcp_states.h
_UNCONNECTED: Final = "07"  # of a udp socket
_FAMILIES: Final = (socket.AF_INET, socket.AF_INET6)
FILES: Final = ("tcp", "tcp6", "udp", "udp6", "unix")


class Link(NamedTuple):
    """One network interface."""

    name: str
    number: int  # its index
    kind: str  # "veth", "bridge", ...; empty: lo, and what a driver made
    up: bool  # turned on
    carrier: bool  # and something is at its other end
    peer: int | None  # of a veth: the index of its other end
    peer_ns: int | None  # where that is, by the number that this namespace gave it; None: in this one
    master: int | None  # the index of the bridge that it is a port of
    received: int  # packets
    sent: int


class Address(NamedTuple):
    """One address of a link."""

    link: int  # its index
    address: str
    prefix: int

    def __str__(self) -> str:
        return f"{self.address}/{self.prefix}"


class Route(NamedTuple):
    """One way out, of the main table."""

    to: str  # "default" or "10.0.0.0/24"
    gateway: str  # empty: no need of one
    link: int | None  # its index

    @property
    def version(self) -> int:
        """4 or 6."""
        return 6 if ":" in self.to + self.gateway else 4


class Socket(NamedTuple):
    """One socket that waits for others: a listening one, an unconnected udp one, or one with an abstract name."""

    protocol: str  # "tcp", "udp", "unix"
    address: str  # "0.0.0.0", "::", or the abstract name with its @
    port: int  # 0 for unix

    def __str__(self) -> str:
        return self.address if self.protocol == "unix" else f"{self.protocol}:{self.port}"


class Network(NamedTuple):
    """A network namespace."""

    links: tuple[Link, ...]
    addresses: tuple[Address, ...]
    routes: tuple[Route, ...]
    sockets: tuple[Socket, ...]
    forwards: bool | None  # net.ipv4.ip_forward; None: couldn't be read
    numbers: Mapping[int, int]  # process → the number by which this namespace calls that process's one
    neighbours: tuple[str, ...] = ()  # addresses heard of on its cables, by ARP or NDP

    def link(self, index: int | None) -> Link | None:
        """The link with that index."""
        return next((link for link in self.links if link.number == index), None)

    def of(self, link: Link) -> tuple[Address, ...]:
        """The addresses of a link."""
        return tuple(address for address in self.addresses if address.link == link.number)


def question(pids: Iterable[int], proc: str = "/proc") -> Question:
    """What is to be asked from within. pids: of processes in other namespaces that a cable may lead to."""
    return Question("net", lambda: _ask(tuple(pids), proc))


def _ask(pids: Sequence[int], proc: str) -> Sequence[bytes]:
    os.stat(f"{proc}/self/ns/net")  # nobody can ask a recording

    def dump(kind: int, size: int) -> bytes:
        return netlink.request(socket.NETLINK_ROUTE, kind, bytes(size))

    return [
        dump(RTM_GETLINK, 16),  # struct ifinfomsg
        dump(RTM_GETADDR, 8),  # struct ifaddrmsg
        dump(RTM_GETROUTE, 12),  # struct rtmsg
        dump(RTM_GETNEIGH, 12),  # struct ndmsg
        content(f"{proc}/sys/net/ipv4/ip_forward"),
        struct.pack(f"={2 * len(pids)}i", *(number for pid in pids for number in (pid, _number(pid)))),
    ]


def _number(pid: int) -> int:
    """How this namespace calls that of pid; -1: not at all, so that no link of it leads there."""
    body = bytes(4) + netlink.attribute(NETNSA_PID, struct.pack("=I", pid))  # struct rtgenmsg, padded
    try:
        answer = netlink.request(socket.NETLINK_ROUTE, RTM_GETNSID, body, flags=0)
    except OSError:  # pid has ended
        return -1
    found = (dict(netlink.attributes(payload[4:])) for _, payload in netlink.messages(answer))
    return next((struct.unpack("=i", one[NETNSA_NSID])[0] for one in found if NETNSA_NSID in one), -1)


def parse(answer: Sequence[bytes], files: Mapping[str, bytes]) -> Network:
    """From the answer to `question` and the FILES of /proc/PID/net."""
    links, addresses, routes, neighbours, forwards, numbers = answer
    pairs = struct.unpack(f"={len(numbers) // 4}i", numbers)
    return Network(
        tuple(_links(links)),
        tuple(_addresses(addresses)),
        tuple(_routes(routes)),
        tuple(dict.fromkeys(_sockets(files))),
        forwards.strip() != b"0" if forwards.strip() else None,
        {pid: number for pid, number in zip(pairs[::2], pairs[1::2], strict=True) if number >= 0},
        tuple(dict.fromkeys(_neighbours(neighbours))),
    )


def read(pid: int, answer: Sequence[bytes], proc: str = "/proc") -> Network:
    """The network of pid from the answer that `question` had in it. Raises ProcessLookupError if pid is gone."""
    counted = _counted(pid, proc)
    known = {name: _file(pid, name, proc) for name in FILES if counted.get(name) != 0}
    return parse(answer, {name: raw for name, raw in known.items() if raw is not None})


def seen_by_sysfs(pid: int, proc: str = "/proc") -> tuple[str, ...] | None:
    """The links that /sys/class/net shows in there: of the network namespace that mounted it. None: there is none.

    Raises ProcessLookupError if pid is gone, PermissionError if it isn't ours.
    """
    try:
        with os.scandir(f"{proc}/{pid}/root/sys/class/net") as entries:
            return tuple(sorted(text(os.fsencode(entry.name)) for entry in entries if entry.is_symlink()))
    except (FileNotFoundError, NotADirectoryError):
        if not os.path.lexists(f"{proc}/{pid}"):
            raise ProcessLookupError(f"process {pid} is gone") from None
        return None


# ---- rtnetlink


def _number_of(found: Mapping[int, bytes], kind: int) -> int | None:
    return struct.unpack("=i", found[kind])[0] if len(found.get(kind, b"")) == 4 else None


def _links(raw: bytes) -> Iterator[Link]:
    for type_, payload in netlink.messages(raw):
        if type_ != RTM_NEWLINK or len(payload) < 16:
            continue
        index, flags = struct.unpack_from("=4xiI", payload)
        found = dict(netlink.attributes(payload[16:]))
        info = dict(netlink.attributes(found.get(IFLA_LINKINFO, b"")))
        kind = text(info.get(IFLA_INFO_KIND, b"").rstrip(b"\0"))
        stats = found.get(IFLA_STATS64, b"")
        received, sent = struct.unpack_from("=QQ", stats) if len(stats) >= 16 else (0, 0)
        veth = kind == "veth"
        yield Link(
            text(found.get(IFLA_IFNAME, b"").rstrip(b"\0")),
            index,
            kind,
            bool(flags & IFF_UP),
            bool(flags & IFF_LOWER_UP),
            _number_of(found, IFLA_LINK) if veth else None,
            _number_of(found, IFLA_LINK_NETNSID) if veth else None,
            _number_of(found, IFLA_MASTER),
            received,
            sent,
        )


def _addresses(raw: bytes) -> Iterator[Address]:
    for type_, payload in netlink.messages(raw):
        if type_ != RTM_NEWADDR or len(payload) < 8:
            continue
        family, prefix, index = struct.unpack_from("=BB2xI", payload)
        found = dict(netlink.attributes(payload[8:]))
        packed = found.get(IFA_LOCAL) or found.get(IFA_ADDRESS)
        if packed and family in _FAMILIES:
            yield Address(index, socket.inet_ntop(family, packed), prefix)


def _routes(raw: bytes) -> Iterator[Route]:
    for type_, payload in netlink.messages(raw):
        if type_ != RTM_NEWROUTE or len(payload) < 12:
            continue
        family, length, table, kind, flags = struct.unpack_from("=BB2xB2xBI", payload)
        if table != RT_TABLE_MAIN or kind != RTN_UNICAST or flags & RTM_F_CLONED or family not in _FAMILIES:
            continue
        found = dict(netlink.attributes(payload[12:]))
        to, gateway = (
            socket.inet_ntop(family, found[name]) if name in found else "" for name in (RTA_DST, RTA_GATEWAY)
        )
        yield Route(f"{to}/{length}" if to else "default", gateway, _number_of(found, RTA_OIF))


def _neighbours(raw: bytes) -> Iterator[str]:
    """Those that nobody has heard of yet, and groups of receivers, which nobody has to hear of, are left out."""
    for type_, payload in netlink.messages(raw):
        if type_ != RTM_NEWNEIGH or len(payload) < 12:
            continue
        family, state = struct.unpack_from("=B7xH", payload)
        packed = dict(netlink.attributes(payload[12:])).get(NDA_DST)
        if packed and family in _FAMILIES and state & NUD_HEARD:
            yield socket.inet_ntop(family, packed)


# ---- /proc/PID/net


def _file(pid: int, name: str, proc: str) -> bytes | None:
    """None: there is none. Raises ProcessLookupError if pid is gone."""
    try:
        return table(f"{proc}/{pid}/net/{name}")
    except ProcessLookupError:  # no IPv6, unless pid is gone
        if not os.path.lexists(f"{proc}/{pid}"):
            raise
        return None


def _counted(pid: int, proc: str) -> dict[str, int]:
    """How many sockets the namespace has, by the FILES that list them: what has none isn't worth a walk through the tables
    of the whole machine."""
    raw = b"".join(_file(pid, name, proc) or b"" for name in ("sockstat", "sockstat6"))
    rows = (line.split() for line in raw.split(b"\n"))
    return {text(words[0][:-1]).lower(): int(words[2]) for words in rows if words[1:2] == [b"inuse"]}


def _sockets(files: Mapping[str, bytes]) -> Iterator[Socket]:
    for name, raw in files.items():
        for line in raw.split(b"\n")[1:]:
            words = text(line).split()
            if name == "unix":
                # Num RefCount Protocol Flags Type St Inode Path
                if len(words) >= 8 and words[7].startswith("@"):
                    yield Socket("unix", " ".join(words[7:]), 0)
                continue
            protocol = name.removesuffix("6")
            if len(words) > 3 and words[3] == (_LISTEN if protocol == "tcp" else _UNCONNECTED):
                address, _, port = words[1].partition(":")
                yield Socket(protocol, _unpacked(address), int(port, 16))


def _unpacked(words: str) -> str:
    """The address as the kernel's 32-bit words print it in hexadecimal."""
    packed = b"".join(
        int(words[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(words), 8)
    )
    return socket.inet_ntop(socket.AF_INET6 if len(packed) == 16 else socket.AF_INET, packed)


def other_end(link: Link, here: Network, others: Mapping[int, Network]) -> tuple[int, Link] | None:
    """(process, link) of a veth's other end: 0 for `here` itself. others: by the processes that `here` was asked about.

    None: it is no veth, or it ends out of sight.
    """
    if link.peer is None:
        return None
    if link.peer_ns is None:
        found = here.link(link.peer)
        return (0, found) if found else None
    for pid, network in others.items():
        if here.numbers.get(pid) == link.peer_ns and (there := network.link(link.peer)):
            return pid, there
    return None
