"""The terminal: the learner's shell, and whose turn it is. Knows no lessons; a Listener does.

While something runs, keys and output pass through untouched (relay). When a shell waits at its prompt (kernel/tty),
the listener is told, and one line is read: by prompt_toolkit (line), or by the shell itself. A wrong guess leaves an
ordinary terminal: whatever is on the screen was written there by the shell.
"""

import contextlib
import os
import secrets
import signal
import termios
import tty as modes
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from nsplay.kernel import tty
from nsplay.repl import marks
from nsplay.repl.colon import read_colon
from nsplay.repl.menu import Menu, Pressed
from nsplay.repl.outbox import typed_only
from nsplay.repl.pty import OpenShell, Pty, Reap, reap_child
from nsplay.repl.relay import QUIET, Event, Outer, Relay, Turn

if TYPE_CHECKING:  # prompt_toolkit takes longer to import than a shell to start
    from nsplay.repl.line import Edited, Editor


@dataclass(frozen=True)
class Moment:
    """A shell waits at its PS1, at the end of whatever ran.

    pid: the innermost foreground leader, which is the place. line: what was sent since the last prompt, "" when
    unknown. status: the exit status by the shell's mark, else None. nested: in a terminal in the terminal. editing:
    our editor reads the next line; False: a raw prompt, or a raw program that has gone quiet.
    """

    pid: int
    comm: str
    line: str
    status: int | None
    nested: bool
    editing: bool


@dataclass(frozen=True)
class Reply:
    """What the listener wants: text (ANSI) is printed; type: lines typed for the learner, each at the next prompt;
    keep: the submitted line goes to the history; leave: ends run() with this reason."""

    text: str = ""
    type: tuple[str, ...] = ()
    keep: bool = False
    leave: str = ""


class Listener(Protocol):
    """Whoever lives on top of the terminal: a lesson."""

    def settled(self, moment: Moment) -> Reply:
        """A PS1 prompt is reached again (also when run() is called again), or a raw program has gone quiet."""

    def suggestion(self) -> str:
        """Shown in grey behind the prompt as far as what is typed is its beginning; Tab takes it."""

    def submit(self, line: str) -> Reply | None:
        """A line typed at PS1, also an empty one. None: it belongs to the shell."""

    def menu(self) -> str:
        """Text of the menu that Ctrl-] opens."""

    def menu_key(self, key: str) -> Reply | None:
        """A key in the menu that isn't the terminal's own (Enter, c, k, ], q); None: unknown."""

    def resized(self, columns: int, lines: int) -> None:
        """The terminal has a new size."""


@dataclass(frozen=True)
class Ending:
    """Why run() came back: "exit" (status: the shell's), "hangup", "killed ...", "quit", a watch's reason or a
    Reply's."""

    reason: str
    status: int | None = None


class Terminal:
    """The learner's shell on a pty of its own, shown on stdin and stdout.

    folder: writable, and visible to the shell, for its rc file. history: a file. env: None for our own. line: "edit"
    for prompt_toolkit at every prompt, "shell" for the shell's own editing. watch: descriptors that end run() with
    that reason when readable. reap: status of the ended shell where it isn't our child. words: what Tab offers at the
    begin of a line (colon commands). Raises what open_shell raises.
    """

    def __init__(
        self,
        open_shell: OpenShell,
        argv: list[str],
        listener: Listener,
        *,
        folder: Path,
        history: Path,
        env: Mapping[str, str] | None = None,
        cwd: str,
        stdin: int = 0,
        stdout: int = 1,
        line: Literal["edit", "shell"] = "edit",
        watch: Mapping[int, str] | None = None,
        reap: Reap = reap_child,
        words: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self._listener, self._history, self._words, self._reap = listener, history, words, reap
        self._ours = line == "edit"
        self._outer = Outer(stdin, stdout, watch or {})
        self._nonce = secrets.token_hex(8)
        self._env = marks.environment(folder, self._nonce, os.environ if env is None else env)
        self._open_shell, self._argv, self._cwd = open_shell, argv, cwd
        self._editor: Editor | None = None
        self._typing: deque[str] = deque()  # lines to be typed for the learner
        self._later = ""  # text that waits for the end of a full-screen program
        self._left = False  # run() has come back once
        self._open()

    def _open(self) -> None:
        size = self._outer.size()
        self._pty: Pty | None = Pty(self._open_shell, self._argv, self._env, self._cwd, size, self._nonce)
        self._relay = Relay(
            self._pty, self._outer, lambda size: self._listener.resized(size.columns, size.lines)
        )
        self._sent: list[str] = []  # lines since the last PS1
        self._draft = ("", 0)  # text and cursor of a line that was given up for a moment
        self._late = b""  # output that ended the editing of a line
        self._idle = False  # a prompt with the shell's own editing
        self._settled = False  # the shell has come to a prompt

    def run(self) -> Ending:
        """Until the shell ends, the learner or the listener leaves, or the terminal is gone.

        After a leave it may be called again: the same shell goes on; after an exit a new one starts. Whatever is
        raised meanwhile (by a signal handler), the terminal's settings are put back.
        """
        before = termios.tcgetattr(self._outer.stdin)
        try:
            modes.setraw(self._outer.stdin, termios.TCSANOW)  # keeps what was typed ahead
            with self._outer.listening():
                self._come_back()
                return self._loop()
        finally:
            self._left = True
            with contextlib.suppress(OSError, termios.error):  # hung up
                termios.tcsetattr(self._outer.stdin, termios.TCSANOW, before)
                if self._pty:
                    self._outer.write(self._pty.screen.undo())

    def close(self) -> None:
        """Hangs up on the shell, and waits until it is gone."""
        if self._pty:
            self._pty.close(self._reap)
            self._pty = None
        if self._editor:
            self._editor.close()
            self._editor = None
        self._outer.close()

    def _come_back(self) -> None:
        if self._pty is None:
            self._open()
        elif self._left:
            self._relay.resize()
            self._relay.seen = ()
            self._redraw()

    def _loop(self) -> Ending:
        turns: dict[Turn, Callable[[Event], Ending | None]] = {
            Turn.PROMPT: self._at_prompt,
            Turn.KEYS: self._at_idle_prompt,
            Turn.QUIET: self._at_rest,
            Turn.MENU: lambda event: self._menu(event.keys),
            Turn.DEAD: lambda event: self._ended(),
            Turn.HANGUP: lambda event: Ending("hangup"),
            Turn.WATCH: lambda event: Ending(event.reason),
        }
        while True:
            event = self._relay.run(self._idle)
            if ending := turns[event.turn](event):
                return ending

    # --- at a prompt ---

    def _at_prompt(self, event: Event) -> Ending | None:
        front, screen = event.front, self._relay.pty.screen
        second = screen.second()
        self._relay.marks(front)
        if not second and self._relay.changed(front) and (ending := self._settle(front)):
            return ending
        if self._typing:
            self._type()
        elif self._ours:
            return self._edit(front, second)
        else:
            self._idle = True
            self._grey()
        return None

    def _settle(self, front: tty.Front) -> Ending | None:
        """PS1 again: puts the terminal right, and tells the listener."""
        pty = self._relay.pty
        self._settled = True
        self._outer.write(pty.screen.repair())
        if front.kind is tty.Kind.PLAIN:
            pty.mend(front)
        if self._sent and self._ours:
            self._editing().history.keep("\n".join(self._sent))
        return self._tell(front, self._ours)

    def _at_rest(self, event: Event) -> Ending | None:
        """A raw program has gone quiet: a step may be done in it."""
        ending = self._tell(event.front, editing=False)
        if not ending and self._typing and event.front.kind.prompt:
            self._type()
        return ending

    def _tell(self, front: tty.Front, editing: bool) -> Ending | None:
        screen = self._relay.pty.screen
        self._relay.look(front)
        pid, comm = (front.leader.pid, front.leader.comm) if front.leader else (0, "")
        moment = Moment(pid, comm, "\n".join(self._sent), screen.status, front.nested, editing)
        self._sent, screen.status = [], None
        reply = self._listener.settled(moment)
        self._show(reply.text)
        return self._obey(reply)

    def _obey(self, reply: Reply) -> Ending | None:
        self._typing.extend(reply.type)
        return Ending(reply.leave) if reply.leave else None

    def _type(self) -> None:
        self._send(self._typing.popleft())

    def _send(self, text: str) -> None:
        """A line for the shell, as if it was typed; several at once where it takes a paste."""
        self._sent.append(text)
        data = text.encode(errors="surrogateescape")
        if b"2004" in self._relay.pty.screen.modes and any(byte < 0x20 for byte in data):
            data = b"\x1b[200~" + data + b"\x1b[201~"
        self._relay.outbox.send(data.replace(b"\n", b"\r") + b"\r")

    # --- a line of our own editor ---

    def _editing(self) -> "Editor":
        if self._editor is None:
            from nsplay.repl.line import Editor

            self._editor = Editor(self._outer.stdin, self._outer.stdout, self._history, self._words)
        return self._editor

    def _edit(self, front: tty.Front, second: bool) -> Ending | None:
        pty = self._relay.pty
        prompt = self._row()
        draft, self._draft = self._draft, ("", 0)
        readers: dict[int, Callable[[], bytes | None]] = dict.fromkeys(
            (pty.pidfd, *self._outer.watch), lambda: None
        )
        readers[pty.master] = lambda: self._background(front)
        suggestion = "" if second else self._listener.suggestion()
        self._outer.write(b"\r")
        edited = self._editing().read(
            prompt, front.leader.pid if front.leader else 0, suggestion, draft, readers
        )
        self._outer.listen()  # before the size is asked: a signal in between is seen either way
        self._outer.write(b"\r" + prompt.encode() + self._late)
        self._late = b""
        self._relay.resize()
        return self._edited(edited, second)

    def _edited(self, edited: "Edited", second: bool) -> Ending | None:
        from nsplay.repl.line import Why

        ending = None
        match edited.why:
            case Why.LINE:
                ending = self._entered(edited.text, second)
            case Why.INTERRUPT:
                self._outer.write(_lines(edited.text))
                self._interrupt()
            case Why.END:
                self._relay.outbox.send(b"\x04")
            case Why.LOST:
                self._draft = (edited.text, edited.cursor)
            case Why.MENU:
                self._draft = (edited.text, edited.cursor)
                return self._menu(edited.ahead)
            case Why.CLOSED:
                return Ending("hangup")
        if edited.ahead:
            self._relay.outbox.typed(edited.ahead)
        return ending

    def _entered(self, text: str, second: bool) -> Ending | None:
        reply = None if second else self._listener.submit(text)
        if reply is None:
            self._send(text)
            return None
        if reply.keep:
            self._editing().history.keep(text)
        self._outer.write(_lines(text) + b"\r\n")
        return self._answer(reply)

    def _answer(self, reply: Reply) -> Ending | None:
        """Text, then the prompt again."""
        self._outer.write(_block(reply.text))
        if not reply.leave:
            self._again()
        return self._obey(reply)

    def _background(self, front: tty.Front) -> bytes | None:
        """Output while a line is edited: shown above it. It is given up when another program waits now, or for a
        prompt that came late."""
        pty, screen = self._relay.pty, self._relay.pty.screen
        before = screen.tail, screen.continued
        data = pty.read() + pty.more(QUIET)
        now = pty.front()
        same = now.kind.prompt and now.leader and front.leader and now.leader.pid == front.leader.pid
        if not same or not data.endswith(b"\n"):
            self._late = data
            return None
        screen.tail, screen.continued = before
        return data

    # --- a line of the shell's own editing ---

    def _grey(self) -> None:
        text = "" if self._relay.pty.screen.second() else self._listener.suggestion()
        room = self._relay.pty.size.columns - len(
            self._relay.pty.screen.plain_row(self._relay.pty.size.columns)
        )
        self._shadow = text if len(text) < room else ""
        if self._shadow:
            self._outer.write(f"\x1b7\x1b[2m{self._shadow}\x1b[m\x1b8".encode())

    def _at_idle_prompt(self, event: Event) -> Ending | None:
        """The first keys at a prompt: ours when they are a colon, an Enter or a Tab that the listener wants."""
        keys = typed_only(event.keys)
        if not keys:  # the terminal's own answer to the shell's question
            return None
        self._idle = False
        first = self._relay.pty.front().kind.prompt and not self._relay.pty.screen.second()
        if first and keys.startswith(b":"):
            return self._colon(keys)
        self._outer.write(b"\x1b[K")
        if first and keys[:1] in (b"\r", b"\n") and (reply := self._listener.submit("")):
            self._outer.write(b"\r\n")
            ending = self._answer(reply)
            self._relay.outbox.typed(keys[1:])
            return ending
        taken = first and keys == b"\t" and self._shadow
        self._relay.outbox.typed(self._shadow.encode() if taken else keys)
        return None

    def _colon(self, keys: bytes) -> Ending | None:
        self._outer.write(b"\x1b[K")
        colon = read_colon(keys, self._outer.read, self._outer.write)
        if colon is None:
            return Ending("hangup")
        reply = self._listener.submit(colon.text) if colon.text else Reply()
        ending = None
        if reply is None:  # the shell's: it echoes it
            self._again()
            self._outer.write(b"\x1b[K")
            self._send(colon.text)
        elif colon.text:
            self._outer.write(b"\r\n")
            ending = self._answer(reply)
        if colon.ahead:
            self._relay.outbox.typed(colon.ahead)
        return ending

    # --- the menu, and other ways out ---

    def _menu(self, ahead: bytes) -> Ending | None:
        """nsplay's own menu, from anywhere. The program below isn't read meanwhile: it waits as on a slow terminal."""
        self._idle = False
        self._outer.write(self._relay.pty.screen.undo() + b"\x1b[m\r\n" + _block(self._listener.menu()))
        menu = Menu(self._outer, ahead)
        while True:
            pressed, key = menu.press()
            match pressed:
                case Pressed.GONE:
                    return Ending(key or "hangup")
                case Pressed.QUIT:
                    return Ending("quit")
                case Pressed.OTHER:
                    reply = self._listener.menu_key(key) or Reply()
                    self._outer.write(_block(reply.text))
                    if reply.leave:
                        return self._obey(reply)
                    self._typing.extend(reply.type)
                    if not reply.type:
                        continue
                case Pressed.INTERRUPT:
                    self._interrupt()
                case Pressed.END:
                    self._typing.clear()
                    self._relay.pty.end_program()
                case Pressed.LITERAL:
                    self._relay.outbox.send(b"\x1d")
            self._redraw()
            self._relay.outbox.typed(menu.ahead)
            return None

    def _interrupt(self) -> None:
        self._typing.clear()
        self._draft = ("", 0)
        self._relay.outbox.send(b"\x03")

    def _ended(self) -> Ending | None:
        status = self._relay.pty.ended(self._reap)
        self._pty = None
        if status is None or not os.WIFSIGNALED(status) or os.WTERMSIG(status) == signal.SIGHUP:
            return Ending("exit", None if status is None else os.waitstatus_to_exitcode(status))
        cause = f"signal {os.WTERMSIG(status)}, {signal.strsignal(os.WTERMSIG(status))}"
        if not self._settled:  # it would go on for ever
            return Ending(f"killed before its first prompt ({cause})")
        self._outer.write(f"\x1b[m\r\nThe shell was killed ({cause}). Here is a new one.\r\n".encode())
        self._open()
        return None

    # --- what is on the screen ---

    def _row(self) -> str:
        return self._relay.pty.screen.row(self._relay.pty.size.columns)

    def _again(self) -> None:
        self._outer.write(b"\r" + self._row().encode())

    def _show(self, text: str) -> None:
        """Text above the unfinished row; after a full-screen program, when one is on."""
        text, self._later = self._later + text, ""
        screen = self._relay.pty.screen
        if not text:
            return
        if not screen.calm:
            self._later = text
            return
        row = self._row()
        prompt = screen.prompt(self._relay.pty.size.columns)
        output = row.removesuffix(prompt)
        screen.forget_output()
        kept = f"{output}\x1b[m\r\n" if output else ""
        self._outer.write(b"\r\x1b[K" + kept.encode() + _block(text) + prompt.encode())

    def _redraw(self) -> None:
        """After the screen was ours: a full-screen program draws itself again, else the last row comes back."""
        screen = self._relay.pty.screen
        self._outer.write(screen.redo())
        if screen.alternate:
            self._outer.write(b"\x1b[2J")
            self._relay.nudge()
        else:
            self._again()


def _lines(text: str) -> bytes:
    """Text for a terminal in raw mode."""
    return text.replace("\n", "\r\n").encode(errors="surrogateescape")


def _block(text: str) -> bytes:
    """The same with an end of line at its end; nothing for an empty text."""
    return _lines(text if not text or text.endswith("\n") else text + "\n")
