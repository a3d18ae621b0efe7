"""Packets: a counted number of datagrams or connections, on loopback or to a private address."""

import errno
import select
import socket
from collections.abc import Sequence

from nsplay.load.crew import Crew, Hand
from nsplay.load.tell import ending, say, trouble, watch
from nsplay.load.words import Words, Wrong

USAGE = """\
nsplay load net [ADDRESS] [--port P] [--count N] [--tcp] [--every S]
                [--seconds S]
    Sends N (10) datagrams, or makes as many --tcp connections, one each S
    seconds (0.1), to 127.0.0.1 or another private address. Listens there
    itself where it can, and says how many arrived; else, or with --port, they
    go to port P (9). Gives up after S seconds (60)."""
MOST = 10_000
DISCARD = 9  # the port of that protocol (services(5))
PATIENCE = 0.5  # seconds for an answer
LAST = 0.2  # seconds for what is still under way
SENT, ARRIVED, REFUSED, WHY = range(4)  # what is told

PRIVATE = (  # RFC 1918, 3927, 5737, 2544, 4193, 4291, 3849: (how many bits, the address they are of)
    *((8, "127.0.0.0"), (8, "10.0.0.0"), (12, "172.16.0.0"), (16, "192.168.0.0"), (16, "169.254.0.0")),
    *((24, "192.0.2.0"), (24, "198.51.100.0"), (24, "203.0.113.0"), (15, "198.18.0.0")),
    *((128, "::1"), (7, "fc00::"), (10, "fe80::"), (32, "2001:db8::")),
)


def run(words: Sequence[str]) -> int:
    """The exit status. Raises Wrong, and OSError of socket(2) or fork(2)."""
    given = Words(words, ("--tcp",), ("--port", "--count", "--every", "--seconds"))
    (address, *_) = given.only({"ADDRESS": False}) or ["127.0.0.1"]
    port = given.count("--port", DISCARD, 65535)
    count, every = given.count("--count", 10, MOST), given.seconds("--every", 0.1)
    family = private(address)
    kind = socket.SOCK_STREAM if given.flag("--tcp") else socket.SOCK_DGRAM
    what = "connections" if given.flag("--tcp") else "datagrams"
    listener = None if given.text("--port") else _listener(family, kind, address)
    target = (address, listener.getsockname()[1] if listener else port)
    worker = _connect if given.flag("--tcp") else _send

    def work(hand: Hand) -> None:
        worker(hand, family, target, listener, count, every)

    with Crew(1, given.seconds("--seconds", 60.0)) as crew:
        say(f"{count} {what} to {address} port {target[1]}{', where this load listens' if listener else ''}")
        crew.hire(work)
        watch(crew, lambda: f"{crew.told(0, SENT)} sent")
        return ending(crew, _verdict(crew, count, what, listener is not None))


def private(address: str) -> socket.AddressFamily:
    """The family of an address that no packet of a lesson may harm. Raises Wrong for every other one."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        bits = int.from_bytes(socket.inet_pton(family, address), "big")
    except OSError:
        raise Wrong(f"ADDRESS wants an IP address, not {address}") from None
    for length, text in PRIVATE:
        if (":" in text) == (":" in address):
            net = socket.inet_pton(family, text)
            if (bits ^ int.from_bytes(net, "big")) >> (8 * len(net) - length) == 0:
                return family
    raise Wrong(
        f"{address} is no private address: only loopback, private and documentation addresses get packets"
    )


def _listener(family: socket.AddressFamily, kind: socket.SocketKind, address: str) -> socket.socket | None:
    """A socket at that address, on a free port, where it is ours."""
    found = socket.socket(family, kind)
    try:
        found.bind((address, 0))
        if kind == socket.SOCK_STREAM:
            found.listen()
    except OSError:  # EADDRNOTAVAIL: it is another machine's, or nobody's
        found.close()
        return None
    return found


Address = tuple[str, int]


def _send(
    hand: Hand,
    family: socket.AddressFamily,
    target: Address,
    ears: socket.socket | None,
    count: int,
    every: float,
) -> None:
    """Datagrams. One that is refused, here or by an answer (ICMP, udp(7)), is counted."""
    arrived = refused = 0
    with socket.socket(family, socket.SOCK_DGRAM) as mouth:
        mouth.connect(target)
        for sent in range(1, count + 1):
            try:
                mouth.send(b"nsplay")
            except OSError as error:
                refused += 1
                hand.tell(refused, REFUSED)
                hand.tell(error.errno or 0, WHY)
            hand.tell(sent, SENT)
            arrived += _heard(ears, every)
            hand.tell(arrived, ARRIVED)
            if not hand.goes_on():
                return
            if ears is None:
                hand.hold(every)
        while arrived < count - refused and (more := _heard(ears, LAST)):
            arrived += more
            hand.tell(arrived, ARRIVED)


def _heard(ears: socket.socket | None, patience: float) -> int:
    """How many datagrams have come, after so many seconds at most."""
    count = 0
    while ears and select.select([ears], [], [], patience if not count else 0)[0]:
        ears.recv(64)
        count += 1
    return count


def _connect(
    hand: Hand,
    family: socket.AddressFamily,
    target: Address,
    ears: socket.socket | None,
    count: int,
    every: float,
) -> None:
    """Connections, each closed at once."""
    arrived = refused = 0
    for sent in range(1, count + 1):
        with socket.socket(family, socket.SOCK_STREAM) as mouth:
            mouth.settimeout(PATIENCE)
            try:
                mouth.connect(target)
                arrived += 1
                if ears:
                    ears.accept()[0].close()
            except OSError as error:
                refused += 1
                hand.tell(refused, REFUSED)
                hand.tell(error.errno or errno.ETIMEDOUT, WHY)
        hand.tell(sent, SENT)
        hand.tell(arrived, ARRIVED)
        hand.hold(every)
        if not hand.goes_on():
            return


def _verdict(crew: Crew, count: int, what: str, listened: bool) -> int:
    """Says what came of it; the exit status."""
    sent, arrived, refused = (crew.told(0, slot) for slot in (SENT, ARRIVED, REFUSED))
    knows = listened or what == "connections"
    words = f"{sent} {what}: {f'{arrived} arrived, {sent - arrived - refused} lost, ' if knows else ''}{refused} refused"
    say(words + (f": {trouble(crew.told(0, WHY))}" if refused else ""))
    if number_of := crew.errno(0):
        say(f"then: {trouble(number_of)}")
    if sent < count and not crew.stopped:
        say("gave up: time is over")
    return 0 if sent == count and not refused and (arrived == sent or not knows) else 1
