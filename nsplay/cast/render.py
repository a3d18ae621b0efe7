"""`nsplay render FILE.cast`: a picture of a step for a slide, or the whole as a page or a picture that plays."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from nsplay.cast.film import film
from nsplay.cast.format import MARKER, Cast, read
from nsplay.cast.movie import movie
from nsplay.cast.picture import sheet, still, svg
from nsplay.cast.screen import extent, step_rows
from nsplay.cast.theme import theme
from nsplay.errors import MachineError, UsageError
from nsplay.view.html import page

HOW = "nsplay render FILE.cast uts/name --svg"


def render(path: str, step: str | None, kind: str) -> int:
    """Writes FILE-STEP.KIND, or FILE.html or FILE.svg, into the working directory, and prints its name: 0. kind: svg, html, png.

    UsageError for what is no recording, or for a step that it doesn't have; MachineError when it can't be written.
    """
    cast = read(path)
    if cast.problem:
        print(f"nsplay: {cast.problem}", file=sys.stderr)
    if step is None and kind == "png":
        names = ", ".join(_steps(cast)) or "none: it was made by another program"
        raise UsageError(
            f"a picture of which step? It has {names}", "the whole plays as --html and --svg", HOW
        )
    stem = Path(path).stem
    if step is None:
        return _write(f"{stem}.{kind}", movie(cast) if kind == "html" else film(cast))
    rows = step_rows(cast, step)
    if not rows:
        names = ", ".join(_steps(cast)) or "none"
        raise UsageError(f"{path} has no step {step}", f"it has {names}", HOW)
    colours = theme(cast.background)
    name = f"{stem}-{step.replace('/', '-')}.{kind}"
    if kind == "html":
        return _write(name, page(f"{cast.title} {step}", still(rows, colours), style=sheet(colours)))
    picture = svg(rows, extent(cast)[0], f"{cast.title} {step}", colours)
    return _write(name, picture) if kind == "svg" else _png(name, picture)


def _steps(cast: Cast) -> list[str]:
    return list(dict.fromkeys(event.data for event in cast.events if event.code == MARKER))


def _write(name: str, text: str) -> int:
    try:
        Path(name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise MachineError(f"{name} can't be written", error.strerror or "") from None
    print(os.path.abspath(name))
    return 0


def _png(name: str, picture: str) -> int:
    tool = shutil.which("rsvg-convert")
    if not tool:
        raise MachineError(
            "a PNG is drawn by rsvg-convert, which isn't here",
            "--svg needs nothing",
            "apt install librsvg2-bin",
        )
    done = subprocess.run(
        [tool, "--zoom=2", "-o", name], input=picture.encode(), capture_output=True, check=False
    )
    if done.returncode:
        raise MachineError(f"{name} can't be drawn", done.stderr.decode(errors="replace").strip())
    print(os.path.abspath(name))
    return 0
