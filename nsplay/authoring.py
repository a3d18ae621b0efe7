"""`nsplay lesson new` and `nsplay lesson edit`: a lesson to write over, in the lessons folder in use, and a look at it."""

import os
import shlex
from collections.abc import Collection, Mapping

from nsplay.errors import LessonError, UsageError
from nsplay.lesson import template
from nsplay.lesson.course import find, lessons_folder
from nsplay.lesson.document import document
from nsplay.lesson.loader import ID
from nsplay.lesson.order import with_lesson
from nsplay.lesson.outline import title
from nsplay.lesson.text import printable, read
from nsplay.settings import Settings

LONGEST_ID = 14  # columns in the menu, where parts stand beside each other


def new_lesson(settings: Settings, ids: Collection[str], lang: str | None, taken: Collection[str]) -> int:
    """Writes the lesson of this id, or with lang "ja" its translation; 0. taken: words that nsplay understands itself.

    UsageError for an id that can't be one, that is there already, or where nothing can be written.
    """
    name = _id(ids, "new")
    folder = os.path.join(settings.lessons, name)
    if lang == "ja" and os.path.lexists(os.path.join(folder, "lesson.md")):
        written = [_translate(find(settings.lessons, name), name)]
    else:
        _free(settings, name, taken)
        _writable(settings.lessons, name)
        texts = {"lesson.md": template.lesson()}
        if lang == "ja":
            texts["lesson.ja.md"] = template.translation()
        written = _write(folder, texts) + _enter(settings.lessons, name)
    option = _option(settings)
    for line in written:
        print(line)
    print(
        f"\nIt works as it stands. Write over it, with this beside your editor:\n    nsplay lesson edit {name}{option}"
    )
    print(f"Then:\n    nsplay lesson lint {name}{option}\n    nsplay lesson test {name}{option}")
    return os.EX_OK


def draft_lesson(settings: Settings, ids: Collection[str], taken: Collection[str]) -> int:
    """A lesson out of free play: written, and proved; 0, 1 when something of it isn't proved.

    UsageError as `new_lesson`, and without a terminal.
    """
    name = _id(ids, "draft")
    _free(settings, name, taken)
    _writable(settings.lessons, name)
    from nsplay.drafting import Draft
    from nsplay.repl.draft import Recorder

    recorder = Recorder(settings, name)
    draft, written = None, list[str]()
    try:
        left = recorder.play()
    finally:  # a closed window, too
        if recorder.steps:
            draft = Draft(settings, name, recorder.steps)
            written = _write(draft.folder, {"lesson.md": draft.text()}) + _enter(settings.lessons, name)
    if left:
        print(f"left behind: {', '.join(left)} (nsplay clean)")
    if draft is None:
        print("\nNo command has changed anything: there is nothing to make a lesson of.")
        return 1
    print("\n" + "\n".join(written))
    return draft.prove(_option(settings))


def edit_lesson(settings: Settings, ids: Collection[str], step: str | None) -> int:
    """Shows the step of a lesson that is being written, whenever it is saved, until Ctrl-C; 0."""
    from nsplay.linting import lesson_problems, told
    from nsplay.repl.edit import edit

    if len(ids) != 1:
        raise UsageError("`nsplay lesson edit` takes one id", do="nsplay lesson edit uts")
    (name,) = ids
    folder = find(settings.lessons, name)
    return edit(
        settings, folder, step, lambda: [told(problem) for problem in lesson_problems(settings, name)]
    )


def _option(settings: Settings) -> str:
    """What has to be said of the lessons' folder, where it isn't nsplay's own."""
    return "" if settings.lessons == lessons_folder() else f" --lessons {shlex.quote(settings.lessons)}"


def _id(ids: Collection[str], verb: str) -> str:
    how = f"nsplay lesson {verb} my-lesson"
    if len(ids) != 1:
        raise UsageError(f"`nsplay lesson {verb}` takes one id", "the name of the lesson's folder", how)
    (name,) = ids
    if not ID.fullmatch(name) or len(name) > LONGEST_ID:
        why = f"an id is made of small letters, digits and -, begins with a letter, and has {LONGEST_ID} at most"
        raise UsageError(f"{printable(name)} is no id for a lesson", why, how)
    return name


def _free(settings: Settings, name: str, taken: Collection[str]) -> None:
    """UsageError for an id that a lesson, or a command of nsplay's, has already."""
    folder = os.path.join(settings.lessons, name)
    if os.path.lexists(os.path.join(folder, "lesson.md")):
        why = f"it lies in {printable(folder)}; nothing was written"
        how = f"nsplay lesson edit {name}{_option(settings)}"
        raise UsageError(f"there is a lesson {name} already", why, how)
    if name in taken:
        how = "nsplay lesson new my-lesson"
        raise UsageError(f"a lesson can't be called {name}", f"`nsplay {name}` is something else", how)


def _translate(folder: str, name: str) -> str:
    """The Japanese file of a lesson that is there."""
    path = os.path.join(folder, "lesson.ja.md")
    if os.path.lexists(path):
        raise UsageError(f"{name} is translated already", f"into {printable(path)}; nothing was written")
    _writable(folder, name)
    source = document(folder)
    assert source
    (written,) = _write(folder, {"lesson.ja.md": template.untranslated(source, title(source, None))})
    return f"{written}, still in English"


def _writable(folder: str, name: str) -> None:
    """UsageError where a lesson can't be kept: a folder that isn't ours, or the package's own, which an update replaces."""
    package = os.path.dirname(os.path.realpath(__file__))
    how = f"mkdir lessons && nsplay lesson new {name} --lessons lessons"
    if os.path.realpath(folder).startswith(package + os.sep):
        raise UsageError("these lessons came with nsplay", "an update of nsplay would take yours away", how)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(
            f"{printable(folder)} can't be written to", "lessons can lie in a folder of your own", how
        )


def _write(folder: str, texts: Mapping[str, str]) -> list[str]:
    """Writes new files, all or none; their paths. Nothing that is there is overwritten. OSError."""
    made: list[str] = []
    fresh = not os.path.isdir(folder)
    try:
        if fresh:
            os.mkdir(folder)
            _give(folder)
        for name, text in texts.items():
            path = os.path.join(folder, name)
            with open(path, "x", encoding="utf-8") as file:
                made.append(path)
                file.write(text)
            _give(path)
    except BaseException:
        for path in made:
            os.unlink(path)
        if fresh and os.path.isdir(folder):
            os.rmdir(folder)
        raise
    return made


def _give(path: str) -> None:
    """Under sudo: what is made in somebody's folder is theirs."""
    if os.geteuid() == 0:
        owner = os.stat(os.path.dirname(path))
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _enter(lessons: str, name: str) -> list[str]:
    """Adds it to course.toml, where there is one; what to tell of that."""
    path = os.path.join(lessons, "course.toml")
    if not os.path.lexists(path):
        return []
    try:
        text = with_lesson(read(path), name, path)
    except LessonError as error:
        return [f"! {error.what}: {name} isn't in it"]
    if text is None:
        return [f'! {path}: write "{name}" into its order yourself']
    with open(path, "r+", encoding="utf-8") as file:  # its owner and mode stay
        file.write(text)
        file.truncate()
    return [f"{path}: {name} is the last of its order"]
