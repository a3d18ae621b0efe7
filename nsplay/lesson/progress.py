"""What has been done, by lesson, step and digest of what the step asks. Survives a power cut and an edited course."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nsplay.settings import give_to_sudo_user


class Progress:
    """Progress of one learner. Every mark is written at once, merged with what another nsplay wrote meanwhile.

    problems: sentences for the reader (a damaged file was set aside, the folder can't be written).
    """

    def __init__(self, path: str, data: dict[str, Any] | None = None, problems: tuple[str, ...] = ()) -> None:
        self.path, self.problems = path, problems
        self._data: dict[str, Any] = data or {"lessons": {}, "last": None}

    @classmethod
    def load(cls, path: str) -> "Progress":
        """Reads the file; never raises. A damaged one is set aside as progress.json.damaged-N."""
        try:
            with open(path, "rb") as file:
                data = file.read()
            import json  # where there is no file, nobody waits for it

            return cls(path, _checked(json.loads(data)))
        except FileNotFoundError:
            return cls(path)
        except (ValueError, RecursionError):
            return cls(path, problems=(_set_aside(path),))
        except OSError as error:
            return cls(path, problems=(f"progress can't be read: {path}: {error.strerror}",))

    def done(self, lesson: str, step: str, digest: str) -> bool:
        """Was this step, as it is today, done or skipped?"""
        return self.how(lesson, step, digest) is not None

    def how(self, lesson: str, step: str, digest: str) -> str | None:
        """ "done", "skipped", or None."""
        entry = self._data["lessons"].get(lesson, {}).get(step)
        return str(entry["how"]) if entry and entry["digest"] == digest else None

    @property
    def last(self) -> tuple[str, str] | None:
        """Lesson and step where the learner stopped."""
        last = self._data["last"]
        return (last[0], last[1]) if last else None

    def mark(self, lesson: str, step: str, digest: str, how: str = "done") -> None:
        """Notes a step as "done" or "skipped". What was done once stays done."""

        def note(data: dict[str, Any]) -> None:
            old = data["lessons"].setdefault(lesson, {}).get(step)
            if not (old and old["digest"] == digest and old["how"] == "done"):
                data["lessons"][lesson][step] = {"digest": digest, "how": how}
            data["last"] = [lesson, step]

        self._change(note)

    def stand(self, lesson: str, step: str) -> None:
        """Notes where the learner is."""
        self._change(lambda data: data.__setitem__("last", [lesson, step]))

    def _change(self, note: Any) -> None:
        note(self._data)
        try:
            with _locked(self.path):
                fresh = Progress.load(self.path)
                note(fresh._data)
                if not fresh.problems:
                    self._data = fresh._data
                _write(self.path, self._data)
        except OSError as error:
            problem = f"progress can't be written, it lasts until you leave: {self.path}: {error.strerror}"
            self.problems = tuple(dict.fromkeys((*self.problems, problem)))


def _checked(data: Any) -> dict[str, Any]:
    """The data, when it has the right shape; ValueError otherwise."""
    lessons, last = (
        data.get("lessons") if isinstance(data, dict) else None,
        data.get("last") if isinstance(data, dict) else 0,
    )
    if not isinstance(lessons, dict) or not (last is None or (isinstance(last, list) and len(last) == 2)):
        raise ValueError("not a progress file")
    for steps in lessons.values():
        for entry in steps.values() if isinstance(steps, dict) else [None]:
            if not isinstance(entry, dict) or not {"digest", "how"} <= entry.keys():
                raise ValueError("not a progress file")
    return {"lessons": lessons, "last": last}


def _set_aside(path: str) -> str:
    for number in range(1, 1000):
        aside = f"{path}.damaged-{number}"
        if not os.path.lexists(aside):
            try:
                os.rename(path, aside)
            except OSError as error:
                return f"the progress file is damaged and can't be set aside: {path}: {error.strerror}"
            return f"the progress file was damaged; it was set aside as {aside}"
    return f"the progress file is damaged: {path}"


@contextmanager
def _locked(path: str) -> Iterator[None]:
    """Holds a lock beside the file (flock(2)): two nsplays take turns. It goes with the process, whatever ends it."""
    import fcntl

    lock = os.open(path + ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        give_to_sudo_user(path + ".lock")
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _write(path: str, data: dict[str, Any]) -> None:
    """A new file beside the old one, on the disk, then in its place (rename(2) is atomic)."""
    import json

    new = path + ".new"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        json.dump({"format": 1, **data}, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    give_to_sudo_user(new)
    os.replace(new, path)
