"""Dumps by netlink(7): one request, all that the kernel answers; and attributes. (pyroute2 would cost 130 ms to import.)"""

import os
import socket
import struct
from collections.abc import Iterator
from typing import Final

NLM_F_REQUEST: Final = 0x1
NLM_F_DUMP: Final = 0x300
NLMSG_ERROR: Final = 2
NLMSG_DONE: Final = 3
_HEADER: Final = struct.Struct("=IHHII")  # struct nlmsghdr: length, type, flags, sequence, port
_ATTRIBUTE: Final = struct.Struct("=HH")  # struct nlattr: length, type
_KIND: Final = 0x3FFF  # the type without NLA_F_NESTED and NLA_F_NET_BYTEORDER
_ROOM: Final = 1 << 16


def attribute(kind: int, value: bytes) -> bytes:
    """struct nlattr with its value, padded to four bytes."""
    return _ATTRIBUTE.pack(_ATTRIBUTE.size + len(value), kind) + value + bytes(-len(value) % 4)


def request(protocol: int, kind: int, body: bytes, flags: int = NLM_F_DUMP) -> bytes:
    """The kernel's messages for a request in the network namespace of this thread, one after the other, headers and all.

    protocol: NETLINK_ROUTE and so on. Without NLM_F_DUMP there is one message. Raises the OSError that the answer carries.
    """
    answers: list[bytes] = []
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol) as link:
        link.send(_HEADER.pack(_HEADER.size + len(body), kind, NLM_F_REQUEST | flags, 1, 0) + body)
        while True:
            answer = link.recv(_ROOM)
            answers.append(
                answer
            )  # newer kernels put NLMSG_DONE behind the last messages, older ones by itself
            for type_, payload in messages(answer):
                if type_ == NLMSG_ERROR and (negative := struct.unpack_from("=i", payload)[0]):
                    raise OSError(-negative, os.strerror(-negative))
                if type_ in (NLMSG_ERROR, NLMSG_DONE):
                    return b"".join(answers)
            if flags != NLM_F_DUMP:
                return answer


def messages(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and payload of each message; one that is cut short ends it."""
    at = 0
    while at + _HEADER.size <= len(raw):
        length, type_, *_ = _HEADER.unpack_from(raw, at)
        if not _HEADER.size <= length <= len(raw) - at:
            return
        yield type_, raw[at + _HEADER.size : at + length]
        at += length + -length % 4


def attributes(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and value of each attribute, in their order; one that is cut short ends it."""
    at = 0
    while at + _ATTRIBUTE.size <= len(raw):
        length, kind = _ATTRIBUTE.unpack_from(raw, at)
        if not _ATTRIBUTE.size <= length <= len(raw) - at:
            return
        yield kind & _KIND, raw[at + _ATTRIBUTE.size : at + length]
        at += length + -length % 4
