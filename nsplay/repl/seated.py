"""The learner's seat on a stage: its terminals with the learner's own shell, and what is said before the first."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nsplay import background
from nsplay.kernel import switches
from nsplay.repl.actors import environment, here, shell
from nsplay.repl.folder import shell_folder
from nsplay.settings import LANGUAGE, Settings
from nsplay.stage import lacks
from nsplay.stage.stage import Report, Stage

if TYPE_CHECKING:
    from nsplay.repl.listener import Ending
    from nsplay.repl.page import Page
    from nsplay.repl.pty import OpenShell
    from nsplay.repl.seat import Roaming, Seat
    from nsplay.repl.terminal import Presents, Terminal

AGAIN = ("rebuild", "stage")  # endings after which the lesson goes on, on a fresh stage


def tell_lacks(settings: Settings, report: Report) -> None:
    """What this machine's stage can't hold, before anything is done on it."""
    from nsplay.repl.chooser import detect
    from nsplay.view import notes
    from nsplay.view.ui import render

    if words := lacks.sentence(report, switches.around(), settings.lang):
        ui = detect(settings)
        print("\n" + render(ui, notes.note(ui, words, "!")), end="", flush=True)


def terminal(
    settings: Settings,
    stage: Stage,
    opener: "OpenShell",
    seat: "Seat",
    folder: str,
    words: Callable[[], Sequence[str]],
    *,
    renews: bool = True,
    presents: "Presents | None" = None,
) -> "Terminal":
    """A terminal on that stage, with the learner's own shell. folder: of repl/folder.py. words: for Tab, behind a colon."""
    from nsplay.repl.terminal import Terminal

    return Terminal(
        opener,
        shell(),
        seat,
        folder=Path(folder),
        history=Path(settings.state, "history"),
        env=environment() | {LANGUAGE: settings.lang, background.BACKGROUND: settings.background},
        cwd=here(),
        line="shell" if settings.line == "shell" else "edit",
        watch={stage.warden_fd: "stage", stage.stage_fd: "stage"},
        reap=stage.status,
        words=words,
        number=seat.number,
        renews=renews,
        presents=presents,
    )


def seated(
    settings: Settings, stage: Stage, session: "Roaming", pages: "Page", ahead: bytes = b""
) -> "Ending":
    """The learner at the terminals of a stage on which nothing is asked of them, until they leave; why they did.

    ahead: keys that were typed before there was a terminal to take them.
    """
    from nsplay.repl.seat import Seat
    from nsplay.repl.terminals import Terminals

    with shell_folder(settings.state) as folder:

        def start(number: int) -> "Terminal":
            seat, renews = Seat(session, number), number != 1
            return terminal(settings, stage, stage.open_terminal, seat, folder, pages.words, renews=renews)

        terminals = Terminals(start, pages.terminal)
        terminals.type_ahead(ahead)
        session.place_of = terminals.place
        try:
            return terminals.run()
        finally:
            terminals.close()
