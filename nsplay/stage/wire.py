"""Messages between nsplay, the warden and the stage: JSON over a socket pair, with file descriptors beside
it (unix(7)).
"""

import json
import os
import socket
from typing import Any

from nsplay.errors import MachineError

FDS = 4  # descriptors that travel with one message, at most


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected ends; a message stays a message. An end that is closed reads as EOF at the other."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send(end: socket.socket, message: object, fds: list[int] | None = None) -> None:
    """Sends a JSON value. It travels in a memory file, so that even a huge environment fits. Raises
    OSError.
    """
    letter = os.memfd_create("nsplay-message")
    try:
        with open(letter, "wb", closefd=False) as file:
            file.write(json.dumps(message).encode())
        socket.send_fds(end, [b"."], [letter, *(fds or ())], socket.MSG_NOSIGNAL)
    finally:
        os.close(letter)


def receive(end: socket.socket) -> tuple[Any, list[int]] | None:
    """The next message and its descriptors (close-on-exec); None at the end. Blocks. Raises OSError."""
    try:
        data, fds, _, _ = socket.recv_fds(end, 1, 1 + FDS)
    except ConnectionResetError:  # the other end went with something unread
        return None
    if not data:
        return None
    for fd in fds:
        os.set_inheritable(fd, False)
    with open(fds[0], "rb") as file:
        file.seek(0)
        return json.load(file), fds[1:]


def failure(error: MachineError) -> dict[str, str]:
    """A MachineError as a message."""
    return {"what": error.what, "why": error.why, "do": error.do}
