"""Packs: lessons by others, beside nsplay's own course. One is a folder or a checkout (`--lessons DIR`), or a package that
names itself under the entry point group `nsplay.lessons`. Its lessons are called PACK:LESSON, so that no id of theirs can
take the place of another. Light to import, and nothing of a package is executed to find it.
"""

import os
import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from nsplay.errors import LessonError, UsageError
from nsplay.lesson.course import course, find, has_lesson, names
from nsplay.lesson.text import printable
from nsplay.settings import Settings

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

OURS: Final = "nsplay"  # what our own course is called as a pack
GROUP: Final = "nsplay.lessons"
MOST: Final = 200  # lessons of a pack: each is read for the list
NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,23}")
MODULE: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)


class Pack(NamedTuple):
    """source: where it comes from, for a reader. problem: why its lessons can't be had; folder may then be ""."""

    name: str
    folder: str
    source: str
    problem: str = ""


class Place(NamedTuple):
    """A lesson: its folder, and what it is called. pack: None for one of our own course."""

    folder: str
    id: str
    pack: Pack | None = None


def packs(asked: str) -> tuple[Pack, ...]:
    """All that there are, usable or not. asked: the folder of --lessons, "" without one; it comes first."""
    found = [*([of_folder(asked)] if asked else []), *installed()]
    names = dict[str, Pack]()
    for pack in found:
        first = names.setdefault(pack.name, pack)
        if first is not pack:
            problem = f"another pack is called {pack.name}, too: {first.source}"
            names[f"{pack.name} {len(names)}"] = pack._replace(problem=problem)
    return tuple(names.values())


def of_folder(folder: str) -> Pack:
    """The pack in a folder, such as a git checkout: its lessons lie in it, or in `lessons` in it."""
    path = os.path.realpath(folder)
    root = lessons_in(path)
    name = re.sub(r"[^a-z0-9]+", "-", _named(path).lower())[:24].strip("-")
    return Pack(name if _is_name(name) else "pack", root, printable(path), _problem(root))


def _named(path: str) -> str:
    base = os.path.basename(path)
    return os.path.basename(os.path.dirname(path)) if base == "lessons" else base


def _is_name(name: str) -> bool:
    return NAME.fullmatch(name) is not None and name != OURS


def lessons_in(folder: str) -> str:
    """Where in a folder the lessons are: in it, or in `lessons` in it."""
    inner = os.path.join(folder, "lessons")
    return inner if os.path.isdir(inner) and not has_lesson(folder) else folder


def _problem(root: str) -> str:
    """Why a folder's lessons can't be had."""
    try:
        there = names(root)
        course(root)
    except LessonError as error:
        return f"{error.what}: {error.why}".removesuffix(": ")
    if not there:
        return f"there are no lessons in {printable(root)}: one is a folder with a lesson.md"
    return f"it has {len(there)} lessons, more than {MOST}" if len(there) > MOST else ""


# --- packages


@lru_cache(maxsize=1)
def installed() -> tuple[Pack, ...]:
    """Of packages that are installed beside nsplay."""
    if not any(map(_mentions, sys.path)):
        return ()
    from importlib.metadata import entry_points

    try:
        return tuple(map(_of_package, sorted(entry_points(group=GROUP))))
    except Exception as error:  # noqa: BLE001  (what others wrote into their packages' metadata)
        why = f"the metadata of installed packages can't be read: {type(error).__name__}: {error}"
        return (Pack("packages", "", GROUP, printable(why)),)


def _mentions(folder: str) -> bool:
    """Does a package there name the group? importlib.metadata takes longer to import than all of `nsplay list`."""
    try:
        found = [entry.path for entry in os.scandir(folder or ".") if entry.name.endswith("-info")]
    except OSError:  # not there, or an archive
        return False
    return any(GROUP.encode() in _bytes(os.path.join(path, "entry_points.txt")) for path in found)


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(1 << 16)
    except OSError:
        return b""


def _of_package(point: "EntryPoint") -> Pack:
    source = f"{point.dist.name} {point.dist.version}" if point.dist else point.value
    name = point.name if _is_name(point.name) else "pack"
    pack = Pack(name, "", printable(source))
    if name != point.name:
        why = "small letters, digits and -, 24 at most, and not nsplay"
        return pack._replace(problem=f"{printable(point.name)} is no name for a pack: {why}")
    if not MODULE.fullmatch(point.value):
        return pack._replace(problem=f"{printable(point.value)} is no package's name")
    folders = list(_folders(point.value))
    if not folders:
        return pack._replace(problem=f"there is no package {point.value} with a folder of its own")
    root = next((root for root in map(lessons_in, folders) if has_lesson(root)), lessons_in(folders[0]))
    return pack._replace(folder=root, problem=_problem(root))


def _folders(module: str) -> Iterator[str]:
    """A package's folders, without a line of it being executed: a parent package would be imported to find its child."""
    from importlib.util import find_spec

    first, *more = module.split(".")
    try:
        spec = find_spec(first)
    except Exception:  # noqa: BLE001  (a finder of somebody's, a half removed package)
        return
    for folder in (spec and spec.submodule_search_locations) or ():
        if os.path.isdir(path := os.path.join(folder, *more)):
            yield path


# --- lessons by their names


def everything(settings: Settings) -> Iterator[Place]:
    """Our own course in its order, then each pack's."""
    for folder in course(settings.lessons):
        yield Place(folder, os.path.basename(folder))
    for pack in packs(settings.pack):
        for folder in () if pack.problem else course(pack.folder):
            yield Place(folder, f"{pack.name}:{os.path.basename(folder)}", pack)


def lookup(settings: Settings, name: str) -> Place:
    """The lesson of that name: PACK:LESSON, or the id alone of one of ours, else of the one pack that has it. UsageError."""
    pack_name, colon, lesson = name.partition(":")
    if not colon:
        return _bare(settings, name)
    if pack_name == OURS:
        return Place(find(settings.lessons, lesson), lesson)
    there = packs(settings.pack)
    for pack in there:
        if pack.name == pack_name:
            if pack.problem:
                raise UsageError(f"the lessons of {pack_name} can't be had", pack.problem)
            return Place(find(pack.folder, lesson), name, pack)
    known = ", ".join(pack.name for pack in there) or "none"
    raise UsageError(f"there is no pack {printable(pack_name)}", f"packs: {known}", "nsplay list")


def _bare(settings: Settings, name: str) -> Place:
    if not has_lesson(settings.lessons, name):
        usable = (pack for pack in packs(settings.pack) if not pack.problem)
        having = [pack for pack in usable if has_lesson(pack.folder, name)]
        if len(having) == 1:
            return Place(find(having[0].folder, name), f"{having[0].name}:{name}", having[0])
        if having:
            listed = ", ".join(f"{pack.name}:{name}" for pack in having)
            says = f"{len(having)} packs have a lesson {printable(name)}: {listed}"
            raise UsageError(says, do=f"nsplay {having[0].name}:{name}")
    return Place(find(settings.lessons, name), name)


def in_pack(name: str) -> str:
    """A lesson's id within its pack."""
    return name.rpartition(":")[2]
