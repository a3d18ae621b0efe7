"""Networks of real namespaces: a bare one, a cable to it, who listens, what a rule has counted, and what sysfs shows."""

import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from nsplay.facts import Value, facts, known
from nsplay.snapshot import take

from .place import as_nobody, needs_root, needs_user_namespaces, shell

PARTS = frozenset({"network", "rules"})
needs_ip = pytest.mark.skipif(not shutil.which("ip"), reason="needs ip(8)")


def look(host: int, place: int) -> Mapping[str, Value]:
    return facts(take(os.getpid(), host, place, PARTS))


def within(pid: int, script: str) -> None:
    subprocess.run(["nsenter", "-t", str(pid), "-n", "sh", "-ec", script], check=True)


def sends(pid: int, to: str) -> None:
    """One udp packet to nobody."""
    code = f"import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('{to}', 9))"
    within(pid, f'python3 -c "{code}"')


@needs_root
def test_a_new_one_is_bare() -> None:
    with shell("unshare", "-n") as pid:
        found = look(os.getpid(), pid)
    assert found["inside.links"] == ("lo",)
    assert found["inside.links.up"] == found["inside.addresses"] == found["inside.listening"] == ()
    assert (found["inside.link.lo.up"], found["inside.link.lo.kind"]) == (False, "")
    assert (found["inside.routes"], found["inside.route.default"], found["inside.cables"]) == (0, False, 0)
    assert found["inside.rules"] == found["inside.rules.packets"] == 0
    assert "inside.route.gateway" not in found
    assert "lo" in found["host.links.up"]  # type: ignore[operator]
    assert found["machine.links"] == found["host.links"]


@needs_root
def test_sysfs_is_the_networks_that_mounted_it() -> None:
    with shell("unshare", "-n") as pid:
        found = look(os.getpid(), pid)
        assert found["inside.sys.links"] == found["host.sys.links"]
        assert (found["inside.sys.own"], found["host.sys.own"]) == (False, True)
    with shell("unshare", "-nm", script="mount -t sysfs sysfs /sys") as pid:
        found = look(os.getpid(), pid)
        assert (found["inside.sys.links"], found["inside.sys.own"]) == (("lo",), True)


@needs_root
@needs_ip
def test_a_cable() -> None:
    with shell("unshare", "-n") as host, shell("unshare", "-n") as pid:
        within(host, f"ip link add out0 type veth peer name in0 netns {pid}")
        within(host, "ip link add br0 type bridge; ip link set out0 up; ip link set out0 master br0")
        within(
            host, "ip addr add 10.1.0.1/24 dev br0; ip link set br0 up; ip link add a0 type veth peer name b0"
        )
        before = look(host, pid)
        assert (before["inside.link.in0.up"], before["host.link.out0.carrier"]) == (False, False)
        within(pid, "ip addr add 10.1.0.2/24 dev in0; ip link set in0 up; ip route add default via 10.1.0.1")
        sends(pid, "10.1.0.1")
        found = look(host, pid)
    assert found["inside.link.in0.peer"] == "host:out0"
    assert found["host.link.out0.peer"] == "inside:in0"
    assert found["host.link.a0.peer"] == "b0"
    assert found["host.link.out0.master"] == "br0"
    assert found["host.link.br0.kind"] == "bridge"
    assert (found["inside.cables"], found["host.cables"], found["machine.cables"]) == (1, 1, 0)
    assert (found["inside.links.across"], found["host.links.across"]) == (("in0",), ("out0",))
    assert before["inside.neighbours"] == ()
    assert (found["inside.neighbours"], found["host.neighbours"]) == (("10.1.0.1",), ("10.1.0.2",))
    assert found["inside.addresses"] == ("10.1.0.2/24",)
    assert found["inside.link.in0.addresses"] == ("10.1.0.2/24",)
    assert (found["inside.route.default"], found["inside.route.gateway"]) == (True, "10.1.0.1")
    assert found["inside.routes"] == 2
    assert found["inside.link.in0.carrier"] is True
    for name in (
        "host.link.out0.received",
        "host.links.received",
        "inside.links.sent",
        "inside.link.in0.sent",
    ):
        assert found[name] > before[name]  # type: ignore[operator]


@needs_root
@needs_ip
def test_a_cable_to_somebody_else() -> None:
    """With the very index that a link of ours has: the kernel's number of the namespace tells them apart."""
    with shell("unshare", "-n") as host, shell("unshare", "-n") as other, shell("unshare", "-n") as pid:
        for there in (other, pid):
            within(there, "ip link add x0 type dummy 2>/dev/null || ip link add x0 type bridge")
        within(host, f"ip link add out0 type veth peer name in0 netns {other}")
        assert look(host, pid)["host.link.out0.peer"] == "elsewhere"
        assert look(host, other)["host.link.out0.peer"] == "inside:in0"


@needs_root
def test_who_listens() -> None:
    with shell("unshare", "-n") as pid:
        fd = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
        code = (
            "import socket; a = socket.create_server(('', 8080)); u = socket.socket(type=socket.SOCK_DGRAM);"
            "u.bind(('', 53)); x = socket.socket(socket.AF_UNIX); x.bind('\\0hello'); x.listen();"
            "print(1, flush=True); input()"
        )
        argv = ["nsenter", f"--net=/proc/{pid}/ns/net", "python3", "-c", code]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
            assert server.stdin and server.stdout
            server.stdout.readline()
            found = look(os.getpid(), pid)
            server.stdin.write(b"\n")
        os.close(fd)
    assert found["inside.listening"] == ("tcp:8080", "udp:53")
    assert found["inside.sockets.abstract"] == ("@hello",)


@needs_root
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_many_who_listen_are_more_than_a_page_of_the_table(host: str) -> None:
    with shell("unshare", "-n", script="ip link set lo up") as pid:
        code = (
            "import socket; family = socket.AF_INET6 if ':' in '{0}' else socket.AF_INET;"
            "all = [socket.create_server(('{0}', port), family=family) for port in range(8000, 8090)];"
            "print(1, flush=True); input()"
        )
        argv = ["nsenter", f"--net=/proc/{pid}/ns/net", "python3", "-c", code.format(host)]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
            assert server.stdin and server.stdout
            server.stdout.readline()
            found = look(os.getpid(), pid)
            server.stdin.write(b"\n")
    assert sorted(found["inside.listening"]) == [f"tcp:{port}" for port in range(8000, 8090)]  # type: ignore[arg-type]


@needs_root
def test_forwarding_is_the_namespaces_own() -> None:
    with shell("unshare", "-n", script="echo 1 >/proc/sys/net/ipv4/ip_forward") as pid:
        found = look(os.getpid(), pid)
    assert found["inside.ip_forward"] is True
    assert found["host.ip_forward"] is (Path("/proc/sys/net/ipv4/ip_forward").read_text() == "1\n")


@needs_root
@pytest.mark.skipif(not shutil.which("nft"), reason="needs nft(8)")
def test_a_rule_counts() -> None:
    with shell("unshare", "-n") as pid:
        within(pid, "ip link set lo up; nft add table ip t")
        within(
            pid,
            "nft 'add chain ip t out { type filter hook output priority 0; }'; nft add rule ip t out counter accept",
        )
        before = look(os.getpid(), pid)
        sends(pid, "127.0.0.1")
        found = look(os.getpid(), pid)
    assert (found["inside.rules"], found["inside.chain.out.rules"]) == (1, 1)
    assert found["inside.chain.out.actions"] == ("accept",)
    assert before["inside.chain.out.packets"] == 0
    assert found["inside.chain.out.packets"] == found["inside.rules.packets"]
    assert found["inside.rules.packets"] >= 1  # type: ignore[operator]
    assert found["inside.rules.nat"] is False


@needs_user_namespaces
def test_an_ordinary_users_own_network() -> None:
    code = """
import os
from tests.kernel.place import shell
from nsplay.facts import facts
from nsplay.snapshot import take
with shell("unshare", "-Urn") as pid:
    found = facts(take(os.getpid(), os.getpid(), pid, frozenset({"network", "rules"})))
    print(found["inside.links"], found["inside.rules"], "lo" in found["host.links"], "host.rules" in found)
"""
    assert as_nobody(code) == "('lo',) 0 True False"


def test_names_of_links_and_chains_are_free() -> None:
    assert known("inside.link.veth-1.up") and known("host.chain.post.packets")
    for name in ("inside.link.up", "inside.link..up", "inside.link.eth0.colour", "link.eth0.up"):
        assert not known(name)
    assert socket.if_nameindex()[0][1] in facts(take(os.getpid(), os.getpid(), None, PARTS))["host.links"]  # type: ignore[operator]
