"""The prompt in a demo: waits for the presenter, then types the step's next command as a person would."""

import time
from collections.abc import Callable
from typing import Final

from rich.cells import cell_len

from nsplay.demo.clicker import Press, Wish, press, pressed
from nsplay.demo.pages import DemoPages
from nsplay.demo.playback import CLOSE, OPEN, Playback
from nsplay.demo.show import Hand, Show
from nsplay.errors import UsageError
from nsplay.repl.listener import Ending, Reply
from nsplay.repl.outer import RESIZED
from nsplay.repl.prompt import EditedPrompt
from nsplay.repl.relay import MENU_KEY, Event
from nsplay.repl.talk import Talk, change_over

INTERRUPT: Final = b"\x03"
GONE: Final = Ending("hangup")


class PresentedPrompt:
    """One terminal's. menu: opens nsplay's menu, with the keys typed behind its key."""

    def __init__(
        self, talk: Talk, menu: Callable[[bytes], Ending | None], show: Show, pages: DemoPages
    ) -> None:
        self.idle = False
        self._talk, self._menu, self._show, self._pages = talk, menu, show, pages
        self._edits = EditedPrompt(talk, self._given_back)
        talk.presenting = True
        talk.outer.seen = lambda data: show.sees(data, talk.outer.size())

    def at_prompt(self, event: Event, second: bool) -> Ending | None:
        """Types, waits for the presenter, or lets them type."""
        show, talk = self._show, self._talk
        off = False
        if show.hand is Hand.LINE and not second and talk.draft == ("", 0):  # it was entered
            off = show.give_back()
        talk.presenting = show.hand is Hand.LESSON
        if show.hand is not Hand.LESSON:
            return self._edits.at_prompt(event, second)
        if second:
            line = talk.suggestion(True)
            return self._type(line) if line else self._by_hand(event, second, Hand.LINE, "")
        show.settled()
        if show.repairing:
            show.repairing = False
            return talk.obey(Reply(type=show.session.moves()))
        if (off or show.stuck()) and not show.offered:
            self._offer()
        pressed, show.pressed = show.pressed, False
        said = Press(Wish.ONWARD) if pressed else self._wait()
        if not isinstance(said, Press):
            return said
        return self._do(said, event)

    def _do(self, said: Press, event: Event) -> Ending | None:
        show = self._show
        match said.wish:
            case Wish.ONWARD:
                left = show.offered and not show.session.done
                return self._answer(show.go_on()) if left else self._onward()
            case Wish.BACK:
                return self._answer(show.back())
            case Wish.BLANK:
                return self._dark()
            case Wish.RECORDED:
                return self._recorded()
            case Wish.EDIT:
                return self._by_hand(event, False, Hand.LINE, self._talk.suggestion(False))
            case Wish.MENU:
                return self._menu(said.ahead)
            case Wish.BY_HAND if show.offered and said.text in ("r", "s"):
                return self._answer(show.repair() if said.text == "r" else show.start_over())
            case Wish.BY_HAND:
                return self._by_hand(event, False, Hand.PRESENTER, said.text)
        return None

    # --- the lesson types

    def _onward(self) -> Ending | None:
        """The next command, or the next step."""
        show, talk = self._show, self._talk
        move = show.session.next_move()
        if move and move.terminal != talk.number:
            show.pressed = True
            return change_over(move.terminal)
        if move:
            return self._type(talk.suggestion(False))
        show.offered = False
        reply = talk.listener.submit("")
        return self._answer(reply) if reply else None

    def _type(self, line: str) -> Ending | None:
        """Letter by letter into the shell, whose echo is what is seen."""
        talk, prompt = self._talk, cell_len(self._talk.row)
        for letter, wait in self._show.strokes(line):
            if keys := self._pass_time(wait):
                talk.interrupt()
                found = MENU_KEY.search(keys)
                return self._menu(keys[found.end() :]) if found else None
            if self._lost():
                return None  # the relay says what it is
            talk.pty.write(letter.encode())
        talk.enter(line)
        self._show.entered(line, prompt + cell_len(line))
        return None

    def _pass_time(self, seconds: float) -> bytes:
        """Shows what the shell says meanwhile. Keys are dropped, but those that stop it: Ctrl-C and the menu's."""
        talk, outer = self._talk, self._talk.outer
        until = time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            readable, _ = outer.wait([talk.pty.master, outer.stdin], [], max(0.0, left))
            if RESIZED in readable:
                talk.relay.resize()
            if talk.pty.master in readable:
                outer.write(talk.pty.read())
            if outer.stdin in readable:
                keys = outer.read()
                if not keys or INTERRUPT in keys or MENU_KEY.search(keys):
                    return keys or INTERRUPT
            if left <= 0 or self._lost():
                return b""

    def _lost(self) -> bool:
        """Has the shell ended, or something else that is watched?"""
        pty, outer = self._talk.pty, self._talk.outer
        readable, _ = outer.wait([pty.pidfd], [], 0)
        return bool(pty.pidfd in readable or outer.reason(readable))

    # --- the presenter

    def _wait(self) -> Press | Ending | None:
        """Their next wish. None: something else has happened, which is the relay's to see to."""
        talk, outer, auto = self._talk, self._talk.outer, self._show.auto
        if held := talk.relay.early.take():  # pressed while a command ran: it counts, once
            return press(held)
        until = None if auto is None else time.monotonic() + auto
        while True:
            left = None if until is None else max(0.0, until - time.monotonic())
            readable, _ = outer.wait([outer.stdin, talk.pty.master, talk.pty.pidfd], [], left)
            if not readable and left is not None:
                return Press(Wish.ONWARD)
            if RESIZED in readable:
                talk.relay.resize()
            if outer.stdin in readable:
                keys = pressed(outer)
                return press(keys) if keys else GONE
            if readable - {RESIZED}:
                return None

    def _by_hand(self, event: Event, second: bool, hand: Hand, text: str) -> Ending | None:
        talk = self._talk
        self._show.take_over(hand)
        talk.presenting = False
        talk.draft = (text, len(text))
        return self._edits.at_prompt(event, second)

    def _given_back(self, ahead: bytes) -> Ending | None:
        """Ctrl-] while the presenter types."""
        talk = self._talk
        talk.draft, talk.presenting = ("", 0), True
        off = self._show.give_back() or self._show.stuck()
        if off:
            self._offer()
        else:
            self._say(self._pages.given_back())
        return None

    def _offer(self) -> None:
        """The step isn't done, and it can't be by what is left to type: what now?"""
        self._show.offered = True
        self._say("" if self._show.alone else self._pages.offer(self._show.session))

    def _dark(self) -> Ending | None:
        """Nothing to be seen until a key is pressed."""
        talk, outer = self._talk, self._talk.outer
        outer.write(OPEN + b"\x1b[2J\x1b[H")
        try:
            readable, _ = outer.wait([outer.stdin, talk.pty.pidfd], [], None)
            while readable == {RESIZED}:
                readable, _ = outer.wait([outer.stdin, talk.pty.pidfd], [], None)
            return GONE if outer.stdin in readable and not pressed(outer) else None
        finally:
            outer.write(CLOSE)

    def _recorded(self) -> Ending | None:
        """The step as it was in the rehearsal; then back to here. A sentence where there is none."""
        step = self._show.session.step
        try:
            take = self._pages.takes.find(step)
        except UsageError as error:
            self._say(self._pages.no_take(step, error))
            return None
        if take is None:
            self._say(self._pages.no_take(step))
            return None
        shown = Playback(self._talk.outer, self._pages, take, self._talk.pty.pidfd).run()
        return None if shown else GONE

    # --- what is said

    def _answer(self, reply: Reply) -> Ending | None:
        self._talk.outer.write(b"\r\n")
        return self._talk.answer(reply)

    def _say(self, text: str) -> None:
        """Text of ours, then the prompt again."""
        if text:
            self._answer(Reply(text=text))
