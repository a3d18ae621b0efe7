"""The warden: outlives nsplay, whatever ends it, and takes the stage back.

It has a session of its own, so that no terminal's signal reaches it, is the subreaper of all that is
started on the stage (prctl(2)), and holds one end of a socket pair, the leash, whose other end goes with
nsplay. It stands outside of the fence, so that nobody inside can signal it. Its last words on the leash are
what is left behind.
"""

import os
import select
import signal
import socket
from pathlib import Path
from typing import Final

from nsplay.errors import MachineError, limit
from nsplay.kernel import processes, syscalls
from nsplay.stage import fence, groups, journal, notify, scope, shells, wire
from nsplay.stage.options import Options

NAME: Final = "nsplay-warden"
UNMOVED: Final = (
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGPIPE,
    signal.SIGTSTP,
    signal.SIGTTOU,
)


def run(options: Options, state: Path, nsplay: socket.socket, leash: socket.socket, parent: int) -> None:
    """The life of the warden, in a process just forked from nsplay. parent: nsplay's pidfd. nsplay: the
    stage's line to it.
    """
    _detach({nsplay.fileno(), leash.fileno(), parent})
    try:
        hierarchies = _hierarchies(options)
        trace = journal.begin(state, options.ident, hierarchies)
    except OSError as error:
        refusal = MachineError(
            "The stage's journal can't be written.", fence.reason(error), "XDG_STATE_HOME=DIR nsplay"
        )
        wire.send(nsplay, {"error": wire.failure(refusal)})
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, nsplay must hear of it
        wire.send(nsplay, {"error": wire.failure(_came_down(error))})
        return
    myself = os.getpid()
    try:
        ours, theirs = wire.pair()
        stage = os.fork()
    except OSError as error:
        wire.send(
            nsplay, {"error": wire.failure(MachineError("The stage could not be made.", *limit(error)))}
        )
    else:
        if stage == 0:
            _be_stage(options, hierarchies, nsplay, theirs, myself, state, (leash, ours))
        theirs.close()
        nsplay.close()
        _watch(stage, ours, leash, parent)
    left = journal.sweep(state, trace, lambda: processes.descendants(myself), _childless)
    wire.send(leash, left)


def _hierarchies(options: Options) -> list[groups.Hierarchy]:
    """Where the stage may make its groups; systemd, where it runs, is asked for a place."""
    if not options.fence or "cgroup" in options.off:
        return []
    root = fence.has_root()
    own = scope.enter(options.ident, root)
    found = groups.hierarchies(root, own)
    for place in found:
        if own and place.version == 2:
            scope.make_room(place.base)
    return found


def _detach(kept: set[int]) -> None:
    """Away from nsplay's terminal, descriptors, signals and folder."""
    os.setsid()
    os.chdir("/")
    signal.set_wakeup_fd(-1)  # nsplay's event loop must not hear of our signals
    null = os.open(os.devnull, os.O_RDWR)
    for fd in range(3):
        os.dup2(null, fd)
    low = 3
    for fd in [*sorted(kept), 1 << 20]:
        os.closerange(low, fd)
        low = fd + 1
    shells.default_signals()
    for number in UNMOVED:
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps, also the orphans that come to us
    syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
    syscalls.set_name(NAME)


def _be_stage(
    options: Options,
    hierarchies: list[groups.Hierarchy],
    nsplay: socket.socket,
    warden: socket.socket,
    parent: int,
    state: Path,
    others: tuple[socket.socket, ...],
) -> None:
    """In the stage process; never returns."""
    try:
        for end in others:
            end.close()
        shells.run(options, hierarchies, nsplay, warden, parent, state)
    except Exception as error:  # noqa: BLE001 - whatever it is, nsplay must hear of it
        wire.send(nsplay, {"error": wire.failure(_came_down(error))})
    finally:
        os._exit(1)


def _came_down(error: Exception) -> MachineError:
    why = limit(error) if isinstance(error, OSError) else (f"{type(error).__name__}: {error}",)
    return MachineError("The stage came down.", *why)


def _watch(stage: int, line: socket.socket, leash: socket.socket, parent: int) -> None:
    """Returns when nsplay is gone or lets go of the leash, or when the stage process is gone. Judges
    signals meanwhile.
    """
    try:
        stage_fd = os.pidfd_open(stage)
    except ProcessLookupError:
        return
    poll, listeners = select.poll(), set[int]()
    for fd in (stage_fd, parent, leash.fileno(), line.fileno()):
        poll.register(fd, select.POLLIN)
    while True:
        for fd, event in poll.poll():
            if fd in (stage_fd, parent, leash.fileno()):
                return
            if fd == line.fileno():
                message = wire.receive(line)
                if message is None:
                    poll.unregister(fd)
                else:
                    listeners.update(message[1])
                    for listener in message[1]:
                        poll.register(listener, select.POLLIN)
            elif event & select.POLLIN:
                notify.serve(fd, os.getpid())
            else:  # nobody is left who could ask
                poll.unregister(fd)


def _childless() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False
