"""`nsplay list`: the lessons, what is done, and what can't run here. Reads headings only, so that it is quick."""

import os
from collections.abc import Sequence
from typing import NamedTuple

from nsplay.errors import NsplayError
from nsplay.kernel.cgroups import variant
from nsplay.lesson.course import course, plan
from nsplay.lesson.outline import outline
from nsplay.lesson.progress import Progress
from nsplay.lesson.text import printable
from nsplay.needs import missing
from nsplay.settings import Settings


class Row(NamedTuple):
    """A lesson in the list. steps: id, title, done. why_not and mend are empty when it can run."""

    id: str
    title: str
    minutes: int
    steps: list[tuple[str, str, bool]]
    needs: dict[str, object]
    why_not: str
    mend: str
    part: str = ""  # of the course, in the reader's language
    stands_on: tuple[str, ...] = ()  # lessons that it takes for granted

    @property
    def runnable(self) -> bool:
        return not self.why_not

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(done for _, _, done in self.steps)

    def as_json(self) -> dict[str, object]:
        steps = [{"id": name, "title": title, "done": done} for name, title, done in self.steps]
        complete = bool(steps) and self.done == len(steps)
        return {
            "id": self.id,
            "title": self.title,
            "minutes": self.minutes,
            "steps": steps,
            "done": complete,
            "needs": self.needs,
            "runnable": self.runnable,
            "why_not": self.why_not,
        }


def rows(settings: Settings) -> list[Row]:
    """All lessons in their order. A broken one is listed, too, with what is wrong as why_not."""
    progress = Progress.load(os.path.join(settings.state, "progress.json"))
    the_plan, part, found = plan(settings.lessons), "", []
    begins = {each.first: each.titled(settings.lang) for each in the_plan.parts}
    for folder in course(settings.lessons):
        row = _row(folder, settings.lang, progress)
        part = begins.get(row.id, part)
        found.append(row._replace(part=part, stands_on=the_plan.stands_on.get(row.id, ())))
    return found


def onward(table: Sequence[Row], last: tuple[str, str] | None) -> str:
    """The lesson to go on with: where one stopped, else the first that isn't done, else the first; "" for none."""
    able = [row for row in table if row.runnable]
    stopped = [row.id for row in able if last and row.id == last[0] and row.done < len(row.steps)]
    fresh = [row.id for row in able if row.done < len(row.steps)]
    return next(iter([*stopped, *fresh, *(row.id for row in able)]), "")


def _row(folder: str, lang: str, progress: Progress) -> Row:
    try:
        found = outline(folder, lang, variant)
    except NsplayError as error:
        return Row(
            os.path.basename(folder), os.path.basename(folder), 0, [], {}, str(error).replace("\n", "; "), ""
        )
    why, mend = missing(found.needs)
    steps = [(step.id, step.title, progress.done(found.id, step.id, step.digest)) for step in found.steps]
    return Row(found.id, found.title, found.minutes, steps, dict(found.needs), why, mend)


def list_lessons(settings: Settings, *, as_json: bool) -> int:
    """Prints the list; 0."""
    table = rows(settings)
    if as_json:
        import json

        print(json.dumps({"lessons": [row.as_json() for row in table]}, ensure_ascii=False, indent=2))
        return 0
    ja = settings.lang == "ja"
    if not table:
        where = printable(settings.lessons)
        print(f"レッスンがありません: {where}" if ja else f"no lessons in {where}")
    width = max((len(row.id) for row in table), default=0)
    for row in table:
        state = f"{row.done}/{len(row.steps)}"
        minutes = f"{row.minutes} 分" if ja else f"{row.minutes} min"
        print(f"{row.id:{width}}  {state:>5}  {minutes:>7}  {row.title}")
        if row.why_not:
            print(f"{'':{width}}  ! {row.why_not}" + (f"  ({row.mend})" if row.mend else ""))
    return os.EX_OK
