"""Raw pass-through between the learner's terminal and the pty, until it is nsplay's turn."""

import contextlib
import enum
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nsplay.kernel import namespaces, tty
from nsplay.repl.ahead import LOOK, Ahead
from nsplay.repl.board import AGAIN, CALM, Board
from nsplay.repl.outbox import Outbox
from nsplay.repl.outer import RESIZED, Outer
from nsplay.repl.pty import Pty, Size

QUIET: Final = 0.003  # seconds without output before anybody asks whose turn it is
SLOWEST: Final = 0.25  # seconds between two questions while nothing comes
PATIENCE: Final = 0.3  # seconds that a prompt's text or its mark may stay away
NUDGE: Final = 0.06  # seconds that a full-screen program gets to see a changed size

# Ctrl-]: plain, xterm's modifyOtherKeys (vim turns it on), kitty's keyboard protocol.
MENU_KEY: Final = re.compile(rb"\x1d|\x1b\[27;5;93~|\x1b\[93;5u")


class Turn(enum.Enum):
    """Why the pass-through stops."""

    PROMPT = "a shell waits at its prompt"
    KEYS = "keys at an idle prompt"
    QUIET = "nothing comes any more, and something may have changed"
    MENU = "Ctrl-]"
    DEAD = "the shell has ended"
    HANGUP = "our own terminal is gone"
    WATCH = "one of the watched descriptors became readable"


NOBODY: Final = tty.Front(tty.Kind.GONE)


@dataclass(frozen=True)
class Event:
    turn: Turn
    front: tty.Front = NOBODY
    keys: bytes = b""  # typed, not yet passed on
    reason: str = ""  # of the watch


class Relay:
    """Both ways at once. board: what is to be seen below a command that says nothing. resized: called after the pty took
    a new size."""

    def __init__(
        self,
        pty: Pty,
        outer: Outer,
        board: Board,
        resized: Callable[[Size], None],
        holding: Callable[[], bool],
    ) -> None:
        """holding: are more lines to be typed for the learner?"""
        self.pty, self.outer, self.board, self.outbox = pty, outer, board, Outbox(pty)
        self._resized = resized
        self.early = Ahead(pty, self.outbox, holding, self._mine)
        self._marking: set[int] = set()  # shells that have shown a mark
        self._pause, self._check = QUIET, 0.0
        self._steady = 0.0  # when a nudged program gets its size back
        self._ended = False  # nobody has the pty open
        self.ahead = (
            b""  # keys that an editor or a menu took and had no use for: a Ctrl-] among them counts, too
        )
        self.seen: tuple[object, ...] = ()  # the place at the last prompt
        self.rested: tuple[object, ...] = ()  # and when nothing came any more

    def run(self, idle: bool) -> Event:
        """idle: a prompt of the shell's own is on the screen, and keys are asked for before they are passed on."""
        self._again()
        self._ended = False
        keys, self.ahead = self.ahead, b""
        if keys and (event := self._typed(keys, idle)):
            return event
        try:
            return self._pass(idle)
        finally:
            self.board.wipe()

    def _pass(self, idle: bool) -> Event:
        while True:
            if self.outbox.entered:
                self.board.begin()
            readable, writable = self._wait(idle)
            self._tend(readable)
            self.early.look()
            if writable:
                self.outbox.forward()
            if self.pty.master in readable:
                self._output()
            if event := self._judge(readable, idle):
                return event
            if not readable and not writable and not self.outbox:
                if event := self._ask(idle):
                    return event
                self._picture(idle)

    def resize(self) -> None:
        """Hands on the size of our terminal; also where a signal was lost."""
        if (size := self.outer.size()) != self.pty.size:
            self.board.wipe()
            self.pty.resize(size)
            self._resized(size)

    def nudge(self) -> None:
        """Makes a full-screen program draw itself again."""
        self.pty.nudge()
        self._steady = time.monotonic() + NUDGE

    def _again(self) -> None:
        self._pause, self._check = QUIET, time.monotonic() + QUIET

    def _wait(self, idle: bool) -> tuple[set[int], bool]:
        held = self.outbox.held()
        now = time.monotonic()
        timeout = 0.001 if held else None if idle else max(0.0, self._check - now)
        if self.early.held:
            timeout = min(LOOK, LOOK if timeout is None else timeout)
        if timeout is not None and not held:
            timeout = min(timeout, max(0.0, self.board.due - now))
        if self._steady:
            left = max(0.0, self._steady - now)
            timeout = left if timeout is None else min(timeout, left)
        readers = [self.pty.pidfd]
        readers += [] if self.outbox.full else [self.outer.stdin]
        readers += [] if self._ended else [self.pty.master]
        writers = [self.pty.master] if self.outbox and not held else []
        return self.outer.wait(readers, writers, timeout)

    def _tend(self, readable: set[int]) -> None:
        if self._steady and time.monotonic() >= self._steady:
            self._steady = 0.0
            self.pty.steady()
        if RESIZED in readable:
            self.resize()

    def _output(self) -> None:
        calm = time.monotonic() - self.pty.wrote >= CALM
        data = self.pty.read()
        self._ended = not data
        if b"\n" in data:
            self.outbox.echo_due = 0.0
        shown = self.board.wipe()
        self.outer.write(data)
        if shown and calm and data.endswith(b"\n") and self.pty.screen.calm:  # a line now and then, no flood
            self.board.redraw(self.pty.screen, self.pty.size)
        self._again()

    def _picture(self, idle: bool) -> None:
        """Draws what moves, when its time has come and nothing is in its way."""
        now = time.monotonic()
        if idle or now < self.board.due:
            return
        if now - self.pty.wrote < CALM:
            self.board.put_off(CALM)
        elif self.pty.screen.calm and self.pty.front().kind is tty.Kind.BUSY:
            self.board.show(self.pty.screen, self.pty.size)
        else:  # it waits for the learner, or draws by itself
            self.board.wipe()
            self.board.put_off(AGAIN)

    def _judge(self, readable: set[int], idle: bool) -> Event | None:
        if reason := self.outer.reason(readable):
            return Event(Turn.WATCH, reason=reason)
        if self.outer.stdin in readable:
            return self._keys(idle)
        if self.pty.pidfd in readable:
            self.board.wipe()
            self.outer.write(self.pty.read())
            return Event(Turn.DEAD)
        return None

    def _keys(self, idle: bool) -> Event | None:
        keys = self.outer.read()
        if not keys:
            return Event(Turn.HANGUP)
        return self._typed(keys, idle)

    def _typed(self, keys: bytes, idle: bool) -> Event | None:
        self._again()
        if found := MENU_KEY.search(keys):
            if found.start():
                self.early.typed(keys[: found.start()])
            return Event(Turn.MENU, keys=keys[found.end() :])
        if idle:
            return Event(Turn.KEYS, keys=keys)
        self.early.typed(keys)
        return None

    def _ask(self, idle: bool) -> Event | None:
        """Nothing came for a moment: whose turn is it?"""
        now = time.monotonic()
        if idle or now < self._check:
            return None
        front = self.pty.front()
        if self._mine(front) and not self.outbox.unfinished and not self._early(front):
            return Event(Turn.PROMPT, front)
        self._pause = min(self._pause * 1.6, SLOWEST)
        self._check = now + self._pause
        if now - self.pty.wrote >= SLOWEST and self._stirred(front):
            return Event(Turn.QUIET, front)
        return None

    def _mine(self, front: tty.Front) -> bool:
        """Is it a prompt, and not one that something else draws (a pane of tmux)?"""
        return front.kind.prompt and not (front.nested and self.pty.screen.alternate)

    def _early(self, front: tty.Front) -> bool:
        """The echo of the line just sent, the prompt's text or its mark is still on its way: the kernel hands output
        over by a worker of its own, and a prompt may come later than the shell's sleep is seen."""
        now, screen = time.monotonic(), self.pty.screen
        if self.outbox.echoing:
            return True
        if now - self.pty.wrote >= PATIENCE:
            return False
        marked = front.leader is not None and front.leader.pid in self._marking
        return not screen.row(self.pty.size.columns) or (marked and screen.continued is None)

    def marks(self, front: tty.Front) -> None:
        """The prompt of that shell carried a mark: from now on none is believed without."""
        if front.leader and self.pty.screen.continued is not None:
            self._marking.add(front.leader.pid)

    def fresh(self, front: tty.Front) -> bool:
        """Has anything been entered since this was last asked, or is the place another one? Then it is a new prompt."""
        now, before = place(front), self.seen
        fresh = self.outbox.entered or now != before
        self.seen, self.outbox.entered, self.outbox.stirred = now, False, False
        self.board.rest()
        return fresh

    def _stirred(self, front: tty.Front) -> bool:
        """May something that isn't a prompt of ours have changed the place since this was last asked: a raw program,
        or a shell that can't be read or that something else draws?"""
        drawn = front.nested and self.pty.screen.alternate
        if not (drawn or front.blind or (front.kind is tty.Kind.RAW and not front.shell)):
            return False
        now = place(front)
        stirred = self.outbox.stirred or now != self.rested
        self.rested, self.outbox.stirred = now, False
        return stirred


def place(front: tty.Front) -> tuple[object, ...]:
    """Tells one place from another: the leader and its namespaces."""
    leader = front.leader
    if leader is None:
        return ()
    inodes: tuple[object, ...] = ()
    with contextlib.suppress(OSError):
        inodes = tuple(namespaces.inodes(leader.pid).values())
    return leader.pid, leader.start, *inodes
