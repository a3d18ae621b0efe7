"""`nsplay clean`: mends what a killed nsplay left behind. Every start does the same; this says what it found."""

import contextlib
import os
import shutil
from pathlib import Path

from nsplay.settings import Settings


def sweep_shell_folders(state: Path) -> list[str]:
    """Removes the folders of terminals (`shell-PID-*`) whose nsplay is gone."""
    swept = []
    with contextlib.suppress(OSError):
        for folder in state.glob("shell-*-*"):
            pid = folder.name.split("-")[1]
            if not os.path.exists(f"/proc/{pid}"):
                shutil.rmtree(folder, ignore_errors=True)
                swept.append(str(folder))
    return swept


def clean(settings: Settings) -> int:
    """Prints what was mended; 0 even when there was nothing."""
    from nsplay import sessions
    from nsplay.stage.journal import clean as clean_stages

    state = Path(settings.state)
    mended = [*clean_stages(state), *sweep_shell_folders(state), *sessions.sweep(state)]
    for what in mended:
        print(f"- {what}")
    if settings.lang == "ja":
        print(f"片付けたもの: {len(mended)}" if mended else "残っているものはありません。")
    else:
        print(f"mended: {len(mended)}" if mended else "Nothing was left behind.")
    return 0
