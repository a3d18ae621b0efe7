"""The terminal that nsplay was started in: looked for, asked for its background, taken, and given back."""

import contextlib
import os
import signal
import termios
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from nsplay import background
from nsplay.errors import UsageError
from nsplay.repl.folder import sweep
from nsplay.settings import Settings, make_state_folder

HINT = "`nsplay lesson test ID` plays a lesson by itself; `nsplay list` needs no terminal"


def make_ready(settings: Settings) -> None:
    """Looks for a terminal, and for what a killed nsplay left. UsageError without a terminal."""
    if not (os.isatty(0) and os.isatty(1)):
        raise UsageError("nsplay needs a terminal to play in", "standard input or output is none", HINT)
    with contextlib.suppress(OSError):  # read-only: progress then says so
        make_state_folder(settings.state)
    sweep(Path(settings.state))  # (the stages of a killed nsplay: Stage.start)


def ask_background(settings: Settings) -> tuple[Settings, bytes]:
    """The settings with what the terminal said, where nobody else had told; and keys that were typed meanwhile."""
    if settings.background:
        return settings, b""
    answer = background.ask(os.environ.get("TERM", ""))
    return settings._replace(background=answer.background), answer.keys


@contextlib.contextmanager
def ending_by_signal() -> Iterator[None]:
    """A closed window or a TERM ends nsplay the way an exit does: the stage is taken down on the way."""

    def leave(number: int, frame: FrameType | None) -> None:
        for other in (signal.SIGHUP, signal.SIGTERM):
            signal.signal(other, signal.SIG_IGN)
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGHUP, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Has the terminal to itself. However that ends, what was typed ahead was meant for the stage, not for the shell that
    nsplay was started from: it is thrown away."""
    with ending_by_signal():
        try:
            yield
        finally:
            with contextlib.suppress(OSError, termios.error):  # hung up
                termios.tcflush(0, termios.TCIFLUSH)
