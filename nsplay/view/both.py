"""One command's output on both sides, beside each other; lines that are about the same thing are tied together."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Final

from rich.text import Text

from nsplay.snapshot import Snapshot
from nsplay.view.base import numbers, place
from nsplay.view.grid import marked, sentences, title
from nsplay.view.text import clean, fit
from nsplay.view.ui import Screen, Ui

NAMESPACE: Final = re.compile(r"\b[a-z]+:\[\d+\]")
FOLDED: Final = 6  # lines of one side alone that are shown of a longer run, at most


@dataclass(frozen=True)
class Said:
    """What a command said on one side. note: "exit 1", "cut after 10 s" or ""."""

    lines: Sequence[str]
    note: str = ""


Pair = tuple[str | None, str | None]


def pairs(host: Sequence[str], inside: Sequence[str], now: Snapshot) -> list[Pair]:
    """The lines of both sides; one that is about the same thing on both is one pair.

    The same thing: a process (a column PID, by NSpid), a namespace (`uts:[4026531838]`), or equal words.
    """
    found: list[Pair]
    ours, theirs = (_keys(lines, numbers(side)) for lines, side in ((host, now.host), (inside, place(now))))
    if any(isinstance(key, int) for key in ours):
        where = {key: index for index, key in reversed(list(enumerate(theirs))) if key is not None}
        tied = {index: where[key] for index, key in enumerate(ours) if key in where}
        found = [(line, inside[tied[at]] if at in tied else None) for at, line in enumerate(host)]
        return found + [(None, line) for index, line in enumerate(inside) if index not in tied.values()]
    found = []
    for tag, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            found += zip(host[a:b], inside[c:d], strict=True)
        else:
            found += [(line, None) for line in host[a:b]]
            found += [(None, line) for line in inside[c:d]]
    return found


def _keys(lines: Sequence[str], by_host: Mapping[int, int]) -> list[object]:
    """What each line is about."""
    on_host = {own: pid for pid, own in by_host.items()}
    head = lines[0].split() if lines else []
    column = head.index("PID") if "PID" in head else None
    found: list[object] = []
    for number, line in enumerate(lines):
        words = line.split()
        about: object = " ".join(words)
        if named := NAMESPACE.findall(line):
            about = tuple(named)
        elif number and column is not None and column < len(words) and words[column].isdecimal():
            pid = int(words[column])
            about = on_host.get(
                pid, (pid, line, id(by_host))
            )  # one that has ended meanwhile is nobody's twin
        found.append(about)
    return found


def both(ui: Ui, typed: str, host: Said, inside: Said, now: Snapshot) -> Screen:
    """On the host | in here; `=` between what is the same thing. On a narrow terminal one below the other."""
    rows = _folded(ui, pairs(host.lines, inside.lines, now))
    if ui.plain:
        return _plain(ui, typed, host, inside, rows)
    screen = Screen(title(ui, Text(ui.say("both sides", "両側"), "head"), Text(clean(typed))))
    heads = [ui.say("on the host", "ホストでは"), ui.say("in here", "ここでは")]
    heads = [f"{head}   {one.note}".rstrip() for head, one in zip(heads, (host, inside), strict=True)]
    if ui.narrow:
        for number, head in enumerate(heads):
            screen.part([Text.assemble(" ", (head, "head"))])
            for pair in rows:
                if pair[number] is not None:
                    screen += marked(ui, "=" if None not in pair else "", Text(clean(pair[number] or "")))
        return screen
    room = (ui.cols - 5) // 2
    screen += Text.assemble(" ", fit(Text(heads[0], "head"), room), "   ", (heads[1], "head"))
    for left, right in rows:
        tie = " = " if left is not None and right is not None else "   "
        line = Text.assemble(
            " ",
            fit(clean(left or ""), room),
            tie,
            fit(Text(clean(right or ""), "inside" if left is None else ""), room),
        )
        line.rstrip()
        screen += line
    return screen


def _folded(ui: Ui, rows: Sequence[Pair]) -> list[Pair]:
    """Long runs of lines that one side alone has are told by their number."""
    found: list[Pair] = []
    for alone, run in groupby(rows, lambda pair: (pair[0] is None, pair[1] is None)):
        block = list(run)
        if alone == (False, False) or len(block) <= FOLDED:
            found += block
            continue
        more = len(block) - FOLDED + 1
        words = ui.say(f"... {more} more, on this side alone", f"... ほか {more} 行、こちら側だけ")
        fold: Pair = (words, None) if alone == (False, True) else (None, words)
        found += [*block[: FOLDED - 1], fold]
    return found


def _plain(ui: Ui, typed: str, host: Said, inside: Said, rows: Sequence[Pair]) -> Screen:
    def told(pair: Pair) -> str:
        left, right = pair
        if left is not None and right is not None:
            return ui.say(
                f"Host: {left}. In here: {right}. The same.", f"ホスト: {left}。ここ: {right}。同じもの。"
            )
        if left is not None:
            return ui.say(f"Host only: {left}.", f"ホストだけ: {left}。")
        return ui.say(f"In here only: {right}.", f"ここだけ: {right}。")

    notes = [f"{side}: {one.note}." for side, one in (("Host", host), ("In here", inside)) if one.note]
    return sentences([f"{typed}:", *(clean(told(pair)) for pair in rows), *notes])
