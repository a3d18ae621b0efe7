"""A lesson being played: listens to the terminal, looks at the kernel, and decides what is said. Prints nothing itself."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from nsplay.changes import changes
from nsplay.facts import Value
from nsplay.lesson.checks import evaluate
from nsplay.lesson.model import Lesson, Move, Step, Verdict
from nsplay.lesson.progress import Progress
from nsplay.repl.actors import Eyes
from nsplay.repl.listener import Frame, Moment, Reply
from nsplay.repl.script import consoles, moves, parts_of, ways
from nsplay.repl.talk import CHANGE_OVER
from nsplay.snapshot import Snapshot

LETTERS = "abcdefgh"
TERMINALS = "12"  # what they are called


@dataclass
class Deed:
    """One line that the learner typed, and the looks before and after it: the receipt is made of these."""

    line: str
    before: Snapshot
    after: Snapshot


@dataclass
class Tally:
    """What the receipt says of the learner."""

    deeds: list[Deed] = field(default_factory=list)
    guesses: int = 0
    right: int = 0
    hints: int = 0
    skipped: int = 0
    began: float = field(default_factory=time.monotonic)


class Pages(Protocol):
    """What things look like (repl/pages.py). All return text for the terminal, ANSI, ended by newlines."""

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

    def resized(self, columns: int) -> None:
        """The terminal has a new width."""


class Session:
    """One lesson on one stage, from one step on. `at` counts from 0. The stage may be made anew meanwhile: `rebuild`."""

    def __init__(self, lesson: Lesson, at: int, progress: Progress, pages: Pages) -> None:
        self.lesson, self.progress, self.pages = lesson, progress, pages
        self.tally = Tally()
        self.finished = self.playing = False
        self._enter(at)
        self.eyes: Eyes | None = None
        self.front = 1  # the terminal that is shown
        self.place_of: Callable[[int], int | None] = lambda number: None  # a terminal's foreground leader now
        self.publish: Callable[[Session], None] = lambda play: None  # told of every command and step

    def _enter(self, at: int) -> None:
        self.at = at
        self.done = self.skipping = self.by_book = False
        self.guess: int | None = None
        self.hints = 0
        self.typed = 0  # how many of the step's moves have been made
        self.before: Snapshot | None = None

    def rebuild(self, eyes: Eyes, place_of: Callable[[int], int | None]) -> None:
        """A fresh stage: everything up to the step is done on it again before the learner goes on."""
        self.eyes, self.place_of, self.front = eyes, place_of, 1
        self._enter(self.at)
        earlier = self.lesson.steps[: self.at]
        self.replay = deque((step, move) for step, its in ways(earlier) for move in its)
        self._replayed: Step | None = None
        self._began: Snapshot | None = None  # when the step that is done again began
        self.start: Snapshot | None = None
        self.last: Snapshot | None = None
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

    def look(self, parts: frozenset[str] | None = None) -> Snapshot:
        """A look at what the step needs, or at `parts`, from where the terminals are now."""
        assert self.eyes
        wanted = parts_of(self.step) if parts is None else parts
        return self.eyes.look(self.place_of(1), wanted, self.place_of(2))

    # --- the terminal's questions (repl/terminal.Listener) ---

    def settled(self, moment: Moment, terminal: int = 1) -> Reply:
        """A shell waits: looks at what the last command did."""
        self.front = terminal
        if self.start is None:  # whatever a later step asks for
            self.start = self.look(frozenset().union(*map(parts_of, self.lesson.steps)))
        if self.replay:
            return Reply(type=(self._again(*self.replay.popleft()),))
        now = self.look()
        last, self.last = self.last, now
        if self.before is None or last is None:
            self.before = now
            self.publish(self)
            return Reply(text=self.pages.task(self))
        self._note(moment.line, last, now)
        moved = _moved(last, now) or self.pages.moved(self, last, now)
        text = self._judge(moment, last, now, moved)
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

    def suggestion(self) -> str:
        """The step's next command, where it is for the terminal that is shown; done by the book, what is left to look at."""
        move = self.next_move()
        return move.line if move and move.terminal == self.front and "\n" not in move.line else ""

    def next_move(self) -> Move | None:
        """The step's next command, and its terminal; None when nothing is left to do."""
        if self.playing or not self.before or (self.done and not self.by_book):
            return None
        return next(iter(self.moves()[self.typed :]), None)

    def submit(self, line: str) -> Reply | None:
        """A line at the prompt: Enter after a done step, a guess, a colon command; everything else is the shell's."""
        word, _, argument = line.strip().partition(" ")
        if not word and self.done and not self.playing:
            return self._next()
        if self._is_guess(word) and not argument:
            return self._take_guess(word)
        if len(word) > 1 and word.startswith(":") and word[1:].replace("-", "").isalpha():
            return self._colon(word, argument.strip(), line)
        return None

    def running(self, seconds: float) -> Frame | None:
        """What moves while a command runs, where the step has a view of it."""
        return self.pages.running(self, seconds) if self.before else None

    def menu(self) -> str:
        """What Ctrl-] shows."""
        return self.pages.answer(self, "ctrl-]", "") or ""

    def menu_key(self, key: str) -> Reply | None:
        """h, s and the digits of terminals in that menu; the other keys are the terminal's."""
        if key in TERMINALS:
            return Reply() if int(key) == self.front else Reply(leave=f"{CHANGE_OVER}{key}")
        word = {"h": ":hint", "s": ":show", "?": ":help"}.get(key)
        if word:
            return self._colon(word, "", word)
        return {"r": Reply(leave="rebuild"), "m": Reply(leave="menu")}.get(key)

    def resized(self, columns: int, lines: int) -> None:
        """A new size."""
        self.pages.resized(columns)

    # --- what a command did ---

    def _judge(self, moment: Moment, last: Snapshot, now: Snapshot, moved: bool) -> str:
        assert self.before and self.start
        if self.playing or self.done:
            return self.pages.result(self, last, now, (), moment.line) if moved else ""
        verdicts = self.verdicts(now)
        if all(verdict.passed for verdict in verdicts):
            self._finish()
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

    def _finish(self) -> None:
        self.done = True
        how = "skipped" if self.skipping else "done"
        self.tally.skipped += self.skipping
        if self.guess is not None and self.step.predict:
            self.tally.right += self.guess == self.step.predict.right
        self.progress.mark(self.lesson.id, self.step.id, self.step.digest, how)

    def _note(self, line: str, last: Snapshot, now: Snapshot) -> None:
        """Keeps what was typed, and moves the suggestion on."""
        for part in filter(None, map(str.strip, line.split("\n"))):
            move, wanted = Move(part, self.front), self.moves()
            if move in wanted[self.typed :]:
                self.typed = wanted.index(move, self.typed) + 1
        if line.strip():
            self.tally.deeds.append(Deed(line.strip(), last, now))

    def was_last(self, line: str) -> bool:
        """Was the step's last command typed just now? Then silence would leave the learner alone."""
        moves = self.moves()
        return moves[-1:] == (Move(line.strip(), self.front),) and self.typed == len(moves)

    def _filled(self, line: str) -> str:
        from nsplay.lesson.fill import fill_command

        return fill_command(line, self.context())

    # --- what the learner asks of us ---

    def _is_guess(self, word: str) -> bool:
        predict = self.step.predict
        if not predict or self.done or self.playing or self.guess is not None or len(word) != 1:
            return False
        return word in LETTERS[: len(predict.options)]

    def _take_guess(self, letter: str) -> Reply:
        self.guess = LETTERS.index(letter)
        self.tally.guesses += 1
        return Reply(text=self.pages.guessed(self, letter))

    def _next(self) -> Reply:
        if self.at + 1 == len(self.lesson.steps):
            self.finished = True
            return Reply(leave="finished")
        self._enter(self.at + 1)
        self.progress.stand(self.lesson.id, self.step.id)
        self.before = self.last = self.look()
        self.publish(self)
        return Reply(text=self.pages.task(self))

    def _colon(self, word: str, argument: str, line: str) -> Reply | None:
        deeds: dict[str, Callable[[], Reply]] = {
            ":next": lambda: (
                self._next() if self.done else Reply(text=self.pages.answer(self, ":not-done", "") or "")
            ),
            ":reset": lambda: Reply(leave="rebuild"),
            ":again": lambda: Reply(leave="rebuild"),
            ":back": self._back,
            ":skip": self._skip,
            ":run": self._run,
            ":play": self._play,
            ":check": self._check,
            ":both": lambda: self._both(argument),
            ":why": lambda: self._why(argument),
            ":menu": lambda: Reply(leave="menu"),
            ":quit": lambda: Reply(leave="quit"),
        }
        if self.playing and word in (":next", ":skip", ":run", ":check"):
            return Reply(text=self.pages.answer(self, ":in-play", "") or "")
        if word in deeds:
            return deeds[word]()
        if word == ":hint":
            self.tally.hints += self.hints < len(self.step.hints)
            self.hints = min(self.hints + 1, len(self.step.hints))
        text = self.pages.answer(self, word, argument)
        return Reply(text=text, keep=True) if text is not None else None

    def _back(self) -> Reply:
        self._enter(max(0, self.at - 1))
        self.progress.stand(self.lesson.id, self.step.id)
        return Reply(leave="rebuild")

    def _skip(self) -> Reply:
        if self.done:
            return self._next()
        self.skipping = True
        return Reply(text=self.pages.answer(self, ":skipping", "") or "", type=self.moves()[self.typed :])

    def _run(self) -> Reply:
        if move := self.next_move():
            return Reply(type=(move,))
        return Reply(text=self.pages.answer(self, ":nothing-to-run", "") or "")

    def _play(self) -> Reply:
        self.playing = not self.playing
        if not self.playing:  # the stage is as the learner left it: the step is built again
            return Reply(leave="rebuild")
        return Reply(text=self.pages.answer(self, ":playing", "") or "")

    def _both(self, command: str) -> Reply:
        """One command on both sides."""
        if not command:
            return Reply(text=self.pages.answer(self, ":both", "") or "")
        return Reply(text=self.pages.both(self, command), keep=True)

    def _why(self, command: str) -> Reply:
        """The last command, or the one named."""
        command = command or (self.tally.deeds[-1].line if self.tally.deeds else "")
        if not command:
            return Reply(text=self.pages.answer(self, ":why", "") or "")
        return Reply(text=self.pages.why(self, command), keep=True)

    def _check(self) -> Reply:
        assert self.before
        self.last = now = self.look()
        verdicts = self.verdicts(now)
        if not self.done and all(verdict.passed for verdict in verdicts):
            self._finish()
            self.publish(self)
        return Reply(text=self.pages.result(self, self.before, now, verdicts, ":check"))


def _moved(last: Snapshot, now: Snapshot) -> bool:
    """Did anything change? That a second terminal was opened or has ended is no news."""
    news = last.second is not None and now.second is not None
    return any(change.kind != "same" and (news or change.side != "second") for change in changes(last, now))
