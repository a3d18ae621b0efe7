"""A terminal's folder in the state folder: what its shell reads at the start. One that a killed nsplay left is swept."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path


def shell_folder(state: str) -> tempfile.TemporaryDirectory[str]:
    """A context: a new folder `shell-PID-*`, gone at its end. Raises OSError."""
    return tempfile.TemporaryDirectory(prefix=f"shell-{os.getpid()}-", dir=state)


def sweep(state: Path) -> list[str]:
    """Removes those whose nsplay is gone; which."""
    swept = []
    with contextlib.suppress(OSError):
        for folder in state.glob("shell-*-*"):
            pid = folder.name.split("-")[1]
            if not os.path.exists(f"/proc/{pid}"):
                shutil.rmtree(folder, ignore_errors=True)
                swept.append(str(folder))
    return swept
