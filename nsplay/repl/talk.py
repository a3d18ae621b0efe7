"""What goes between the shell, the listener and the screen, whoever edits the line."""

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nsplay.kernel import tty
from nsplay.lesson.model import Move
from nsplay.repl.board import Board
from nsplay.repl.listener import Ending, Listener, Moment, Reply
from nsplay.repl.outer import Outer
from nsplay.repl.pty import Pty
from nsplay.repl.relay import Relay
from nsplay.repl.screen import Screen

if TYPE_CHECKING:  # prompt_toolkit takes longer to import than a shell to start
    from nsplay.repl.line import Editor

CHANGE_OVER = "terminal "  # begins the reason of an Ending that only changes over


class Talk:
    """outer: the learner's own terminal. relay: to the shell there is now. draft: text and cursor of a line that was
    given up for a moment. typing: commands that wait to be typed for the learner. number: the terminal's."""

    def __init__(
        self,
        outer: Outer,
        listener: Listener,
        history: Path,
        words: Callable[[], Sequence[str]],
        pty: Pty,
        number: int = 1,
    ) -> None:
        self.outer, self.listener, self.number = outer, listener, number
        self._history, self._words = history, words
        self._editor: Editor | None = None
        self._later = ""  # text that waits for the end of a full-screen program
        self.begin(pty)

    def begin(self, pty: Pty) -> None:
        """A new shell."""
        board = Board(lambda seconds: self.listener.running(seconds), self.outer.write)
        resized = self.listener.resized
        self.relay = Relay(
            pty, self.outer, board, lambda size: resized(size.columns, size.lines), lambda: self.holding
        )
        self.typing: deque[Move] = deque()
        self.following = False  # the listener has more to type
        self.wish = (
            ""  # a change over that waits until all is typed: what is typed may lead to another terminal, too
        )
        self.presenting = False  # keys are a presenter's, and no business of the shell's
        self.draft = ("", 0)
        self._sent: list[str] = []  # lines since the last PS1

    def close(self) -> None:
        if self._editor:
            self._editor.close()
            self._editor = None

    @property
    def holding(self) -> bool:
        """Are more lines to be typed for the learner, than the one that runs? Or is another terminal gone to then?"""
        return self.presenting or self.following or bool(self.typing) or bool(self.wish)

    def take_over(self, before: "Talk") -> None:
        """Goes on with what another terminal was to type, and with the keys that nobody has had."""
        self.typing.extend(before.typing)
        self.following, self.wish = before.following, before.wish
        before.typing.clear()
        before.following, before.wish = False, ""
        self.relay.early.held, self.relay.ahead = before.relay.early.held, before.relay.ahead
        before.relay.early.held = before.relay.ahead = b""

    def unread(self) -> bytes:
        """Keys behind what ended run(): nobody has had them."""
        return self.relay.early.held + self.relay.ahead

    @property
    def pty(self) -> Pty:
        return self.relay.pty

    @property
    def screen(self) -> Screen:
        return self.relay.pty.screen

    @property
    def row(self) -> str:
        """The unfinished row, which is the prompt."""
        return self.screen.row(self.pty.size.columns)

    def second(self, front: tty.Front) -> bool:
        """Is the prompt a continuation (PS2)?"""
        return self.screen.second(named=front.leader is not None and front.leader.comm == "zsh")

    @property
    def editor(self) -> "Editor":
        if self._editor is None:
            from nsplay.repl.line import Editor

            self._editor = Editor(self.outer.stdin, self.outer.stdout, self._history, self._words)
        return self._editor

    # --- to the shell ---

    def send(self, text: str) -> None:
        """A line, as if it was typed; several at once where it takes a paste."""
        self._sent.append(text)
        data = text.encode(errors="surrogateescape")
        if b"2004" in self.screen.modes and any(byte < 0x20 for byte in data):
            data = b"\x1b[200~" + data + b"\x1b[201~"
        self.relay.outbox.send(data.replace(b"\n", b"\r") + b"\r")

    def enter(self, text: str) -> None:
        """The Enter behind a line whose letters the shell has already."""
        self._sent.append(text)
        self.relay.outbox.send(b"\r")

    def suggestion(self, second: bool) -> str:
        """What the listener suggests here; behind a continuation, where the lines before it are known."""
        return "" if second and not self._sent else self.listener.suggestion(self._sent)

    def send_next(self) -> bool:
        """The next line that is typed for the learner; False when there is none, or Ctrl-C put an end to it."""
        if self.relay.outbox.interrupted:
            self.typing.clear()
        if self.typing:
            self.send(self.typing.popleft().line)
            return True
        return False

    def elsewhere(self) -> Ending | None:
        """The next line is for another terminal: it is changed over to."""
        if self.typing and not self.relay.outbox.interrupted and self.typing[0].terminal != self.number:
            return change_over(self.typing[0].terminal)
        return None

    def wished(self) -> Ending | None:
        """All is typed: the change over that was asked for meanwhile."""
        wish, self.wish = self.wish, ""
        return Ending(wish) if wish and wish != change_over(self.number).reason else None

    def pass_on(self, keys: bytes) -> None:
        """Keys behind those that were ours."""
        self.relay.ahead += keys

    def interrupt(self) -> None:
        """Ctrl-C, which also stops what is typed for the learner."""
        self.typing.clear()
        self.draft = ("", 0)
        self.relay.outbox.send(b"\x03")

    # --- to the listener ---

    def settle(self, front: tty.Front, editing: bool) -> Ending | None:
        """PS1 again: puts the terminal right, and tells the listener."""
        self.outer.write(self.screen.repair())
        if front.kind is tty.Kind.PLAIN:
            self.pty.mend(front)
        self.remember()
        line, status = "\n".join(self._sent), self.screen.status
        self._sent, self.screen.status = [], None
        return self.tell(front, line, status, editing)

    def tell(self, front: tty.Front, line: str, status: int | None, editing: bool) -> Ending | None:
        pid, comm = (front.leader.pid, front.leader.comm) if front.leader else (0, "")
        reply = self.listener.settled(Moment(pid, comm, line, status, front.nested, editing))
        self._show(reply.text)
        return self.obey(reply)

    def remember(self) -> None:
        """The whole command goes to the history, once its end is known."""
        if self._sent:
            self.editor.history.keep("\n".join(self._sent))

    def obey(self, reply: Reply) -> Ending | None:
        self.typing.extend(reply.type)
        self.following = reply.more
        if reply.type:
            self.relay.outbox.interrupted = False
        return Ending(reply.leave) if reply.leave else None

    def answer(self, reply: Reply) -> Ending | None:
        """The listener's answer to a line: its text, then the prompt again."""
        self.outer.write(block(reply.work() if reply.work else reply.text))
        if not reply.leave:
            self.again()
        return self.obey(reply)

    # --- to the screen ---

    def again(self) -> None:
        """The unfinished row once more."""
        self.outer.write(b"\r" + self.row.encode())

    def redraw(self) -> None:
        """After the screen was ours: a full-screen program draws itself again, else the last row comes back."""
        self.outer.write(self.screen.redo())
        if self.screen.alternate:
            self.outer.write(b"\x1b[2J")
            self.relay.nudge()
        else:
            self.again()

    def _show(self, text: str) -> None:
        """Text above the unfinished row; after a full-screen program, when one is on."""
        self._later += ended(text)
        if not self._later or not self.screen.calm:
            return
        text, self._later = self._later, ""
        prompt = self.screen.prompt(self.pty.size.columns)
        output = self.row.removesuffix(prompt)
        self.screen.forget_output()
        kept = f"{output}\x1b[m\r\n" if output else ""
        self.outer.write(b"\r\x1b[K" + kept.encode() + block(text) + prompt.encode())


def change_over(number: int) -> Ending:
    """What ends run() so that another terminal goes on (repl/terminals.py)."""
    return Ending(f"{CHANGE_OVER}{number}")


def changes_over(reply: Reply) -> bool:
    """Does it ask for another terminal?"""
    return reply.leave.startswith(CHANGE_OVER)


def lines(text: str) -> bytes:
    """Text for a terminal in raw mode."""
    return text.replace("\n", "\r\n").encode(errors="surrogateescape")


def block(text: str) -> bytes:
    """The same, `ended`."""
    return lines(ended(text))


def ended(text: str) -> str:
    """text, with an end of line at its end if there is any."""
    return text if not text or text.endswith("\n") else text + "\n"
