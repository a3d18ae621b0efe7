"""`python assets/make.py`: makes the pictures in this folder with the program itself, on a real stage. Needs root."""

import html
import io
import os
import re
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.ansi import AnsiDecoder
from rich.console import Console

from nsplay import facts
from nsplay.lesson.course import lessons_folder
from nsplay.lesson.loader import load
from nsplay.lesson.progress import Progress
from nsplay.repl.actors import Eyes, start_stage
from nsplay.repl.pages import LessonPages
from nsplay.repl.player import Player
from nsplay.repl.session import Session
from nsplay.repl.terminal import Moment
from nsplay.settings import Settings
from nsplay.view.registry import VIEWS
from nsplay.view.ui import Ui

WIDTH = 100


def played(state: str) -> str:
    """The screen of the second UTS step: the task, the command, what changed."""
    settings = Settings("en", False, True, lessons_folder(), state, False, "edit")
    lesson = load(os.path.join(settings.lessons, "uts"), known=facts.known, views=VIEWS)
    pages = LessonPages(settings)
    pages.ui = Ui(width=WIDTH)
    with start_stage(settings) as stage:
        stage.wait()
        player = Player(stage.open_terminal, ["/bin/sh"], {**os.environ, "PS1": "# "}, "/")
        player.settle()
        play = Session(lesson, 1, Progress(os.path.join(state, "progress.json")), pages, 1)
        play.rebuild(Eyes(stage), lambda number: player.place() if number == 1 else None)
        text = ""
        for line in ("", *(move.line for _, move in play.replay), "hostname my-new-hostname"):
            if line:
                player.run(line)
            reply = play.settled(Moment(player.place() or 0, "sh", line, 0, False, True))
            text += (f"# {line}\n" if play.before and reply.text and play.done else "") + reply.text
            if play.before and not play.done:
                play.submit("b")
        player.close()
    return text


def unindented(svg: str) -> str:
    """Blanks at the begin of a piece of text become its position: some viewers drop them."""

    def one(match: re.Match[str]) -> str:
        x, length, blanks, words = float(match[2]), float(match[4]), match[6].count("&#160;"), match[7]
        step = length / (blanks + len(html.unescape(words)))
        if not words:
            return ""
        return f"{match[1]}{x + blanks * step:g}{match[3]}{length - blanks * step:g}{match[5]}{words}</text>"

    piece = r'(<text class="[^"]*" x=")([\d.]+)(" y="[\d.]+" textLength=")([\d.]+)("[^>]*>)((?:&#160;)*)([^<]*)</text>'
    return re.sub(piece, one, svg)


def main() -> None:
    """Writes assets/uts.svg."""
    with tempfile.TemporaryDirectory(prefix="nsplay-picture-") as state:
        text = played(state)
    console = Console(width=WIDTH, record=True, file=io.StringIO(), force_terminal=True)
    for line in AnsiDecoder().decode(text):
        console.print(line, soft_wrap=True)
    # rich's own frame fetches a font from the network; the reader's own monospace is as good
    head, _, rest = CONSOLE_SVG_FORMAT.partition("    @font-face")
    frame = head + rest[rest.index(".{unique_id}-matrix") :]
    Path(__file__).with_name("uts.svg").write_text(
        unindented(console.export_svg(title="nsplay uts", code_format=frame))
    )


if __name__ == "__main__":
    main()
