"""`:why`: which system call was refused, by which rule, what trips it here, and what would pass."""

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from nsplay.view.grid import commands, prose_row, sentences, title
from nsplay.view.text import clean, code, spoken
from nsplay.view.ui import Screen, Ui
from nsplay.why.rules import Reason


@dataclass(frozen=True)
class Refused:
    """call: the system call's name; error: its errno; paths: its arguments that are paths or names; said: what the command
    wrote when it was typed again.
    """

    call: str
    error: int
    paths: Sequence[str] = ()
    said: Sequence[str] = ()


def why(ui: Ui, typed: str, refused: Refused | None, reason: Reason | None) -> Screen:
    """refused None: no call is refused outside of the filters that reason is about; without that, nothing is refused now.
    reason None: nsplay doesn't know the rule.
    """
    if refused is None and reason is None:
        words = ui.say(
            "Typed again here, with every system call watched: none that mattered was refused now.",
            "同じ場所でもう一度打ち、すべてのシステムコールを見ましたが、いまは断られたものがありません。",
        )
        return sentences([words]) if ui.plain else Screen([*_head(ui, typed), *prose_row(ui, "", words)])
    rows: list[tuple[str, str]] = []
    if refused:
        rows.append((ui.say("refused", "断られたもの"), _call(ui, refused)))
        rows += [(ui.say("it said", "出力"), line) for line in refused.said[:1]]
    if refused and reason is None:
        rows.append((ui.say("rule", "規則"), _unknown(ui, refused)))
    if reason:
        rows.append((ui.say("rule", "規則"), reason.rule))
        rows += [
            (ui.say("here", "ここでは") if number == 0 else "", fact)
            for number, fact in enumerate(reason.facts)
        ]
    if ui.plain:
        tries = (
            [ui.say(f"Try: {reason.tries}", f"こうする: {reason.tries}")] if reason and reason.tries else []
        )
        told = [f"{label}: {spoken(words)}" if label else spoken(words) for label, words in rows]
        return sentences([*map(clean, told), *tries, *([f"man: {reason.see}"] if reason else [])])
    screen = Screen(_head(ui, typed))
    for name, words in rows:
        screen += prose_row(ui, Text(name, "head"), code(clean(words)))
    if reason and reason.tries:
        label = Text(ui.say("try", "こうする"), "head")
        screen += (
            commands(ui, [reason.tries], label) if reason.command else prose_row(ui, label, reason.tries)
        )
    if reason:
        screen += prose_row(ui, Text("man", "head"), reason.see)
    return screen


def _head(ui: Ui, typed: str) -> list[Text]:
    return title(ui, Text(ui.say("why", "なぜ断られたか"), "head"), Text(clean(typed)))


def _call(ui: Ui, it: Refused) -> str:
    name = errno.errorcode.get(it.error, str(it.error))
    what = {
        "netlink": ui.say("a request over netlink", "netlink での要求"),
        "fork": ui.say("a fork", "fork"),
    }.get(it.call, f"{it.call}({', '.join(it.paths)})")
    return f"{what}: {name}, {os.strerror(it.error)}"


def _unknown(ui: Ui, it: Refused) -> str:
    return ui.say(
        f"nsplay knows no rule for this one: `man 2 {it.call}`, under ERRORS, may.",
        f"nsplay はこの規則を知りません。`man 2 {it.call}` の ERRORS にあるかもしれません。",
    )
