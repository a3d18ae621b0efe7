"""The pictures in this folder, made by the program itself.

`python assets/make.py` records the second step of the UTS lesson on a real stage (needs root) and draws it.
`python assets/make.py --draw` draws the recording that is there, once what draws it has changed.
`python assets/make.py --check` says what is out of date (./check), and changes nothing.
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import Final

import pexpect

from nsplay import facts
from nsplay.cast.film import film
from nsplay.cast.format import OUTPUT, read
from nsplay.demo.takes import FOLDER, Takes
from nsplay.lesson.course import find, lessons_folder
from nsplay.lesson.loader import load
from nsplay.lesson.model import Lesson
from nsplay.settings import Settings
from nsplay.view.registry import VIEWS

SIZE: Final = (46, 90)  # rows, columns
LESSON, STEP = "uts", "name"
TRIES: Final = 10
HERE: Final = Path(__file__).parent
CAST: Final = HERE / "uts.cast"
PICTURES: Final = {"dark": HERE / "uts.svg", "light": HERE / "uts-light.svg"}


def main(words: list[str]) -> int:
    """The exit status: 0, or 1 with what is out of date."""
    if words == ["--check"]:
        found = stale()
        sys.stdout.writelines(f"{sentence}\n" for sentence in found)
        return 1 if found else 0
    if not words:
        record(CAST)
    elif words != ["--draw"]:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    for background, path in PICTURES.items():
        path.write_text(drawn(background))
    return 0


def drawn(background: str) -> str:
    """The recording as a picture that plays."""
    return film(read(str(CAST))._replace(background=background))


def stale() -> list[str]:
    """A sentence for everything that isn't what it would be if it was made now."""
    found = []
    if its_tag() not in read(str(CAST)).tags:
        found.append(f"{CAST.name} shows another wording of {LESSON}/{STEP}: python assets/make.py")
    found += [
        f"{path.name} isn't what is drawn of {CAST.name} now: python assets/make.py --draw"
        for background, path in PICTURES.items()
        if path.read_text() != drawn(background)
    ]
    return found


def lesson() -> Lesson:
    """As English readers have it."""
    folder = find(lessons_folder(), LESSON)
    return load(folder, "en", variant=lambda _: 2, known=facts.known, views=VIEWS)


def its_tag() -> str:
    """By which the recording tells the step's wording."""
    its = lesson()
    settings = Settings("en", False, True, lessons_folder(), "", False, "edit")
    return Takes(settings, its, big=False).tag(its.steps[its.index(STEP)])


def record(path: Path) -> None:
    """The rehearsal's recording of the step. On a busy machine it shows more than the step does: then it is made once more."""
    for _ in range(TRIES):
        with tempfile.TemporaryDirectory(prefix="nsplay-picture-") as state:
            made = rehearsed(state)
            seen = "".join(event.data for event in read(str(made)).events if event.code == OUTPUT)
            if "(was " not in seen:
                path.write_text(made.read_text())
                return
    raise SystemExit("others' processes come and go on this machine: once more, when it is quiet")


def rehearsed(state: str) -> Path:
    """The recording. state: a folder for nsplay's state."""
    env = {**os.environ, "XDG_STATE_HOME": state, "TERM": "xterm-256color", "SHELL": "/bin/sh", "PS1": "# "}
    words = ["demo", f"{LESSON}/{STEP}", "--rehearse", "--lang", "en", "--background", "dark"]
    demo = pexpect.spawn(sys.executable, ["-m", "nsplay", *words], env=env, dimensions=SIZE, timeout=60)
    demo.expect("The second name")  # the step behind it: this one is kept
    demo.sendcontrol("]")
    demo.expect("leave")
    demo.send("q")
    demo.expect(pexpect.EOF)
    return Path(state, "nsplay", FOLDER, LESSON, f"{STEP}.en.cast")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
