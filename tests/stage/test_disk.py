"""The disk that the stage lends: there, small, and gone without anybody taking it back."""

import os
import random
import re
import time
from pathlib import Path
from typing import Final

import pytest

from nsplay.errors import MachineError
from nsplay.needs import FEATURES, lacks
from nsplay.stage import disk
from nsplay.stage.options import Options, fresh_ident
from tests.patience import patience

from .conftest import OpenStage
from .house import Nsplay, run
from .test_faults import check_journal

MIB: Final = 1 << 20


@pytest.fixture(autouse=True)
def loops(root: None) -> None:
    if found := [lack for lack in lacks({"features": ["disk"]}) if lack.kind != "root"]:
        pytest.skip(found[0].why)


def loop_devices() -> list[str]:
    return sorted(str(path) for path in Path("/sys/block").glob("loop*/loop/backing_file"))


def test_it_can_be_written_to_and_is_a_whole_device(open_stage: OpenStage, state: Path) -> None:
    stage = open_stage(disk=str(state))
    device = run(stage, f"findmnt -no MAJ:MIN {disk.PLACE}").output.strip()
    assert os.path.isdir(f"/sys/dev/block/{device}/loop")
    assert (
        run(stage, f"su nobody -s /bin/sh -c 'echo mine > {disk.PLACE}/x' && cat {disk.PLACE}/x").output
        == "mine"
    )
    assert run(stage, f"nsplay load io --write {disk.PLACE}/y --size 2M --sync").status == 0
    assert not os.path.exists(disk.PLACE)
    assert loop_devices()
    stage.close()
    assert not loop_devices()


def test_it_fills_and_the_machine_doesnt(open_stage: OpenStage, state: Path) -> None:
    stage = open_stage(disk=str(state))
    result = run(stage, f"nsplay load io --write {disk.PLACE}/y --size 100M")
    assert result.status == 1
    assert "refused then: ENOSPC" in result.output
    (wrote,) = re.findall(r"wrote ([\d.]+) MiB", result.output)
    assert 0.75 * disk.SIZE < float(wrote) * MIB < disk.SIZE


def test_its_image_has_all_its_room_from_the_start_and_no_name(state: Path) -> None:
    """What is written to it later takes nothing from the machine's disk."""
    fd = disk.image(str(state))
    try:
        told = os.fstat(fd)
        assert told.st_blocks * 512 >= told.st_size == disk.SIZE
        assert told.st_nlink == 0 and not list(state.iterdir())
    finally:
        os.close(fd)


def test_the_limits_of_a_group_hold_for_it(open_stage: OpenStage, state: Path) -> None:
    blkio = "/sys/fs/cgroup/blkio"
    if not os.path.exists(f"{blkio}/blkio.throttle.write_bps_device"):
        pytest.skip("needs version 1's blkio; tests/vm has io.max")
    stage = open_stage(disk=str(state))
    device = run(stage, f"findmnt -no MAJ:MIN {disk.PLACE}").output.strip()
    run(stage, f"mkdir {blkio}/notes; echo {device} {MIB} > {blkio}/notes/blkio.throttle.write_bps_device")
    write = (
        f"sh -c 'echo $$ > {blkio}/notes/cgroup.procs; exec nsplay load io --write {disk.PLACE}/y --size 2M'"
    )
    assert 0.5 < float(run(stage, write).output.split()[-2]) < 1.5


def test_the_other_disks_stay_hidden(open_stage: OpenStage, state: Path) -> None:
    stage = open_stage(disk=str(state))
    if not stage.report.works("devices"):
        pytest.skip("needs BPF on a version 2 group")
    made = run(stage, "mknod /dev/loop0 b 7 0 && head -c1 /dev/loop0")
    assert "Operation not permitted" in made.output


@pytest.mark.parametrize("who", [("nsplay",), ("stage",), ("warden",), ("nsplay", "warden", "stage")])
@pytest.mark.parametrize("seed", range(4))
def test_it_goes_whoever_is_killed_whenever(state: Path, who: tuple[str, ...], seed: int) -> None:
    """The fixture around every test looks for loop devices."""
    with Nsplay(Options(fresh_ident(), disk=str(state)), state, "echo up; sleep 1000") as nsplay:
        time.sleep(random.Random(f"{who}{seed}").uniform(0, patience(0.2)))
        if not nsplay.kill(*who):  # not born yet
            nsplay.kill("nsplay")
        nsplay.end()
        check_journal(state, nsplay)


def test_without_a_loop_device_there_is_a_sentence(
    state: Path, monkeypatch: pytest.MonkeyPatch, open_stage: OpenStage
) -> None:
    monkeypatch.setattr(disk, "LOOP_CTL_GET_FREE", 0x4CFF)
    with pytest.raises(MachineError, match="The stage needs a disk to lend"):
        open_stage(disk=str(state))
    assert "disk" in FEATURES
