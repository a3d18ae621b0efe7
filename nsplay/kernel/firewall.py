"""The nftables rules of a network namespace with their counters, by netlink: no `nft` needed. nft(8).

iptables-nft writes the same rules; those of iptables-legacy aren't seen.
"""

import errno
import os
import struct
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from nsplay.kernel import netlink
from nsplay.kernel.files import text
from nsplay.kernel.inside import Question

# linux/netfilter/nfnetlink.h, linux/netfilter/nf_tables.h
NETLINK_NETFILTER: Final = 12
NFNL_SUBSYS_NFTABLES: Final = 10
NFT_MSG_NEWRULE: Final = 6
NFT_MSG_GETRULE: Final = 7
NFTA_RULE_TABLE: Final = 1
NFTA_RULE_CHAIN: Final = 2
NFTA_RULE_HANDLE: Final = 3
NFTA_RULE_EXPRESSIONS: Final = 4
NFTA_LIST_ELEM: Final = 1
NFTA_EXPR_NAME: Final = 1
NFTA_EXPR_DATA: Final = 2
NFTA_COUNTER_BYTES: Final = 1
NFTA_COUNTER_PACKETS: Final = 2
NFTA_IMMEDIATE_DATA: Final = 2
NFTA_DATA_VERDICT: Final = 2
NFTA_VERDICT_CODE: Final = 1
NFTA_NAT_TYPE: Final = 1
NFTA_TARGET_NAME: Final = 1
_VERDICTS: Final = {0: "drop", 1: "accept", -1: "continue", -3: "jump", -4: "goto", -5: "return"}
_ACTIONS: Final = {"masq": "masquerade", "redir": "redirect", "reject": "reject"}
_NAT: Final = {0: "snat", 1: "dnat"}


class Rule(NamedTuple):
    """One rule."""

    table: str
    chain: str
    handle: int
    action: str  # "accept", "drop", "masquerade", "snat", ...; empty: it only counts or marks
    packets: int | None  # that its counter has seen; None: it has no counter
    octets: int | None


def question(proc: str = "/proc") -> Question:
    """What is to be asked from within."""
    return Question("net", lambda: _ask(proc))


def _ask(proc: str) -> Sequence[bytes]:
    os.stat(f"{proc}/self/ns/net")  # nobody can ask a recording
    kind = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE
    try:
        return [netlink.request(NETLINK_NETFILTER, kind, bytes(4))]  # struct nfgenmsg: every family
    except OSError as error:
        # A kernel without nftables has no rules of them.
        if error.errno in (errno.EINVAL, errno.EOPNOTSUPP, errno.EPROTONOSUPPORT, errno.ENOENT):
            return [b""]
        raise


def parse(answer: Sequence[bytes]) -> tuple[Rule, ...]:
    """From the answer to `question`, in the order of tables, chains and rules."""
    return tuple(_rules(answer[0]))


def _rules(raw: bytes) -> Iterator[Rule]:
    for type_, payload in netlink.messages(raw):
        if type_ != NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE:
            continue
        found = dict(netlink.attributes(payload[4:]))
        packets = octets = None
        action = ""
        for kind, element in netlink.attributes(found.get(NFTA_RULE_EXPRESSIONS, b"")):
            if kind != NFTA_LIST_ELEM:
                continue
            expression = dict(netlink.attributes(element))
            name = _word(expression.get(NFTA_EXPR_NAME, b""))
            data = dict(netlink.attributes(expression.get(NFTA_EXPR_DATA, b"")))
            if name == "counter":
                packets, octets = (_big(data.get(key)) for key in (NFTA_COUNTER_PACKETS, NFTA_COUNTER_BYTES))
            action = _action(name, data) or action
        yield Rule(
            _word(found.get(NFTA_RULE_TABLE, b"")),
            _word(found.get(NFTA_RULE_CHAIN, b"")),
            _big(found.get(NFTA_RULE_HANDLE)) or 0,
            action,
            packets,
            octets,
        )


def _word(raw: bytes) -> str:
    return text(raw.rstrip(b"\0"))


def _big(raw: bytes | None) -> int | None:
    return int.from_bytes(raw, "big") if raw else None


def _action(name: str, data: dict[int, bytes]) -> str:
    """What an expression does to the packet; empty when it only looks at it."""
    if name == "immediate":
        return _verdict(data)
    if name == "nat":
        return _NAT.get(_big(data.get(NFTA_NAT_TYPE)) or 0, "")
    if name == "target":  # of iptables-nft: MASQUERADE, SNAT, ...
        return _word(data.get(NFTA_TARGET_NAME, b"")).lower()
    return _ACTIONS.get(name, "")


def _verdict(data: dict[int, bytes]) -> str:
    """What an `immediate` expression decides; empty when it loads a value instead."""
    verdict = dict(
        netlink.attributes(
            dict(netlink.attributes(data.get(NFTA_IMMEDIATE_DATA, b""))).get(NFTA_DATA_VERDICT, b"")
        )
    )
    code = verdict.get(NFTA_VERDICT_CODE, b"")
    return _VERDICTS.get(struct.unpack("!i", code)[0], "") if len(code) == 4 else ""
