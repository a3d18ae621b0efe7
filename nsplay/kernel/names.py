"""The host and domain name of a process's UTS namespace. uts_namespaces(7).

The kernel tells them to whoever asks from within (nsplay.kernel.inside).
"""

from collections.abc import Sequence
from typing import NamedTuple

from nsplay.kernel import inside
from nsplay.kernel.files import content, text
from nsplay.kernel.inside import Question


class Names(NamedTuple):
    """What uname(2) says; an unset domain name is "(none)"."""

    hostname: str
    domainname: str


def _ask(proc: str) -> Sequence[bytes]:
    """Both names. These files answer for the UTS namespace of the thread that reads them."""
    return [content(f"{proc}/sys/kernel/{name}") for name in ("hostname", "domainname")]


def own(proc: str = "/proc") -> Names:
    """The names of the reader's own UTS namespace."""
    return _parse(_ask(proc))


def _parse(answer: Sequence[bytes]) -> Names:
    hostname, domainname = (text(line.removesuffix(b"\n")) for line in answer)
    return Names(hostname, domainname)


def read(pid: int, proc: str = "/proc") -> Names:
    """The names of the UTS namespace that pid is in.

    Raises ProcessLookupError if pid is gone, PermissionError if its namespace may not be entered from here,
    TimeoutError if the child that entered it doesn't answer.
    """
    (answer,) = inside.ask(pid, [Question("uts", lambda: _ask(proc))], proc)
    if isinstance(answer, OSError):
        raise answer
    return _parse(answer)
