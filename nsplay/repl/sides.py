"""`:both CMD`: one command on the host's side and where the learner is, at the same moment."""

import contextlib
import os
import signal
import sys
import termios
import time

from nsplay.repl import actors
from nsplay.repl.errand import LONGEST, Errand, Errands
from nsplay.stage.stage import Stage
from nsplay.view.both import Said
from nsplay.view.ui import Ui

SILENT = 1.0  # seconds without a sign of life


class Patience:
    """Is the learner still waiting? Says after a second that something is being done, and how to stop it.

    Within it Ctrl-C is a signal, and all other keys stay in the terminal's queue: they are for the prompt that follows.
    """

    def __init__(self, ui: Ui) -> None:
        self._ui, self._began, self._told, self._stopped = ui, time.monotonic(), False, False

    def __enter__(self) -> "Patience":
        self._handler = signal.signal(signal.SIGINT, self._stop)
        self._modes = None
        with contextlib.suppress(termios.error):  # no terminal
            self._modes = termios.tcgetattr(0)
            modes = termios.tcgetattr(0)
            modes[3] |= termios.ISIG
            modes[6][termios.VINTR] = b"\x03"
            modes[6][termios.VQUIT] = modes[6][termios.VSUSP] = b"\0"  # _POSIX_VDISABLE
            termios.tcsetattr(0, termios.TCSANOW, modes)
        return self

    def __exit__(self, *_: object) -> None:
        if self._modes:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(0, termios.TCSANOW, self._modes)
        signal.signal(signal.SIGINT, self._handler)

    def _stop(self, *_: object) -> None:
        self._stopped = True

    def __call__(self) -> bool:
        if self._stopped:
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
    with Patience(ui) as patience:
        Errands(stage.open_terminal, stage.status, patience, environment()).run(host, inside)
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
