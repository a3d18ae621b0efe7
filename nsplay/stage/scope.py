"""Control groups under systemd: a manager has a branch of the tree and gives a part of it away (systemd.scope(5),
"Delegate=" in systemd.resource-control(5)). The machine's does for root, a user's own for an ordinary user.

The part is a scope: a unit around processes that are there already. It goes with the last of them. The manager is asked
over its own socket (D-Bus without a bus), so that nothing else has to run.
"""

import contextlib
import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from nsplay.stage import groups
from nsplay.stage.family import read
from nsplay.stage.options import label

if TYPE_CHECKING:
    from jeepney import Message

WAIT: Final = 5.0  # seconds; 20 ms are usual
WARDEN: Final = "warden"
MANAGER: Final = ("/org/freedesktop/systemd1", "org.freedesktop.systemd1", "org.freedesktop.systemd1.Manager")


def enter(ident: str, root: bool) -> str:
    """The calling process into a scope of its own; its group's path below the tree's top, "" where nobody gives one.

    root: of the machine's manager.
    """
    name = f"{label(ident)}.scope"
    try:
        made = _made(_socket(root), name)
    except (
        OSError,
        ValueError,
    ):  # no systemd, or one that doesn't want us (jeepney's errors are ValueErrors)
        return ""
    group = _own_group() if made else ""
    return group if group.endswith(f"/{name}") else ""


def make_room(base: str) -> None:
    """The calling process into a leaf: a group that gives controllers away may not hold processes itself."""
    with contextlib.suppress(OSError):  # then there are no limits, and the fence says so
        os.mkdir(f"{base}/{WARDEN}")
        groups.write(f"{base}/{WARDEN}/cgroup.procs", "0")


def _socket(root: bool) -> str:
    """Where the manager listens. Raises FileNotFoundError where there can be none."""
    runtime = "/run" if root else os.environ.get("XDG_RUNTIME_DIR", "")
    if not os.path.exists(f"{runtime}/systemd/private"):
        raise FileNotFoundError(runtime)
    return f"{runtime}/systemd/private"


def _made(socket: str, name: str) -> bool:
    """Has the manager put this process into a scope of that name? Its job's end is waited for.

    Raises OSError and ValueError.
    """
    # Not before it is needed: the stage has to start quickly.
    from jeepney import DBusAddress, HeaderFields, MessageType, new_method_call

    properties = [("PIDs", ("au", [os.getpid()])), ("Delegate", ("b", True))]
    start = new_method_call(
        DBusAddress(*MANAGER), "StartTransientUnit", "ssa(sv)a(sa(sv))", (name, "fail", properties, [])
    )
    for message in _heard(socket, start):
        if message.header.message_type is MessageType.error:
            return False
        if message.header.fields.get(HeaderFields.member) == "JobRemoved" and message.body[2] == name:
            return bool(message.body[3] == "done")
    return False


def _heard(path: str, call: "Message") -> Iterator["Message"]:
    """Makes the call, and then whatever the manager says: its answer and its signals. Raises OSError, TimeoutError."""
    from jeepney import Parser
    from jeepney.io.blocking import prep_socket

    until = time.monotonic() + WAIT
    with prep_socket(path, timeout=WAIT) as line:
        line.sendall(call.serialise(serial=1))
        parser = Parser()
        while True:
            line.settimeout(max(until - time.monotonic(), 0.001))
            if not (data := line.recv(65536)):
                return
            yield from parser.feed(data)


def _own_group() -> str:
    lines = read("/proc/self/cgroup").splitlines()
    return next((line[3:] for line in lines if line.startswith("0::")), "")
