"""The sessions that are being played, as another process finds them: `nsplay check` and whatever looks on.

Each keeps one file, FOLDER/PIDNS-PID.json in nsplay's state folder: for its user only (0600), put in place by
rename(2), so that a reader never sees half of one; written anew after every command and step, removed at the end.
It holds a JSON object:

    format   1
    boot     this boot's id (random(4)), and
    pid_ns   the inode of the pid namespace in which all the pids below are numbers
    pid      nsplay's process; began: its start time in clock ticks (proc(5)), which tells a pid that is used again
    stage    pid of the stage process, which is the host; warden: pid of the warden
    shells   pids of the terminals' shells: of the first, the lesson's, then of the second; 0 where there is none.
             A shell is a child of the stage process; one that isn't any more has ended
    lessons  the folder with the lessons; lesson, step: their ids; lang: the words' language, "en" or "ja"
    done     is the step done?
    todo     the commands that are left of the step, each with the terminal it is for
    before   all facts by name when the step began; start: when the lesson began. They hold the parts of a snapshot
             that the step (the first step) asks for. A fact is a string, a number, a boolean or a list of strings
    last     the last command that was typed or that changed something: line ("" when unknown) and the facts before
             and after it; null before the first one

The first five mean the same in every format. Where the learner is isn't told: it is asked of the kernel (`place`).
"""

import contextlib
import functools
import json
import os
import pwd
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nsplay.errors import MachineError
from nsplay.facts import Value
from nsplay.kernel import namespaces, processes, tty
from nsplay.kernel.files import content
from nsplay.settings import give_to_sudo_user, make_state_folder, state_folder

FORMAT: Final = 1
FOLDER: Final = "sessions"
WARDEN: Final = "nsplay-warden"  # what every session's child is called (stage/warden.py)

Facts = Mapping[str, Value]


@dataclass(frozen=True)
class Command:
    """What was typed ("" when unknown), and all facts before and after it."""

    line: str
    before: Facts
    after: Facts


@dataclass(frozen=True)
class Running:
    """One session, as its file tells it: see above."""

    pid: int
    began: int
    stage: int
    warden: int
    shells: tuple[int, ...]
    lessons: str
    lesson: str
    step: str
    lang: str
    done: bool
    before: Facts
    start: Facts
    last: Command | None
    todo: tuple[tuple[str, int], ...] = ()

    def place(self, terminal: int = 1) -> int | None:
        """The process in front of a terminal at this moment; None when there is no such terminal, or its shell is gone."""
        for shell in self.shells[terminal - 1 : terminal]:
            found = processes.read(shell)
            if found and found.ppid == self.stage and (leader := tty.front_of(shell).leader):
                return leader.pid
        return None


def started(pid: int) -> int | None:
    """When it started, in clock ticks after boot; None when nobody lives by that number."""
    found = processes.read(pid)
    return found.start if found and found.state not in "ZX" else None


def publish(state: Path, session: Running) -> None:
    """Puts the file of a session of this process in place. Raises OSError."""
    folder, path = state / FOLDER, _path(state, session.pid)
    if not folder.is_dir():
        make_state_folder(str(folder))
    there = {"format": FORMAT, "boot": _boot(), "pid_ns": _pid_ns(), **vars(session)}
    there["last"] = session.last and vars(session.last)
    new = path.with_suffix(".new")
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(fd, "wb", buffering=0) as file:
        file.write(json.dumps(there, default=dict).encode())
    give_to_sudo_user(str(new))
    new.rename(path)


def withdraw(state: Path, pid: int) -> None:
    """Removes the file of a session. Nothing happens when there is none."""
    with contextlib.suppress(OSError):
        _path(state, pid).unlink()


def running(state: Path, env: Mapping[str, str] = os.environ) -> tuple[Running, ...]:
    """The sessions that are being played, newest first.

    Looks in `state`. For root, when nothing is there and nobody said where (XDG_STATE_HOME): in the state folder of
    every session on the machine. Files of sessions that are gone are removed. Raises MachineError when the only ones
    are of another nsplay, whose files can't be read.
    """
    found, strange = _in(state)
    if not found and not os.geteuid() and not env.get("XDG_STATE_HOME"):
        for folder in set(_others()) - {state}:
            more, strangers = _in(folder)
            found, strange = found + more, strange + strangers
    if strange and not found:
        raise MachineError(
            f"the session of process {strange[0]} can't be read",
            "it is played by another version of nsplay",
            "the nsplay that plays it",
        )
    return tuple(sorted(found, key=lambda session: session.began, reverse=True))


def sweep(state: Path) -> list[str]:
    """Removes the files of sessions that are gone; their names."""
    swept = []
    for path in (state / FOLDER).glob("*.new"):  # whoever wrote it may have died before it had its name
        with contextlib.suppress(OSError, ValueError):
            home, pid = map(int, path.stem.split("-"))
            if home == _pid_ns() and started(pid) is None:
                path.unlink()
    for path in (state / FOLDER).glob("*.json"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            if _gone(json.loads(path.read_bytes())):
                path.unlink()
                swept.append(str(path))
    return swept


def _in(state: Path) -> tuple[list[Running], list[int]]:
    """The living sessions of a state folder, and the pids of those whose files are of another format."""
    found: list[Running] = []
    strange: list[int] = []
    sweep(state)
    for path in (state / FOLDER).glob("*.json"):
        with contextlib.suppress(FileNotFoundError, ValueError, KeyError, TypeError):  # no file of ours
            there = json.loads(path.read_bytes())
            if there["boot"] != _boot() or there["pid_ns"] != _pid_ns():
                continue  # on another machine, or in a container, with the same home
            if there["format"] == FORMAT:
                found.append(_session(there))
            else:
                strange.append(int(there["pid"]))
    return found, strange


def _gone(there: Mapping[str, Any]) -> bool:
    """Is the process gone that a file is about? What another pid namespace numbers can't be told from here."""
    if there["boot"] != _boot():
        return True
    return bool(there["pid_ns"] == _pid_ns() and started(there["pid"]) != there["began"])


def _session(there: Mapping[str, Any]) -> Running:
    """KeyError or TypeError when it isn't what `publish` writes."""
    last = there["last"]
    return Running(
        pid=int(there["pid"]),
        began=int(there["began"]),
        stage=int(there["stage"]),
        warden=int(there["warden"]),
        shells=tuple(map(int, there["shells"])),
        lessons=str(there["lessons"]),
        lesson=str(there["lesson"]),
        step=str(there["step"]),
        lang=str(there["lang"]),
        done=bool(there["done"]),
        before=_facts(there["before"]),
        start=_facts(there["start"]),
        last=Command(str(last["line"]), _facts(last["before"]), _facts(last["after"])) if last else None,
        todo=tuple((str(line), int(terminal)) for line, terminal in there.get("todo", ())),
    )


def _facts(there: Mapping[str, Any]) -> Facts:
    return {name: tuple(fact) if isinstance(fact, list) else fact for name, fact in there.items()}


def _path(state: Path, pid: int) -> Path:
    return state / FOLDER / f"{_pid_ns()}-{pid}.json"


@functools.cache
def _boot() -> str:
    return content("/proc/sys/kernel/random/boot_id").decode().strip()


@functools.cache
def _pid_ns() -> int:
    return namespaces.inodes("self").get("pid", 0)


def _others() -> Iterator[Path]:
    """The state folders of all sessions on this machine: each one's warden leads to it."""
    for warden in processes.all():
        if warden.comm != WARDEN:
            continue
        with contextlib.suppress(OSError, KeyError):
            raw = content(f"/proc/{warden.ppid}/environ").decode(errors="surrogateescape")
            pairs = (pair.partition("=")[::2] for pair in raw.split("\0"))
            user = pwd.getpwuid(os.stat(f"/proc/{warden.ppid}").st_uid)
            yield Path(state_folder(dict(pairs), user))
