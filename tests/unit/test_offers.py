"""Which controllers a stage can have, for whom, and in which words the others are refused."""

import os
from pathlib import Path

import pytest

from nsplay.kernel import cgroups, offers
from nsplay.kernel.offers import Offers
from nsplay.needs import lacks, refused

MANAGER = "user.slice/user-1000.slice/user@1000.service"
ALL = "cpuset cpu io memory pids"
EVERYWHERE = {"freezer", "devices", "net_cls", "net_prio"}  # what takes no controller on version 2


def machine(folder: Path, own: str, delegated: str = "") -> tuple[str, str]:
    """A pure version 2 machine: its /proc and its root. own: our group. delegated: the user manager's controllers."""
    proc, top = folder / "proc", folder / "sys/fs/cgroup"
    (proc / "self").mkdir(parents=True)
    (proc / "self/mountinfo").write_text("30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
    (proc / "self/cgroup").write_text(f"0::/{own}\n")
    for group, controllers in {"": ALL, own: "cpu memory", MANAGER: delegated}.items():
        (top / group).mkdir(parents=True, exist_ok=True)
        (top / group / "cgroup.controllers").write_text(f"{controllers}\n")
    (top / own / "cgroup.procs").touch()
    (folder / "run/systemd").mkdir(parents=True)
    return str(proc), str(folder)


def test_root_has_all_that_is_mounted(tmp_path: Path) -> None:
    found = offers.read(0, "", *machine(tmp_path, "user.slice"))
    assert found.source == "root"
    assert found.usable == {*ALL.split(), *EVERYWHERE, "cpuacct"}
    assert set(found.versions.values()) == {2}


def test_root_of_a_container_has_nothing_of_a_tree_to_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = machine(tmp_path, "")
    monkeypatch.setattr(
        "os.access", lambda path, mode: False
    )  # a read-only mount: root may write to any folder
    found = offers.read(0, "", *where)
    assert found.usable == set() and found.versions.keys() >= EVERYWHERE
    monkeypatch.setattr(cgroups, "version", lambda: "v2")
    monkeypatch.setattr(offers, "read", lambda *_: found)
    assert ["read-only" in lack.why for lack in lacks({"cgroup": 2})] == [True]
    assert ["read-only" in lack.why for lack in lacks({"controllers": ["freezer"]})] == [True]


@pytest.mark.parametrize(
    ("standing", "source"),
    [((), "root"), ((os.getpid(),), "root"), ((1, os.getpid()), "crowded")],
)
def test_root_of_a_container_gets_nothing_where_others_stand(
    tmp_path: Path, standing: tuple[int, ...], source: str
) -> None:
    where = machine(tmp_path, "other")
    (tmp_path / "sys/fs/cgroup/cgroup.type").write_text("domain\n")  # the machine's top has none
    (tmp_path / "sys/fs/cgroup/cgroup.procs").write_text("".join(f"{pid}\n" for pid in standing))
    found = offers.read(0, "", *where)
    assert found.source == source
    assert found.usable == EVERYWHERE | ({*ALL.split(), "cpuacct"} if source == "root" else set())


def test_a_user_has_what_the_user_manager_was_given(tmp_path: Path) -> None:
    where = machine(tmp_path, "user.slice", "cpu memory pids")
    (tmp_path / "run/systemd/private").touch()
    found = offers.read(1000, "/run", *where)
    assert found.source == "manager"
    assert found.usable == {"cpu", "memory", "pids", *EVERYWHERE, "cpuacct"}
    assert not {"cpu", "memory"} & offers.read(1001, "/run", *where).usable  # no such manager


def test_one_name_for_both_versions(tmp_path: Path) -> None:
    (tmp_path / "self").mkdir()
    (tmp_path / "self/mountinfo").write_text(
        f"30 23 0:26 / {tmp_path} rw - cgroup cgroup rw,blkio\n31 23 0:27 / /sys/x rw - cgroup2 cgroup2 rw\n"
    )
    found = offers.read(0, "", str(tmp_path))
    assert (found.versions["io"], found.versions["freezer"]) == (1, 2)
    assert "io" in found.usable


def test_a_user_has_the_group_that_is_theirs(tmp_path: Path) -> None:
    found = offers.read(1000, "", *machine(tmp_path, "mine.scope"))
    assert found.source == "group"
    assert found.usable == {"cpu", "memory", *EVERYWHERE, "cpuacct"}


def test_a_user_without_a_group(tmp_path: Path) -> None:
    where = machine(tmp_path, "other")
    (tmp_path / "sys/fs/cgroup/other/cgroup.procs").unlink()
    assert offers.read(1000, "", *where).source == "nowhere"


@pytest.mark.parametrize(
    ("name", "version", "given", "why", "mend"),
    [
        ("memory", None, Offers({"memory": 2}, frozenset({"memory"}), "manager"), "", ""),
        ("memory", 2, Offers({"memory": 2}, frozenset({"memory"}), "root"), "", ""),
        ("io", None, Offers({}, frozenset(), "root"), "offers no cgroup controller io", ""),
        ("memory", 2, Offers({"memory": 1}, frozenset({"memory"}), "root"), "version 1 here", ""),
        (
            "io",
            None,
            Offers({"io": 2}, frozenset({"cpu", "pids"}), "manager"),
            "cpu pids, not io",
            "sudo nsplay",
        ),
        (
            "io",
            None,
            Offers({"io": 2}, frozenset({"cpu"}), "group"),
            "that you are in has cpu, not io",
            "sudo nsplay",
        ),
        (
            "io",
            None,
            Offers({"io": 2}, frozenset(), "nowhere"),
            "no control group with io is yours",
            "sudo nsplay",
        ),
        (
            "cpu",
            None,
            Offers({"cpu": 1}, frozenset(), "manager"),
            "no control group with cpu is yours",
            "sudo nsplay",
        ),
        ("cpu", None, Offers({"cpu": 2}, frozenset(), "root"), "mounted read-only", ""),
        ("cpu", None, Offers({"cpu": 2}, frozenset(), "crowded"), "stand in this container's group", ""),
        ("cpu", None, Offers({"cpu": 1}, frozenset(), "crowded"), "mounted read-only", ""),
    ],
)
def test_refusals_are_sentences(name: str, version: int | None, given: Offers, why: str, mend: str) -> None:
    found = refused([name], version, given)
    assert bool(found) == bool(why)
    for lack in found:
        assert why in lack.why and (lack.kind, lack.name, lack.mend) == ("controller", name, mend)


def test_a_lesson_on_version_2_needs_a_group_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroups, "version", lambda: "v2")
    for source, names in (("nowhere", ["v2"]), ("manager", []), ("root", [])):
        monkeypatch.setattr(offers, "read", lambda *_, source=source: Offers({}, frozenset(), source))
        assert [lack.name for lack in lacks({"cgroup": 2})] == names
