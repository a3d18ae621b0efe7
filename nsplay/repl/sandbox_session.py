"""The sandbox while somebody is in it: makes it by typing, then looks at what every command changes. Prints nothing itself."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from nsplay.lesson.model import Move
from nsplay.repl.actors import Eyes
from nsplay.repl.listener import Frame, Moment, Reply
from nsplay.repl.sandbox_pages import VIEW, SandboxPages
from nsplay.repl.watched import Watched
from nsplay.view.base import own
from nsplay.view.registry import parts_for

KEYS = {"s": ":show", "?": ":help"}  # in the menu of Ctrl-]


class Plan(NamedTuple):
    """What will be made. lines: what is typed. left_out: sentences on what can't be had. root: "" for the host's own."""

    kinds: tuple[str, ...]
    limits: dict[str, int]
    root: str
    lines: tuple[str, ...]
    left_out: tuple[str, ...] = ()

    @property
    def views(self) -> tuple[str, ...]:
        """Those of what it has of its own."""
        names = [VIEW[kind] for kind in self.kinds]
        return (*names, *(["groups"] if self.limits else []), *self.limits)


class SandboxSession(Watched):
    """The listener of its terminals (repl/seat.py), on one stage. made: the sandbox stands, or stood."""

    def __init__(self, plan: Plan, pages: SandboxPages, eyes: Eyes) -> None:
        super().__init__(eyes)
        self.plan, self.pages, self.views = plan, pages, plan.views
        self.made = False
        self._to_type = deque(plan.lines)
        self._typed = ""  # the latest of those
        self._asked = ""  # the learner's latest command

    def parts(self) -> frozenset[str]:
        """What the views show."""
        return parts_for(self.views)

    def settled(self, moment: Moment, terminal: int = 1) -> Reply:
        """A shell waits: the next line that makes it; afterwards a look at what the last command did."""
        self.front = terminal
        if self._to_type:
            return self._make(moment)
        last, self.last = self.last, self.look()
        self._asked = moment.line.strip() or self._asked
        if last is None:
            self.made = bool(own(self.last))
            return Reply(text=self.pages.made(self) if self.made else self.pages.stuck(self._typed, ()))
        return Reply(text=self.pages.result(self, last, self.last, moment.line))

    def _make(self, moment: Moment) -> Reply:
        if moment.status and self._typed:
            rest = tuple(self._to_type)
            self._to_type.clear()
            self.last = self.look()
            return Reply(text=self.pages.stuck(self._typed, rest))
        self._typed = self._to_type.popleft()
        return Reply(type=(Move(self._typed),), more=bool(self._to_type))

    def suggestion(self, entered: Sequence[str] = ()) -> str:
        """Nothing is asked of anybody here."""
        return ""

    def submit(self, line: str) -> Reply | None:
        """A line at the prompt: a colon command is ours."""
        word, _, argument = line.strip().partition(" ")
        if not (len(word) > 1 and word.startswith(":") and word[1:].replace("-", "").isalpha()):
            return None
        argument = argument.strip()
        if word in (":reset", ":again"):
            return Reply(leave="rebuild")
        if word == ":quit":
            return Reply(leave="quit")
        if word == ":both" and argument:
            return Reply(work=lambda: self.pages.both(self, argument), keep=True)
        if word == ":why" and (command := argument or self._asked):
            return Reply(work=lambda: self.pages.why(self, command), keep=True)
        return Reply(text=self.pages.answer(self, word, argument), keep=True)

    def running(self, seconds: float) -> Frame | None:
        """What moves while a command runs, where there are limits."""
        return self.pages.moving(self, self.views, seconds) if self.last else None

    def menu(self) -> str:
        """What Ctrl-] shows."""
        return self.pages.answer(self, "ctrl-]", "")

    def menu_key(self, key: str) -> Reply | None:
        """A key in that menu that isn't the terminal's own."""
        if there := self.to_terminal(key):
            return there
        if key in KEYS:
            return Reply(text=self.pages.answer(self, KEYS[key], ""))
        return Reply(leave="rebuild") if key == "r" else None

    def ended(self, program: str, pid: int) -> str:
        """A program was ended from the menu."""
        return self.pages.answer(self, ":ended", f"{program} {pid}")

    def resized(self, columns: int, lines: int) -> None:
        """A new size."""
        self.pages.resized(columns, lines)
