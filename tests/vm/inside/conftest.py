"""Nothing in this folder is even collected outside of the machine."""

import pytest

from tests.stage.conftest import open_stage, state
from tests.vm.inside import here

__all__ = ["open_stage", "state"]

collect_ignore_glob = [] if here() else ["*"]


@pytest.fixture(autouse=True)
def machine_as_it_was() -> None:
    """In place of the one for all tests: here the machine is to be damaged, and mended, and looked at as a whole."""
