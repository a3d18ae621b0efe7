"""`nsplay export`: the course, or some lessons of it, as a book."""

import datetime
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from nsplay import facts
from nsplay.book import html, markdown, pdf, shelf
from nsplay.book.camera import shoot
from nsplay.book.model import Book, Chapter
from nsplay.errors import UsageError
from nsplay.kernel.cgroups import variant
from nsplay.lesson.course import course, find, plan
from nsplay.lesson.loader import load
from nsplay.lesson.model import Lesson
from nsplay.lesson.packs import of_folder
from nsplay.lesson.text import printable
from nsplay.needs import USUAL
from nsplay.repl.chooser import detect
from nsplay.repl.entrance import ending_by_signal
from nsplay.repl.lesson_test import Voice
from nsplay.repl.trust import ask_trust
from nsplay.settings import Settings, make_state_folder
from nsplay.view.registry import VIEWS
from nsplay.view.ui import Ui

PLACES: Final = {"html": "nsplay-book", "md": "nsplay-book-md", "pdf": "nsplay-book.pdf"}


class Wish(NamedTuple):
    """kind: html, md or pdf. to: where; None: as PLACES says, in the working directory. paper: of a PDF, A4 or Letter."""

    kind: str
    to: str | None
    paper: str


def export(settings: Settings, ids: Sequence[str], wish: Wish) -> int:
    """Plays the lessons with these ids, all when there are none, writes the book and prints where it is: 0, or 1 when a step
    wasn't done. UsageError for a lesson that isn't there, or where something else lies in the book's place.
    """
    for name in ids:
        if "/" in name:
            lesson = printable(name.partition("/")[0])
            raise UsageError("a book is made of whole lessons", "", f"nsplay export {lesson}")
    folders = [find(settings.lessons, name) for name in dict.fromkeys(ids)] or course(settings.lessons)
    to = Path(os.path.realpath(PLACES[wish.kind] if wish.to is None else wish.to))
    program = pdf.browser() if wish.kind == "pdf" else ""
    (shelf.check_file if wish.kind == "pdf" else shelf.check_folder)(to)
    make_state_folder(settings.state)
    maker = _Maker(settings)
    with ending_by_signal():
        try:
            book = maker.book(folders)
            if wish.kind == "pdf":
                shelf.put_file(to, maker.printed(program, html.whole(book, wish.paper), to.parent))
            else:
                shelf.put_folder(to, (html if wish.kind == "html" else markdown).folder(book))
        except KeyboardInterrupt:
            maker.stopped()
            raise
    first = {"html": "index.html", "md": "README.md", "pdf": ""}[wish.kind]
    print(printable(str(to / first)))
    return int(any(page.problem for chapter in book.chapters for page in chapter.pages))


class _Maker:
    """Makes it, and says how it goes."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.ui, self.voice = settings, detect(settings), Voice(as_json=False)

    def book(self, folders: Sequence[str]) -> Book:
        """All chapters, in the order of the course. LessonError for a broken lesson, before any is played."""
        says = self.ui.say(
            f"Playing {len(folders)} lesson{'s' * (len(folders) != 1)} on this machine. Ctrl-C leaves nothing behind.",
            f"レッスン {len(folders)} 本をこのマシンで動かします。Ctrl-C でやめれば何も残りません。",
        )
        self.voice.say(says)
        whole, titles = course(self.settings.lessons), _parts(self.settings)
        lessons = [
            load(folder, self.settings.lang, variant=variant, known=facts.known, views=VIEWS)
            for folder in sorted(folders, key=whole.index)
        ]
        self._ask(lessons)
        chapters = [self._chapter(lesson, titles.get(lesson.id, "")) for lesson in lessons]
        return Book(self.ui.lang, datetime.date.today().isoformat(), _machine(self.ui), tuple(chapters))

    def _ask(self, lessons: Sequence[Lesson]) -> None:
        """UsageError where some are not nsplay's own, and may not run."""
        if self.settings.pack:
            pack = of_folder(self.settings.pack)
            for lesson in lessons:
                ask_trust(self.settings, replace(lesson, id=f"{pack.name}:{lesson.id}"), pack)

    def _chapter(self, lesson: Lesson, part: str) -> Chapter:
        began = time.monotonic()
        chapter = shoot(
            self.settings, lesson, part, lambda at, title: self.voice.alive(f"  {lesson.id} {at}: {title}")
        )
        self.voice.say(self._told(chapter, time.monotonic() - began))
        return chapter

    def _told(self, it: Chapter, seconds: float) -> str:
        say = self.ui.say
        if it.why_not:
            mend = f" ({it.mend})" if it.mend else ""
            return f"- {it.id}: {say('without pictures', '画面なし')}: {it.why_not}{mend}"
        for page in it.pages:
            if page.problem:
                problem = page.problem.replace("\n", "; ")
                return f"{self.ui.no} {it.id}/{page.id}: {say('stopped', '止まりました')}: {problem}"
        steps = say(f"{len(it.pages)} steps", f"{len(it.pages)} ステップ")
        return f"{self.ui.yes} {it.id}: {steps}, {seconds:.0f} {say('s', '秒')}"

    def stopped(self) -> None:
        """Ctrl-C."""
        self.voice.say(self.ui.say("Stopped: no book was written.", "中断しました。本は書かれていません。"))

    def printed(self, program: str, page: str, where: Path) -> bytes:
        """As a PDF."""
        words = self.ui.say("  printing ...", "  PDF にしています ...")
        data = pdf.printed(program, page, where, lambda: self.voice.alive(words))
        self.voice.alive("")
        return data


def _parts(settings: Settings) -> dict[str, str]:
    """Lesson -> the title of the part of the course that it stands in."""
    the_plan, part, found = plan(settings.lessons), "", {}
    begins = {each.first: each.titled(settings.lang) for each in the_plan.parts}
    for folder in course(settings.lessons):
        name = os.path.basename(folder)
        part = found[name] = begins.get(name, part)
    return found


def _machine(ui: Ui) -> str:
    version = variant(USUAL)
    return ui.say(
        f"Linux {platform.release()} ({platform.machine()}) with control groups of version {version}",
        f"Linux {platform.release()} ({platform.machine()}、コントロールグループはバージョン {version})",
    )
