"""The views of groups: drawn and told, from recorded groups and from numbers; and as they move while a command runs."""

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from nsplay.kernel.group import group
from nsplay.kernel.group.cpu import Cpu
from nsplay.kernel.group.group import Group
from nsplay.kernel.group.memory import Memory
from nsplay.repl import live
from nsplay.repl.live import Live
from nsplay.view.figures import size, sizes, span
from nsplay.view.gauges import bar
from nsplay.view.group.rows import Pace
from nsplay.view.groups import VIEWS, OfGroups
from nsplay.view.registry import VIEWS as ALL
from nsplay.view.ui import Screen, Ui, render

from .test_group import V1, V2

WIDE, NARROW = Ui(width=100, attributes=False), Ui(width=60, attributes=False)
BY_NAME = {view.name: view for view in VIEWS}


def drawn(name: str, before: Group | None, now: Group, ui: Ui = WIDE, pace: Pace | None = None) -> str:
    view = BY_NAME[name]
    old = {before.path: before} if before else {}
    found = view.drawn(ui, old, {now.path: now}, {now.path: pace} if pace else None)
    lines = view.told(ui, found) if ui.plain else view.lines(ui, found)
    return "\n".join(line.rstrip() for line in render(ui, Screen(lines)).split("\n")).rstrip()


def fresh(it: Group) -> Group:
    return replace(
        it, memory=it.memory._replace(killed=0, reached=0), cpu=it.cpu._replace(throttled=0, periods=2)
    )


def test_memory_on_version_1() -> None:
    it = group.read(V1, "/notes")
    assert drawn("memory", fresh(it), it).split("\n") == [
        "   memory        /notes   cgroup version 1",
        "     used        [#------------------|]  0.3 of 10.0 MB    was at limit   memory.limit_in_bytes",
        "     highest     10.0 MB                                                  memory.max_usage_in_bytes",
        " ~   at limit    0 -> 91     +91                                          memory.failcnt",
        " ~   killed      0 -> 1      +1          by the OOM killer                oom_control oom_kill",
        "     swap        0 B, limit 10.0 MB                                       memsw.limit_in_bytes",
    ]


def test_the_same_words_and_other_files_on_version_2() -> None:
    one, two = (drawn("cpu", None, group.read(trees, "/notes")).split("\n") for trees in (V1, V2))
    assert [line[:73].rstrip() for line in one[1:]] == [line[:73].rstrip() for line in two[1:]]
    assert two[0] == " + cpu           /notes   cgroup version 2"
    assert one[-2].endswith("cpu.shares") and two[-2].endswith("cpu.weight")


def test_narrow_and_plain() -> None:
    it = group.read(V1, "/notes")
    assert "     used        [#--------|]  0.3 of 10.0 MB  was at limit" in drawn("memory", None, it, NARROW)
    told = drawn("memory", fresh(it), it, Ui(plain=True, attributes=False))
    assert "memory of /notes, used: 0.3 of 10.0 MB, was at limit." in told
    assert "memory of /notes, killed: 1, it was 0, by the OOM killer." in told
    told = drawn("memory", fresh(it), it, Ui(plain=True, attributes=False, lang="ja"))
    assert "/notes のメモリ、最大: 10.0 MB。" in told


@pytest.mark.parametrize("name", sorted(BY_NAME))
@pytest.mark.parametrize("width", [20, 41, 60, 80, 100, 160])
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_every_view_fits(name: str, width: int, lang: str) -> None:
    ui = Ui(width=width, attributes=False, lang=lang)  # type: ignore[arg-type]
    for trees in (V1, V2):
        it = group.read(trees, "/notes")
        for line in Screen(BY_NAME[name].lines(ui, BY_NAME[name].drawn(ui, {}, {"/notes": it}))).fitted(
            ui.cols
        ):
            assert line.cell_len <= ui.cols
    assert ALL[name] is BY_NAME[name]


def test_a_group_that_is_gone_and_one_that_came() -> None:
    it = group.read(V1, "/notes")
    assert " - memory        /notes   gone" in drawn("memory", it, Group("/notes"))
    assert " + memory        /notes" in drawn("memory", None, it)
    assert " - memory" not in drawn("memory", it, it)


def test_groups_are_listed() -> None:
    it = group.read(V2, "/notes")
    assert drawn("groups", None, it).split("\n") == [
        "   groups",
        " +   /notes      2 members       cpu cpuset io memory pids, frozen, gives memory pids",
    ]


def test_a_group_that_lost_its_member_is_told_whole_beside_its_path() -> None:
    it = replace(group.read(V2, "/notes"), path="/notes/inner")
    assert it.core
    lost = replace(it, core=it.core._replace(members=()))
    assert " ~   /notes/inner 2 members -> 0 members  cpu" in drawn("groups", it, lost)


@pytest.mark.parametrize(
    ("used", "top", "peak", "text"),
    [
        (0, 10, 0, "[--------------------]"),
        (0.1, 10, 10, "[#------------------|]"),
        (7.7, 10, 7.7, "[###############-----]"),
        (5, 10, 8, "[##########-----|----]"),
        (10, 10, None, "[####################]"),
        (12, 10, None, "[####################]"),
        (0, 0, None, "[--------------------]"),
        (1, 0, None, "[####################]"),
    ],
)
def test_bars(used: float, top: float, peak: float | None, text: str) -> None:
    assert bar(used, top, peak, 20).plain == text


def test_figures() -> None:
    assert [size(n) for n in (0, 999, 9998336, 1_500_000_000)] == ["0 B", "999 B", "10.0 MB", "1.5 GB"]
    assert sizes(311296, 9998336) == "0.3 / 10.0 MB"
    assert [span(n) for n in (0, 25, 310_000, 2_933_401)] == ["0 us", "25 us", "310 ms", "2.9 s"]


class Clock:
    """In place of time: what moves is looked at when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


def look(used: int, throttled: int, memory: int) -> Mapping[str, Group]:
    it = group.read(V2, "/notes")
    limits = Cpu(300_000, 1_000_000, 100, throttled, throttled, throttled * 700_000, used)
    return {"/notes": replace(it, cpu=limits, memory=Memory(limit=10_000_000, used=memory, killed=0))}


def test_it_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, moving, before = Clock(), Live(), look(0, 0, 0)
    monkeypatch.setattr(live, "time", clock)
    names = ("hostname", "cpu", "memory")

    def frame(seconds: float, now: Mapping[str, Group], ui: Ui) -> str:
        clock.now = 100 + seconds
        found = moving.running(ui, names, before, lambda: now, seconds)
        return found.text if found else ""

    ui = Ui(width=100)
    assert frame(0.3, look(0, 0, 0), ui) == ""  # nothing to compare with yet
    bold = frame(1.3, look(300_000, 1, 7_700_000), ui)
    assert "\x1b[" in bold
    plain = "".join(text for text in re.split(r"\x1b\[[0-9;]*m", bold))
    assert "[####################]  0.30 of 0.30 CPU  at its limit   cpu.max" in plain
    assert "[###############-----]  7.7 of 10.0 MB    77%            memory.max" in plain
    assert "live, second 1" in plain and plain.rstrip().endswith("Ctrl-C stop it")
    plain = frame(2.3, look(450_000, 1, 100), ui)
    assert "10.0 MB" in plain and "|" in plain  # the highest is remembered where the kernel doesn't


def test_it_is_told_only_when_it_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, moving, before = Clock(), Live(), look(0, 0, 0)
    monkeypatch.setattr(live, "time", clock)
    ui = Ui(plain=True, attributes=False)
    for seconds, used, told in ((0.3, 5, False), (1.3, 5, True), (2.3, 5, False), (3.3, 7_000_000, True)):
        clock.now = 100 + seconds
        groups = look(0, 0, used)
        found = moving.running(ui, ("memory",), before, lambda groups=groups: groups, seconds)  # type: ignore[misc]
        assert (found is not None) == told
    assert (
        found
        and found.stays
        and found.text.startswith("Second 3: memory of /notes, used: 7.0 of 10.0 MB, 70%.")
    )
    assert found.text.count("\n") == 1


def test_nothing_is_looked_at_without_such_a_view() -> None:
    def never() -> Mapping[str, Group]:
        raise AssertionError("looked")

    assert Live().running(WIDE, ("ps", "groups", "cpuset"), {}, never, 1.0) is None


def test_what_moved_is_left_standing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, moving, before = Clock(), Live(), look(0, 0, 0)
    monkeypatch.setattr(live, "time", clock)
    assert moving.standing(before) == {}
    for seconds, used, throttled in ((0.3, 0, 0), (1.3, 300_000, 1), (2.3, 450_000, 1)):
        clock.now = 100 + seconds
        groups = look(used, throttled, 1_000_000)
        moving.running(WIDE, ("cpu", "memory"), before, lambda groups=groups: groups, seconds)  # type: ignore[misc]
    assert moving.standing(look(0, 0, 0)) == {}  # another prompt's
    views = moving.standing(before)
    assert list(views) == ["cpu", "memory"]
    view = views["cpu"]
    assert isinstance(view, OfGroups)
    text = "\n".join(line.plain for line in view.lines(WIDE, view.drawn(WIDE, before, groups, view.ran)))
    assert "[-------------------|]  0.00 of 0.30 CPU  was at limit" in text
    assert "0 -> 1      +1          in 1 of 1 periods" in text
    assert not BY_NAME["cpu"].ran  # the view itself is as it was
