"""What every screen of a stage has in common, a lesson's and the sandbox's: drawn for this terminal, of what is watched."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from nsplay.repl.chooser import detect
from nsplay.repl.errand import LONGEST
from nsplay.repl.listener import Frame
from nsplay.repl.live import Live
from nsplay.repl.reasons import StoppedError, find_out
from nsplay.repl.sides import run_both
from nsplay.repl.watched import Watched
from nsplay.settings import Settings
from nsplay.snapshot import Snapshot
from nsplay.view import groups, notes, step
from nsplay.view.base import View
from nsplay.view.both import both
from nsplay.view.grid import Key
from nsplay.view.registry import VIEWS, parts_for
from nsplay.view.ui import Screen, render
from nsplay.view.why import why
from nsplay.why.case import PARTS


class Page:
    """first: what the first terminal is called, in English and Japanese."""

    first = ("the lesson's", "レッスンの端末")

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.ui = detect(settings)
        self._live, self._standing = Live(), dict[str, View]()

    def words(self) -> Sequence[str]:
        """What Tab offers behind a colon."""
        return [":help", *(f":{name}" for name in VIEWS)]

    def resized(self, columns: int, lines: int) -> None:
        """A new size."""
        self.ui = replace(self.ui, width=columns, rows=lines)

    def lit(self, background: str) -> None:
        """The terminal has said whether it is dark or light; no answer counts as dark."""
        self.ui = replace(self.ui, background="light" if background == "light" else "dark")

    def draw(self, screen: Screen) -> str:
        """Text for the terminal, with a blank line before it."""
        return "\n" + render(self.ui, screen)

    def terminal(self, number: int) -> str:
        """The heading of a terminal that one changes over to."""
        words = self.ui.say(f"terminal {number}", f"端末 {number}")
        side = self.ui.say(*self.first) if number == 1 else self.ui.say("on the host's side", "ホスト側")
        return self.draw(notes.heading(self.ui, words, side))

    def moving(self, play: Watched, names: Iterable[str], seconds: float) -> Frame | None:
        """What moves while a command runs: of the named views those of groups."""
        eyes, last = play.eyes, play.last
        if not eyes or not last:
            return None
        return self._live.running(self.ui, names, last.groups, lambda: eyes.groups(play.parts()), seconds)

    def grown(self, names: Sequence[str], before: Snapshot, now: Snapshot) -> bool:
        """Has a counter of a group grown that one of the named views shows, or was there something to see meanwhile?"""
        self._standing = self._live.standing(before.groups)
        return bool(self._standing) or any(
            view.moved(before, now) for view in groups.VIEWS if view.name in names
        )

    def shown(self, names: Iterable[str]) -> list[View]:
        """The named views, those that moved as they are left standing; once."""
        standing, self._standing = self._standing, {}
        return [standing.get(name, VIEWS[name]) for name in names]

    def sides(self, play: Watched, names: Sequence[str]) -> str:
        """Host | in here, in these views."""
        now = play.look(parts_for(names))
        return self.draw(step.where(self.ui, now, [VIEWS[name] for name in names]))

    def asked(
        self,
        play: Watched,
        word: str,
        argument: str,
        usual: Sequence[str],
        table: Sequence[tuple[str, str, str]],
        mine: Sequence[Key],
    ) -> str:
        """Where there are no tasks: the answer to a view's name, :views (the usual ones), :help (table, as in notes.HELP) and
        Ctrl-] (mine: its keys of one's own); "" to anything else.
        """
        name = word.removeprefix(":")
        if name in VIEWS or (name == "views" and argument in VIEWS):
            return self.sides(play, [name if name in VIEWS else argument])
        if word == ":views":
            return self.sides(play, usual)
        if word == ":help":
            last = self.ui.say(
                "Everything else is typed to the shell. Ctrl-] always comes back.",
                "それ以外はシェルに渡されます。Ctrl-] でいつでも戻れます。",
            )
            return self.draw(notes.help_screen(self.ui, table, last))
        return self.draw(notes.way_out(self.ui, mine)) if word == "ctrl-]" else ""

    def unknown(self, word: str) -> str:
        """No colon command of that name."""
        return self.draw(
            notes.note(
                self.ui,
                self.ui.say(
                    f"There is no {word}. :help lists what there is.",
                    f"{word} はありません。:help に一覧があります。",
                ),
            )
        )

    def both(self, play: Watched, command: str) -> str:
        """Runs it on both sides, and puts beside each other what it said."""
        assert play.eyes
        stage = play.eyes.stage
        before = play.look_here(frozenset({"processes"}))
        host, inside = run_both(stage, before.leader or stage.pid, command, self.ui)
        return self.draw(both(self.ui, command, host, inside, before))

    def why(self, play: Watched, command: str) -> str:
        """Types it again where the learner is, with every system call watched."""
        assert play.eyes
        try:
            refused, reason = find_out(play.eyes.stage, play.look_here(PARTS), command, self.ui)
        except StoppedError:
            words = self.ui.say(
                f"`{command}` was stopped before it ended, after {LONGEST:g} s at most: nsplay doesn't know.",
                f"`{command}` は終わらないうちに止めました (長くても {LONGEST:g} 秒)。理由は分かりません。",
            )
            return self.draw(notes.note(self.ui, words, "?"))
        return self.draw(why(self.ui, command, refused, reason))
