"""`nsplay report`: what was learned, for the learner to hand over or not; and a class's reports in one table.

A report is a JSON object: `nsplay-report` (its format, 1), `made` (a date), and `lessons`, each with `id`, `title`, `minutes`
and `steps`: `id`, `title`, `state` ("done", "skipped" or ""), `seconds` (0: not known), `hints`.
Nothing else is in it: no name, no machine.
"""

import datetime
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from nsplay.asking import note
from nsplay.errors import MachineError
from nsplay.kernel.cgroups import variant
from nsplay.lesson.outline import outline
from nsplay.lesson.packs import everything
from nsplay.lesson.progress import Progress
from nsplay.lesson.text import printable
from nsplay.repl.chooser import detect
from nsplay.settings import Settings
from nsplay.view import report as view
from nsplay.view.report import Learner, Lesson, Step
from nsplay.view.ui import render

FORMAT: Final = 1
LARGEST: Final = 4 << 20  # bytes
INCOMPLETE: Final = 3  # exit status: some of the files are no reports


class _BadError(Exception):
    """A file is no report: why."""


def report(settings: Settings, files: Sequence[str], *, as_json: bool, as_html: bool) -> int:
    """Prints the learner's own, or one table of these files: 0, or 3 when some can't be read. MachineError when none can."""
    learners, bad = _read_all(files) if files else ([_own(settings)], 0)
    if files and not learners:
        raise MachineError("none of these is a report", "", "nsplay report --json > me.json")
    ui = detect(settings)
    if as_json:
        told = [_as_json(one) for one in learners]
        print(json.dumps(told if files else told[0], ensure_ascii=False, indent=1))
    elif as_html:
        print(view.page(ui, learners, alone=not files), end="")
    else:
        print(render(ui, view.klass(ui, learners) if files else view.own(ui, learners[0])), end="")
    return INCOMPLETE if bad else 0


def _own(settings: Settings) -> Learner:
    progress = Progress.load(os.path.join(settings.state, "progress.json"))
    for problem in progress.problems:
        note(problem)
    lessons = []
    for folder, name, _ in everything(settings):
        found = outline(folder, settings.lang, variant)
        steps = []
        for line in found.steps:
            row = progress.row(name, line.id, line.digest)
            steps.append(
                Step(
                    line.id,
                    line.title,
                    row.how if row else "",
                    row.seconds if row else 0,
                    row.hints if row else 0,
                )
            )
        lessons.append(Lesson(name, found.title, found.minutes, tuple(steps)))
    return Learner("", datetime.date.today().isoformat(), tuple(lessons))


def _read_all(files: Sequence[str]) -> tuple[list[Learner], int]:
    """Those that can be read, and how many can't, which is said."""
    found, bad = [], 0
    for path in files:
        try:
            found.append(_read(path))
        except (OSError, _BadError) as error:
            bad += 1
            note(f"{path}: {error.strerror if isinstance(error, OSError) else error}")
    return found, bad


def _read(path: str) -> Learner:
    """A report that somebody handed over: nothing in it is believed."""
    if Path(path).stat().st_size > LARGEST:
        raise _BadError(f"it is larger than {LARGEST >> 20} MiB")
    try:
        raw = json.loads(Path(path).read_bytes())
    except (ValueError, RecursionError):
        raise _BadError("it is no JSON") from None
    form = raw.get("nsplay-report") if isinstance(raw, dict) else None
    if form != FORMAT:
        newer = isinstance(form, int) and form > FORMAT
        raise _BadError("a newer nsplay made it" if newer else "it is no report of nsplay's")
    try:
        lessons = tuple(_lesson(one) for one in raw["lessons"])
        return Learner(printable(Path(path).stem), printable(str(raw["made"])[:10]), lessons)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _BadError("some of it is no report") from None


def _lesson(raw: Mapping[str, Any]) -> Lesson:
    steps = tuple(_step(one) for one in raw["steps"])
    return Lesson(printable(str(raw["id"])), printable(str(raw["title"])), _count(raw["minutes"]), steps)


def _step(raw: Mapping[str, Any]) -> Step:
    if raw["state"] not in ("", "done", "skipped"):
        raise ValueError(raw["state"])
    words = printable(str(raw["id"])), printable(str(raw["title"]))
    return Step(*words, raw["state"], _count(raw["seconds"]), _count(raw["hints"]))


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 10**7:
        raise ValueError(value)
    return value


def _as_json(one: Learner) -> dict[str, Any]:
    lessons = [
        {**lesson._asdict(), "steps": [step._asdict() for step in lesson.steps]} for lesson in one.lessons
    ]
    who = {"name": one.name} if one.name else {}
    return {"nsplay-report": FORMAT, **who, "made": one.made, "lessons": lessons}
