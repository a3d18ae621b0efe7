"""Where lessons lie, and in which order."""

import os
import re

from nsplay.errors import LessonError, UsageError
from nsplay.lesson.text import printable, read, toml

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")  # a folder with another name is no lesson


def lessons_folder(asked: str | None = None) -> str:
    """--lessons, else NSPLAY_LESSONS, else the lessons that came with nsplay: in the package, or beside it in a checkout."""
    if chosen := asked or os.environ.get("NSPLAY_LESSONS"):
        if not os.path.isdir(chosen):
            says = f"there is no folder {printable(chosen)}"
            raise UsageError(says, "it was named as the folder with the lessons")
        return os.path.abspath(chosen)
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    shipped = os.path.join(package, "lessons")
    return shipped if os.path.isdir(shipped) else os.path.join(os.path.dirname(package), "lessons")


def course(folder: str) -> tuple[str, ...]:
    """The lessons' folders: in the order of course.toml, then the others by name. LessonError for a broken course.toml."""
    try:
        found = sorted(name for name in os.listdir(folder) if _is_lesson(folder, name))
    except OSError as error:
        says = f"the lessons in {printable(folder)} can't be read"
        raise LessonError(says, error.strerror or str(error)) from None
    order = _order(os.path.join(folder, "course.toml"))
    rank = {name: place for place, name in enumerate(order)}
    return tuple(
        os.path.join(folder, name)
        for name in sorted(found, key=lambda name: (rank.get(name, len(rank)), name))
    )


def _is_lesson(folder: str, name: str) -> bool:
    return ID.fullmatch(name) is not None and os.path.lexists(os.path.join(folder, name, "lesson.md"))


def _order(path: str) -> list[str]:
    if not os.path.lexists(path):
        return []
    order = toml(read(path), path).get("order", [])
    if not isinstance(order, list) or not all(isinstance(name, str) for name in order):
        raise LessonError(f"{printable(path)}: order is no list of names", do='order = ["uts"]')
    return order


def find(folder: str, name: str) -> str:
    """The folder of a lesson by its id. UsageError names those that there are."""
    if _is_lesson(folder, name):
        return os.path.join(folder, name)
    names = ", ".join(os.path.basename(path) for path in course(folder)) or "none"
    says = f"there is no lesson {printable(name)}"
    raise UsageError(says, f"lessons in {printable(folder)}: {names}", "nsplay list")
