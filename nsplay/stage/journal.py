"""What a stage is about to make on the machine, written down before it is made, so that anybody can take it
back later.

One file a stage in the state folder's `stages`; it goes when the stage has been taken back. Locks order those
who start, end and mend, so that none takes another's half for a leftover.
"""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from nsplay.kernel import processes
from nsplay.stage import family, groups, room, ungroup

FOLDER: Final = "stages"
DEADLINE: Final = (
    15.0  # seconds to end a stage; it takes milliseconds, and seconds where the machine has no time for it
)


class Trace(NamedTuple):
    """One stage on this machine.

    boot: the boot's id; start: the warden's start time in clock ticks; both tell its pid from one that is
    used again.
    groups: the outermost folders. enabled: what was turned on in version 2's subtree_control, by folder. rooms: where nsplay
    stands aside.
    """

    ident: str
    boot: str
    warden: int
    start: int
    groups: list[str]
    enabled: dict[str, list[str]]
    rooms: Sequence[str] = ()

    def living(self) -> bool:
        """Does the warden live, so that the stage is its business?"""
        return self.boot == boot() and family.alive(self.warden, self.start)


def boot() -> str:
    """This boot's id (random(4))."""
    return family.read("/proc/sys/kernel/random/boot_id").strip()


def begin(state: Path, ident: str, places: list[groups.Hierarchy]) -> Trace:
    """Writes the journal of a stage whose warden is the calling process. Raises OSError where the folder
    can't be written.
    """
    second = [place for place in places if place.version == 2]
    with _locked(state), groups.locked(place.base for place in second):
        _drop_torn(state)
        rooms = [room.folder(place, ident) for place in second if room.needed(place, os.getppid())]
        able = [place for place in second if room.folder(place, ident) in rooms or not room.crowded(place)]
        enabled = {place.base: groups.to_turn_on(place) if place in able else [] for place in second}
        folders = [place.group(ident) for place in places]
        myself = processes.read(os.getpid())
        start = myself.start if myself else 0
        trace = Trace(ident, boot(), os.getpid(), start, folders, enabled, rooms)
        new = path(state, ident).with_suffix(".new")
        new.write_text(json.dumps(trace._asdict()))
        new.rename(path(state, ident))
        for aside in rooms:
            with contextlib.suppress(OSError):  # then the base stays crowded, and gives nothing
                room.enter(aside)
        for place in second:
            with contextlib.suppress(OSError):  # groups.make says why there is none
                groups.claim(place, ident, enabled[place.base])
    return trace


def path(state: Path, ident: str) -> Path:
    """The journal of a stage."""
    return state / FOLDER / f"{ident}.json"


def sweep(
    state: Path, trace: Trace, find: family.Find, certain: Callable[[], bool] = lambda: True
) -> tuple[str, ...]:
    """Ends everything that find() names, takes back what the stage made, and the journal with it; what
    stays behind.

    certain(): see family.end.
    """
    until = time.monotonic() + DEADLINE
    ungroup.forbid_forks(trace.groups)
    ungroup.evict_strangers(trace.groups)
    ungroup.kill(trace.groups)
    ended = family.end(find, until, certain, lambda: ungroup.thaw(trace.groups))
    left = () if ended else tuple(f"process {pid}" for pid in sorted(find()))
    with _locked(state), groups.locked(base for base in trace.enabled if os.path.isdir(base)):
        # Only now: the stage may have been making folders until it died.
        left += tuple(group for group in ungroup.left(trace.groups) if not ungroup.remove(group, until))
        ungroup.take_back(trace.enabled)
        left += tuple(folder for folder in trace.rooms if not room.leave(folder))
        if not left:
            path(state, trace.ident).unlink(missing_ok=True)
    return left


def mend(state: Path, trace: Trace) -> tuple[str, ...]:
    """Sweeps a stage whose warden is dead: told by its groups and its mark. What stays behind."""

    def find() -> set[int]:
        return family.marked(trace.ident, trace.warden) | ungroup.members(trace.groups)

    return sweep(state, trace, find)


def read(state: Path, ident: str) -> Trace | None:
    """The journal of a stage; None when there is none, or when it can't be understood."""
    try:
        return Trace(**json.loads(path(state, ident).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def clean(state: Path) -> tuple[str, ...]:
    """Mends every stage whose warden is gone (kill -9 of warden and nsplay, a power cut); one sentence for
    each.
    """
    mended = []
    if (state / FOLDER).is_dir():
        with _locked(state), contextlib.suppress(PermissionError):
            _drop_torn(state)
    with contextlib.suppress(FileNotFoundError):
        for file, trace in _traces(state):
            if trace.living():
                continue
            if trace.boot != boot():  # nothing of it survived
                file.unlink(missing_ok=True)
                continue
            left = mend(state, trace)
            mended.append(
                f"Stage {trace.ident} was cut off: "
                + (f"left {', '.join(left)}" if left else "all of it is gone now")
            )
    return tuple(mended)


def _drop_torn(state: Path) -> None:
    """Journals whose writer died before they had their name: nothing was made yet. The lock has to be held."""
    for torn in (state / FOLDER).glob("*.new"):
        torn.unlink()


def _traces(state: Path) -> list[tuple[Path, Trace]]:
    """Every journal that can be understood; one that can't is set aside."""
    found = []
    for file in sorted((state / FOLDER).glob("*.json")):
        if trace := read(state, file.stem):
            found.append((file, trace))
        else:
            with contextlib.suppress(FileNotFoundError):
                file.rename(file.with_suffix(".damaged"))
    return found


@contextlib.contextmanager
def _locked(state: Path) -> Iterator[None]:
    """One at a time. The lock goes with its holder, however that ends (flock(2))."""
    folder = state / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
