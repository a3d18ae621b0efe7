"""The stage's network: lo, and an eth0 with an address, by plain rtnetlink(7). (pyroute2 would cost 130 ms
to import.)

eth0 is one end of a veth pair; the other end lies in a second network namespace that only an open file
keeps. So a learner on the stage sees one card, can ping a neighbour, can delete the card, and the machine
never hears of any of it.
"""

import fcntl
import os
import socket
import struct
from typing import Final

from nsplay.kernel import syscalls

ADDRESS: Final = "192.0.2.2"  # TEST-NET-1 (RFC 5737): never a real network's
NEIGHBOUR: Final = "192.0.2.1"
PREFIX: Final = 24

# rtnetlink(7), linux/if_link.h, linux/if_addr.h
RTM_NEWLINK: Final = 16
RTM_NEWADDR: Final = 20
RTM_NEWROUTE: Final = 24
NLM_F_REQUEST: Final = 0x1
NLM_F_ACK: Final = 0x4
NLM_F_CREATE: Final = 0x600  # with NLM_F_EXCL
IFLA_IFNAME: Final = 3
IFLA_LINKINFO: Final = 18
IFLA_NET_NS_FD: Final = 28
IFLA_INFO_KIND: Final = 1
IFLA_INFO_DATA: Final = 2
VETH_INFO_PEER: Final = 1
IFA_ADDRESS: Final = 1
IFA_LOCAL: Final = 2
RTA_GATEWAY: Final = 5
RT_TABLE_MAIN: Final = 254
RTPROT_BOOT: Final = 3
RTN_UNICAST: Final = 1
IFF_UP: Final = 1


def enter() -> int:
    """Into a network namespace of its own, with lo up; an open second namespace for the neighbour. Raises
    OSError.
    """
    syscalls.unshare(syscalls.CLONE_NEWNET)
    neighbour = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    syscalls.unshare(syscalls.CLONE_NEWNET)
    _up("lo")
    return neighbour


def plug_in(neighbour: int) -> None:
    """Makes eth0 here and its other end, with an address too, in the neighbour's namespace. Raises
    OSError.
    """
    peer = (
        bytes(16)
        + _attribute(IFLA_IFNAME, b"eth0\0")
        + _attribute(IFLA_NET_NS_FD, struct.pack("I", neighbour))
    )
    pair = _attribute(IFLA_INFO_KIND, b"veth") + _attribute(IFLA_INFO_DATA, _attribute(VETH_INFO_PEER, peer))
    name = _attribute(IFLA_IFNAME, b"eth0\0")
    _request(RTM_NEWLINK, bytes(16) + name + _attribute(IFLA_LINKINFO, pair))
    here = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        syscalls.setns(neighbour, syscalls.CLONE_NEWNET)
        _address(NEIGHBOUR)
    finally:
        syscalls.setns(here, syscalls.CLONE_NEWNET)
        os.close(here)
    _address(ADDRESS)
    # struct rtmsg: a default route
    route = struct.pack("BBBBBBBBI", socket.AF_INET, 0, 0, 0, RT_TABLE_MAIN, RTPROT_BOOT, 0, RTN_UNICAST, 0)
    _request(RTM_NEWROUTE, route + _attribute(RTA_GATEWAY, socket.inet_aton(NEIGHBOUR)))


def _address(address: str) -> None:
    """Gives eth0 an address and turns it on."""
    _up("eth0")
    packed, index = socket.inet_aton(address), socket.if_nametoindex("eth0")
    head = struct.pack("BBBBI", socket.AF_INET, PREFIX, 0, 0, index)  # struct ifaddrmsg
    _request(RTM_NEWADDR, head + _attribute(IFA_LOCAL, packed) + _attribute(IFA_ADDRESS, packed))


def _up(name: str) -> None:
    """IFF_UP by netdevice(7)'s ioctls."""
    SIOCGIFFLAGS, SIOCSIFFLAGS = 0x8913, 0x8914
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        answer = fcntl.ioctl(handle, SIOCGIFFLAGS, struct.pack("16sh14x", name.encode(), 0))
        flags = struct.unpack("16sh14x", answer)[1]
        fcntl.ioctl(handle, SIOCSIFFLAGS, struct.pack("16sh14x", name.encode(), flags | IFF_UP))


def _attribute(kind: int, value: bytes) -> bytes:
    """struct rtattr: length, kind, value, padded to four bytes."""
    return struct.pack("HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def _request(kind: int, body: bytes) -> None:
    """Sends one request and reads the kernel's answer. Raises the OSError that the answer carries."""
    flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as link:
        link.send(struct.pack("IHHII", 16 + len(body), kind, flags, 1, 0) + body)
        (negative_errno,) = struct.unpack_from("i", link.recv(4096), 16)  # struct nlmsgerr after the header
    if negative_errno:
        raise OSError(-negative_errno, f"rtnetlink request {kind}: {os.strerror(-negative_errno)}")
