"""Around every test: the machine is looked at before and after, and has to be the same."""

import os
import tempfile
from collections.abc import Iterator

import pytest

from nsplay.kernel.syscalls import PR_SET_CHILD_SUBREAPER, prctl
from tests import machine


@pytest.fixture(scope="session", autouse=True)
def our_orphans_and_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a test leaves comes to this process: orphans (prctl(2)), and temporary files in a folder of
    ours.
    """
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(tmp_path_factory.mktemp("temporary"))
    tempfile.tempdir = None  # forget where it was
    yield
    tempfile.tempdir = None
    if before is None:
        del os.environ["TMPDIR"]
    else:
        os.environ["TMPDIR"] = before


@pytest.fixture(autouse=True)
def machine_as_it_was(our_orphans_and_files: None) -> Iterator[None]:
    """Fails a test that leaves something behind."""
    before = machine.look()
    yield
    if left := machine.changes(before):
        pytest.fail("left behind: " + "; ".join(left))
