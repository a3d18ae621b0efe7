"""`nsplay list`: the lessons, what is done, and what can't run here. Reads headings only, so that it is quick."""

import os
from collections.abc import Sequence
from typing import NamedTuple

from nsplay.errors import NsplayError
from nsplay.kernel.cgroups import variant
from nsplay.lesson.course import plan
from nsplay.lesson.outline import outline
from nsplay.lesson.packs import everything, packs
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
    pack: str = ""  # that it is of; "" for our own course

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
            "pack": self.pack,
            "steps": steps,
            "done": complete,
            "needs": self.needs,
            "runnable": self.runnable,
            "why_not": self.why_not,
        }


def rows(settings: Settings) -> list[Row]:
    """All lessons in their order, packs' behind ours. A broken one is listed, too, with what is wrong as why_not."""
    progress = Progress.load(os.path.join(settings.state, "progress.json"))
    the_plan, part, found = plan(settings.lessons), "", []
    begins = {each.first: each.titled(settings.lang) for each in the_plan.parts}
    for folder, name, pack in everything(settings):
        row = _row(folder, name, settings.lang, progress)
        if pack:
            found.append(row._replace(part=f"{pack.name}:", pack=pack.name))
            continue
        part = begins.get(row.id, part)
        found.append(row._replace(part=part, stands_on=the_plan.stands_on.get(row.id, ())))
    return found


def troubles(settings: Settings) -> list[str]:
    """Packs whose lessons can't be had, and why."""
    return [f"{pack.name} ({pack.source}): {pack.problem}" for pack in packs(settings.pack) if pack.problem]


def onward(table: Sequence[Row], last: tuple[str, str] | None) -> str:
    """The lesson to go on with: where one stopped, else the first that isn't done, else the first; "" for none."""
    able = [row for row in table if row.runnable]
    stopped = [row.id for row in able if last and row.id == last[0] and row.done < len(row.steps)]
    fresh = [row.id for row in able if row.done < len(row.steps)]
    return next(iter([*stopped, *fresh, *(row.id for row in able)]), "")


def _row(folder: str, name: str, lang: str, progress: Progress) -> Row:
    try:
        found = outline(folder, lang, variant)
    except NsplayError as error:
        return Row(name, name, 0, [], {}, str(error).replace("\n", "; "), "")
    why, mend = missing(found.needs)
    steps = [(step.id, step.title, progress.done(name, step.id, step.digest)) for step in found.steps]
    return Row(name, found.title, found.minutes, steps, dict(found.needs), why, mend)


def list_lessons(settings: Settings, *, as_json: bool) -> int:
    """Prints the list; 0."""
    table, there = rows(settings), packs(settings.pack)
    if as_json:
        import json

        told = {
            "lessons": [row.as_json() for row in table],
            "packs": [{"name": pack.name, "source": pack.source, "problem": pack.problem} for pack in there],
        }
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return 0
    ja = settings.lang == "ja"
    if not table:
        where = printable(settings.lessons)
        print(f"レッスンがありません: {where}" if ja else f"no lessons in {where}")
    width = max((len(row.id) for row in table), default=0)
    sources, last = {pack.name: pack.source for pack in there if not pack.problem}, ""
    for row in table:
        if row.pack != last:
            last = row.pack
            print(f"\n{last}: {sources[last]}")
        state = f"{row.done}/{len(row.steps)}"
        minutes = f"{row.minutes} 分" if ja else f"{row.minutes} min"
        print(f"{row.id:{width}}  {state:>5}  {minutes:>7}  {row.title}")
        if row.why_not:
            print(f"{'':{width}}  ! {row.why_not}" + (f"  ({row.mend})" if row.mend else ""))
    for words in troubles(settings):
        print(f"! {words}")
    return os.EX_OK
