"""Where lessons lie, and in which order."""

import os
from pathlib import Path

from nsplay.errors import LessonError, UsageError


def lessons_folder(asked: str | None = None) -> Path:
    """--lessons, else NSPLAY_LESSONS, else the lessons that came with nsplay: in the package, or beside it in a checkout."""
    if chosen := asked or os.environ.get("NSPLAY_LESSONS"):
        if not os.path.isdir(chosen):
            raise UsageError(f"there is no folder {chosen}", "it was named as the folder with the lessons")
        return Path(chosen).absolute()
    package = Path(__file__).resolve().parent.parent
    shipped = package / "lessons"
    return shipped if shipped.is_dir() else package.parent / "lessons"


def course(folder: Path) -> tuple[Path, ...]:
    """The lessons' folders: in the order of course.toml, then the others by name. LessonError for a broken course.toml."""
    try:
        found = sorted(name for name in os.listdir(folder) if os.path.lexists(folder / name / "lesson.md"))
    except OSError as error:
        raise LessonError(f"the lessons in {folder} can't be read", error.strerror or str(error)) from None
    order = _order(folder / "course.toml")
    rank = {name: place for place, name in enumerate(order)}
    return tuple(folder / name for name in sorted(found, key=lambda name: (rank.get(name, len(rank)), name)))


def _order(path: Path) -> list[str]:
    if not path.is_file():
        return []
    import tomllib

    try:
        order = tomllib.loads(path.read_text("utf-8")).get("order", [])
    except (OSError, ValueError) as error:
        raise LessonError(f"{path} can't be read", str(error)) from None
    if not isinstance(order, list):
        raise LessonError(f"{path}: order is no list", do='order = ["uts"]')
    return [str(name) for name in order]


def find(folder: Path, name: str) -> Path:
    """The folder of a lesson by its id. UsageError names those that there are."""
    if name and name == os.path.basename(name) and os.path.lexists(folder / name / "lesson.md"):
        return folder / name
    names = ", ".join(path.name for path in course(folder)) or "none"
    raise UsageError(f"there is no lesson {name}", f"lessons in {folder}: {names}", "nsplay list")
