"""Commands that run on the stage while the learner waits: on the host's side, and where another process is."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nsplay.kernel import processes
from nsplay.repl.errand import Errand, Errands
from nsplay.stage.options import Options, fresh_ident
from nsplay.stage.stage import Stage
from tests.patience import patience

ENTER = [sys.executable, "-m", "nsplay.stage.enter"]
ENV = {**os.environ, "PYTHONPATH": os.getcwd()}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with Stage.start(Options(fresh_ident()), tmp_path) as stage:
        stage.wait()
        yield stage


def errands(stage: Stage, wanted: bool = True) -> Errands:
    return Errands(stage.open_terminal, stage.status, lambda: wanted, ENV)


def place(stage: Stage, command: str) -> int:
    """A process of `command` on the stage, which sleeps at its end; its pid."""
    master, slave = os.openpty()
    pid = stage.open_terminal(slave, ["sh", "-c", command], {**os.environ}, "/")
    os.close(slave)
    seen = b""
    while b"ready" not in seen:
        seen += os.read(master, 4096)
    os.close(master)
    return pid


def test_a_command_is_run_where_the_process_is(stage: Stage) -> None:
    pid = place(
        stage,
        "trap '' HUP; unshare -mupf --mount-proc sh -c 'trap \"\" HUP; hostname inner; echo ready; sleep 60; :'",
    )
    inner = next(
        one
        for one in processes.descendants(pid)
        if (row := processes.read(one)) and len(row.nspids) == 2 and row.nspids[1] == 1
    )
    host, inside = (Errand([*ENTER, str(one), "hostname; ps ax; exit 3"]) for one in (stage.pid, inner))
    errands(stage).run(host, inside, seconds=patience(10))
    assert host.lines[0] == os.uname().nodename and inside.lines[0] == "inner"
    assert len(host.lines) > len(inside.lines) and any(line.split()[0] == "1" for line in inside.lines[1:])
    assert (host.status, inside.status) == (3, 3)


def test_the_root_and_the_bounding_set_are_the_process_s(stage: Stage) -> None:
    pid = place(
        stage,
        "trap '' HUP; exec capsh --drop=cap_sys_chroot -- -c 'trap \"\" HUP; cd /usr; echo ready; sleep 60; :'",
    )
    errand = Errand([*ENTER, str(pid), "pwd; chroot / true"])
    errands(stage).run(errand)
    assert errand.lines[0] == "/usr" and "Operation not permitted" in errand.lines[1]


def test_one_that_goes_on_for_ever_is_cut_with_all_that_it_started(stage: Stage) -> None:
    errand = Errand(["sh", "-c", "echo on; sleep 300 & sleep 300"])
    errands(stage).run(errand, seconds=0.5)
    assert errand.cut and errand.lines == ["on"]
    stopped = Errand(["sleep", "300"])
    errands(stage, wanted=False).run(stopped)
    assert stopped.cut


def test_a_flood_is_kept_within_bounds_and_nobody_types(stage: Stage) -> None:
    flood, silent = Errand(["sh", "-c", "seq 1 200000"]), Errand([*ENTER, str(stage.pid), "cat; echo end"])
    errands(stage).run(flood, silent)
    assert len(flood.said) == 1 << 18 and flood.status == 0 and silent.lines == ["end"]


def test_a_place_that_is_gone_is_a_sentence(stage: Stage) -> None:
    errand = Errand([*ENTER, "4194303", "true"])
    errands(stage).run(errand)
    assert errand.status == 127 and errand.lines[0].endswith("it has ended")
