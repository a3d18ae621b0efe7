"""Where a process is in the cgroup trees. cgroups(7).

In version 1 there is a tree for each controller, in version 2 one for all.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from rich.text import Text

from nsplay.kernel.cgroups import Membership
from nsplay.snapshot import Side, Snapshot
from nsplay.view import tables
from nsplay.view.base import View, place
from nsplay.view.grid import row, sentences
from nsplay.view.tables import UNKNOWN, Moments, Sides
from nsplay.view.text import fit
from nsplay.view.ui import LABEL, SUB, Screen, Ui

EACH: Final = 3  # so many trees that went the same way have a row each; more have one together


def tree(one: Membership) -> str:
    """What a tree is called: `cpu,cpuacct`, `systemd` (one with a name instead of controllers), or `version 2`."""
    return ",".join(word.removeprefix("name=") for word in one.controllers) or "version 2"


def paths(side: Side, top: Side | None = None) -> Mapping[str, str]:
    """Tree → path; from `top`'s path on where it is below that: to the learner the stage's trees are whole ones."""
    tops = paths(top) if top else {}
    return {tree(one): _below(one.path, tops.get(tree(one), "/")) for one in side.cgroups}


def _below(path: str, top: str) -> str:
    top = top.rstrip("/")
    return path[len(top) :] or "/" if path == top or path.startswith(f"{top}/") else path


class Cgroup(View):
    """The path in every tree."""

    name = "cgroup"
    parts = frozenset({"cgroups"})

    def moved(self, before: Snapshot, after: Snapshot) -> bool:
        """Whether the place, or the host's side, is in another group of any tree."""
        return paths(place(before)) != paths(place(after)) or paths(before.host) != paths(after.host)

    def after(self, ui: Ui, before: Snapshot, after: Snapshot) -> Screen:
        """The trees in which the place moved, then how many it didn't, then the host."""
        old, new = paths(place(before), before.host), paths(place(after), before.host)
        still = sum(was == now for was, now in _pairs(old, new).values())
        rows = [
            Moments(label, was, now, inside=True)
            for label, was, now in _grouped(ui, old, new)
            if was != now or still == 1  # a fold of one row would take as much room as the row
        ]
        fold = still if still > 1 else 0
        host = _host_rows(ui, before, after)
        if ui.plain:
            return _told(ui, [*rows, *host], fold)
        if not rows and not host:
            return _unread(ui)
        lines = tables.moments(ui, "cgroup", [*rows, *host])
        if fold:
            words = ui.say(f"... {fold} trees, unchanged", f"... {fold} 個のツリーは変化なし")
            lines.insert(len(lines) - len(host), Text(" " * SUB + words))
        return Screen(lines)

    def sides(self, ui: Ui, now: Snapshot) -> Screen:
        """Host | inside, for every tree; trees with equal paths together."""
        groups = _grouped(ui, paths(now.host), paths(place(now)))
        if ui.plain:
            return sentences(
                ui.say(
                    f"{label}: {here} in here, {host} on the host.",
                    f"{label}: ここでは {here}、ホストでは {host}。",
                )
                for label, host, here in groups
            )
        rows = [Sides(label, host, here, own=host != here) for label, host, here in groups]
        return Screen(tables.sides(ui, "cgroup", rows)) if rows else _unread(ui)

    def alone(self, ui: Ui, side: Side) -> Screen:
        """The path in every tree."""
        mine = paths(side)
        groups = [(label, path) for label, _, path in _grouped(ui, mine, mine)]
        if ui.plain:
            return sentences(f"{label}: {path}{ui.stop}" for label, path in groups)
        return Screen(tables.alone("cgroup", groups)) if groups else _unread(ui)


def _unread(ui: Ui) -> Screen:
    """No tree at all: nobody asked, or the kernel didn't say."""
    return Screen([row(Text("cgroup", "head"), ui.say("not looked at", "見ていない"), mark=UNKNOWN)])


def _pairs(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    return {name: (old.get(name, UNKNOWN), new.get(name, UNKNOWN)) for name in {**old, **new}}


def _grouped(ui: Ui, old: Mapping[str, str], new: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Label, old path, new path: a row a tree, or one for many trees that have the same two paths."""
    together: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for name, pair in _pairs(old, new).items():
        together[pair].append(name)
    rows = []
    for (was, now), names in together.items():
        many = ui.say(f"{len(names)} trees", f"{len(names)} 個のツリー")
        labels = [many] if len(names) > EACH else [fit(name, LABEL - 3).plain.rstrip() for name in names]
        rows += [(label, was, now) for label in labels]
    return rows


def _host_rows(ui: Ui, before: Snapshot, after: Snapshot) -> list[Moments]:
    """The host's side in one row while it stays, as it should; else a row for each tree it moved in."""
    old, new = paths(before.host), paths(after.host)
    label = ui.say("the host", "ホスト")
    moved = [Moments(label, was, now) for _, was, now in _grouped(ui, old, new) if was != now]
    top = min(paths(before.host, before.host).values(), default=None)
    return moved or ([Moments(label, top, top)] if top else [])


def _told(ui: Ui, rows: list[Moments], still: int) -> Screen:
    words = [
        ui.say(
            f"cgroup, {one.label}: {one.after}, it was {one.before}.",
            f"cgroup、{one.label}: {one.after}、前は {one.before}。",
        )
        if one.moved
        else ui.say(
            f"cgroup, {one.label}: {one.after}. Unchanged.", f"cgroup、{one.label}: {one.after}。変化なし。"
        )
        for one in rows
    ]
    if still:
        words.append(ui.say(f"{still} trees unchanged.", f"{still} 個のツリーは変化なし。"))
    return sentences(words)
