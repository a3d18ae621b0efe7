"""A lesson played without a learner: its session on a stage, with whoever types its commands into real terminals."""

from collections.abc import Callable
from typing import Final

from nsplay.lesson.model import Lesson, Move
from nsplay.lesson.progress import Progress
from nsplay.lesson.text import printable
from nsplay.repl.actors import Eyes, here, typists_shell
from nsplay.repl.pages import LessonPages
from nsplay.repl.player import Player
from nsplay.repl.session import Session
from nsplay.repl.terminal import Moment, Reply
from nsplay.stage.stage import Stage

SHOWN: Final = 12  # lines of a command's output

Idle = Callable[[], None]


class Performance:
    """The lesson from its step `at` on; those before it are done again by `begin`. Nobody's progress is touched.

    idle is called all the time; what it raises ends the performance.
    """

    def __init__(
        self,
        lesson: Lesson,
        at: int,
        stage: Stage,
        pages: LessonPages,
        idle: Idle,
        *,
        plain: bool = False,
    ) -> None:
        """plain: nothing of the learner's own prompt and start-up files is seen."""
        self.stage, self.pages, self.idle = stage, pages, idle
        self.argv, self.env = typists_shell(plain=plain)
        self.players: dict[int, Player] = {}  # by the number of their terminal
        self.session = Session(lesson, at, Progress.in_memory(), pages)
        self.session.rebuild(Eyes(stage), self.place)

    def close(self) -> None:
        """Hangs up on every terminal."""
        for player in self.players.values():
            player.close()

    def player(self, terminal: int) -> Player:
        """Who types in that terminal; it is opened when something is typed in it."""
        if terminal not in self.players:
            self.players[terminal] = Player(self.stage.open_terminal, self.argv, self.env, here())
            self.players[terminal].settle(idle=self.idle)
        return self.players[terminal]

    def place(self, terminal: int) -> int | None:
        """Whoever is in front there."""
        player = self.players.get(terminal)
        return player.place() if player else None

    def begin(self) -> Reply:
        """The shell is there, and what comes before the step is done again: the step's task."""
        self.player(1)
        reply = self.settled(Move(""))
        while reply.type:
            for move in reply.type:
                reply = self.typed(move)
        return reply

    def typed(self, move: Move) -> Reply:
        """A command, until the shell is at its prompt again: what nsplay says of it."""
        self.idle()
        self.player(move.terminal).run(move.line, idle=self.idle)
        return self.settled(move)

    def settled(self, move: Move) -> Reply:
        """What nsplay says now that a shell waits after that command."""
        self.idle()
        moment = Moment(self.place(move.terminal) or 0, "sh", move.line, 0, False, True)
        return self.session.settled(moment, move.terminal)

    def output(self, move: Move) -> list[str]:
        """What the command wrote in its terminal, shortened."""
        rows = self.player(move.terminal).answer()
        over = len(rows) - SHOWN
        more = [self.pages.ui.say(f".. {over} more lines", f".. ほか {over} 行")] if over > 0 else []
        return [*map(printable, rows[:SHOWN]), *more]
