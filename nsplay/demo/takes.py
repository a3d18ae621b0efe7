"""What a rehearsal keeps for the worst case: a recording of every step that was done, shown in the demo by one key.

They lie in the state folder, rehearsals/LESSON/STEP.LANG.cast, those of --big and --plain in STEP.LANG.big.cast and so on:
asciicasts, version 3. Their tags tell the kernel that answered ("Linux 6.12.9") and the wording of the step ("uts/make
1f2e3d4c", lesson/edition.py).
"""

import codecs
import contextlib
import io
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from nsplay.cast.format import INPUT, OUTPUT, RESIZE, Cast, Event, Writer, read
from nsplay.errors import UsageError
from nsplay.lesson.edition import edition
from nsplay.lesson.model import Lesson, Step
from nsplay.repl.pty import Size
from nsplay.settings import Settings, give_to_sudo_user, make_state_folder

FOLDER: Final = "rehearsals"
KERNEL: Final = "Linux "


def recordings(settings: Settings, lesson_id: str) -> Path:
    """The folder of a lesson's."""
    return Path(settings.state, FOLDER, lesson_id)


class Take(NamedTuple):
    """A recording of a step. other: it shows another wording of the step than the lesson has now."""

    cast: Cast
    other: bool

    @property
    def kernel(self) -> str:
        """That answered when it was made; "" where the file doesn't tell."""
        return next((tag for tag in self.cast.tags if tag.startswith(KERNEL)), "")


class Takes:
    """The recordings of a lesson, in one language, for a screen of one kind. background: the terminal's, once it was asked."""

    def __init__(self, settings: Settings, lesson: Lesson, *, big: bool) -> None:
        self.lesson, self.background = lesson.id, settings.background
        self.folder = recordings(settings, lesson.id)
        kinds = ("big", big), ("plain", settings.plain)
        self._kind = ".".join([lesson.lang, *(kind for kind, its in kinds if its)])

    def path(self, step: Step) -> Path:
        """Where its recording lies, or would."""
        return self.folder / f"{step.id}.{self._kind}.cast"

    def find(self, step: Step) -> Take | None:
        """The step's recording; None when there is none. UsageError, with a sentence, when it is no use."""
        path = self.path(step)
        if not path.exists():
            return None
        cast = read(str(path))
        if not any(event.code == OUTPUT for event in cast.events):
            raise UsageError(f"{path} has nothing to show", cast.problem)
        return Take(cast, self.tag(step) not in cast.tags)

    def keep(self, step: Step, size: Size, events: tuple[Event, ...]) -> None:
        """In the place of the one before, which stays whole until then. Raises OSError."""
        make_state_folder(str(self.folder))
        path = self.path(step)
        new = path.with_suffix(".new")
        head = Cast(
            size.columns,
            size.lines,
            f"nsplay demo {self.lesson}/{step.id}",
            int(time.time()),
            background=self.background,
            tags=(KERNEL + os.uname().release, self.tag(step)),
        )
        with contextlib.suppress(FileNotFoundError):
            new.unlink()  # of an nsplay that was killed here
        try:
            with open(
                os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600),
                "w",
                encoding="utf-8",
            ) as file:
                file.write(_written(head, events, os.environ))
            give_to_sudo_user(str(new))
            new.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                new.unlink()
            raise

    def tag(self, step: Step) -> str:
        """By which a recording tells the wording of the step that it shows."""
        return f"{self.lesson}/{step.id} {edition(step)}"


def _written(head: Cast, events: tuple[Event, ...], env: Mapping[str, str]) -> str:
    file = io.StringIO()
    writer = Writer(file, 3, head, env)
    for event in events:
        writer.write(event)
    return file.getvalue()


class Camera:
    """Records one step. Typing takes the time that it will take in the show, though it takes none in the rehearsal."""

    def __init__(self, step: Step, size: Size) -> None:
        self.step, self.size = step, size
        self._began, self._passed, self._now = time.monotonic(), 0.0, size
        self._events: list[Event] = []
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def events(self) -> tuple[Event, ...]:
        """What it has seen."""
        return tuple(self._events)

    def passes(self, seconds: float) -> None:
        """So long it takes in the recording that is done in no time."""
        self._passed += seconds

    def entered(self, line: str) -> None:
        """The Enter behind it."""
        self._note(INPUT, line + "\r")

    def sees(self, data: bytes, size: Size) -> None:
        """Output to a screen of that size."""
        if size != self._now:
            self._now = size
            self._note(RESIZE, f"{size.columns}x{size.lines}")
        if text := self._decoder.decode(data):
            self._note(OUTPUT, text)

    def _note(self, code: str, data: str) -> None:
        self._events.append(Event(time.monotonic() - self._began + self._passed, code, data))
