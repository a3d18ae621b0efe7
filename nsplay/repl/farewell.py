"""The end of a lesson: where one goes on, or the receipt and the card; and what the learner wants then."""

import time
from collections.abc import Sequence
from pathlib import Path

from nsplay.repl.deeds import made
from nsplay.repl.machine import Machine
from nsplay.repl.session import Session
from nsplay.repl.tally import Deed
from nsplay.settings import Settings
from nsplay.view import ending, notes
from nsplay.view.grid import Key, keys
from nsplay.view.ui import Screen, Ui, render

MOST_ENTRIES = 40  # lines of a receipt

Look = tuple[tuple[str, ...], Machine]
"""What moved on the machine since the lesson began, and the machine now."""


class Farewell:
    """Last words. left: what stayed behind."""

    def __init__(self, settings: Settings, ui: Ui, play: Session, left: Sequence[str], look: Look) -> None:
        self.settings, self.ui, self.play, self.left, self.look = settings, ui, play, left, look

    def draw(self, screen: Screen) -> str:
        """Text for the terminal, with a blank line before it."""
        return "\n" + render(self.ui, screen)

    def text(self, reason: str) -> str:
        """The receipt of a finished lesson and its card, else where one goes on. reason: why the learner left."""
        play, left, say = self.play, self.left, self.ui.say
        if play.finished:
            card = self.draw(ending.card(self.ui, play.lesson.id, play.lesson.card))
            return self.draw(ending.receipt(self.ui, self._receipt())) + card
        onward = say("That was the last step.", "これが最後のステップでした。")
        gone = say("Nothing is left behind.", "何も残っていません。")
        stayed = say(
            f"Left behind: {', '.join(left)}. `nsplay clean` mends it.",
            f"残ったもの: {', '.join(left)}。`nsplay clean` で片付きます。",
        )
        if play.at + play.done < len(play.lesson.steps):  # else left before the receipt
            where = f"{play.lesson.id}/{play.lesson.steps[play.at + play.done].id}"
            onward = say(f"`nsplay` goes on at {where}.", f"次は `nsplay` で {where} から続きます。")
        why = "" if reason in ("quit", "exit", "menu", "hangup") else f"{reason}. "
        problems = " ".join(play.progress.problems)
        return self.draw(notes.note(self.ui, f"{why}{stayed if left else gone} {onward} {problems}".strip()))

    def _receipt(self) -> ending.Receipt:
        (moved, machine), tally, say = self.look, self.play.tally, self.ui.say
        minutes = max(1, round((time.monotonic() - tally.began) / 60))
        felt = say(
            f"name {machine.name}, {len(machine.mounts)} mounts, {machine.processes} processes, {len(machine.links)} links",
            f"名前 {machine.name}、マウント {len(machine.mounts)}、プロセス {machine.processes}、リンク {len(machine.links)}",
        )
        total = len(self.play.lesson.steps)
        hints = "1 hint" if tally.hints == 1 else f"{tally.hints} hints"
        guesses = say(
            f"{tally.right} of {tally.guesses} guesses right, ",
            f"予想 {tally.guesses} 回中 {tally.right} 回的中、",
        )
        guesses = guesses if tally.guesses else ""
        you = say(
            f"{total} steps in {minutes} min, {guesses}{hints}, {tally.skipped} skipped",
            f"{total} ステップ {minutes} 分、{guesses}ヒント {tally.hints}、飛ばし {tally.skipped}",
        )
        entries = [entry for deed in tally.deeds for entry in self._entries(deed)][-MOST_ENTRIES:]
        title = self.play.lesson.title
        return ending.Receipt(title, entries, ", ".join(moved) or felt, bool(moved), self.left, you)

    def _entries(self, deed: Deed) -> list[ending.Entry]:
        """What the kernel did for one line; a line that changed nothing is left out."""
        did = made(deed, self.ui)
        typed = deed.line.replace("\n", " ; ")
        return [ending.Entry("" if number else typed, *one) for number, one in enumerate(did)]

    def ask(self) -> str:
        """Asks what now: keep the receipt as a file, the menu, or leave. "menu" or ""."""
        if not self.settings.ask:
            return ""
        say = self.ui.say
        pairs: list[Key] = [
            ("Enter", say("menu", "メニュー")),
            ("s", say("save the receipt as a file", "レシートをファイルに残す")),
            ("q", say("leave", "終わる")),
        ]
        while True:
            print(self.draw(Screen([keys(self.ui, pairs)])), end="")
            try:
                answer = input(" > ").strip()
            except (EOFError, KeyboardInterrupt):
                return ""
            if answer != "s":
                return "menu" if not answer else ""
            print(self._save(), end="")

    def _save(self) -> str:
        play = self.play
        path = Path(f"nsplay-{play.lesson.id}-receipt.txt").absolute()
        quiet = Ui(width=100, lang=self.ui.lang, colour=False, attributes=False, utf8=self.ui.utf8)
        screen = ending.receipt(quiet, self._receipt())
        screen += [""]
        screen += ending.card(quiet, play.lesson.id, play.lesson.card)
        try:
            path.write_text(render(quiet, screen), encoding="utf-8")
        except OSError as error:
            return self.draw(notes.failure(self.ui, f"{path}: {error.strerror}", "", ""))
        return self.draw(notes.note(self.ui, self.ui.say(f"Kept as {path}.", f"{path} に残しました。")))
