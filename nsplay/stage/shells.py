"""The stage process: puts up the fence around itself, then opens the terminals that nsplay asks for, till
it is ended.

All terminals are forked by this one process, because Landlock lets only relatives signal each other.
"""

import contextlib
import fcntl
import os
import signal
import socket
import termios
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from nsplay.errors import LIMITS, MachineError
from nsplay.kernel import syscalls
from nsplay.stage import family, fence, groups, tool, wire
from nsplay.stage.options import Options, Report

NAME: Final = "nsplay-stage"
SPARED: Final = (
    "-500"  # when memory runs out, the learner's programs go before the stage does (proc(5), oom_score_adj)
)


def run(
    options: Options,
    hierarchies: Sequence[groups.Hierarchy],
    nsplay: socket.socket,
    warden: socket.socket,
    parent: int,
    state: Path,
) -> None:
    """The life of the stage process. nsplay: where requests come from. parent: the warden's pid. state: nsplay's folder,
    where `nsplay` lies on a stage without a fence.
    """
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we could ask to die with it
        return
    syscalls.set_name(NAME)
    score = family.read("/proc/self/oom_score_adj").strip()
    if not groups.attempt(
        "/proc/self/oom_score_adj", SPARED
    ):  # less takes CAP_SYS_RESOURCE, more takes nothing
        score = str(min(1000, int(score or 0) - int(SPARED)))
    myself = os.pidfd_open(os.getpid())
    try:
        bare = Report((), fence.has_root())
        report = fence.put_up(options, hierarchies, warden) if options.fence else bare
    except MachineError as error:
        wire.send(nsplay, {"error": wire.failure(error)})
        return
    warden.close()
    tools = tool.FOLDER if options.fence else f"{state}/bin"
    with contextlib.suppress(OSError):  # a full disk: then the loads are missing, and nothing else
        tool.put(tools)
    wire.send(nsplay, {"report": report, "pid": os.getpid()}, [myself])
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # a shell's status is kept until somebody asks for it
    statuses: dict[int, int] = {}
    while message := wire.receive(nsplay):
        request, fds = message
        _reap(statuses)
        if "ended" in request:
            wire.send(nsplay, {"status": statuses.pop(request["ended"], None)})
            continue
        env = request["env"]
        env |= {family.MARK: options.ident, "PATH": tool.first(tools, env.get("PATH", os.defpath))}
        try:
            wire.send(nsplay, {"pid": _open(request, fds, score)})
        except OSError as error:
            why, do = LIMITS.get(error.errno or 0, (fence.reason(error), ""))
            wire.send(nsplay, {"error": why, "do": do})
        finally:
            for fd in fds:
                os.close(fd)


def _reap(statuses: dict[int, int]) -> None:
    """Notes how the shells have ended that did since the last time, as waitpid(2) codes it."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            statuses[ended[0]] = ended[1]


def _open(request: dict[str, Any], fds: Sequence[int], score: str) -> int:
    """Forks a shell on the terminal that is the one descriptor, or a program with these three; returns when it runs. Raises
    OSError when it can't.
    """
    trouble, tell = os.pipe()
    try:
        pid = os.fork()
        if pid == 0:
            _become(request, fds, score, tell)
    except OSError:
        os.close(trouble)
        raise
    finally:
        os.close(tell)
    with open(trouble) as pipe:
        if number := pipe.read():  # the other end closed itself if the program was executed
            raise OSError(int(number), f"{request['argv'][0]}: {os.strerror(int(number))}")
    return pid


def _become(request: dict[str, Any], fds: Sequence[int], score: str, tell: int) -> None:
    """Turns this process into the shell, or the program. All its other descriptors close themselves (close-on-exec)."""
    try:
        os.setsid()
        if len(fds) == 1:
            fcntl.ioctl(fds[0], termios.TIOCSCTTY, 0)
        for fd, which in enumerate(fds if len(fds) == 3 else [*fds] * 3):
            os.dup2(which, fd)
        groups.attempt("/proc/self/oom_score_adj", score)
        default_signals()
        _go_to(request["cwd"], request["env"].get("HOME", "/"), "/")
        os.execvpe(request["argv"][0], request["argv"], request["env"])
    except OSError as error:
        os.write(tell, str(error.errno).encode())
    finally:
        os._exit(127)


def default_signals() -> None:
    """As after a login: nothing ignored, nothing blocked (signal(7))."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _go_to(*folders: str) -> None:
    for folder in folders:
        with contextlib.suppress(OSError):
            os.chdir(folder)
            return
