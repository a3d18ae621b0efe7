"""Before a pack's lesson is played for the first time: what it can have executed by itself is shown, and asked about."""

import contextlib
import hashlib
import os
import shlex
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rich.text import Text

from nsplay.errors import UsageError
from nsplay.lesson.model import Lesson, Move, Step
from nsplay.lesson.packs import Pack
from nsplay.lesson.text import printable
from nsplay.repl.chooser import detect
from nsplay.settings import Settings, give_to_sudo_user
from nsplay.view.grid import commands, para, sentences, title, typed
from nsplay.view.ui import Screen, Ui, render

FILE: Final = "trusted"  # in the state folder: a digest a line
YES: Final = ("y", "yes", "はい")


def digest(lesson: Lesson) -> str:
    """Of all that nsplay may type for the learner, and of what the stage lends: it changes when that does, not with prose."""
    found = hashlib.sha256(repr(sorted(lesson.needs.features)).encode())
    for step in lesson.steps:
        for way in step.consoles:
            found.update(repr((way.where, way.also, way.commands)).encode())
        found.update(b"\0")
    return found.hexdigest()


def ask_trust(settings: Settings, lesson: Lesson, pack: Pack) -> None:
    """Comes back when the lesson may be played: asked before, or now, or not at all with --yes. UsageError when it may not."""
    path, it = Path(settings.state, FILE), digest(lesson)
    if settings.yes or it in _known(path):
        return
    ui = detect(settings)
    print("\n" + render(ui, _shown(ui, lesson, pack, settings.fence)), end="", flush=True)
    if not settings.ask:
        raise UsageError(
            f"the lesson {lesson.id} isn't nsplay's own, and there is nobody to be asked",
            "what it can have typed by itself stands above",
            f"nsplay {lesson.id} --yes"
            + (f" --lessons {shlex.quote(settings.pack)}" if settings.pack else ""),
        )
    with contextlib.suppress(OSError, termios.error):
        termios.tcflush(0, termios.TCIFLUSH)  # what was typed before this was read is no answer
    try:
        answer = input(
            ui.say("\n May it? y, or Enter for no > ", "\n 許可しますか? y、または Enter でやめる > ")
        )
    except EOFError:
        answer = ""
    if answer.strip().lower() not in YES:
        raise UsageError(f"{lesson.id} isn't played", "nothing of it was run")
    _remember(path, it)


def _known(path: Path) -> frozenset[str]:
    try:
        return frozenset(path.read_text(errors="replace").split())
    except OSError:
        return frozenset()


def _remember(path: Path, it: str) -> None:
    """Where the state folder can't be written, it is asked again the next time."""
    with contextlib.suppress(OSError):
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(path, flags, 0o600), "w") as file:
            file.write(f"{it}\n")
        give_to_sudo_user(str(path))


def _shown(ui: Ui, lesson: Lesson, pack: Pack, fence: bool) -> Screen:
    words = list(_words(ui, lesson, pack, fence))
    if ui.plain:
        does = [f"{step.id}: {typed(ui, move)}" for step, move in _moves(lesson)]
        return sentences([*words, *does])
    head = Text(ui.say("not nsplay's own", "nsplay 以外のレッスン"), "head")
    screen = Screen(title(ui, head, Text(lesson.id)))
    for sentence in words:
        screen.part(para(ui, sentence))
    for step in lesson.steps:
        moves = [move for other, move in _moves(lesson) if other is step]
        screen.part(commands(ui, moves, Text(step.id, "head")))
    return screen


def _words(ui: Ui, lesson: Lesson, pack: Pack, fence: bool) -> Iterator[str]:
    root = os.geteuid() == 0
    yield ui.say(
        f"{lesson.id} comes from {pack.source}. Below is everything that it can have typed without you: by `:skip`, `:run`, "
        "`:reset` and `:back`, and in a demo.",
        f"{lesson.id} は {pack.source} のレッスンです。打たなくても実行されうるコマンドは、下のものがすべてです "
        "(`:skip`、`:run`、`:reset`、`:back`、デモのとき)。",
    )
    who = ui.say("as root", "root として") if root else ui.say("as you", "いまのユーザーの権限で")
    if fence:
        yield ui.say(
            f"It would run {who}, on a stage. The stage is against accidents, not against somebody who means harm.",
            f"{who}、ステージの上で実行されます。ステージは事故を防ぐもので、悪意を防ぐものではありません。",
        )
    else:
        yield ui.say(
            f"It would run {who} on the bare machine: there is no stage with --no-fence.",
            f"--no-fence なのでステージがなく、{who}、このマシンの上でそのまま実行されます。",
        )
    yield ui.say(
        "You are asked again when it would run something else.",
        "実行するものが変わったら、もう一度尋ねます。",
    )


def _moves(lesson: Lesson) -> Iterator[tuple[Step, Move]]:
    for step in lesson.steps:
        for way in step.consoles:
            for line in way.commands:
                shown = "\n".join(map(printable, line.split("\n")))
                yield step, Move(shown, 2 if way.where == "host" else 1)
