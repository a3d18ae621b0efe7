"""The terminal: the learner's shell, and whose turn it is. Knows no lessons; a Listener does.

While something runs, keys and output pass through untouched (relay). When a shell waits at its prompt (kernel/tty),
the listener is told, and one line is read (prompt): by prompt_toolkit, or by the shell itself. A wrong guess leaves
an ordinary terminal: whatever is on the screen was written there by the shell.
"""

import contextlib
import os
import secrets
import signal
import termios
import tty as modes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from nsplay.repl import marks
from nsplay.repl.listener import Ending, Listener, Moment, Reply
from nsplay.repl.menu import Menu, Pressed
from nsplay.repl.outer import Outer
from nsplay.repl.prompt import EditedPrompt, Prompt, ShellsPrompt
from nsplay.repl.pty import LAST_WORDS, OpenShell, Pty, Reap, reap_child
from nsplay.repl.relay import Event, Turn
from nsplay.repl.talk import Talk, block, changes_over

__all__ = ["Ending", "Listener", "Moment", "OpenShell", "Reap", "Reply", "Terminal"]

Menus = Callable[[bytes], Ending | None]  # opens the menu, with the keys typed behind its key
Presents = Callable[[Talk, Menus], Prompt]  # makes a prompt of somebody else's: a demo's

KEPT: Final = 1 << 13  # bytes of output that are kept while another terminal is shown


class Terminal:
    """The learner's shell on a pty of its own, shown on stdin and stdout.

    folder: writable, and visible to the shell, for its rc file. history: a file. env: None for our own. line: "edit"
    for prompt_toolkit at every prompt, "shell" for the shell's own editing. watch: descriptors that end run() with
    that reason when readable. reap: status of the ended shell where it isn't our child. words: what Tab offers at the
    begin of a line (colon commands). number: what a Move calls it, and a change over.
    renews: a shell that was killed is followed by a new one. presents: makes the prompt, in place of `line`.
    Raises what open_shell raises.
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
        number: int = 1,
        renews: bool = True,
        presents: Presents | None = None,
    ) -> None:
        nonce = secrets.token_hex(8)
        marked = marks.environment(folder, nonce, os.environ if env is None else env)
        outer = Outer(stdin, stdout, watch or {})

        def new() -> Pty:
            return Pty(open_shell, argv, marked, cwd, outer.size(), nonce)

        self._new, self._outer, self._reap = new, outer, reap
        self._pty: Pty | None = new()
        self._talk = Talk(self._outer, listener, history, words, self._pty, number)
        self._leaves = ShellsPrompt(self._talk)
        edits = (presents or EditedPrompt)(self._talk, self._menu)
        self._prompt: Prompt = edits if presents or line == "edit" else self._leaves
        self._renews = renews
        self._prompted = False  # the shell has come to a prompt
        self._left = False  # run() has come back once
        self._taking_over = False
        self._unseen = b""  # what came while another terminal was shown

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
                self._outer.write(self._talk.screen.undo())

    def close(self) -> None:
        """Hangs up on the shell, and waits until it is gone."""
        if self._pty:
            self._pty.close(self._reap)
            self._pty = None
        self._talk.close()
        self._outer.close()

    def show(self, text: str) -> None:
        """Text of ours, while no shell runs on it."""
        self._outer.write(block(text))

    # --- beside others (repl/terminals.py) ---

    def take_over(self, before: "Terminal") -> None:
        """Goes on with the commands that wait to be typed for the learner: they are typed before anything is judged here."""
        self._talk.take_over(before._talk)
        self._taking_over = bool(self._talk.typing)

    def unread(self) -> bytes:
        """Keys that were typed behind what ended run(), and that nobody has had."""
        return self._talk.unread()

    def type_ahead(self, keys: bytes) -> None:
        """Keys as if they were typed before the shell is there."""
        self._talk.pass_on(keys)

    def place(self) -> int | None:
        """The innermost foreground leader's pid, now; None when there is no shell."""
        leader = self._pty.front().leader if self._pty else None
        return leader.pid if leader else None

    def beside(self, others: Sequence["Terminal"]) -> None:
        """From now on, the output of the others is taken while this one is shown."""
        self._outer.aside = {one._pty.master: one._take for one in others if one._pty}

    def _take(self) -> bool:
        data = self._pty.read() if self._pty else b""
        self._unseen = (self._unseen + data)[-KEPT:]
        return bool(data)

    def _open(self) -> None:
        self._pty = self._new()
        self._talk.begin(self._pty)
        self._leaves.idle = self._prompted = False

    def _come_back(self) -> None:
        if self._pty is None:
            self._open()
        elif self._left:
            self._talk.relay.resize()
            self._talk.relay.seen = ()
            unseen, self._unseen = self._unseen, b""
            if not self._talk.screen.alternate:  # else it is drawn anew
                self._outer.write(unseen)
            self._talk.redraw()

    def _loop(self) -> Ending:
        turns: dict[Turn, Callable[[Event], Ending | None]] = {
            Turn.PROMPT: self._at_prompt,
            Turn.KEYS: self._leaves.at_keys,
            Turn.QUIET: self._at_rest,
            Turn.MENU: lambda event: self._menu(event.keys),
            Turn.DEAD: lambda event: self._ended(),
            Turn.HANGUP: lambda event: Ending("hangup"),
            Turn.WATCH: lambda event: Ending(event.reason),
        }
        while True:
            event = self._talk.relay.run(self._leaves.idle)
            if ending := turns[event.turn](event):
                return ending

    def _at_prompt(self, event: Event) -> Ending | None:
        talk, self._prompted = self._talk, True
        second = talk.second(event.front)
        talk.relay.marks(event.front)
        new = not second and talk.relay.fresh(event.front)
        told, self._taking_over = new and not self._taking_over, False
        if told and (ending := talk.settle(event.front, self._prompt is not self._leaves)):
            return ending
        if ending := talk.elsewhere():
            return ending
        if talk.send_next():
            return None
        if ending := talk.wished():
            return ending
        return self._prompt.at_prompt(event, second)

    def _at_rest(self, event: Event) -> Ending | None:
        """A raw program has gone quiet: a step may be done in it."""
        ending = self._talk.tell(event.front, "", None, editing=False)
        if not ending and event.front.kind.prompt:
            ending = self._talk.elsewhere()
            if not ending:
                self._talk.send_next()
        return ending

    def _ended(self) -> Ending | None:
        self._talk.remember()
        self._outer.forget()  # it was typed for a shell that is no more: not for the one around it
        status = self._talk.pty.ended(self._reap)
        self._pty = None
        if (
            status is None and self._outer.watch
        ):  # whoever knew is ending as well, and a watched descriptor says so
            readable, _ = self._outer.wait([], [], LAST_WORDS)
            if reason := self._outer.reason(readable):
                return Ending(reason)
        killed = status is not None and os.WIFSIGNALED(status) and os.WTERMSIG(status) != signal.SIGHUP
        if status is None or not killed or not self._renews:
            return Ending("exit", None if status is None else os.waitstatus_to_exitcode(status))
        cause = f"signal {os.WTERMSIG(status)}, {signal.strsignal(os.WTERMSIG(status))}"
        if not self._prompted:  # it would go on for ever
            return Ending(f"The shell was killed before its first prompt ({cause})")
        self._outer.write(self._talk.screen.undo())  # of `less`, which was hung up with it
        self._outer.write(f"\x1b[m\r\nThe shell was killed ({cause}). Here is a new one.\r\n".encode())
        self._open()
        return None

    def _to_type(self) -> bool:
        """Is something still to be typed for the learner? Before the first prompt the listener hasn't said."""
        return bool(self._talk.typing) or (self._talk.number == 1 and not self._prompted)

    def _menu(self, ahead: bytes) -> Ending | None:
        """nsplay's own menu, from anywhere. The program below isn't read meanwhile: it waits as on a slow terminal."""
        talk = self._talk
        self._leaves.idle = False
        self._outer.write(talk.screen.undo() + b"\x1b[m\r\n" + block(talk.listener.menu()))
        menu = Menu(self._outer, ahead)
        while True:
            pressed, key = menu.press()
            match pressed:
                case Pressed.GONE:
                    return Ending(key or "hangup")
                case Pressed.QUIT:
                    return Ending("quit")
                case Pressed.OTHER if (
                    key != str(talk.number) or self._to_type()
                ):  # it is shown, and stays: back to it
                    reply = talk.listener.menu_key(key) or Reply()
                    self._outer.write(block(reply.text))
                    if changes_over(reply) and self._to_type():
                        talk.wish, reply = reply.leave, replace(reply, leave="")
                    if ending := talk.obey(reply):
                        talk.pass_on(menu.ahead)
                        return ending
                    if not reply.type and not talk.wish:
                        continue
                case Pressed.INTERRUPT:
                    talk.interrupt()
                case Pressed.END:
                    talk.typing.clear()
                    self._outer.write(block(talk.listener.ended(*talk.pty.end_program())))
                case Pressed.LITERAL:
                    talk.relay.outbox.send(b"\x1d")
            talk.redraw()
            talk.pass_on(menu.ahead)
            return None
