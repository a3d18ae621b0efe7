"""The recipe for people who have no Linux, for real: Debian as a cloud image is, started with the disk that assets/vm/seed makes.

cloud-init makes the user, builds the Debian package out of the checkout, and apt installs it with what it asks for. The one
thing that isn't as it would be at home: there is no network, so Debian's packages come from a folder in the machine. What
a user would type then is inside/newcomer; at last the package is removed.
"""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.patience import patience
from tests.vm import disk, image, qemu

INSIDE: Final = Path(__file__).parent / "inside/newcomer"
CHECKS: Final = re.findall(r"^(?:check|learner) (\S+) ", INSIDE.read_text(), re.MULTILINE)
pytestmark = pytest.mark.xdist_group("vm")  # one machine at a time


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the machine said of all checks: one boot for them."""
    lacking = image.lacking() + ([] if shutil.which("xorriso") else ["xorriso"])
    if lacking:
        pytest.skip(f"needs {', '.join(lacking)}")
    seed = tmp_path_factory.mktemp("seed") / "seed.iso"
    subprocess.run(["sh", image.PROJECT / "assets/vm/seed", seed], check=True, timeout=patience(60))
    folder, words = image.ready(image.Image(machine=image.CLOUD)), bytearray()
    status = qemu.run(
        folder,
        lambda file: disk.write_job(file, INSIDE.read_text()),
        words.extend,
        patience(900 if qemu.emulated() else 180),
        more=[seed],
    )
    text = words.decode(errors="replace")
    assert status == 0, text
    return text


@pytest.mark.parametrize("name", CHECKS)
def test_a_newcomer_has_it(name: str, said: str) -> None:
    found = re.search(rf"^# {name}$(.*?)^(ok|not ok) {name}\b", said, re.MULTILINE | re.DOTALL)
    assert found and found[2] == "ok", said
