"""What one case does: drawn from its number, so that it can be done again."""

import functools
import os
import random
import signal
from typing import Final, NamedTuple

from nsplay import facts
from nsplay.kernel.cgroups import variant
from nsplay.lesson.course import course, lessons_folder
from nsplay.lesson.loader import load
from nsplay.lesson.model import Lesson, Move
from nsplay.needs import missing
from nsplay.repl.script import consoles, moves
from nsplay.view.registry import VIEWS

SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL)

# Who is struck, and how often. "front" is the innermost program; "window" is closed, which sends no signal of ours.
VICTIMS: Final = {
    ("nsplay",): 6,
    ("shell",): 4,
    ("front",): 2,
    ("stage",): 4,
    ("warden",): 4,
    ("window",): 2,
    ("nsplay", "warden"): 3,
    ("warden", "nsplay"): 3,
    ("stage", "warden"): 1,
    ("shell", "stage"): 1,
}
TOGETHER: Final = 0.005  # seconds between two blows, at most

# When: what is awaited first, then how long it may take from there to the blow (seconds, at most).
MOMENTS: Final = {
    "birth": 0.3,  # any time after exec
    "stage": 0.06,  # after the warden was born: the stage is being made
    "prompt": 0.02,
    "command": 0.05,  # after an Enter
    "pager": 0.02,
    "menu": 0.02,
    "reset": 0.15,
    "progress": 0.002,  # when the new file of the progress appears
    "end": 0.06,
}


class Blow(NamedTuple):
    """A signal for somebody, `after` seconds after the moment."""

    victim: str
    number: int
    after: float


class Case(NamedTuple):
    """word: what nsplay is started with. lines: what is typed before the moment."""

    number: int
    word: str
    lines: tuple[str, ...]
    moment: str
    blows: tuple[Blow, ...]
    again: bool  # does the next start do the mending, and not `clean`?

    def __str__(self) -> str:
        blows = " + ".join(
            f"{blow.victim} {signal.Signals(blow.number).name if blow.number else 'closed'} {blow.after * 1000:.1f} ms"
            for blow in self.blows
        )
        return f"{self.number}: {self.word}, {len(self.lines)} lines, {self.moment}: {blows}" + (
            ", then the next start" if self.again else ""
        )


@functools.cache
def lessons() -> tuple[Lesson, ...]:
    """Every lesson that can run here."""
    loaded = [
        load(folder, "en", variant=variant, known=facts.known, views=VIEWS)
        for folder in course(lessons_folder())
    ]
    return tuple(lesson for lesson in loaded if not missing(vars(lesson.needs))[0])


def draw(number: int, seed: int = 1) -> Case:
    """Case `number` of that seed."""
    chance = random.Random(f"{seed}/{number}")
    lesson = chance.choice(lessons())
    moment = list(MOMENTS)[number % len(MOMENTS)]
    word, lines = lesson.id, tuple[str, ...]()
    if moment not in ("birth", "stage"):
        step = chance.choice(lesson.steps)
        script = tuple(_typed(move) for move in moves(consoles(step)))
        typed = len(script) if moment == "progress" else chance.randint(moment == "command", len(script))
        word, lines = f"{lesson.id}/{step.id}", script[:typed]
    who = chance.choices(list(VICTIMS), list(VICTIMS.values()))[0]
    blows, after = [], chance.uniform(0, MOMENTS[moment])
    for victim in who:
        deadly = len(who) > 1 or chance.random() < 0.4
        number_of = 0 if victim == "window" else signal.SIGKILL if deadly else chance.choice(SIGNALS)
        blows.append(Blow(victim, number_of, after))
        after += chance.uniform(0, TOGETHER)
    return Case(number, word, lines, moment, tuple(blows), chance.random() < 0.12)


def _typed(move: Move) -> str:
    """As it is typed; `:run` where the machine has to fill something in, and for the second terminal."""
    return ":run" if "{{" in move.line or move.terminal != 1 else move.line


def environment(state: str) -> dict[str, str]:
    """Of the nsplay that is struck: dash with a prompt that is easy to find."""
    names = {"HOME": state, "XDG_STATE_HOME": state, "SHELL": "/bin/dash", "PS1": "READY# "}
    machine = {
        # the second: where an ordinary user's groups come from
        **{name: os.environ[name] for name in ("PATH", "XDG_RUNTIME_DIR") if name in os.environ},
        "TERM": "xterm-256color",
        "COLORFGBG": "15;0",  # the window answers no question
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.getcwd(),
    }
    return {**names, **machine, "TMPDIR": state}
