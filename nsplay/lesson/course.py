"""Where lessons lie, and in which order."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nsplay.errors import LessonError, UsageError
from nsplay.lesson.text import printable, read, toml

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")  # a folder with another name is no lesson


@dataclass(frozen=True)
class Part:
    """A part of the course; first: the lesson that it begins with."""

    first: str
    title: str
    title_ja: str

    def titled(self, lang: str) -> str:
        """Its title in that language."""
        return self.title_ja if lang == "ja" else self.title


@dataclass(frozen=True)
class Plan:
    """What course.toml says: the lessons' order, the parts of the course, and what a lesson stands on (id -> ids)."""

    order: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    stands_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def lessons_folder(asked: str | None = None) -> str:
    """asked, else NSPLAY_LESSONS, else the lessons that came with nsplay: in the package, or beside it in a checkout."""
    if chosen := asked or os.environ.get("NSPLAY_LESSONS"):
        return existing(chosen)
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    shipped = os.path.join(package, "lessons")
    return shipped if os.path.isdir(shipped) else os.path.join(os.path.dirname(package), "lessons")


def existing(folder: str) -> str:
    """The folder's whole path. UsageError when there is none."""
    if os.path.isdir(folder):
        return os.path.abspath(folder)
    says, why = f"there is no folder {printable(folder)}", "it was named as the folder with the lessons"
    if re.match(r"[a-z+]+://|[\w.-]+@[\w.-]+:", folder):
        where = re.split(r"[/:]", folder.rstrip("/"))[-1].removesuffix(".git")
        how = f"git clone {printable(folder)} && nsplay list --lessons {printable(where)}"
        raise UsageError(says, "nsplay fetches nothing by itself: git does", how)
    raise UsageError(says, why)


def names(folder: str) -> list[str]:
    """The ids of the lessons in a folder, sorted. LessonError for one that can't be read."""
    try:
        return sorted(name for name in os.listdir(folder) if has_lesson(folder, name))
    except OSError as error:
        says = f"the lessons in {printable(folder)} can't be read"
        raise LessonError(says, error.strerror or str(error)) from None


def course(folder: str, *, ordered: bool = True) -> tuple[str, ...]:
    """The lessons' folders: in the order of course.toml, then the others by name. LessonError for a broken course.toml.

    ordered: False leaves course.toml alone.
    """
    found = names(folder)
    order = plan(folder).order if ordered else ()
    rank = {name: place for place, name in enumerate(order)}
    return tuple(
        os.path.join(folder, name)
        for name in sorted(found, key=lambda name: (rank.get(name, len(rank)), name))
    )


def has_lesson(folder: str, name: str | None = None) -> bool:
    """Is there a lesson of that id in the folder; any, without an id?"""
    if name is None:
        try:
            return any(has_lesson(folder, each) for each in os.listdir(folder))
        except OSError:
            return False
    return ID.fullmatch(name) is not None and os.path.lexists(os.path.join(folder, name, "lesson.md"))


def plan(folder: str) -> Plan:
    """What course.toml says; nothing where there is none. LessonError for a broken one."""
    path = os.path.join(folder, "course.toml")
    if not os.path.lexists(path):
        return Plan()
    found = toml(read(path), path)
    parts, stands = (_table(path, found, key) for key in ("parts", "stands_on"))
    titles = {first: _names(path, f"parts.{first}", value) for first, value in parts.items()}
    return Plan(
        _names(path, "order", found.get("order", [])),
        tuple(Part(first, title[0], title[-1]) for first, title in titles.items() if title),
        {name: _names(path, f"stands_on.{name}", value) for name, value in stands.items()},
    )


def _table(path: str, found: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    table = found.get(key, {})
    if not isinstance(table, dict):
        raise LessonError(f"{printable(path)}: {key} is no table", do=f"[{key}]")
    return table


def _names(path: str, key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        example = f'{key.rpartition(".")[2]} = ["uts"]'
        raise LessonError(f"{printable(path)}: {printable(key)} is no list of names", do=printable(example))
    return tuple(value)


def find(folder: str, name: str) -> str:
    """The folder of a lesson by its id. UsageError names those that there are."""
    if has_lesson(folder, name):
        return os.path.join(folder, name)
    names = ", ".join(os.path.basename(path) for path in course(folder)) or "none"
    says = f"there is no lesson {printable(name)}"
    raise UsageError(says, f"lessons in {printable(folder)}: {names}", "nsplay list")
