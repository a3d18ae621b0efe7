"""`:both CMD`: one command on the host's side and where the learner is, at the same moment."""

import os
import select
import sys
import time

from nsplay.repl import actors
from nsplay.repl.errand import LONGEST, Errand, Errands
from nsplay.stage.stage import Stage
from nsplay.view.both import Said
from nsplay.view.ui import Ui

SILENT = 1.0  # seconds without a sign of life


class Patience:
    """Is the learner still waiting? Says after a second that something is being done, and how to stop it."""

    def __init__(self, ui: Ui) -> None:
        self._ui, self._began, self._told = ui, time.monotonic(), False

    def __call__(self) -> bool:
        if select.select([0], [], [], 0)[0] and b"\x03" in os.read(0, 4096):  # the terminal is raw: no SIGINT
            return False
        if not self._told and time.monotonic() - self._began > SILENT:
            self._told = True
            words = self._ui.say("still running; Ctrl-C stops it", "まだ実行中です。Ctrl-C で止まります")
            os.write(1, f"\r{words} ...\r\n".encode())
        return True


def run_both(stage: Stage, place: int, command: str, ui: Ui) -> tuple[Said, Said]:
    """What it says on the host's side, and at the place of that pid. Raises MachineError when the stage is gone."""
    entering = [sys.executable, "-m", "nsplay.stage.enter"]
    host, inside = (Errand([*entering, str(pid), command]) for pid in (stage.pid, place))
    Errands(stage.open_terminal, stage.status, Patience(ui), environment()).run(host, inside)
    return _said(host, ui), _said(inside, ui)


def environment() -> dict[str, str]:
    """For a program of our own on the stage: it has to find this package."""
    folder = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    path = [folder, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**actors.environment(), "PYTHONPATH": os.pathsep.join(path), "TERM": "dumb"}


def _said(errand: Errand, ui: Ui) -> Said:
    if errand.cut:
        return Said(
            errand.lines,
            ui.say(f"stopped, after {LONGEST:g} s at most", f"長くても {LONGEST:g} 秒で止めました"),
        )
    return Said(
        errand.lines,
        ui.say(f"exit {errand.status}", f"終了ステータス {errand.status}") if errand.status else "",
    )
