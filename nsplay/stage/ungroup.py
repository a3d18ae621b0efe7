"""The end of the stage's groups (groups.py), as the warden does it, or whoever comes after it. cgroups(7)."""

import contextlib
import os
import select
import time
from typing import Final

from nsplay.stage.family import read
from nsplay.stage.groups import attempt, turned_on
from nsplay.stage.options import label

PATIENCE: Final = 0.002  # seconds between two tries where the kernel offers nothing to wait on


def tree(group: str) -> list[str]:
    """The folder and all below it, deepest first; [] when there is none."""
    try:
        with os.scandir(group) as entries:
            below = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return [folder for path in below for folder in tree(path)] + [group]


def members(groups: list[str]) -> set[int]:
    """Every process in these groups and below; those of foreign pid namespaces (0) can't be named."""
    return {
        int(pid)
        for group in groups
        for folder in tree(group)
        for pid in read(f"{folder}/cgroup.procs").split()
    } - {0}


def forbid_forks(groups: list[str]) -> None:
    """From now on nobody inside makes another process."""
    for group in groups:
        attempt(f"{group}/pids.max", "0")


def kill(groups: list[str]) -> None:
    """Version 2, since Linux 5.14: SIGKILL for all at once. It spares processes whose first thread is
    dead.
    """
    for group in groups:
        attempt(f"{group}/cgroup.kill", "1")


def thaw(groups: list[str]) -> None:
    """Version 1: what is frozen can't die. From the top: below a frozen group nothing thaws."""
    for group in groups:
        for folder in reversed(tree(group)):
            if read(f"{folder}/freezer.state").strip() not in ("", "THAWED"):
                attempt(f"{folder}/freezer.state", "THAWED")


def evict_strangers(groups: list[str]) -> None:
    """Puts processes of the machine back, which the learner moved into a group of the stage (`echo PID >
    cgroup.procs`).

    Nobody on the stage is in the machine's mount or cgroup namespace, and that is how they are told.
    """
    for group in groups:
        for pid in members([group]):
            if any(_shares(pid, kind) for kind in ("mnt", "cgroup")):
                _put_back(pid, os.path.dirname(group))


def _put_back(pid: int, base: str) -> None:
    """Into the nearest group that takes it: on version 2 one that gives controllers away does not, the top always does.

    The stage's own scope (scope.py), in which it would be killed, is asked last.
    """
    above = [base]
    while os.path.exists(f"{os.path.dirname(above[-1])}/cgroup.procs"):
        above.append(os.path.dirname(above[-1]))
    above.sort(key=lambda folder: os.path.basename(folder).startswith(label("")))
    any(attempt(f"{folder}/cgroup.procs", str(pid)) for folder in above)


def _shares(pid: int, kind: str) -> bool:
    try:
        return os.readlink(f"/proc/{pid}/ns/{kind}") == os.readlink(f"/proc/self/ns/{kind}")
    except OSError:
        return False


def remove(group: str, deadline: float) -> bool:
    """Removes the folder and all below it; where a process is still dying in one, waits for that. False at
    the deadline.
    """
    while True:
        try:
            for folder in tree(group):
                with contextlib.suppress(FileNotFoundError):
                    os.rmdir(folder)
            return True
        except OSError:
            if time.monotonic() > deadline:
                return False
        _wait_empty(folder)
        evict_strangers([group])


def _wait_empty(folder: str) -> None:
    """Till the group's last process is gone, or a moment. Version 1 has no event for that (no
    cgroup.events).
    """
    poll = select.poll()
    with contextlib.suppress(OSError), open(f"{folder}/cgroup.events") as events:
        events.read()
        poll.register(events, select.POLLPRI)
        poll.poll(PATIENCE * 1000)
        return
    poll.poll(PATIENCE * 1000)


def take_back(enabled: dict[str, list[str]]) -> None:
    """Version 2: turns off again, at each base, what the stage turned on and no other stage there needs."""
    for base, controllers in enabled.items():
        for controller in set(controllers) - turned_on(base):
            attempt(f"{base}/cgroup.subtree_control", f"-{controller}")


def left(groups: list[str]) -> list[str]:
    """Which of these folders exist."""
    return [group for group in groups if os.path.isdir(group)]
