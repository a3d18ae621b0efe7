"""A lesson being played: listens to the terminal, looks at the kernel, and decides what is said. Prints nothing itself."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from nsplay.changes import changes
from nsplay.facts import Value
from nsplay.lesson.checks import evaluate
from nsplay.lesson.model import Lesson, Move, Step, Verdict
from nsplay.lesson.progress import Progress
from nsplay.repl import asks
from nsplay.repl.actors import Eyes
from nsplay.repl.listener import Frame, Moment, Reply
from nsplay.repl.script import consoles, moves, parts_of, parts_of_all, ways
from nsplay.repl.tally import Deed, Tally
from nsplay.repl.watched import Watched
from nsplay.snapshot import Snapshot


class Pages(Protocol):
    """What things look like (repl/pages.py). All return text for the terminal, ANSI, ended by newlines."""

    def lit(self, background: str) -> None:
        """Before anything is drawn: the terminal is "dark", "light", or didn't say ("")."""

    def task(self, play: "Session") -> str:
        """The step: title, prose, question, command, where you are, keys."""

    def result(
        self, play: "Session", before: Snapshot, now: Snapshot, verdicts: Sequence[Verdict], line: str
    ) -> str:
        """After a command that changed something, or that finished the step."""

    def guessed(self, play: "Session", letter: str) -> str:
        """A guess was taken."""

    def answer(self, play: "Session", word: str, argument: str) -> str | None:
        """A colon command that only shows something; None when there is no such command."""

    def running(self, play: "Session", seconds: float) -> Frame | None:
        """What moves while a command runs."""

    def moved(self, play: "Session", before: Snapshot, now: Snapshot) -> bool:
        """Has a counter of a group grown that the step shows?"""

    def words(self) -> Sequence[str]:
        """Colon commands, for Tab."""

    def why(self, play: "Session", command: str) -> str:
        """What the kernel refuses that command, and why."""

    def both(self, play: "Session", command: str) -> str:
        """A command run here and on the host's side, and what it said."""

    def terminal(self, number: int) -> str:
        """One changes over to that terminal."""

    def resized(self, columns: int, lines: int) -> None:
        """The terminal has a new size."""


class Session(Watched):
    """One lesson on one stage, from one step on. `at` counts from 0. The stage may be made anew meanwhile: `rebuild`."""

    def __init__(self, lesson: Lesson, at: int, progress: Progress, pages: Pages) -> None:
        super().__init__()
        self.lesson, self.progress, self.pages = lesson, progress, pages
        self.tally = Tally()
        self.finished = self.playing = False
        self.enter(at)
        self.publish: Callable[[Session], None] = lambda play: None  # told of every command and step

    def enter(self, at: int) -> None:
        self.at = at
        self.done = self.skipping = self.by_book = False
        self._entered = time.monotonic()
        self.guess: int | None = None
        self.hints = 0
        self.typed = 0  # how far the step's moves have got
        self.spent = False  # all of them were made, in vain
        self.made: set[int] = set()  # which of them were made: one may have been left out
        self.before: Snapshot | None = None

    def rebuild(self, eyes: Eyes, place_of: Callable[[int], int | None]) -> None:
        """A fresh stage: everything up to the step is done on it again before the learner goes on."""
        self.eyes, self.place_of, self.front = eyes, place_of, 1
        self.enter(self.at)
        earlier = self.lesson.steps[: self.at]
        self.replay = deque((step, move) for step, its in ways(earlier) for move in its)
        self._replayed: Step | None = None
        self._began: Snapshot | None = None  # when the step that is done again began
        self.start: Snapshot | None = None
        self.last = None
        self.latest: Deed | None = None  # the last line that was typed or did something; "" when unknown

    @property
    def step(self) -> Step:
        """The step that is being played."""
        return self.lesson.steps[self.at]

    def context(self, now: Snapshot | None = None) -> dict[str, Value]:
        """All facts by name: now, `before.` (when the step began) and `start.` (when the lesson began)."""
        moments = (("", now or self.last), ("before.", self.before or self._began), ("start.", self.start))
        return {
            prefix + name: value
            for prefix, look in moments
            if look
            for name, value in Eyes.facts(look).items()
        }

    def moves(self) -> tuple[Move, ...]:
        """The step's commands, filled in for this machine, and where they are typed."""
        return moves(consoles(self.step), self.context())

    def parts(self) -> frozenset[str]:
        """What the step needs."""
        return parts_of(self.step)

    # --- the terminal's questions (repl/terminal.Listener) ---

    def settled(self, moment: Moment, terminal: int = 1) -> Reply:
        """A shell waits: looks at what the last command did."""
        self.front = terminal
        if self.start is None:
            self.start = self.look(parts_of_all(self.lesson))
        if self.replay:
            again = self._again(*self.replay.popleft())
            return Reply(type=(again,), more=bool(self.replay))
        now = self.look()
        last, self.last = self.last, now
        if self.before is None or last is None:
            self.before = now
            self.publish(self)
            return Reply(text=self.pages.task(self))
        self._note(moment.line, last, now)
        moved = _moved(last, now) or self.pages.moved(self, last, now)
        text = self._judge(moment, last, now, moved)
        self._offer_again()
        if moved or moment.line.strip():
            self.latest = Deed(moment.line.strip(), last, now)
            self.publish(self)
        return Reply(text=text)

    def _again(self, step: Step, move: Move) -> Move:
        """A command of an earlier step, filled in as it was then."""
        self.last = self.look(parts_of(step))
        if step is not self._replayed:
            self._replayed, self._began = step, self.last
        return move._replace(line=self._filled(move.line))

    def suggestion(self, entered: Sequence[str] = ()) -> str:
        """The step's next command, where it is for the terminal that is shown; done by the book, what is left to look at.
        One of several lines is suggested line by line."""
        move, done = self.next_move(), len(entered)
        if not move or move.terminal != self.front:
            return ""
        lines = move.line.split("\n")
        return lines[done] if done < len(lines) and lines[:done] == list(entered) else ""

    def next_move(self) -> Move | None:
        """The step's next command, and its terminal; None when nothing is left to do."""
        if self.playing or not self.before or (self.done and not self.by_book):
            return None
        return next(iter(self.moves()[self.typed :]), None)

    def submit(self, line: str) -> Reply | None:
        """A line at the prompt."""
        return asks.submit(self, line)

    def running(self, seconds: float) -> Frame | None:
        """What moves while a command runs, where the step has a view of it."""
        return self.pages.running(self, seconds) if self.before else None

    def menu(self) -> str:
        """What Ctrl-] shows."""
        return self.pages.answer(self, "ctrl-]", "") or ""

    def menu_key(self, key: str) -> Reply | None:
        """h, s and the digits of terminals in that menu; the other keys are the terminal's."""
        if there := self.to_terminal(key):
            return there
        word = {"h": ":hint", "s": ":show", "?": ":help"}.get(key)
        if word:
            return asks.submit(self, word)
        return {"r": Reply(leave="rebuild"), "m": Reply(leave="menu")}.get(key)

    def ended(self, program: str, pid: int) -> str:
        """A program was ended from that menu."""
        return self.pages.answer(self, ":ended", f"{program} {pid}") or ""

    def resized(self, columns: int, lines: int) -> None:
        """A new size."""
        self.pages.resized(columns, lines)

    # --- what a command did ---

    def _judge(self, moment: Moment, last: Snapshot, now: Snapshot, moved: bool) -> str:
        assert self.before and self.start
        if self.playing or self.done:
            return self.pages.result(self, last, now, (), moment.line) if moved else ""
        verdicts = self.verdicts(now)
        if all(verdict.passed for verdict in verdicts):
            self.finish()
            self.by_book = bool(self.typed) and moment.line.strip() == self.moves()[self.typed - 1].line
            return self.pages.result(self, self.before, now, verdicts, moment.line)
        if not moved and not self.was_last(moment.line):
            return ""
        return self.pages.result(self, last, now, verdicts, moment.line)

    def verdicts(self, now: Snapshot) -> tuple[Verdict, ...]:
        """Every check of the step, judged by the kernel's state now."""
        assert self.before and self.start
        before, start = (Eyes.facts(look) for look in (self.before, self.start))
        return evaluate(self.step.checks, Eyes.facts(now), before, start, self.lesson.lang)

    def broken(self, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
        """Failed checks that held when the step began: something went wrong, it isn't just unfinished."""
        assert self.before
        held = {verdict.check.line for verdict in self.verdicts(self.before) if verdict.passed}
        return tuple(verdict for verdict in verdicts if not verdict.passed and verdict.check.line in held)

    def as_told(self, line: str, last: Snapshot) -> bool:
        """Were the step's commands typed in their order up to this one, and was all well before it? Then what doesn't hold
        now is the next one's to mend.
        """
        moves = self.moves()
        latest = moves[self.typed - 1 : self.typed] == (Move(line.strip(), self.front),)
        return latest and len(self.made) == self.typed < len(moves) and not self.broken(self.verdicts(last))

    def finish(self) -> None:
        self.done = True
        how = "skipped" if self.skipping else "done"
        self.tally.skipped += self.skipping
        if self.guess is not None and self.step.predict:
            self.tally.right += self.guess == self.step.predict.right
        took = round(time.monotonic() - self._entered)
        it = self.lesson.id, self.step.id, self.step.digest
        self.progress.mark(*it, how, seconds=took, hints=self.hints)

    def _note(self, line: str, last: Snapshot, now: Snapshot) -> None:
        """Keeps what was typed, and moves the suggestion on."""
        whole, wanted = Move(line.strip(), self.front), self.moves()
        parts = [whole] if whole in wanted else [Move(part.strip(), self.front) for part in line.split("\n")]
        for move in parts:
            if move in wanted[self.typed :]:
                self.made.add(wanted.index(move, self.typed))
                self.typed = max(self.made) + 1
                self.spent = False
        if line.strip():
            self.tally.deeds.append(Deed(line.strip(), last, now))

    def _offer_again(self) -> None:
        """All was typed to the end, and the step isn't done: what was left out is next, else all of it once more."""
        many = len(self.moves())
        if not self.done and self.typed == many:
            self.spent = len(self.made) == many
            self.typed = next((at for at in range(many) if at not in self.made), 0)
            self.made = set(range(self.typed))

    def was_last(self, line: str) -> bool:
        """Was the step's last command typed just now? Then silence would leave the learner alone."""
        moves = self.moves()
        return moves[-1:] == (Move(line.strip(), self.front),) and self.typed == len(moves)

    def _filled(self, line: str) -> str:
        from nsplay.lesson.fill import fill_command

        return fill_command(line, self.context())


def _moved(last: Snapshot, now: Snapshot) -> bool:
    """Did anything change? That a second terminal was opened or has ended is no news."""
    news = last.second is not None and now.second is not None
    return any(change.kind != "same" and (news or change.side != "second") for change in changes(last, now))
