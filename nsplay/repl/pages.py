"""What a lesson looks like: turns the session's state into the views' screens, filled in and in the learner's language."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nsplay.facts import Value
from nsplay.lesson.fill import fill
from nsplay.lesson.model import Block, Move, Verdict
from nsplay.repl.asks import LETTERS
from nsplay.repl.listener import Frame
from nsplay.repl.page import Page
from nsplay.repl.sayings import sentence
from nsplay.repl.session import Session
from nsplay.snapshot import Snapshot
from nsplay.view import big, notes, step
from nsplay.view.grid import Key
from nsplay.view.registry import VIEWS
from nsplay.view.ui import Screen


class LessonPages(Page):
    """Pages of one lesson (repl/session.Pages)."""

    def words(self) -> Sequence[str]:
        """What Tab offers behind a colon."""
        return [command for command, _, _ in notes.HELP] + [":help", ":menu", *(f":{name}" for name in VIEWS)]

    def running(self, play: Session, seconds: float) -> Frame | None:
        """What moves while a command runs: of the step's views those of groups."""
        return self.moving(play, self._views(play), seconds)

    def moved(self, play: Session, before: Snapshot, now: Snapshot) -> bool:
        """Has a counter of a group grown that the step shows, or was there something to see while the command ran?"""
        return self.grown(play.step.views, before, now)

    # --- a step ---

    def task(self, play: Session) -> str:
        """The step."""
        it, facts = play.step, play.context()
        blocks = _filled(it.prose, facts)
        question = fill(it.predict.question, facts) if it.predict else ""
        options = [fill(option, facts) for option in it.predict.options] if it.predict else []
        shown = step.Task(
            play.lesson.title,
            play.at + 1,
            len(play.lesson.steps),
            fill(it.title, facts),
            blocks,
            question,
            options,
            play.moves(),
            self.task_keys(play, options),
            play.front,
        )
        assert play.last
        opening = self.draw(self._opening(play)) if play.at == 0 else ""
        return opening + self.draw(step.task(self.ui, shown, play.last))

    def _opening(self, play: Session) -> Screen:
        prose = _filled(play.lesson.prose, play.context(play.start))
        return big.opening(self.ui, prose) if self.ui.big else Screen(step.prose(self.ui, prose))

    def _take(self, play: Session) -> Key:
        """How the next command is had."""
        move = play.next_move()
        if move and move.terminal != play.front:
            return (
                f"Ctrl-] {move.terminal}",
                self.ui.say(f"to terminal {move.terminal}", f"端末 {move.terminal} へ"),
            )
        return ("Tab", self.ui.say("take the command", "コマンドを入れる"))

    def task_keys(self, play: Session, options: Sequence[str]) -> list[Key]:
        """What may be pressed when the step is on the screen."""
        say = self.ui.say
        asks = bool(options) and self.settings.line == "edit"  # else a letter is the shell's
        guess: list[Key] = [(" ".join(LETTERS[: len(options)]), say("guess", "予想する"))] if asks else []
        take, rest = self._take(play), [(":hint", ""), (":help", "")]
        first, last = ([take], []) if take[0] != "Tab" else ([], [take])  # one is in the wrong terminal
        return [*first, *guess, *rest, *last, ("Ctrl-]", say("menu", "メニュー"))]

    def result(
        self, play: Session, before: Snapshot, now: Snapshot, verdicts: Sequence[Verdict], line: str
    ) -> str:
        """What a command did."""
        done = play.done and bool(verdicts)
        sound = play.done or not verdicts or play.as_told(line, before)
        broken = () if sound else play.broken(verdicts)
        failed = [v for v in verdicts if not v.passed]
        stuck = broken or (failed if line == ":check" or play.was_last(line) else ())
        facts = play.context(now)
        shown = step.Result(
            line,
            self.shown(self._views(play)),
            self._held(verdicts) if done else (),
            stuck[0] if stuck else None,
            self._todo(play, bool(broken)) if stuck else (),
            self._answer(play) if done else "",
            self.summary(play, facts) if done else (),
            self._where(play) if play.done else "",
            self.result_keys(play, bool(stuck)),
            self.settings.fence,
            play.front,
        )
        if not done and not stuck and not step.news(self.ui, shown, before, now):
            return ""
        return self.draw(step.result(self.ui, shown, before, now))

    def summary(self, play: Session, facts: Mapping[str, Value]) -> list[str]:
        """What is worth knowing, once the step is done."""
        return [fill(words, facts) for words in play.step.summary]

    def _held(self, verdicts: Sequence[Verdict]) -> list[Verdict]:
        """Checks that hold, told by what was found: their messages are for when they fail. Guards go without saying."""
        say = self.ui.say
        beside = {
            "!=": say(", not the host's", "、ホストのものとは別"),
            "==": say(", the host's", "、ホストのもの"),
        }

        def told(verdict: Verdict) -> str:
            check = verdict.check
            host = (check.right or "").startswith("host.ns.")
            return verdict.found + (beside.get(check.op, "") if host else "")

        held = [Verdict(v.check, True, told(v), v.found, v.wanted) for v in verdicts if not v.check.guard]
        return list({verdict.message: verdict for verdict in held}.values())

    def _views(self, play: Session) -> Sequence[str]:
        """The step's views; in free play all of them."""
        return list(VIEWS) if play.playing else play.step.views

    def _todo(self, play: Session, broken: bool) -> list[Move | str]:
        """How to get from here to the end of the step: what is missing, as commands."""
        return [*([":reset"] if broken else []), *play.moves()]

    def _answer(self, play: Session) -> str:
        predict = play.step.predict
        if not predict or play.guess is None:
            return ""
        letter, right = LETTERS[play.guess], LETTERS[predict.right]
        because = fill(predict.because, play.context())
        if letter == right:
            return (
                self.ui.say(f"you guessed {letter}, and {letter} it is. ", f"予想 {letter} が当たり。")
                + because
            )
        return (
            self.ui.say(f"you guessed {letter}: it is {right}. ", f"予想は {letter}、正しくは {right}。")
            + because
        )

    def _where(self, play: Session) -> str:
        at, total = play.at + 1, len(play.lesson.steps)
        return self.ui.say(f"step {at} of {total} done", f"ステップ {at} / {total} 済み")

    def result_keys(self, play: Session, stuck: bool) -> list[Key]:
        """What may be pressed after a command."""
        say = self.ui.say
        if play.playing:
            return [(":play", say("back to the step", "ステップに戻る")), (":views", ""), (":help", "")]
        if play.done:
            last = play.at + 1 == len(play.lesson.steps)
            onward = say("receipt", "レシート") if last else say("next", "次へ")
            # (Beside the place in the lesson there is room for one of the two.)
            more: Key = ("Tab", say("the rest", "残り")) if play.suggestion() else (":play", "")
            return [("Enter", onward), more, (":again", ""), (":views", ""), (":help", "")]
        if stuck:
            return [
                (":reset", say("a fresh stage", "新しいステージ")),
                (":hint", ""),
                (":skip", ""),
                (":help", ""),
            ]
        return [
            self._take(play),
            (":hint", ""),
            (":show", ""),
            (":help", ""),
        ]

    def guessed(self, play: Session, letter: str) -> str:
        """A guess was taken."""
        say = self.ui.say(
            f"you guess {letter}. Now do it and see.", f"予想は {letter}。では、やってみましょう。"
        )
        return self.draw(notes.note(self.ui, say, ">"))

    # --- colon commands that only show something ---

    def answer(self, play: Session, word: str, argument: str) -> str | None:
        """The text of `word`; None when there is no such command."""
        name = word.removeprefix(":")
        if name in VIEWS or (name == "views" and argument in VIEWS):
            return self.sides(play, [name if name in VIEWS else argument])
        texts = {
            ":help": lambda: notes.help_screen(self.ui),
            ":hint": lambda: self._hint(play, argument),
            ":solution": lambda: notes.solution(self.ui, play.moves(), play.front),
            "ctrl-]": lambda: notes.way_out(self.ui, self._menu()),
        }
        if word in texts:
            return self.draw(texts[word]())
        if word == ":show":
            return self.task(play)
        if word == ":views":
            return self.sides(play, play.step.views)
        said = sentence(self.ui, word, argument)
        return self.draw(notes.note(self.ui, said)) if said else self.unknown(word)

    def _menu(self) -> Sequence[Key]:
        """The lesson's own keys in the menu of Ctrl-]."""
        say = self.ui.say
        return (
            ("h", say("hint", "ヒント")),
            ("s", say("task", "課題")),
            ("r", say("fresh stage", "新しいステージ")),
            ("m", say("menu", "メニュー")),
        )

    def _hint(self, play: Session, argument: str) -> Screen:
        hints = play.step.hints
        number = int(argument) if argument.isdecimal() and 1 <= int(argument) <= len(hints) else play.hints
        return notes.hint(self.ui, number, len(hints), fill(hints[number - 1], play.context()))

    # --- between stages ---

    def rebuilding(self, play: Session, reason: str) -> str:
        """Said before a fresh stage is made."""
        say = self.ui.say
        lost = (
            say("The stage is gone: something on it ended it. ", "ステージがなくなりました。")
            if reason == "stage"
            else ""
        )
        which = say(f"steps 1 to {play.at}", f"ステップ 1 から {play.at} まで")
        which = which if play.at > 1 else say("step 1", "ステップ 1 ")
        steps = say(f", doing {which} again", f"。{which}をやり直します") if play.at else ""
        return self.draw(
            notes.note(self.ui, lost + say(f"A fresh stage{steps} ...", f"新しいステージです{steps} ..."))
        )


def _filled(blocks: Sequence[Block], facts: Mapping[str, Value]) -> list[Block]:
    return [replace(block, text=fill(block.text, facts)) for block in blocks]
