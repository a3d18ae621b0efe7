"""`nsplay diff A B`: two processes or containers beside each other, view by view. What is the same is only named."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from rich.text import Text

from nsplay.kernel.namespaces import KINDS
from nsplay.portrait import Pair
from nsplay.snapshot import Side
from nsplay.view import tables
from nsplay.view.base import View
from nsplay.view.grid import keys, marked, prose_row, row, sentences, title
from nsplay.view.look_facts import amounts, origin, outside, problem, root_of
from nsplay.view.registry import VIEWS
from nsplay.view.tables import UNKNOWN, Sides
from nsplay.view.ui import Screen, Ui

# A view, and what a side must hold for it. Not the processes: no two containers have one in common. Not the tree of owners,
# which is a picture of one place.
VIEWED: Final[Mapping[str, Callable[[Side], object]]] = {
    "hostname": lambda side: side.names,
    "namespaces": lambda side: side.ns,
    "mounts": lambda side: side.mounts,
    "cgroup": lambda side: side.cgroups,
    "links": lambda side: side.network,
    "ids": lambda side: side.identity,
    "ipc": lambda side: side.ipc,
    "clocks": lambda side: side.clocks,
    "capabilities": lambda side: side.identity,
}
LONGEST: Final = 14  # columns of a name


class Sorted(NamedTuple):
    """The views in which the two differ, those in which they don't, and those that can't be known."""

    differs: tuple[View, ...]
    same: tuple[View, ...]
    unknown: tuple[View, ...]


def sort(pair: Pair) -> Sorted:
    """Every view is in one of the three. Names, mounts and links of two namespaces differ even where they are equal."""
    a, b = pair.now.host, pair.now.inside
    both = replace(pair.now, inside=replace(a, name="inside"))
    differ: list[View] = []
    same: list[View] = []
    unknown: list[View] = []
    for name, needs in VIEWED.items():
        view = VIEWS[name]
        if b is None or not needs(a) or not needs(b):
            unknown.append(view)
        else:
            (differ if view.moved(both, pair.now) else same).append(view)
    return Sorted(tuple(differ), tuple(same), tuple(unknown))


def compare(ui: Ui, pair: Pair) -> Screen:
    """The page: in short, then every view in which the two differ."""
    names, found = called(pair), sort(pair)
    ui = _between(ui, *names)
    if ui.plain:
        return sentences(_told(ui, pair, names, found))
    screen = Screen(
        title(
            ui,
            Text(f"diff {names[0]} {names[1]}", "head"),
            " | ".join(origin(ui, one) for one in (pair.a, pair.b)),
        )
    )
    for words in _problems(ui, pair):
        screen += marked(ui, Text("!", "warn"), words)
    screen += tables.sides(ui, ui.say("in short", "概要"), _short(ui, pair))
    screen += prose_row(ui, ui.say("  in common", "  共有"), _common(ui, pair), widest=ui.body)
    dangers = list(_dangers(ui, pair, names))
    screen.part([row(Text(ui.say("dangers", "危険"), "head"))] if dangers else [])
    for label, words in dangers:
        screen += prose_row(ui, f"  {label}", words, Text("!", "warn"), ui.body)
    for view in found.differs:
        screen.part(view.sides(ui, pair.now))
    tail = Screen()
    if found.same:
        words = ui.listed(view.name for view in found.same)
        tail += prose_row(ui, Text(ui.say("the same", "同じもの"), "head"), words, "=", ui.body)
    if found.unknown:
        words = ui.listed(view.name for view in found.unknown)
        tail += prose_row(ui, Text(ui.say("not known", "不明"), "head"), words, UNKNOWN, ui.body)
    screen.part(tail)
    a, b = (one.standing.row.pid for one in (pair.a, pair.b))
    screen.part([keys(ui, [(f"nsplay look {a}", ""), (f"nsplay look {b}", ""), ("--json", "")])])
    return screen


def called(pair: Pair) -> tuple[str, str]:
    """Their names; their pids where one has none, or both the same."""
    a, b = (one.container.name if one.container else "" for one in (pair.a, pair.b))
    if a and b and a != b and max(len(a), len(b)) <= LONGEST:
        return a, b
    return str(pair.a.standing.row.pid), str(pair.b.standing.row.pid)


def _between(ui: Ui, a: str, b: str) -> Ui:
    """For two, of which neither is the host and nobody is in either: the views' sides are called by their names."""
    en = (
        *(("on the host", f"in {a}"), ("the host's", f"{a}'s"), ("the host", a), (" host", f" in {a}")),
        *(("you are here", b), ("in here", f"in {b}"), ("In here", f"In {b}"), ("yours", f"{b}'s")),
    )
    ja = (("いまここ", b), ("ここ", f" {b} "), ("ホスト名", "\0"), ("ホスト", f" {a} "), ("\0", "ホスト名"))
    return replace(ui, renamed=ja if ui.lang == "ja" else en)


def _problems(ui: Ui, pair: Pair) -> Iterator[str]:
    eyes = replace(ui, renamed=())
    return (problem(eyes, one) for one in (pair.a, pair.b) if one.standing.problem)


def _short(ui: Ui, pair: Pair) -> list[Sides]:
    """What no view has: the root folder, how many processes, limits and use."""
    eyes = outside(replace(ui, renamed=()))
    root = eyes.say("root", "ルート")
    a, b = ({root: root_of(eyes, one.side), **amounts(eyes, one)} for one in (pair.a, pair.b))
    rows = [(label, a.get(label, "-"), b.get(label, "-")) for label in {**a, **b}]
    return [Sides(label, old, new, own=old != new) for label, old, new in rows]


def _common(ui: Ui, pair: Pair) -> str:
    """The kinds of namespaces that the two are in together."""
    one, other = pair.now.host.ns, pair.now.inside.ns if pair.now.inside else {}
    if not one or not other:
        return UNKNOWN
    return ui.listed(kind for kind in KINDS if kind in one and one[kind] == other.get(kind)) or ui.say(
        "none", "なし"
    )


def _dangers(ui: Ui, pair: Pair, names: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """Those of both, then those of one alone."""
    a, b = ([danger.key for danger in one.judged.dangers] for one in (pair.a, pair.b))
    found = (
        (ui.say("of both", "両方"), [key for key in a if key in b]),
        (names[0], [key for key in a if key not in b]),
        (names[1], [key for key in b if key not in a]),
    )
    return ((label, ui.listed(keys)) for label, keys in found if keys)


def _told(ui: Ui, pair: Pair, names: tuple[str, str], found: Sorted) -> Iterator[str]:
    yield from _problems(ui, pair)
    comma = ui.say(", ", "、")
    for name, it in zip(names, (pair.a, pair.b), strict=True):
        yield f"{name}{comma}pid {it.standing.row.pid}{comma}{origin(ui, it)}{ui.stop}"
    for one in _short(ui, pair):
        same = ui.say("the same, ", "同じ、") + one.host
        words = f"{names[0]} {one.host}{comma}{names[1]} {one.inside}" if one.own else same
        yield f"{one.label}: {words}{ui.stop}"
    yield ui.say(f"Namespaces in common: {_common(ui, pair)}.", f"共有する名前空間: {_common(ui, pair)}。")
    for label, words in _dangers(ui, pair, names):
        yield ui.say(f"Dangers, {label}: {words}.", f"危険、{label}: {words}。")
    for view in found.differs:
        yield from (line.plain for line in view.sides(ui, pair.now).lines)
    for label, views in (
        (ui.say("The same", "同じもの"), found.same),
        (ui.say("Not known", "不明"), found.unknown),
    ):
        if views:
            yield f"{label}: {ui.listed(view.name for view in views)}{ui.stop}"
