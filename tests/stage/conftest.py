"""Stages for the tests, closed at the end of each."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nsplay.stage.fence import has_root
from nsplay.stage.options import fresh_ident
from nsplay.stage.stage import Options, Stage

OpenStage = Callable[..., Stage]
PROJECT = str(Path(__file__).parents[2])


@pytest.fixture
def root() -> None:
    if not has_root():
        pytest.skip("needs root (CAP_SYS_ADMIN)")


@pytest.fixture
def state() -> Iterator[Path]:
    """nsplay's state folder, which an ordinary user may use too.

    Not in pytest's own folder: every pytest of the same user that starts closes that to others again.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"nsplay-{os.getpid()}.", dir="/tmp"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def open_stage(state: Path) -> Iterator[OpenStage]:
    """open_stage(off={"net"}, pids=64, ...): a stage that stands."""
    with contextlib.ExitStack() as stack:

        def opened(**how: Any) -> Stage:
            how["off"] = frozenset(how.get("off", ()))
            how["keep"] = (*how.get("keep", ()), PROJECT)  # a clone may lie in a place that the stage covers
            stage = stack.enter_context(Stage.start(Options(fresh_ident(), **how), state))
            stage.wait()
            return stage

        yield opened


@pytest.fixture
def stage(root: None, open_stage: OpenStage) -> Stage:
    """A stage with everything on, for root."""
    return open_stage()


@pytest.fixture
def need() -> Callable[..., None]:
    """need("ip", "unshare"): skips, saying which is missing."""

    def check(*tools: str) -> None:
        if missing := [tool for tool in tools if not shutil.which(tool)]:
            pytest.skip(f"needs {', '.join(missing)}")

    return check
