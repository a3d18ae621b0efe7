"""A folder that everybody can reach. (pytest's own are root's alone, and every new pytest makes them so again.)"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def open_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="input-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)
