"""What has been done, by lesson, step and digest of what the step asks. Survives a power cut and an edited course.

Every change is made under a lock on a fresh look at the file, and put in place by rename(2): two nsplays at once lose nothing.
Whatever is wrong with the file or its folder becomes a sentence in `problems`; nsplay goes on in memory.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from nsplay.settings import give_to_sudo_user

FORMAT = 1
LARGEST = 4 << 20  # bytes: a hundred lessons take a tenth of it


class Done(NamedTuple):
    """A step as it was done. how: "done" or "skipped". seconds: that it took, 0 when nobody knows. hints: that were asked for."""

    digest: str
    how: str
    seconds: int = 0
    hints: int = 0


class Book(NamedTuple):
    """All that is kept. lessons: lesson -> step -> how it was done. last: lesson and step where the learner stood."""

    lessons: dict[str, dict[str, Done]]
    last: tuple[str, str] | None = None


Change = Callable[[Book], Book]


class _DamagedError(Exception):
    """The file isn't what we wrote. rest: what could still be read of it."""

    def __init__(self, why: str, rest: Book | None = None) -> None:
        super().__init__(why)
        self.rest = rest or Book({})


class _NewerError(Exception):
    """A newer nsplay wrote the file: it is left alone."""


class Progress:
    """Progress of one learner. Make it with `load`. Nothing that is wrong with the file makes a method raise."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.path.abspath(path)
        self._book = Book({})
        self._unsaved: list[Change] = []
        self._problems: list[str] = []
        self._ours = True  # False: there is a file that must not be replaced

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Progress":
        """Reads the file. A damaged one is set aside as progress.json.damaged-N; what can be read of it is kept."""
        progress = cls(path)
        try:
            progress._book = _read(progress.path)
        except _DamagedError:
            progress._save()  # looks again, under the lock
        except (_NewerError, OSError) as error:
            progress._leave_alone(error)
        return progress

    @classmethod
    def in_memory(cls) -> "Progress":
        """Of nobody: it is kept nowhere."""
        progress = cls(os.devnull)
        progress._ours = False
        return progress

    @property
    def problems(self) -> tuple[str, ...]:
        """Sentences for the reader: a damaged file was set aside, the folder can't be written. Each once."""
        return tuple(self._problems)

    @property
    def last(self) -> tuple[str, str] | None:
        """Lesson and step where the learner stopped."""
        return self._book.last

    def done(self, lesson: str, step: str, digest: str) -> bool:
        """Was this step, as it is today, done or skipped?"""
        return self.how(lesson, step, digest) is not None

    def how(self, lesson: str, step: str, digest: str) -> str | None:
        """ "done", "skipped", or None."""
        known = self.row(lesson, step, digest)
        return known.how if known else None

    def row(self, lesson: str, step: str, digest: str) -> Done | None:
        """How this step, as it is today, was done; None: it wasn't."""
        known = self._book.lessons.get(lesson, {}).get(step)
        return known if known and known.digest == digest else None

    def mark(
        self, lesson: str, step: str, digest: str, how: str = "done", *, seconds: int = 0, hints: int = 0
    ) -> None:
        """Notes a step as "done" or "skipped". What was done once stays done, with the time of the first time."""

        def note(book: Book) -> Book:
            steps = book.lessons.setdefault(lesson, {})
            if (steps.get(step) or Done("", ""))[:2] != (digest, "done"):
                steps[step] = Done(digest, how, seconds, hints)
            return book._replace(last=(lesson, step))

        self._change(note)

    def stand(self, lesson: str, step: str) -> None:
        """Notes where the learner is."""
        self._change(lambda book: book._replace(last=(lesson, step)))

    def _change(self, change: Change) -> None:
        self._book = change(self._book)
        self._unsaved.append(change)
        self._save()

    def _save(self) -> None:
        """Makes the unsaved changes once more on what the file holds now, and writes that."""
        if not self._ours:
            return
        try:
            with _locked(self.path):
                book = self._fresh()
                for change in self._unsaved:
                    book = change(book)
                _write(self.path, book)
        except _NewerError as error:
            self._leave_alone(error)
        except OSError as error:
            self._say(f"progress can't be written, it lasts until you leave: {self.path}: {error.strerror}")
        else:
            self._book = book
            self._unsaved.clear()

    def _fresh(self) -> Book:
        """What the file holds. Under the lock, so that no other nsplay's new file is taken for the damaged one."""
        try:
            return _read(self.path)
        except _DamagedError as error:
            aside = _free_name(f"{self.path}.damaged")
            os.rename(self.path, aside)
            kept = sum(map(len, error.rest.lessons.values()))
            self._say(
                f"the progress file was damaged ({error}); it was set aside as {aside}, {kept} steps were kept"
            )
            return error.rest

    def _leave_alone(self, error: OSError | _NewerError) -> None:
        self._ours = False
        why = error.strerror if isinstance(error, OSError) else error
        self._say(f"progress can't be read, new progress lasts until you leave: {self.path}: {why}")

    def _say(self, problem: str) -> None:
        if problem not in self._problems:
            self._problems.append(problem)


def sweep(path: str | os.PathLike[str]) -> list[str]:
    """Removes the half of a file that an nsplay was writing when it was killed; which. (The next change does, too.)"""
    new = os.path.abspath(path) + ".new"
    with suppress(OSError):
        if os.path.lexists(new):
            with _locked(os.path.abspath(path)):  # nobody is at it now
                os.unlink(new)
            return [new]
    return []


@contextmanager
def _locked(path: str) -> Iterator[None]:
    """Holds a lock beside the file (flock(2)): two nsplays take turns. It goes with the process, whatever ends it."""
    import fcntl

    lock = os.open(path + ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        give_to_sudo_user(path + ".lock")
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _read(path: str) -> Book:
    """What the file holds; nothing where there is none. _DamagedError, _NewerError or OSError."""
    try:
        # O_NONBLOCK: a fifo of that name must not hold us up.
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        if os.path.islink(path):
            raise _DamagedError("it is a link to nowhere") from None
        return Book({})
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise _DamagedError(error.strerror or "it is no file") from None
        raise
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise _DamagedError("it is no file")
        with open(handle, "rb", closefd=False) as file:
            data = file.read(LARGEST + 1)
    finally:
        os.close(handle)
    if len(data) > LARGEST:
        raise _DamagedError("it is too large")
    import json  # where there is no file, nobody waits for it

    try:
        return _book(json.loads(data))
    except (ValueError, RecursionError):
        raise _DamagedError("it is no JSON") from None


def _book(raw: Any) -> Book:
    """The book in a file's JSON. _DamagedError brings what is left of one."""
    if not isinstance(raw, dict) or not isinstance(raw.get("lessons"), dict):
        raise _DamagedError("it holds no progress")
    version = raw.get("format")
    if isinstance(version, int) and version > FORMAT:
        raise _NewerError("a newer nsplay wrote it")
    lessons: dict[str, dict[str, Done]] = {}
    whole = version == FORMAT
    for lesson, steps in raw["lessons"].items():
        rows = {step: _done(row) for step, row in steps.items()} if isinstance(steps, dict) else {"": None}
        lessons[lesson] = {step: row for step, row in rows.items() if row}
        whole = whole and None not in rows.values()
    match raw.get("last"):
        case [str(lesson), str(step)]:
            book = Book(lessons, (lesson, step))
        case last:
            book, whole = Book(lessons), whole and last is None
    if not whole:
        raise _DamagedError("some of it is no progress", book)
    return book


def _done(row: Any) -> Done | None:
    match row:
        case {"digest": str(digest), "how": "done" | "skipped" as how}:
            numbers = (row.get("seconds", 0), row.get("hints", 0))
            return Done(digest, how, *(n if type(n) is int and n >= 0 else 0 for n in numbers))
    return None


def _write(path: str, book: Book) -> None:
    """A new file beside the old one, on the disk, then in its place (rename(2) is atomic). Under the lock."""
    import json

    lessons = {
        lesson: {
            step: {name: value for name, value in row._asdict().items() if value}
            for step, row in steps.items()
        }
        for lesson, steps in book.lessons.items()
    }  # what nobody knows is left out
    table = {"format": FORMAT, "lessons": lessons, "last": book.last}
    # Half a pair of surrogates can be read from JSON, but can't be written as UTF-8.
    text = json.dumps(table, ensure_ascii=False, indent=1).encode(errors="replace")
    new = path + ".new"
    with suppress(FileNotFoundError):
        os.unlink(new)  # of an nsplay that was killed here
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        give_to_sudo_user(new)
        os.replace(new, path)
    except OSError:
        with suppress(OSError):
            os.unlink(new)
        raise
    folder = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _free_name(base: str) -> str:
    number = 1
    while os.path.lexists(f"{base}-{number}"):
        number += 1
    return f"{base}-{number}"
