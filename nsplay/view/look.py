"""`nsplay look PID`: any process beside the host. What it shares comes first, since that is where it can do harm."""

from collections.abc import Iterator
from typing import Final

from rich.text import Text

from nsplay.kernel.namespaces import KINDS
from nsplay.limits import Bound
from nsplay.portrait import Portrait
from nsplay.view.grid import keys, marked, meter, prose_row, row, sentences, title
from nsplay.view.look_facts import (
    amount,
    counted,
    origin,
    problem,
    rows,
    sentence,
    states,
    subject,
    unlimited,
)
from nsplay.view.tables import UNKNOWN
from nsplay.view.text import fit, join, text, width
from nsplay.view.ui import LABEL, Screen, Ui

BAR: Final = 20  # columns of a bar
VALUE: Final = 22  # of a value that has the host's beside it


def look(ui: Ui, it: Portrait) -> Screen:
    """The whole page."""
    if ui.plain:
        return sentences(_told(ui, it))
    screen = Screen(title(ui, subject(ui, it), origin(ui, it)))
    if it.standing.problem:
        screen.part(marked(ui, Text("!", "warn"), problem(ui, it)))
        screen += ""
    screen += _namespaces(ui, it)
    for label, value, host in rows(ui, it):
        screen += _beside(ui, label, value, host)
    screen += _limits(ui, it)
    if it.standing.problem in ("", "hidden"):
        screen.part(_dangers(ui, it))
    screen.part([_keys(ui, it)])
    return screen


# ---- what there is to say, for eyes and for ears


def news(ui: Ui, before: Portrait, after: Portrait) -> Screen:
    """What moved between two looks: a line each; none when nothing did."""
    old, new = states(ui, before), states(ui, after)
    moved = [(label, old.get(label, "-"), new.get(label, "-")) for label in {**new, **old}]
    moved = [(label, was, now) for label, was, now in moved if was != now]
    if ui.plain:
        return sentences(
            ui.say(f"{sentence(label)}: {now}. It was {was}.", f"{label}: {now}。前は {was}。")
            for label, was, now in moved
        )
    screen = Screen()
    for label, was, now in moved:
        screen += prose_row(ui, Text(label, "head"), f"{was} -> {now}", Text("~", "inside"), widest=ui.body)
    return screen


# ---- the grid


def _namespaces(ui: Ui, it: Portrait) -> list[Text]:
    cells = (_kind(kind, it.whose(kind)) for kind in KINDS)
    legend = Text.assemble(("[ ] ", "inside"), ui.say("its own", "独自")) if it.own else Text()
    line = join(*cells, sep=" " if ui.width >= 100 else "")
    strip = row(Text(ui.say("namespaces", "名前空間"), "head"), line, legend)
    strip.rstrip()
    return [strip, *prose_row(ui, "", counted(ui, it), widest=ui.body)]


def _kind(kind: str, own: bool | None) -> Text:
    if own is None:
        return Text(f"{UNKNOWN}{kind} ")
    return Text(f"[{kind}]", "inside") if own else Text(f" {kind} ")


def _beside(ui: Ui, label: str, value: str, host: str) -> list[Text]:
    mark = UNKNOWN if value == UNKNOWN else ""
    if value == UNKNOWN:
        value, host = host, ""
    if not host:
        return prose_row(ui, Text(label, "head"), value, mark, widest=ui.body)
    style = "inside" if mark == "" else ""
    if ui.narrow or max(width(value), VALUE) + 2 + width(host) > ui.body:
        return [*prose_row(ui, Text(label, "head"), text(value, style)), *prose_row(ui, "", host)]
    return [row(Text(label, "head"), fit(text(value, style), max(VALUE, width(value))), host)]


def _limits(ui: Ui, it: Portrait) -> list[Text]:
    if it.bounds is None:
        if it.standing.problem == "kernel":
            return []
        words = ui.say("no cgroup tree can be read", "読める cgroup のツリーがない")
        return [row(Text(ui.say("limits", "上限"), "head"), words, mark=UNKNOWN)]
    bound = [one for one in it.bounds if one.limit is not None]
    free = [one for one in it.bounds if one.limit is None]
    lines = [_bar(ui, one) for one in bound]
    if free:
        lines.append(text(unlimited(ui, it, free)))
    label = Text(ui.say("limits", "上限"), "head")
    return [
        line
        for n, cells in enumerate(lines)
        for line in prose_row(ui, label if n == 0 else "", cells, widest=ui.body)
    ]


def _bar(ui: Ui, one: Bound) -> Text:
    bar = Text()
    if one.used is not None and one.limit and ui.body >= 40:
        style = "hot" if one.used > one.limit * 0.9 else "bar"
        bar = Text.assemble(meter(one.used, one.limit, BAR, style), "  ")
    return Text.assemble(fit(one.resource, 8), bar, amount(ui, one))


def _dangers(ui: Ui, it: Portrait) -> Screen:
    screen = Screen()
    if it.judged.dangers:
        head = ui.say(
            "what it could do to the host, and what would stop it",
            "ホストに対してできてしまうことと、それを止めるもの",
        )
        screen += prose_row(ui, Text(ui.say("dangers", "危険"), "head"), head)
    widest = min(58, ui.body)
    for one in it.judged.dangers:
        lines = prose_row(ui, fit(one.key, LABEL), ui.say(*one.words), Text("!", "warn"), widest=widest)
        if ui.width >= 100 and one.cure:
            first = lines[0].copy()
            first.pad_right(max(0, LABEL + 3 + widest + 2 - first.cell_len))
            lines[0] = Text.assemble(first, (one.cure, "cmd"))
        screen += lines
    if it.judged.fine:
        fine = ui.listed(dict.fromkeys(ui.say(*words) for words in it.judged.fine))
        screen += prose_row(ui, ui.say("fine", "よし"), fine, Text(ui.yes, "ok"), widest=ui.body)
    if it.judged.unknown:
        screen += prose_row(
            ui, ui.say("not known", "不明"), ui.listed(it.judged.unknown), UNKNOWN, widest=ui.body
        )
    return screen


def _keys(ui: Ui, it: Portrait) -> Text:
    pid = it.standing.row.pid
    views = ui.say("a view in full", "ビューを全部")
    if it.standing.problem:
        return keys(ui, [("nsplay look --all", ""), ("--json", "")])
    return keys(
        ui,
        [
            (f"nsplay look {pid} mounts", views),
            ("--watch", ""),
            ("--json", ""),
            (f"nsplay diff {pid} PID", ""),
        ],
    )


# ---- for ears


def _told(ui: Ui, it: Portrait) -> Iterator[str]:
    count = len(it.judged.dangers)
    if it.standing.problem:
        yield problem(ui, it)
    elif count:
        yield ui.say(f"Dangers: {count}.", f"危険は {count} 個。")
    else:
        yield ui.say("Nothing looks dangerous.", "危険そうなものはありません。")
    comma = ui.say(", ", "、")
    yield f"{subject(ui, it).plain.replace('   ', comma)}{comma}{origin(ui, it)}{ui.stop}"
    yield f"{ui.say('Namespaces', '名前空間')}: {counted(ui, it)}{ui.stop}"
    for label, value, host in rows(ui, it):
        told = ui.listed(words for words in (value, host) if words and words != UNKNOWN)
        yield f"{sentence(label)}: {told}{ui.stop}"
    for one in it.bounds or ():
        if one.limit is not None:
            limit = ui.say(f"Limit of {one.resource}", f"{one.resource} の上限")
            yield f"{limit}: {amount(ui, one)}{ui.stop}"
    if free := [one for one in it.bounds or () if one.limit is None]:
        yield f"{sentence(unlimited(ui, it, free))}{ui.stop}"
    for danger in it.judged.dangers:
        cure = (
            ui.say(f" What would stop it: {danger.cure}", f"止めるもの: {danger.cure}") if danger.cure else ""
        )
        yield f"{ui.say('Danger', '危険')}{comma}{danger.key}: {ui.say(*danger.words)}{ui.stop}{cure}"
    if it.judged.fine:
        yield f"{ui.say('Fine', 'よし')}: {ui.listed(dict.fromkeys(ui.say(*w) for w in it.judged.fine))}{ui.stop}"
    if it.judged.unknown:
        yield f"{ui.say('Not known', '不明')}: {ui.listed(it.judged.unknown)}{ui.stop}"
