"""`nsplay watch` and `nsplay notes`: other screens that follow a session while it is played. They only read; any number of
them, in another pane, on another screen or by SSH.
"""

import contextlib
import io
import os
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from nsplay import asking, facts, sessions
from nsplay.errors import MachineError, NsplayError
from nsplay.facts import Value
from nsplay.kernel.cgroups import variant
from nsplay.kernel.folder import Ear
from nsplay.lesson.course import find
from nsplay.lesson.loader import load
from nsplay.lesson.model import Lesson, Move
from nsplay.lesson.packs import in_pack
from nsplay.repl.chooser import detect
from nsplay.repl.entrance import ask_background, ending_by_signal
from nsplay.sessions import Running
from nsplay.settings import Settings
from nsplay.snapshot import Snapshot
from nsplay.view import beside as view
from nsplay.view.base import View
from nsplay.view.beside import Scene
from nsplay.view.big import enlarged
from nsplay.view.registry import VIEWS, parts_for
from nsplay.view.ui import Screen, Ui, render

EVERY: Final = 1.0  # seconds between two looks where nothing is heard: counters move, and so does the clock
LEAVE: Final = (b"q", b"\x03", b"\x04", b"")
OPEN: Final = "\x1b[?1049h\x1b[?25l"
CLOSE: Final = "\x1b[?25h\x1b[?1049l"

Draw = Callable[[Ui, Running, Scene], Screen]


def watch(settings: Settings, session: int | None, *, big: bool = False) -> int:
    """The views of the step, live, until the reader leaves: 0. session: of that nsplay; else the newest, whichever that is.
    big: for the back row.
    """

    def draw(ui: Ui, running: Running, scene: Scene) -> Screen:
        return _watched(enlarged(ui) if big else ui, running, scene)

    return _Follower(settings, session, draw).follow()


def notes(settings: Settings, session: int | None) -> int:
    """What the presenter wants to know, and the room needn't see: 0."""
    return _Follower(settings, session, lambda ui, running, scene: view.notes(ui, scene)).follow()


def _watched(ui: Ui, running: Running, scene: Scene) -> Screen:
    views: list[View] = [VIEWS[name] for name in scene.step.views]
    seen: Snapshot | None = None
    with contextlib.suppress(MachineError):  # the stage is being made anew
        seen = asking.look(running, parts_for(scene.step.views) | {"names", "processes", "mounts"})
    return view.watched(ui, scene, seen, views)


class _Follower:
    """Shows what `draw` makes of the session, whenever it is told anew, and once a second."""

    def __init__(self, settings: Settings, session: int | None, draw: Draw) -> None:
        self._settings, self._session, self._draw = settings, session, draw
        self._state = Path(settings.state)
        self._lessons: dict[tuple[str, str, str], Lesson] = {}
        self._shown = ""

    def follow(self) -> int:
        live = os.isatty(0) and os.isatty(1)
        self._settings, keys = ask_background(self._settings)
        if keys and keys[:1] in LEAVE:
            return 0
        with ending_by_signal(), _whole_screen() if live else contextlib.nullcontext(), self._ear() as ear:
            while True:
                self._show(live)
                ear.listen()  # the folder may have come only now
                if ear.wait(EVERY, 0 if live else None) and os.read(0, 64)[:1] in LEAVE:
                    return 0

    def _ear(self) -> Ear:
        return Ear(str(self._state / sessions.FOLDER))

    def _show(self, live: bool) -> None:
        ui = detect(self._settings)
        text = render(ui, self._screen(ui))
        if live:
            rows = text.split("\n")[: max(1, ui.rows - 1)]
            sys.stdout.write("\x1b[H" + "".join(f"{row}\x1b[m\x1b[K\r\n" for row in rows) + "\x1b[J")
        elif text != self._shown:
            sys.stdout.write(text + "\n")
        self._shown = text
        sys.stdout.flush()

    def _screen(self, ui: Ui) -> Screen:
        found = sessions.running(self._state)
        mine = [one for one in found if self._session in (None, one.pid)]
        if not mine:
            return view.waiting(ui)
        try:
            return self._draw(ui, mine[0], self._scene(mine[0], len(found) - 1))
        except NsplayError as error:  # it was edited meanwhile, or is gone
            return Screen(str(error).split("\n"))

    def _scene(self, running: Running, others: int) -> Scene:
        lesson = self._lesson(running)
        known: dict[str, Value] = dict(running.last.after if running.last else running.before)
        for prefix, past in (("before.", running.before), ("start.", running.start)):
            known |= {prefix + name: value for name, value in past.items()}
        boot = time.clock_gettime(time.CLOCK_BOOTTIME)
        return Scene(
            lesson,
            lesson.index(running.step),
            running.done,
            running.last.line if running.last else "",
            [Move(line, terminal) for line, terminal in running.todo],
            known,
            boot - running.began / os.sysconf("SC_CLK_TCK"),
            others,
        )

    def _lesson(self, running: Running) -> Lesson:
        key = running.lessons, running.lesson, self._settings.lang
        if key not in self._lessons:
            folder = find(running.lessons, in_pack(running.lesson))
            lesson = load(folder, self._settings.lang, variant=variant, known=facts.known, views=VIEWS)
            self._lessons[key] = replace(lesson, id=running.lesson)
        return self._lessons[key]


@contextlib.contextmanager
def _whole_screen() -> Iterator[None]:
    """The alternate screen, keys one by one and unseen; all as before at the end, whatever ends it."""
    before = termios.tcgetattr(0)
    assert isinstance(sys.stdout, io.TextIOWrapper)
    try:
        tty.setcbreak(0)
        quiet = termios.tcgetattr(0)
        quiet[3] &= ~termios.ISIG  # Ctrl-C is a key like q
        termios.tcsetattr(0, termios.TCSANOW, quiet)
        sys.stdout.write(OPEN)
        yield
    finally:
        with contextlib.suppress(OSError, termios.error):
            sys.stdout.write(CLOSE)
            sys.stdout.flush()
            termios.tcsetattr(0, termios.TCSANOW, before)
