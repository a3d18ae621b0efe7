"""The menu: which lessons there are, how far one is, and what can't run here."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from nsplay.view.text import fit
from nsplay.view.ui import Key, Screen, Ui, keys, marked, meter, prose_row, sentences, title


@dataclass(frozen=True)
class Entry:
    """A lesson in the menu. done of steps; at: the step to go on with, 0 when it wasn't begun."""

    id: str
    title: str
    minutes: int
    steps: int
    done: int
    why_not: str = ""
    mend: str = ""

    @property
    def complete(self) -> bool:
        return 0 < self.steps == self.done


def menu(ui: Ui, entries: Sequence[Entry], onward: str, problems: Sequence[str] = ()) -> Screen:
    """onward: the lesson that Enter takes, "" for none. problems: sentences about the progress file."""
    done, steps = sum(e.done for e in entries), sum(e.steps for e in entries)
    if ui.plain:
        return _plain(ui, entries, onward, problems)
    total = ui.say(f"{done} of {steps} steps  ", f"{steps} ステップ中 {done}  ")
    what = ui.say("what a container is made of", "コンテナは何でできているか")
    right = Text.assemble(total, meter(done, steps, 14)) if ui.width >= 60 else Text()
    screen = Screen(title(ui, Text.assemble(("nsplay", "head"), f"   {what}"), right))
    screen += Text()
    wide = max((len(e.id) for e in entries), default=0)
    for entry in entries:
        screen += _row(ui, entry, entry.id == onward, wide)
        if entry.why_not:
            screen += prose_row(ui, "", Text.assemble(entry.why_not, "   ", (entry.mend, "cmd")))
    screen.part([line for words in problems for line in marked(ui, Text("!", "warn"), words)])
    pairs: list[Key] = [("Enter", onward)] if onward else []
    pairs += [
        (ui.say("NAME", "名前"), ui.say("another lesson", "別のレッスン")),
        ("q", ui.say("leave", "終わる")),
    ]
    screen.part([keys(ui, pairs)])
    return screen


def _row(ui: Ui, entry: Entry, onward: bool, wide: int) -> Text:
    mark = (
        Text("!", "warn")
        if entry.why_not
        else Text(ui.yes, "ok")
        if entry.complete
        else Text(">" if onward else "", "inside")
    )
    far = (
        f"{entry.done}/{entry.steps}" if entry.done else ui.say(f"{entry.minutes} min", f"{entry.minutes} 分")
    )
    name = Text.assemble(
        " ",
        fit(mark, 1),
        " ",
        fit(Text(entry.id, "inside" if onward else "head"), wide),
        "  ",
        fit(far, 7, "right"),
        "  ",
    )
    return Text.assemble(name, fit(entry.title, max(8, ui.cols - name.cell_len)))


def _plain(ui: Ui, entries: Sequence[Entry], onward: str, problems: Sequence[str]) -> Screen:
    lines = [
        ui.say(
            f"{e.id}: {e.title}. {e.done} of {e.steps} steps done, {e.minutes} minutes.",
            f"{e.id}: {e.title}。{e.steps} ステップ中 {e.done} 済み、{e.minutes} 分。",
        )
        + (f" {e.why_not}. {e.mend}" if e.why_not else "")
        for e in entries
    ]
    last = ui.say(f"Enter for {onward}, or type a name, or q.", f"Enter で {onward}。名前か q も打てます。")
    return sentences([*lines, *problems, last])
