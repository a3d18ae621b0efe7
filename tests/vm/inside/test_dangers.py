"""Every line of dangers.toml is typed on a stage, as root; then the machine has to be as it was."""

import os
import re
import subprocess
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from nsplay.stage.stage import Stage
from tests.stage.conftest import OpenStage
from tests.stage.house import Terminal
from tests.vm.inside import here
from tests.vm.inside.look import Look, differences, look, mark_log

# Things to lose; and modules that a stage asks for, so that they are no surprise.
BELONGINGS: Final = """
modprobe -a overlay veth
mkdir -p /srv/precious && echo precious > /srv/precious/file
head -c 16M /dev/zero > /swapfile && chmod 600 /swapfile && mkswap -q /swapfile && swapon /swapfile
ip link show eth0 || ip link add eth0 type veth peer name eth1
nft add table inet precious
ipcmk -Q
mknod /dev/precious c 1 3
dmesg -n 4
systemd-run --quiet --unit=precious sleep infinity
"""


class Danger(NamedTuple):
    """One row; dangers.toml says what the fields mean."""

    type: str
    says: str
    by: tuple[str, ...] = ()
    moves: str = ""
    off: tuple[str, ...] = ()
    mend: str = ""
    ends: bool = False
    known: str = ""


def dangers() -> list[Danger]:
    rows: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("dangers.toml").read_text())["danger"]
    return [Danger(**row) for row in rows]


class Machine:
    """The machine, and how it looked last."""

    def __init__(self) -> None:
        assert here()
        self._do(BELONGINGS)
        boot = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
        disk = os.stat("/dev/vda").st_rdev
        self.env = {"BOOT": f"{boot:.0f}", "DISK": f"{os.major(disk)} {os.minor(disk)}"}
        self._last: Look = {}
        self.settle()

    def settle(self) -> None:
        """From here on `moved` counts."""
        self.env["PRECIOUS"] = self._do("systemctl show -P MainPID precious").strip()
        mark_log()
        self._last = look()

    def moved(self) -> dict[str, list[str]]:
        """What is different since."""
        return differences(self._last, look())

    def mend(self, command: str) -> None:
        self._do(command)
        self.settle()

    def _do(self, commands: str) -> str:
        done = subprocess.run(
            ["bash", "-ec", commands],
            env=os.environ | getattr(self, "env", {}),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    yield Machine()


def typed(stage: Stage, danger: Danger, env: dict[str, str]) -> str:
    """Types it; what the learner reads."""
    assert here(), "never on a machine that is worth anything"
    with Terminal(stage, danger.type, **env) as terminal:
        if danger.ends:
            terminal.read_until(danger.says)
            return terminal.output.decode()
        return terminal.read_all()


@pytest.mark.parametrize("danger", dangers(), ids=lambda danger: danger.type)
def test_the_machine_is_as_it_was(danger: Danger, machine: Machine, open_stage: OpenStage) -> None:
    stage = open_stage()
    assert [name for name in danger.by if not stage.report.works(name)] == []
    said = typed(stage, danger, machine.env)
    left = stage.close()
    moved = machine.moved()
    if moved:
        machine.mend(danger.mend)
    assert re.search(danger.says, said), said
    assert left == ()
    assert list(moved) == [danger.known] * bool(danger.known), moved


@pytest.mark.parametrize("danger", [row for row in dangers() if row.moves], ids=lambda danger: danger.type)
def test_it_is_the_fence_that_stops_it(danger: Danger, machine: Machine, open_stage: OpenStage) -> None:
    """Without its mechanism it does what it always does: the test above can fail."""
    stage = open_stage(off={*danger.by, *danger.off})
    said = typed(stage, danger, machine.env)
    stage.close()
    moved = machine.moved()
    machine.mend(danger.mend)
    assert danger.moves in moved, said
