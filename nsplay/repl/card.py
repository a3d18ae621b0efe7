"""`nsplay card LESSON`: what is worth keeping of it."""

from dataclasses import replace

from nsplay import facts
from nsplay.errors import LessonError
from nsplay.kernel.cgroups import variant
from nsplay.lesson.loader import load
from nsplay.lesson.model import Card
from nsplay.lesson.packs import lookup
from nsplay.repl.chooser import detect
from nsplay.settings import Settings
from nsplay.view import ending
from nsplay.view.registry import VIEWS
from nsplay.view.ui import render


def print_card(settings: Settings, lesson_id: str) -> int:
    """Prints it; 0. LessonError for a lesson without one."""
    folder, name, _ = lookup(settings, lesson_id)
    lesson = replace(load(folder, settings.lang, variant=variant, known=facts.known, views=VIEWS), id=name)
    if lesson.card == Card():
        raise LessonError(f"the lesson {lesson_id} has no card", "its text ends without a section {#card}")
    ui = detect(settings)
    print(render(ui, ending.card(ui, lesson.id, lesson.card)), end="")
    return 0
