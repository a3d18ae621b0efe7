"""`nsplay` is to be found on the stage, by its name, whatever PATH nsplay was started with."""

import os
import subprocess
from pathlib import Path

import pytest

from nsplay.stage import tool
from nsplay.stage.stage import Stage

from .conftest import OpenStage
from .house import run

BARE = "/usr/bin:/bin"


def test_the_stage_has_the_loads(stage: Stage) -> None:
    result = run(stage, "command -v nsplay; nsplay load pids 2 --hold 0", PATH=BARE)
    lines = result.output.split("\n")
    assert (lines[0], lines[-1], result.status) == (f"{tool.FOLDER}/nsplay", "2 of 2 forks worked", 0)


def test_so_has_every_shell_below(stage: Stage) -> None:
    inside = "unshare -mupf --mount-proc sh -c 'nsplay load pids 2 --hold 0'"
    assert run(stage, inside, PATH=BARE).output.endswith("2 of 2 forks worked")


def test_the_rest_of_the_program_is_there_too(stage: Stage) -> None:
    assert run(stage, "nsplay --version", PATH=BARE).output.startswith("nsplay ")


def test_without_a_fence_it_lies_in_the_state_folder(root: None, open_stage: OpenStage, state: Path) -> None:
    stage = open_stage(fence=False)
    assert run(stage, "command -v nsplay", PATH=BARE).output == f"{state}/bin/nsplay"
    assert run(stage, "nsplay load pids 2 --hold 0").output.endswith("2 of 2 forks worked")


def test_it_can_be_renewed_while_it_is_used(tmp_path: Path) -> None:
    for _ in range(2):
        tool.put(str(tmp_path))
    assert sorted(os.listdir(tmp_path)) == [".python", "nsplay"]
    done = subprocess.run([tmp_path / "nsplay", "load", "--help"], capture_output=True, timeout=20)
    assert done.returncode == 0


@pytest.mark.parametrize("path", ["/a:/b", "/x:/a:/b", "/a:/x:/b", "/x"])
def test_first_in_path(path: str) -> None:
    assert tool.first("/x", path).split(":") == ["/x", *(each for each in path.split(":") if each != "/x")]
