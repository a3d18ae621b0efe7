"""The process table of recorded machines."""

from pathlib import Path

import pytest

from nsplay.kernel import processes
from nsplay.kernel.processes import Process

DATA = Path(__file__).parents[1] / "data"
DEBIAN, CENTOS, CONTAINER = (str(DATA / f"proc-{name}") for name in ("debian12", "centos7", "container"))


def row(pid: int, proc: str = DEBIAN) -> Process:
    found = processes.read(pid, proc)
    assert found is not None
    return found


def test_every_field() -> None:
    assert row(901) == Process(
        pid=901,
        ppid=900,
        comm="a (b) c) S 7",
        state="R",
        threads=3,
        pgrp=901,
        session=812,
        tty=34816,
        tpgid=900,
        start=9100,
        nspids=(901, 2),
        pid_ns=4026532303,
    )


def test_all_leaves_out_what_ended_meanwhile() -> None:
    assert [found.pid for found in processes.all(DEBIAN)] == [1, 2, 812, 899, 900, 901, 902, 905]


def test_all_and_read_say_the_same() -> None:
    assert all(found == row(found.pid) for found in processes.all(DEBIAN))


@pytest.mark.parametrize("length", range(0, 200, 3))
def test_a_stat_cut_short_anywhere(length: int) -> None:
    stat = (DATA / "proc-debian12/901/stat").read_bytes()[:length]
    found = processes.parse(stat)
    assert found is None or (found.pid, found.comm, found.threads) == (901, "a (b) c) S 7", 3)
    assert found is None or length > 80


def test_names_can_be_printed() -> None:
    assert row(1, CONTAINER).comm == r"tini\xff\xe4"
    assert row(7, CONTAINER).comm == r"x\x0a) y"
    assert processes.command(1, CONTAINER) == r"tini -- \xff\x1b[31m"


def test_no_nspid_on_an_old_kernel() -> None:
    assert row(702, CENTOS).nspids == (702,)
    assert [found.nspids for found in processes.all(CENTOS)] == [(1,), (700,), (701,), (702,)]


def test_nspid_behind_a_long_line() -> None:
    assert processes.numbers(7, CONTAINER) == (7,)


def test_home_is_where_processes_have_one_number() -> None:
    assert processes.home(DEBIAN) == 4026531836
    assert processes.home(str(DATA)) == 0


def test_commands() -> None:
    assert processes.command(901, DEBIAN) == "a (b) c) S 7 -x two words"
    assert processes.command(2, DEBIAN) == "[kthreadd]"
    assert processes.command(4711, DEBIAN) == ""


def test_children_of_all_threads() -> None:
    assert processes.children(812, DEBIAN) == [899, 905]
    assert processes.children(4711, DEBIAN) == []


def test_children_without_a_file_for_them() -> None:
    assert processes.children(700, CENTOS) == [701]
    assert processes.descendants(1, CENTOS) == {700, 701, 702}


def test_descendants() -> None:
    assert processes.descendants(812, DEBIAN) == {899, 900, 901, 902, 905}


def test_below_in_a_table() -> None:
    family = processes.family(processes.all(DEBIAN))
    assert processes.below(899, family) == {900, 901, 902}
    assert processes.below(901, family) == frozenset()


def test_visible_inside_and_outside() -> None:
    table = processes.all(DEBIAN)
    assert processes.visible(table, row(812), DEBIAN) == table
    assert [found.pid for found in processes.visible(table, row(900), DEBIAN)] == [900, 901, 902]


def test_visible_goes_by_the_parent_where_a_namespace_may_not_be_read() -> None:
    table = tuple(found._replace(pid_ns=0) if found.pid == 901 else found for found in processes.all(DEBIAN))
    assert [found.pid for found in processes.visible(table, row(900), DEBIAN)] == [900, 901, 902]


def test_a_neighbours_namespace_is_not_visible() -> None:
    neighbour = row(901)._replace(pid=990, ppid=812, nspids=(990, 2), pid_ns=4026532999)
    table = (*processes.all(DEBIAN), neighbour)
    assert 990 not in {found.pid for found in processes.visible(table, row(900), DEBIAN)}


def test_proc_is_own() -> None:
    assert processes.proc_is_own(row(900), DEBIAN) is True
    # 901 has the same root, but no way to it was copied: nothing to find there
    assert processes.proc_is_own(row(901), DEBIAN) is False
    assert processes.proc_is_own(row(900)._replace(pid_ns=0), DEBIAN) is None


def test_a_proc_of_the_namespace_around_is_not_own(tmp_path: Path) -> None:
    """By chance the number leads to a process of the same namespace there; but it has two numbers."""
    status = tmp_path / "900/root/proc/1/status"
    (status.parent / "ns").mkdir(parents=True)
    (status.parent / "ns/pid").symlink_to("pid:[4026532303]")
    for numbers, own in (("1", True), ("1\t5", False)):
        status.write_text(f"Name:\tx\nNSpid:\t{numbers}\n")
        assert processes.proc_is_own(row(900), str(tmp_path)) is own


def test_caught_signals(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7/status").write_text(
        "Name:\tx\nSigIgn:\t0000000000000004\nSigCgt:\t0000000000014002\nCapInh:\t0\n"
    )
    assert processes.caught(7, str(tmp_path)) == {"INT", "TERM", "CHLD"}
    assert processes.caught(8, str(tmp_path)) == frozenset()


def test_an_init_is_number_1_inside_and_alive() -> None:
    assert processes.is_init(row(900))
    assert not processes.is_init(row(901)) and not processes.is_init(row(1))
    assert not processes.is_init(row(900)._replace(state="Z"))
