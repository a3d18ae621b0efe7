"""The views: what each says of two moments, and that nothing is lost when it folds."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from nsplay.snapshot import Snapshot
from nsplay.view import host, step
from nsplay.view import mounts as mounts_view
from nsplay.view import ps as ps_view
from nsplay.view.mount_facts import Facts as MountFacts
from nsplay.view.mount_facts import choose as choose_mounts
from nsplay.view.mount_facts import way
from nsplay.view.process_facts import Facts, choose
from nsplay.view.registry import VIEWS, parts_for
from tests.unit.view_world import (
    NS,
    OWN,
    SHELL,
    STAGE,
    at_host,
    drawn,
    in_mnt,
    in_nested,
    in_pid,
    in_uts,
    mount,
    no_fork,
    process,
    side,
    snapshot,
    system,
    table,
    ui,
)


def after(view: str, before: Snapshot, now: Snapshot, width: int = 80, **more: object) -> str:
    """How the view reads; a newline before and after."""
    return drawn(VIEWS[view].after(ui(width, **more), before, now), width, **more)  # type: ignore[arg-type]


def test_registry() -> None:
    first = [
        "hostname",
        "ps",
        "mounts",
        "namespaces",
        "cgroup",
        "links",
        "ids",
        "ipc",
        "clocks",
        "capabilities",
        "files",
    ]
    of_groups = ["groups", "cpu", "memory", "pids", "cpuset", "io", "freezer", "pressure"]
    assert list(VIEWS) == [*first, "tree", *of_groups]
    assert parts_for(["hostname", "ps"]) == {"names", "processes"}
    with pytest.raises(KeyError):
        parts_for(["nothing"])


@pytest.mark.parametrize("name", VIEWS)
def test_nothing_moved_between_equal_moments(name: str) -> None:
    assert not VIEWS[name].moved(at_host(), at_host())
    assert not VIEWS[name].moved(in_pid(), in_pid())


# ---- hostname


def test_the_domain_name_is_shown_once_it_moves() -> None:
    text = after("hostname", in_uts(), in_uts("my-new-hostname", "lab.example"))
    assert (
        text
        == """
   host name     before                after
     in here     vm                  ~ my-new-hostname
     the host    vm                  = vm
   domain name
     in here     (none)              ~ lab.example
     the host    (none)              = (none)
"""
    )


def test_on_the_wrong_side_there_is_one_row() -> None:
    assert (
        after("hostname", at_host(), at_host("oops"))
        == """
   host name     before                after
     the host    vm                  ~ oops   <- you are here
"""
    )


def test_a_name_of_64_letters_is_not_cut() -> None:
    for width in (40, 80, 100):
        text = after("hostname", in_uts(), in_uts("a" * 64), width)
        assert re.sub(r"\s", "", text).count("a" * 64) == 1


def test_a_name_that_could_not_be_read_is_a_question_mark() -> None:
    now = in_uts()
    assert now.inside
    text = after("hostname", in_uts(), replace(now, inside=replace(now.inside, names=None)))
    assert "     in here     vm                  ? ?\n" in text


def test_a_host_name_cannot_paint() -> None:
    assert "\\x1b[31mred" in after("hostname", in_uts(), in_uts("\x1b[31mred"))


def test_a_place_that_has_ended_counts_as_the_host() -> None:
    gone = replace(at_host(), inside=None)
    assert "- left" in after("hostname", in_uts("x"), gone)
    for name in VIEWS:
        VIEWS[name].after(ui(), in_pid(), gone)


# ---- namespaces


def test_namespaces_after_tells_what_moved_and_nothing_else() -> None:
    assert (
        after("namespaces", at_host(), in_uts())
        == f"""
   numbers       before                after
     uts         4026531177          ~ {OWN}
"""
    )
    assert after("namespaces", in_uts(), in_uts()) == "\n"


def test_owner_is_told_where_it_was_asked() -> None:
    now = in_uts()
    assert now.inside
    owned = replace(now, inside=replace(now.inside, owners={"uts": now.host.ns["user"]}))
    assert f"{OWN}   owned by the host's user\n" in drawn(VIEWS["namespaces"].sides(ui(), owned))
    foreign = replace(now, inside=replace(now.inside, owners={"uts": None}))
    assert f"{OWN}   owner out of sight\n" in drawn(VIEWS["namespaces"].sides(ui(), foreign))


# ---- processes


def numbers(text: str) -> dict[str, int]:
    """The sums of a ledger's columns, folds counted: what the headings say has to come out."""
    found = {"before": 0, "host": 0, "inside": 0}
    head, *rows = text.strip("\n").split("\n")
    ends = [head.index(word) + len(word) for word in ("before", "on the host")]
    for line in rows:
        cells = (line[ends[0] - 9 : ends[0]], line[ends[0] : ends[1]], line[ends[1] :])
        for column, cell in zip(found, cells, strict=True):
            if match := re.search(r"(\d+) more|= (\d+)|\b(\d+)$", cell.strip()):
                found[column] += int(match[1]) if match[1] else 1
    return found


@pytest.mark.parametrize("children", [0, 1, 2, 5, 6, 7, 40, 1000])
def test_folding_loses_nobody(children: int) -> None:
    now = in_pid(children)
    text = after("ps", at_host(), now, 100)
    assert now.inside
    everybody = {"before": 77, "host": len(now.processes), "inside": len(now.inside.processes)}
    assert numbers(text) == everybody
    assert f"77 before   {everybody['host']} on the host   {everybody['inside']} in here" in text
    assert not re.search(r"\b1 more", text)
    assert text.count("\n") < 16


def test_every_process_is_in_exactly_one_place() -> None:
    for before, now in ((at_host(), in_pid(50)), (in_pid(50), in_pid(3)), (in_pid(50), at_host())):
        facts = Facts.of(before, now)
        chosen = choose(ui(), facts)
        all_of_them = [*chosen.anchors, *chosen.folded, *chosen.shown, *chosen.came, *chosen.went]
        assert sorted(all_of_them) == sorted(facts.everybody)
        assert len(chosen.folded) != 1


def test_a_fold_of_one_is_shown_instead() -> None:
    text = {}
    for count in (3, 4):
        processes = tuple(process(10 + n, f"daemon{n}") for n in range(count))
        now = snapshot(side("host", STAGE), None, processes)
        text[count] = after("ps", now, now)
    assert "daemon2" in text[3]
    assert "daemon2" not in text[4]
    assert "2 more" in text[4]


def test_you_and_who_made_the_namespace_are_always_shown() -> None:
    text = after("ps", at_host(), in_pid(1000))
    assert "you are here" in text
    assert "+   unshare" in text


def test_others_come_and_go_by_themselves() -> None:
    busy = at_host()
    busier = replace(busy, processes=(*busy.processes, process(99, "cron")))
    assert not VIEWS["ps"].moved(busy, busier)
    assert "+" not in after("ps", busy, busier)
    assert VIEWS["ps"].moved(busy, at_host(more=(process(8009, "sleep", SHELL),)))


def test_a_pid_that_was_used_again_is_another_process() -> None:
    again = process(8009, "sleep", SHELL)._replace(start=1)
    text = after("ps", at_host(more=(process(8009, "sleep", SHELL),)), at_host(more=(again,)))
    assert re.search(r"-   sleep +8009 +- +ended", text)
    assert re.search(r"\+   sleep +- +8009", text)


def test_who_ended_keeps_the_number_on_a_narrow_terminal() -> None:
    text = after("ps", in_pid(3), in_pid(1), 40)
    assert re.search(r" -   sleep +8014\n +ended", text)


def test_a_lying_ps_is_told() -> None:
    text = after("ps", at_host(), in_pid(proc_own=False, ps=80))
    assert " ! ps in here would list 80: its /proc belongs to another pid namespace\n" in text
    assert "would list" not in after("ps", at_host(), in_pid(proc_own=True, ps=2))
    assert "would list" not in after("ps", at_host(), in_pid(proc_own=None))


def test_a_zombie_is_told() -> None:
    assert "zombie: nobody waits for it" in after("ps", at_host(), in_pid(1, "Z"), 100)


def test_who_becomes_a_zombie_is_news_and_who_is_waited_for_too() -> None:
    alive, dead, gone = in_pid(1), in_pid(1, "Z"), in_pid(0)
    assert VIEWS["ps"].moved(alive, dead) and VIEWS["ps"].moved(dead, gone)
    assert re.search(r" ~   sleep +8013 +8013 = 3 +zombie: nobody waits", after("ps", alive, dead, 100))
    assert re.search(r" -   sleep +8013 +- +zombie no more", after("ps", dead, gone, 100))
    assert "A zombie: nobody waits for it." in after("ps", alive, dead, plain=True)


def test_three_numbers_of_one_process_stand_in_one_row() -> None:
    text = after("ps", in_pid(), in_nested())
    assert re.search(r"on the host +between +1 in here", text)
    assert re.search(r"\+   bash +8023 = +5 = 1 +you are here", text)
    assert re.search(r"\+   unshare +8022 = +4 +its parent, outside", text)
    assert "would list 90" in text
    assert "bash: pid 1 in here, pid 5 in between, pid 8023 on the host." in after(
        "ps", in_pid(), in_nested(), plain=True
    )
    assert not re.search(r"between", after("ps", at_host(), in_pid()))


def test_from_the_host_the_numbers_further_in_are_told() -> None:
    now = in_pid()
    outside = replace(now, inside=replace(now.host, name="inside", pid=SHELL))
    text = after("ps", at_host(), outside)
    assert re.search(r"\+   bash +- +8011 +.*= 1 further in", text)
    assert re.search(r"\+   sleep +- +8013 +.*= 3 further in", text)
    assert "pid 1 further in, pid 8011 on the host" in after("ps", at_host(), outside, plain=True)


def test_number_1_of_a_joined_namespace_is_always_shown() -> None:
    """Somebody else's: it was there before."""
    before = in_pid(1)
    joined = process(8020, "bash", SHELL)._replace(nspids=(8020, 9), pid_ns=before.processes[-1].pid_ns)
    processes = (*before.processes, joined)
    inside = side("inside", 8020, own=("pid", "mnt"), processes=processes)
    now = snapshot(side("host", STAGE, processes=processes), inside, processes)
    outside = replace(before, inside=replace(before.host, name="inside", pid=SHELL))
    assert re.search(r"     bash +8011 +8011 = 1\n", after("ps", outside, now, 100))


def test_the_end_of_number_1_is_told_with_all_of_its_namespace() -> None:
    text = after("ps", in_pid(2), at_host())
    assert text.count("ended") == 4 and "in here" not in text


@pytest.mark.parametrize(
    ("born", "says"),
    [(False, "~ no number yet   first child: pid 1"), (True, "~ 4026532500   pid 1 gone: no fork")],
)
def test_children_of_another_namespace_than_ones_own(born: bool, says: str) -> None:
    now = no_fork(born)
    assert VIEWS["namespaces"].moved(at_host(), now)
    assert re.search(rf"next child +{NS['pid']} +{says}", after("namespaces", at_host(), now, 100))
    shown = drawn(VIEWS["namespaces"].sides(ui(100), now), 100)
    assert re.search(rf"pid +{NS['pid']} +.*\n +next child +{says[2:]}", shown)
    assert "pid namespace for children" in after("namespaces", at_host(), now, plain=True)
    assert "next child" not in drawn(VIEWS["namespaces"].sides(ui(100), in_pid()), 100)


def test_alone_has_the_numbers_of_that_side() -> None:
    now = in_pid()
    assert now.inside
    assert (
        drawn(VIEWS["ps"].alone(ui(), now.inside))
        == """
   processes    2 seen
     bash            1  you are here
     sleep           3
"""
    )


# ---- mounts


SHARED = table(20, mount("/mnt/shared", "tmpfs", "shared:1"))
SLAVE = table(20, mount("/mnt/shared", "tmpfs", "master:1"))


def mount_total(text: str) -> int:
    """Rows and folds together."""
    _, *rows = text.strip("\n").split("\n")
    rows = [line for line in rows if not line.strip().startswith(("---->", "<--->", "<----", "| "))]
    folded = [int(match[1]) for line in rows if (match := re.search(r"\.\.\. (\d+) more", line))]
    return len(rows) - len(folded) + sum(folded)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 9, 20, 1000])
def test_folding_loses_no_mount(count: int) -> None:
    shared = tuple(one._replace(propagation=(f"shared:{n}",)) for n, one in enumerate(table(count)))
    for before, now in (
        (at_host(mounts=shared), in_mnt(table(count), shared)),
        (at_host(mounts=table(1)), at_host(mounts=table(count))),
        (at_host(mounts=table(count)), at_host(mounts=table(1))),
        (at_host(mounts=table(count)), in_mnt(table(1), table(count))),
        (in_mnt(table(count), table(count)), in_mnt(table(count), table(count))),
    ):
        text = after("mounts", before, now)
        assert mount_total(text) == count, text
        assert "... 1 more" not in text
        assert text.count("\n") < 16


def test_every_mount_is_in_exactly_one_place() -> None:
    facts = MountFacts.of(in_mnt(SLAVE, SHARED), in_mnt((*SLAVE, mount("/new")), SHARED))
    chosen = choose_mounts(ui(), facts, moments=True)
    counted = [int(words.split()[1]) for _, words in chosen.folds]
    assert len(chosen.kept) + len(chosen.news) + sum(counted) == len(facts.lines)
    assert 1 not in counted


def test_all_that_changed_alike_is_one_fold() -> None:
    shared = tuple(one._replace(propagation=("shared:1",)) for one in table(50))
    assert " ~   ... 44 more, shared -> private\n" in after(
        "mounts", at_host(mounts=shared), in_mnt(table(50), shared)
    )


def test_a_chroot_hides_mounts_and_takes_none_away() -> None:
    """It changes no table, only the root from which it is seen."""
    was = in_mnt(table(50), table(50))
    assert was.inside
    now = replace(was, inside=replace(was.inside, root="/tmp/box", mounts=table(0)[:1]))
    text = after("mounts", was, now)
    assert "more, out of sight" in text and "gone" not in text
    assert "another root, the same table" in text
    assert "another root" not in after("mounts", at_host(), was)


@pytest.mark.parametrize(
    ("outside", "inside", "arrow"),
    [
        (("shared:1",), ("master:1",), "---->"),
        (("shared:1",), ("shared:1",), "<--->"),
        (("shared:1",), ("shared:2", "master:1"), "---->"),
        (("master:1",), ("shared:1",), "<----"),
        (("shared:1",), ("master:2",), "  |  "),
        (("shared:1",), (), "  |  "),
        ((), (), "  |  "),
    ],
)
def test_which_way_a_mount_travels(outside: tuple[str, ...], inside: tuple[str, ...], arrow: str) -> None:
    assert way(mount("/x", "tmpfs", *outside), mount("/x", "tmpfs", *inside)) == arrow
    assert way(None, mount("/x", "tmpfs", *inside)) == "  |  "


def test_a_mount_on_the_host_that_arrives_as_a_slave() -> None:
    before = in_mnt(SLAVE, SHARED)
    now = in_mnt(
        (*SLAVE, mount("/mnt/shared/x", "tmpfs", "master:2")),
        (*SHARED, mount("/mnt/shared/x", "tmpfs", "shared:2")),
    )
    assert re.search(
        r"\+   /mnt/shared/x +tmpfs +- +shared:2 +----> +slave, master:2", after("mounts", before, now)
    )


def test_what_moved_on_the_host_alone_is_told_from_the_host() -> None:
    text = after("mounts", in_mnt(table(5), table(5)), in_mnt(table(5), table(5, mount("/only"))))
    assert re.search(r"\+   /only +tmpfs +- +private +\| +not there", text)


def test_a_remount_is_told_by_what_differs() -> None:
    old, new = mount("/x", options="rw,relatime"), mount("/x", options="ro,relatime")
    text = after("mounts", at_host(mounts=table(3, old)), at_host(mounts=table(3, new)))
    assert re.search(r"~   /x +tmpfs +private +private\n +rw -> ro\n", text)


def test_mounts_that_are_stacked_on_one_place_are_two() -> None:
    text = after(
        "mounts",
        at_host(mounts=table(3, mount("/x"))),
        at_host(mounts=table(3, mount("/x"), mount("/x", "proc"))),
    )
    assert re.search(r"\+   /x +proc +- +private", text)


def test_a_long_mount_point_keeps_its_end() -> None:
    deep = mount("/var/lib/containers/storage/overlay/" + "0123456789abcdef" * 4 + "/merged")
    text = after("mounts", at_host(), at_host(mounts=table(20, deep)))
    assert re.search(r"\+   \.\.\S+/merged +tmpfs", text)


def test_a_mount_point_cannot_paint() -> None:
    for width in (40, 80):
        assert "\\x1b[2J" in after("mounts", at_host(), at_host(mounts=table(20, mount("/\x1b[2J"))), width)


# ---- cgroup

TOP = "/nsplay-1/stage"
TREES = {"memory": TOP, "cpu,cpuacct": TOP, "pids": TOP, "name=systemd": TOP, "": f"{TOP}/x"}


def in_cgroup(**moved: str) -> Snapshot:
    here = {**TREES, **moved}
    return snapshot(side("host", STAGE, cgroups=TREES), side("inside", SHELL, cgroups=here))


def test_cgroup_paths_are_told_as_the_stage_has_them() -> None:
    assert (
        after("cgroup", in_cgroup(), in_cgroup(memory=f"{TOP}/notes"))
        == """
   cgroup        before                after
     memory      /                   ~ /notes
     ... 4 trees, unchanged
     the host    /                   = /
"""
    )


def test_many_trees_that_moved_alike_are_one_row() -> None:
    assert "4 trees     /                   ~ /notes\n" in after(
        "cgroup", in_cgroup(), in_cgroup(**{name: f"{TOP}/notes" for name in TREES if name})
    )


def test_version_2_has_one_tree() -> None:
    before, now = (
        snapshot(side("host", STAGE, cgroups={"": TOP}), side("inside", SHELL, cgroups={"": path}))
        for path in (TOP, f"{TOP}/notes")
    )
    assert "     version 2   /                   ~ /notes\n" in after("cgroup", before, now)


# ---- the host's line


def words(before: Snapshot, now: Snapshot) -> str:
    return " ".join("\n".join(line.plain for line in host.host(ui(), before, now)).split())


def test_the_host_is_unchanged_only_where_it_was_looked_at() -> None:
    assert words(at_host(), in_uts()) == "= host unchanged: name vm, 20 mounts, 76 processes and your 2"
    partly = [replace(one, parts=frozenset({"names"})) for one in (at_host(), in_uts())]
    assert words(*partly) == "= host unchanged: name vm"
    never = [
        replace(one, parts=frozenset[str](), host=replace(one.host, names=None))
        for one in (at_host(), in_uts())
    ]
    assert words(*never) == "? host not looked at"


def test_what_moved_on_the_host_is_told() -> None:
    assert words(at_host(), at_host("oops")).startswith("~ host name vm -> oops; unchanged: 20 mounts")
    assert "21 mounts (was 20); unchanged: name vm" in words(at_host(), at_host(mounts=table(21)))
    remounted = (mount("/", "ext4", options="ro"), *table()[1:])
    assert "20 mounts (1 changed)" in words(at_host(), at_host(mounts=remounted))


def test_others_that_came_meanwhile_are_not_yours() -> None:
    busier = replace(at_host(), processes=(*at_host().processes, process(99, "cron")))
    assert words(at_host(), busier).endswith("77 processes (was 76, not by you) and your 1")


def test_an_unreadable_mount_table_is_not_an_empty_one() -> None:
    blind = in_mnt(table(), ())
    refused = replace(blind.host, unreadable=("mounts: Permission denied",))
    blind = replace(blind, host=refused, machine=at_host().machine)
    assert "mount" not in words(at_host(), blind)


def test_the_machine_behind_the_fence_moved_by_itself() -> None:
    before, now = at_host(), at_host()
    now = replace(now, machine=replace(now.machine, mounts=(*now.machine.mounts, mount("/media/usb"))))
    assert words(before, now).endswith("~ machine 21 mounts (was 20): not by you")


def test_what_is_safe_is_told_from_the_facts() -> None:
    assert "Your machine is still called vm." in step.safe(ui(), at_host("oops"))
    assert "all of this is the stage's" in step.safe(ui(), at_host())


def test_a_thousand_of_each_are_folded_before_they_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[str] = []
    for module, name in ((mounts_view, "_row"), (ps_view, "_entry")):
        original = getattr(module, name)

        def counted(*args: object, original: Callable[..., object] = original, name: str = name) -> object:
            rows.append(name)
            return original(*args)

        monkeypatch.setattr(module, name, counted)
    many = tuple(mount(f"/mnt/{n}") for n in range(1000))
    crowd = (*system(1000), process(SHELL, "bash", STAGE))
    before = replace(at_host(), processes=crowd)
    after("ps", before, replace(in_pid(1000), machine=before.machine))
    after("mounts", at_host(), at_host(mounts=(*table(), *many)))
    assert set(rows) == {"_row", "_entry"}
    assert len(rows) < 30
