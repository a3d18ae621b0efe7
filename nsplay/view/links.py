"""The network: links with their addresses and where their cables end, routes, who listens. network_namespaces(7)."""

from collections.abc import Iterator

from nsplay.fact.network import across, addresses, end
from nsplay.kernel.network import Link, Network
from nsplay.snapshot import Side, Snapshot
from nsplay.view.listed import Listed
from nsplay.view.listed_rows import Item, Items
from nsplay.view.ui import Ui


class Links(Listed):
    """`ip addr`, `ip route`, `ss -l` and `ls /sys/class/net` of both sides in one."""

    name = "links"
    parts = frozenset({"network"})
    kind = "net"

    def head(self, ui: Ui) -> str:
        """What the list is of."""
        return ui.say("links", "リンク")

    def items(self, ui: Ui, now: Snapshot, side: Side) -> Items:
        """A row a link; then what else there is in the namespace, where there is something to say."""
        if side.network is None:
            return {}
        links = {
            f"link {link.name}": Item(link.name, _state(ui, side.network, link), _cable(ui, now, side, link))
            for link in side.network.links
        }
        return {**links, **{f"row {item.label}": item for item in _more(ui, now, side, side.network)}}

    def tied(self, ui: Ui, now: Snapshot, side: Side) -> Items:
        """The two ends of a cable between the sides have one row."""
        mine, found = set(across(now, side)), {}
        for key, item in self.items(ui, now, side).items():
            if item.label in mine and side.network:
                link = next(one for one in side.network.links if one.name == item.label)
                there = end(now, side, link)
                ends = [item.label, there[1] if there else ""]
                key = "cable " + " ".join(ends if side is now.host else reversed(ends))
            found[key] = item
        return found


def _state(ui: Ui, network: Network, link: Link) -> str:
    words = ["up" if link.up else "down"]
    if link.up and not link.carrier:
        words[0] = ui.say("up, no carrier", "up、相手が down")
    words += addresses(network, link)
    if master := network.link(link.master):
        words.append(ui.say(f"in {master.name}", f"{master.name} の口"))
    return " ".join(words)


def _cable(ui: Ui, now: Snapshot, side: Side, link: Link) -> str:
    found = end(now, side, link)
    if found is None:
        return ui.say("a bridge", "ブリッジ") if link.kind == "bridge" else ""
    where, name = found
    if where is None:
        return ui.say("<--> elsewhere", "<--> よそ")
    if where is side:
        return f"<--> {name}"
    names = {
        "inside": ui.say("in here", "ここ"),
        "host": ui.say("on the host", "ホスト"),
        "second": ui.say("in the second terminal", "端末 2 "),
    }
    there = names.get(where.name, ui.say("on the machine", "マシン"))
    return ui.say(f"<--> {name} {there}", f"<--> {there}の {name}")


def _more(ui: Ui, now: Snapshot, side: Side, network: Network) -> Iterator[Item]:
    ways = [route for route in network.routes if route.version == 4]
    default = next((route.gateway for route in ways if route.to == "default"), "")
    by = ui.say(f", default by {default}", f"、デフォルトは {default}") if default else ""
    yield Item(ui.say("routes", "経路"), f"{len(ways)}{by}")
    ports = [str(one) for one in dict.fromkeys(map(str, network.sockets))]
    if ports:
        more = ui.say(f" and {len(ports) - 4} more", f" ほか {len(ports) - 4}") if len(ports) > 5 else ""
        yield Item(ui.say("listening", "待ち受け"), " ".join(ports[:4] if more else ports) + more)
    if network.forwards:
        yield Item(ui.say("forwarding", "転送"), "on")
    if side.rules:
        packets = sum(rule.packets or 0 for rule in side.rules)
        yield Item(
            ui.say("rules", "ルール"),
            ui.say(
                f"{len(side.rules)}, {packets} packet{'s' * (packets != 1)}",
                f"{len(side.rules)}、{packets} パケット",
            ),
        )
    lies = set(side.sys_links or ()) != {link.name for link in network.links}
    if side.sys_links is not None:
        whose = ui.say(
            "not its own: sysfs was mounted elsewhere", "自分のではない: よそでマウントされた sysfs"
        )
        whose = whose if lies else ""
        yield Item(ui.say("/sys shows", "/sys では"), " ".join(side.sys_links), whose)
