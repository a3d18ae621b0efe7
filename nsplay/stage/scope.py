"""Control groups for an ordinary user: systemd's user manager has a branch of the tree and gives a part of it away
(systemd.scope(5), "Delegate=" in systemd.resource-control(5)).

The part is a scope: a unit around processes that are there already. It goes with the last of them.
"""

import contextlib
import os
import time
from typing import Final

from nsplay.stage import groups
from nsplay.stage.family import read
from nsplay.stage.options import label

WAIT: Final = 5.0  # seconds; 20 ms are usual
WARDEN: Final = "warden"
MANAGER: Final = (
    *("org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"),
    *("StartTransientUnit", "ssa(sv)a(sa(sv))"),
)


def enter(ident: str) -> str:
    """The calling process into a scope of its own; its group's path below the tree's top, "" where nobody gives one."""
    name = f"{label(ident)}.scope"
    if not _asked(name):
        return ""
    until = time.monotonic() + WAIT
    while not (group := _own_group()).endswith(f"/{name}"):  # nobody tells when it has been done
        if time.monotonic() > until:
            return ""
        time.sleep(groups.PATIENCE)
    return group


def make_room(base: str) -> None:
    """The calling process into a leaf: a group that gives controllers away may not hold processes itself."""
    with contextlib.suppress(OSError):  # then there are no limits, and the fence says so
        os.mkdir(f"{base}/{WARDEN}")
        groups.write(f"{base}/{WARDEN}/cgroup.procs", "0")


def _asked(name: str) -> bool:
    """Tells the user manager to start the scope; did it agree?"""
    import subprocess  # not before it is needed: the stage has to start quickly

    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if not runtime or not os.path.exists(f"{runtime}/systemd/private"):
        return False
    properties = ["PIDs", "au", "1", str(os.getpid()), "Delegate", "b", "true"]
    call = ["busctl", "--user", "call", *MANAGER, name, "fail", "2", *properties, "0"]
    try:
        done = subprocess.run(call, capture_output=True, timeout=WAIT, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.stdout.startswith(
        b"o "
    )  # the job's name; the status went with SIGCHLD, which the warden ignores


def _own_group() -> str:
    lines = read("/proc/self/cgroup").splitlines()
    return next((line[3:] for line in lines if line.startswith("0::")), "")
