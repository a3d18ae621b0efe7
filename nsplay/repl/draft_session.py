"""Free play that becomes a lesson: every command that changed something is a step of it. Prints nothing itself."""

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from nsplay import facts
from nsplay.lesson.draft import MOST, Made, paths
from nsplay.lesson.model import Move
from nsplay.lesson.rules import width
from nsplay.lesson.text import printable
from nsplay.repl.actors import Eyes
from nsplay.repl.draft_pages import DraftPages
from nsplay.repl.listener import Frame, Moment, Reply
from nsplay.repl.watched import Watched
from nsplay.snapshot import PARTS
from nsplay.view.registry import VIEWS

INTERRUPTED: Final = (130, 131)  # exit statuses: SIGINT's, SIGQUIT's
WIDEST_TITLE: Final = 52  # columns
LONG: Final = frozenset({"tree"})  # views that are too much to follow every command


class DraftSession(Watched):
    """The listener of its terminals (repl/seat.py). The stage may be made anew meanwhile: `rebuild`.

    steps: so far. early: looks before the first of them. shown: the views of the latest change.
    """

    def __init__(self, pages: DraftPages) -> None:
        super().__init__()
        self.pages = pages
        self.steps: list[Made] = []
        self.early: tuple[Move, ...] = ()
        self.shown: tuple[str, ...] = ()
        self._asked = ""  # the latest command
        self._replay: deque[Move] = deque()
        self._named: frozenset[str] = frozenset()  # parts: of the paths that the command names

    def rebuild(self, eyes: Eyes) -> None:
        """A fresh stage: every step is done on it again."""
        self.eyes, self.front, self.last = eyes, 1, None
        self._replay = deque(move for step in self.steps for move in step.moves)
        self._replay.extendleft(() if self.steps else reversed(self.early))

    def parts(self) -> frozenset[str]:
        """Everything, and the paths that it names: what a command will change isn't known before."""
        return PARTS | self._named

    # --- the terminal's questions (repl/terminal.Listener) ---

    def settled(self, moment: Moment, terminal: int = 1) -> Reply:
        """A shell waits: what the last command did becomes a step."""
        self.front = terminal
        if self._replay:
            return Reply(type=(self._replay.popleft(),), more=bool(self._replay))
        last, self.last = self.last, self.look()
        if last is None:
            return _waiting(self.pages.ready(self))
        line = moment.line.strip()
        if not line and _left(last.leader, self.last.leader):
            line = "exit"  # Ctrl-D, which no lesson can write down
        self._asked = line or self._asked
        before, after = Eyes.facts(last), Eyes.facts(self.last)
        if not line:
            return _waiting("")  # what changes by itself is nobody's step
        looks = () if self.steps else self.early
        made = Made((*looks, Move(line, terminal)), len(looks), before, after)
        self.shown = _views(made)
        made = replace(made, views=self.shown)
        told = self._keep(made, moment.status)
        return _waiting(self.pages.result(self, last, self.last, line, told))

    def _keep(self, made: Made, status: int | None) -> str:
        """A step, or a look; the sentence that says so."""
        words = made.deed.replace("\n", " ")
        if printable(words) != words:
            return self.pages.not_kept("control")
        if status in INTERRUPTED:
            return self.pages.not_kept("interrupted")
        if not made.found.checks:
            if status:
                return self.pages.not_kept("failed", status)
            if self.steps:
                self.steps[-1] = self.steps[-1].looked(made.moves[-1])
            else:
                self.early = made.moves
            return self.pages.looked(len(self.steps))
        if len(self.steps) >= MOST:
            return self.pages.not_kept("many", MOST)
        self.steps.append(made)
        return self.pages.kept(self)

    def suggestion(self, entered: Sequence[str] = ()) -> str:
        """Nothing is asked of anybody here."""
        return ""

    def submit(self, line: str) -> Reply | None:
        """A line at the prompt: a colon command is ours."""
        word, _, argument = line.strip().partition(" ")
        if not (len(word) > 1 and word.startswith(":") and word[1:].replace("-", "").isalpha()):
            self._look_for(line)
            return None
        argument = argument.strip()
        if word in (":done", ":quit"):
            return Reply(leave="done")
        if word in (":reset", ":again"):
            return Reply(leave="rebuild")
        if word == ":undo":
            return self._undo()
        if word == ":name":
            return _waiting(self._name(argument))
        if word == ":both" and argument:
            return Reply(work=lambda: self.pages.both(self, argument), keep=True)
        if word == ":why" and (command := argument or self._asked):
            return Reply(work=lambda: self.pages.why(self, command), keep=True)
        return _waiting(self.pages.answer(self, word, argument))

    def _look_for(self, line: str) -> None:
        """What the line names is looked at before it is typed: afterwards it is too late."""
        named = frozenset[str]().union(
            *(facts.parts_for(f"inside.at.{path}.mounted") for path in paths(line))
        )
        if self.last and named - self.last.parts:
            self._named = named
            self.last = self.look()

    def _undo(self) -> Reply:
        """Without the last step: what it did to the stage goes with the stage."""
        if not self.steps:
            return _waiting(self.pages.answer(self, ":no-step", ""))
        first = self.steps.pop()
        if not self.steps:
            self.early = first.moves[: first.at]
        return Reply(leave="rebuild")

    def _name(self, title: str) -> str:
        if not self.steps:
            return self.pages.answer(self, ":no-step", "")
        if not title or width(title) > WIDEST_TITLE or printable(title) != title or set(title) & set("{}#`"):
            return self.pages.answer(self, ":no-title", str(WIDEST_TITLE))
        self.steps[-1] = replace(self.steps[-1], title=title)
        return self.pages.answer(self, ":named", title)

    def running(self, seconds: float) -> Frame | None:
        """What moves while a command runs."""
        return self.pages.moving(self, self.shown, seconds) if self.last else None

    def menu(self) -> str:
        """What Ctrl-] shows."""
        return self.pages.answer(self, "ctrl-]", "")

    def menu_key(self, key: str) -> Reply | None:
        """A key in that menu that isn't the terminal's own."""
        if there := self.to_terminal(key):
            return there
        word = {"s": ":steps", "?": ":help", "r": ":reset", "u": ":undo"}.get(key)
        return self.submit(word) if word else None

    def ended(self, program: str, pid: int) -> str:
        """A program was ended from the menu."""
        return self.pages.answer(self, ":ended", f"{program} {pid}")

    def resized(self, columns: int, lines: int) -> None:
        """A new size."""
        self.pages.resized(columns, lines)


def _waiting(text: str) -> Reply:
    """What is typed while the next command runs waits for its end: it has to be looked at before something else is done."""
    return Reply(text=text, more=True, keep=True)


def _left(before: int | None, now: int | None) -> bool:
    """Has the shell ended that was in front, so that another one is?"""
    return before is not None and now is not None and before != now


def _views(made: Made) -> tuple[str, ...]:
    """The views of what changed: those that need no more than the changed facts do."""
    names = [line.comparison.partition(" ")[0] for line in made.found.checks]
    moved: Collection[str] = frozenset().union(*(facts.parts_for(name) for name in names))
    groups = {word for name in names if ".group." in name for word in name.split(".")}

    def shows(name: str) -> bool:
        parts = VIEWS[name].parts
        if name == "namespaces":
            return any(".ns." in fact for fact in names)
        if name == "ps" and "pid" not in made.own:
            return False  # every command that stays is a process more
        if parts == {"groups"}:
            return "groups" in moved and (name == "groups" or name in groups)
        return bool(parts) and parts <= set(moved)

    return tuple(name for name in VIEWS if name not in LONG and shows(name))
