"""A shell waits at its prompt: one line is read, by our own editor or by the shell's, and goes to the listener or to it."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from nsplay.kernel import tty
from nsplay.repl.colon import read_colon
from nsplay.repl.listener import Ending, Reply
from nsplay.repl.outbox import typed_only
from nsplay.repl.relay import QUIET, Event
from nsplay.repl.talk import Talk, lines

if TYPE_CHECKING:
    from nsplay.repl.line import Edited


class Prompt(Protocol):
    """Whoever reads a line at a prompt. idle: it is the shell that reads, and keys are asked for before it has them."""

    idle: bool

    def at_prompt(self, event: Event, second: bool) -> Ending | None:
        """A shell waits. second: behind PS2. Comes back when a line went to the shell, or when the relay has to look again."""


class EditedPrompt:
    """prompt_toolkit at every prompt. menu: opens the menu, with the keys typed behind its key."""

    def __init__(self, talk: Talk, menu: Callable[[bytes], Ending | None]) -> None:
        self.idle = False
        self._talk, self._menu = talk, menu
        self._late = b""  # output that ended the editing

    def at_prompt(self, event: Event, second: bool) -> Ending | None:
        """Reads a line; second: behind PS2, where every line belongs to the shell."""
        talk, front = self._talk, event.front
        pty, prompt = talk.pty, talk.row
        draft, talk.draft = talk.draft, ("", 0)
        readers: dict[int, Callable[[], bytes | None]] = dict.fromkeys(
            (pty.pidfd, *talk.outer.watch), lambda: None
        )
        readers[pty.master] = lambda: self._background(front)
        readers |= {fd: partial(self._aside, fd) for fd in talk.outer.aside}
        suggestion = talk.suggestion(second)
        talk.outer.write(b"\r")
        edited = talk.editor.read(
            prompt,
            front.leader.pid if front.leader else 0,
            suggestion,
            draft,
            readers,
            talk.relay.early.take(),
        )
        talk.outer.listen()  # before the size is asked: a signal in between is seen either way
        talk.outer.write(b"\r" + prompt.encode() + self._late)
        self._late = b""
        talk.relay.resize()
        return self._edited(edited, second)

    def _edited(self, edited: "Edited", second: bool) -> Ending | None:
        from nsplay.repl.line import Why

        talk, ending = self._talk, None
        if edited.why is not Why.MENU:
            talk.pass_on(edited.ahead)  # first: a colon command may take a while, and more is typed meanwhile
        match edited.why:
            case Why.LINE:
                ending = self._entered(edited.text, second)
            case Why.INTERRUPT:
                talk.outer.write(lines(edited.text))
                talk.interrupt()
            case Why.END:
                talk.relay.outbox.send(b"\x04")
            case Why.LOST:
                talk.draft = (edited.text, edited.cursor)
            case Why.MENU:
                talk.draft = (edited.text, edited.cursor)
                return self._menu(edited.ahead)
            case Why.CLOSED:
                return Ending("hangup")
        return ending

    def _entered(self, text: str, second: bool) -> Ending | None:
        talk = self._talk
        reply = None if second else talk.listener.submit(text)
        if reply is None:
            talk.send(text)
            return None
        if reply.keep:
            talk.editor.history.keep(text)
        talk.outer.write(lines(text) + b"\r\n")
        return talk.answer(reply)

    def _aside(self, fd: int) -> bytes | None:
        """Output of a terminal that isn't shown. Gives the line up, for a moment, when that one has ended."""
        outer = self._talk.outer
        outer.take_aside(fd)
        return b"" if fd in outer.aside else None

    def _background(self, front: tty.Front) -> bytes | None:
        """Output while a line is edited: shown above it. The line is given up when another program waits now, or for
        a prompt that came late."""
        pty, screen = self._talk.pty, self._talk.screen
        before = screen.tail, screen.continued
        data = pty.read() + pty.more(QUIET)
        now = pty.front()
        same = now.kind.prompt and now.leader and front.leader and now.leader.pid == front.leader.pid
        if not same or not data.endswith(b"\n"):
            self._late = data
            return None
        screen.tail, screen.continued = before
        return data


class ShellsPrompt:
    """The shell edits itself. idle: its prompt is on the screen and nothing was typed; then a colon, an Enter or a Tab
    may be ours."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._shadow = ""  # the suggestion, as far as it is on the screen
        self._pid = 0  # of the shell
        self.idle = False

    def at_prompt(self, event: Event, second: bool) -> Ending | None:
        """Shows the suggestion, and leaves the prompt alone."""
        self.idle = True
        talk, self._pid = self._talk, event.front.leader.pid if event.front.leader else 0
        columns = talk.pty.size.columns
        text = talk.suggestion(second)
        self._shadow = text if len(text) < columns - talk.screen.width(columns) else ""
        if self._shadow:
            talk.outer.write(f"\x1b7\x1b[2m{self._shadow}\x1b[m\x1b8".encode())
        talk.pass_on(talk.relay.early.take())
        return None

    def at_keys(self, event: Event) -> Ending | None:
        """The first keys at an idle prompt."""
        keys = typed_only(event.keys)
        if not keys:  # the terminal's own answer to the shell's question
            return None
        self.idle = False
        talk = self._talk
        front = talk.pty.front()
        # (Nothing was typed yet: the same shell is at the same prompt, even if something has just woken it.)
        still = front.leader is not None and front.leader.pid == self._pid
        first = still and not talk.second(front)
        talk.outer.write(b"\x1b[K")
        if first and keys.startswith(b":"):
            return self._colon(keys)
        if first and keys[:1] in (b"\r", b"\n") and (reply := talk.listener.submit("")):
            talk.outer.write(b"\r\n")
            talk.pass_on(keys[1:])
            return talk.answer(reply)
        taken = first and keys == b"\t" and self._shadow
        line, end, ahead = (self._shadow.encode(), b"", b"") if taken else keys.partition(b"\r")
        talk.relay.outbox.typed(line + end)  # to the shell, whatever it is: else it would come back
        talk.pass_on(ahead)
        return None

    def _colon(self, keys: bytes) -> Ending | None:
        talk = self._talk
        colon = read_colon(keys, talk.outer.read, talk.outer.write)
        if colon is None:
            return Ending("hangup")
        talk.pass_on(colon.ahead)
        reply = talk.listener.submit(colon.text) if colon.text else Reply()
        ending = None
        if reply is None:  # the shell's, which echoes it
            talk.again()
            talk.outer.write(b"\x1b[K")
            talk.send(colon.text)
        elif colon.text:
            talk.outer.write(b"\r\n")
            ending = talk.answer(reply)
        return ending
