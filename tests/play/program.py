"""nsplay as another program calls it: no terminal, and what it says."""

import os
import subprocess
import sys
from pathlib import Path

from tests.patience import patience


def nsplay(state: Path, *words: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Runs it with that state folder. env: more of the environment, such as NSPLAY_LESSONS."""
    base = {**os.environ, "PYTHONPATH": os.getcwd(), "XDG_STATE_HOME": str(state)}
    base |= {"SHELL": "/bin/dash", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [sys.executable, "-m", "nsplay", *words],
        cwd=cwd,
        env=base | env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patience(180.0),
        check=False,
    )
