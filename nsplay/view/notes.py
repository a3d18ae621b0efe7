"""Short screens: help, hints, a solution, the menu of Ctrl-], and what went wrong."""

from collections.abc import Sequence
from typing import Final

from rich.text import Text

from nsplay.lesson.model import Move
from nsplay.view.grid import Key, commands, keys, marked, para, prose_row, sentences, title, typed
from nsplay.view.text import code, fit, wrap
from nsplay.view.ui import Screen, Ui

# Colon commands: what each does, in English and Japanese. `:` alone is the shell's no-op, so none of these clashes with it.
HELP: Final = (
    (":hint", "the next hint; :hint 1 the first again", "次のヒント。:hint 1 で最初のものをもう一度"),
    (":solution", "the commands that do the step", "ステップを行うコマンド"),
    (":run", "type the step's next command for me", "次のコマンドを代わりに打つ"),
    (":skip", "do the whole step for me; it counts as skipped", "ステップを代わりに行う (飛ばしたと数える)"),
    (":next", "go on; the same as Enter after a done step", "次へ。済んだあとの Enter と同じ"),
    (":back", "the step before, on a fresh stage", "前のステップへ。ステージは作り直す"),
    (":again", "this step once more, on a fresh stage", "このステップをもう一度。ステージは作り直す"),
    (
        ":reset",
        "something is broken: a fresh stage, built up to this step",
        "壊れたとき: 新しいステージでここまでやり直す",
    ),
    (":show", "the task again", "課題をもう一度"),
    (":check", "look again whether the step is done", "済んだかどうか、もう一度調べる"),
    (
        ":views",
        "the host and in here, beside each other; :views ps",
        "ホストとここを並べて見る。:views ps など",
    ),
    (
        ":why",
        "why was that refused? the system call, the rule, and what would pass",
        "なぜ断られたか。システムコール、規則、通る打ち方",
    ),
    (
        ":both",
        "a command here and on the host's side: :both ps ax",
        "一つのコマンドを両側で実行する。:both ps ax など",
    ),
    (
        ":play",
        "free experiments; :play again comes back to the step",
        "自由に試す。もう一度 :play でステップに戻る",
    ),
    (":menu", "another lesson", "別のレッスン"),
    (":quit", "leave; you go on here next time", "終わる。次はここから続く"),
)


def help_screen(ui: Ui, table: Sequence[tuple[str, str, str]] = HELP, last: str = "") -> Screen:
    """`:help`. table: as HELP. last: a sentence below it; the lessons' when there is none."""
    pairs = [(command, ui.say(en, ja)) for command, en, ja in table]
    last = last or ui.say(
        "Everything else is typed to the shell. Tab on an empty line takes the step's command. Ctrl-] always comes back.",
        "それ以外はシェルに渡されます。空の行で Tab を押すとステップのコマンドが入ります。Ctrl-] でいつでも戻れます。",
    )
    if ui.plain:
        return sentences([*(f"{command}: {what}" for command, what in pairs), last])
    screen = Screen(title(ui, Text(ui.say("help", "ヘルプ"), "head")))
    for command, what in pairs:
        if ui.width < 50:
            screen += [
                Text.assemble("   ", (command, "cmd")),
                *(Text("     ") + line for line in wrap(what, ui.cols - 5)),
            ]
        else:
            screen += prose_row(ui, Text(command, "cmd"), what)
    screen.part(para(ui, last, indent=3))
    return screen


def hint(ui: Ui, number: int, total: int, words: str) -> Screen:
    """One hint of several."""
    head = ui.say(f"hint {number} of {total}", f"ヒント {number} / {total}")
    if ui.plain:
        return sentences([f"{head}: {words}"])
    return Screen(prose_row(ui, Text(head, "head"), code(words)))


def heading(ui: Ui, words: str, right: str) -> Screen:
    """A title with nothing below it: what follows is the shell's."""
    if ui.plain:
        return sentences([f"{words}: {right}{ui.stop}"])
    return Screen(title(ui, Text(words, "head"), Text(right)))


def solution(ui: Ui, lines: Sequence[Move], terminal: int = 1) -> Screen:
    """The step's commands. terminal: the one that is shown."""
    if ui.plain:
        return sentences(typed(ui, line, terminal) for line in lines)
    return Screen(commands(ui, lines, Text(ui.say("solution", "答え"), "head"), terminal))


def note(ui: Ui, words: str, mark: str = "", pairs: Sequence[Key] = ()) -> Screen:
    """A sentence or two of ours."""
    if ui.plain:
        return sentences([words])
    screen = Screen(marked(ui, Text(mark, "warn"), code(words)))
    if pairs:
        screen += keys(ui, pairs)
    return screen


def failure(ui: Ui, what: str, why: str, do: str) -> Screen:
    """An error for the reader: what happened, why, what to type now."""
    if ui.plain:
        return sentences([what, why, do])
    screen = Screen(marked(ui, Text(ui.no, "bad"), Text(what, "head")))
    screen += [line for words in (why, do) if words for line in para(ui, words, indent=3)]
    return screen


def way_out(ui: Ui, mine: Sequence[Key]) -> Screen:
    """Ctrl-]. mine: the keys of what is played."""
    pairs: tuple[Key, ...] = (
        ("Enter", ui.say("back", "戻る")),
        *mine,
        ("c", ui.say("send Ctrl-C", "Ctrl-C を送る")),
        ("k", ui.say("end the program", "プログラムを終える")),
        ("1 2", ui.say("terminal", "端末")),
        ("]", ui.say("send Ctrl-]", "Ctrl-] を送る")),
        ("q", ui.say("leave", "終わる")),
    )
    if ui.plain:
        return sentences([f"{key}: {does}" for key, does in pairs])
    screen = Screen(title(ui, Text("nsplay", "head"), Text("Ctrl-]")))
    line = Text(" ")
    for key, does in pairs:
        part = Text.assemble((key, "key"), " ", (does, "faint"), "   ")
        if line.cell_len + part.cell_len > ui.cols:
            screen += line
            line = Text(" ")
        line.append_text(part)
    screen += line
    return screen


def columns(ui: Ui, rows: Sequence[tuple[Text, Text]]) -> list[Text]:
    """Two columns, the first as wide as its widest cell; one below the other where that leaves too little."""
    left = min(max((first.cell_len for first, _ in rows), default=0) + 2, max(10, ui.cols // 2))
    lines = []
    for first, second in rows:
        if ui.cols - left - 3 < 24:
            lines.append(Text.assemble("   ", first))
            lines += [Text.assemble("     ", line) for line in wrap(second, ui.cols - 5)]
            continue
        top, *rest = wrap(second, max(8, ui.cols - left - 4))
        lines.append(Text.assemble("   ", fit(first, left), top))
        lines += [Text(" " * (left + 3)) + line for line in rest]
    return lines
