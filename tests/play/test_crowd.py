"""Several learners on one machine: each on a stage of its own, and none sees or starves another."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from nsplay.repl import actors
from nsplay.settings import Settings
from nsplay.stage.options import label
from tests.bench.crowd import BOMB
from tests.play.learner import Learner, learner

READY = r"READY# $"
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for links and an ordinary user's uid")


def rows(person: Learner, command: str, number: int) -> list[str]:
    """What a command says, between two marks."""
    person.key(f"echo A$((1+{number}))B; {command}; echo C$((1+{number}))D\r")
    person.until(rf"\nC{number + 1}D\n.*{READY}")
    return person.text().rpartition(f"\nA{number + 1}B\n")[2].partition(f"\nC{number + 1}D\n")[0].splitlines()


@pytest.fixture
def homes() -> Iterator[list[Path]]:
    """Two that an ordinary user may use (pytest's own folder is root's alone)."""
    with tempfile.TemporaryDirectory(prefix="nsplay-crowd-", dir="/tmp") as folder:
        found = [Path(folder) / name for name in ("one", "two")]
        for path in (Path(folder), *found):
            path.mkdir(exist_ok=True)
            path.chmod(0o777)
        yield found


def test_none_sees_what_another_does(homes: list[Path]) -> None:
    with learner(homes[0], "uts", "--yes") as one, learner(homes[1], "uts", "--yes") as two:
        for person in (one, two):
            person.until(READY)
        for line in (
            "hostname mine; ipcmk -Q; : > /tmp/mine; : > /dev/shm/mine",
            "ip link add mine type bridge; mount -t tmpfs mine /mnt",
            "mkdir /sys/fs/cgroup/mine /sys/fs/cgroup/*/mine",
        ):
            one.type(line, READY)
        seen = rows(
            two,
            "hostname; ipcs -q; ls /tmp /dev/shm; ip -o link; cat /proc/mounts; find /sys/fs/cgroup -name mine",
            1,
        )
        assert len(seen) > 20
        assert not [row for row in seen if "mine" in row or row.startswith("0x")]
        assert "mine" in rows(one, "hostname", 2)
        # The lesson of the one that did nothing is still at its first step, and its host unmoved.
        two.type("unshare -u sh", r"= host.*unchanged.*# $")


@pytest.mark.parametrize("module", ["nsplay", "tests.input.user"])
def test_a_fork_bomb_is_felt_by_nobody_else(module: str, homes: list[Path]) -> None:
    """An ordinary user's, too: where no group is given to hold it, RLIMIT_NPROC does (getrlimit(2))."""
    with (
        learner(homes[0], "uts", "--yes", module=module) as one,
        learner(homes[1], "uts", "--yes", module=module) as two,
    ):
        for person in (one, two):
            person.until(READY)
        one.key(f"{BOMB}\r").meets(lambda: len(one.below()) > 300)
        two.type("unshare -u sh", r"step 1 of \d+ done.*# $").key("\r").until(r"step 2 of 10  .*# $")
        two.type("hostname box; uname -n", r"step 2 of \d+ done.*# $")
        assert len(one.below()) < 600


def test_a_hog_on_a_small_machine_leaves_half_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = Settings("en", False, True, "", str(tmp_path), False, "edit")
    for machine, limit in ((512 << 20, 256 << 20), (64 << 30, 1 << 30)):
        monkeypatch.setattr(actors, "machine_memory", lambda machine=machine: machine)
        with actors.start_stage(settings) as stage:
            stage.wait()
            assert stage.options.memory == limit
            if stage.report.works("memory"):
                files = ("memory.max", "memory.limit_in_bytes")
                found = [
                    file.read_text().strip()
                    for name in files
                    for file in Path("/sys/fs/cgroup").rglob(f"{label(stage.options.ident)}/{name}")
                ]
                assert found == [str(limit)]
