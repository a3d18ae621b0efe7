"""Where lessons lie, and in which order."""

import os

from nsplay.errors import LessonError, UsageError


def lessons_folder(asked: str | None = None) -> str:
    """--lessons, else NSPLAY_LESSONS, else the lessons that came with nsplay: in the package, or beside it in a checkout."""
    if chosen := asked or os.environ.get("NSPLAY_LESSONS"):
        if not os.path.isdir(chosen):
            raise UsageError(f"there is no folder {chosen}", "it was named as the folder with the lessons")
        return os.path.abspath(chosen)
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    shipped = os.path.join(package, "lessons")
    return shipped if os.path.isdir(shipped) else os.path.join(os.path.dirname(package), "lessons")


def course(folder: str) -> tuple[str, ...]:
    """The lessons' folders: in the order of course.toml, then the others by name. LessonError for a broken course.toml."""
    try:
        found = sorted(name for name in os.listdir(folder) if _is_lesson(folder, name))
    except OSError as error:
        raise LessonError(f"the lessons in {folder} can't be read", error.strerror or str(error)) from None
    order = _order(os.path.join(folder, "course.toml"))
    rank = {name: place for place, name in enumerate(order)}
    return tuple(
        os.path.join(folder, name)
        for name in sorted(found, key=lambda name: (rank.get(name, len(rank)), name))
    )


def _is_lesson(folder: str, name: str) -> bool:
    return os.path.lexists(os.path.join(folder, name, "lesson.md"))


def _order(path: str) -> list[str]:
    if not os.path.isfile(path):
        return []
    import tomllib

    try:
        with open(path, "rb") as file:
            order = tomllib.load(file).get("order", [])
    except (OSError, ValueError) as error:
        raise LessonError(f"{path} can't be read", str(error)) from None
    if not isinstance(order, list):
        raise LessonError(f"{path}: order is no list", do='order = ["uts"]')
    return [str(name) for name in order]


def find(folder: str, name: str) -> str:
    """The folder of a lesson by its id. UsageError names those that there are."""
    if name and name == os.path.basename(name) and _is_lesson(folder, name):
        return os.path.join(folder, name)
    names = ", ".join(os.path.basename(path) for path in course(folder)) or "none"
    raise UsageError(f"there is no lesson {name}", f"lessons in {folder}: {names}", "nsplay list")
