"""Rows of a terminal as SVG and HTML. Nothing is fetched: the reader's own monospace font is as good."""

import html
from collections.abc import Sequence
from typing import Final

from nsplay.cast.screen import INK, PAPER, Row, Run

WIDE: Final = 8.4  # pixels of a character's box
HIGH: Final = 18.0
SIZE: Final = 14.0  # of the font
EDGE: Final = 14.0
FONT: Final = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono CJK JP', monospace"


def svg(rows: Sequence[Row], columns: int, title: str = "") -> str:
    """A picture as wide as the terminal was, and as high as there are rows."""
    width, height = columns * WIDE + 2 * EDGE, len(rows) * HIGH + 2 * EDGE
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">',
        f"<title>{html.escape(title)}</title>" if title else "",
        f'<rect width="{width:g}" height="{height:g}" rx="6" fill="{PAPER}"/>',
        f'<g font-family="{html.escape(FONT)}" font-size="{SIZE:g}" fill="{INK}">',
        *(_piece(run, number) for number, row in enumerate(rows) for run in row),
        "</g>",
        "</svg>",
    ]
    return "\n".join(line for line in lines if line) + "\n"


def _piece(run: Run, row: int) -> str:
    """Blanks at its begin become its position: some viewers drop them."""
    x, y, style = EDGE + run.column * WIDE, EDGE + row * HIGH, run.style
    wide = run.columns * WIDE
    drawn = ""
    if style.paper != PAPER:
        drawn += f'<rect x="{x:g}" y="{y:g}" width="{wide:g}" height="{HIGH:g}" fill="{style.paper}"/>'
    if style.underline:
        line = f'x1="{x:g}" x2="{x + wide:g}" y1="{y + HIGH - 2:g}" y2="{y + HIGH - 2:g}"'
        drawn += f'<line {line} stroke="{style.ink}"/>'
    blanks = len(run.text) - len(run.text.lstrip(" "))
    words = run.text.strip(" ")
    if not words:
        return drawn
    trailing = len(run.text) - blanks - len(words)
    length = (run.columns - blanks - trailing) * WIDE
    look = f' fill="{style.ink}"' if style.ink != INK else ""
    look += ' font-weight="bold"' if style.bold else ""
    look += ' font-style="italic"' if style.italic else ""
    text = html.escape(words, quote=False)
    place = f'x="{x + blanks * WIDE:g}" y="{y + HIGH * 0.75:g}" textLength="{length:g}" lengthAdjust="spacingAndGlyphs"'
    return f'{drawn}<text {place}{look} xml:space="preserve">{text}</text>'


def row_html(row: Row) -> str:
    """One row, for a <pre>."""
    return "".join(_span(run) for run in row)


def _span(run: Run) -> str:
    style, look = run.style, ""
    look += f"color:{style.ink};" if style.ink != INK else ""
    look += f"background:{style.paper};" if style.paper != PAPER else ""
    look += "font-weight:bold;" if style.bold else ""
    look += "font-style:italic;" if style.italic else ""
    look += "text-decoration:underline;" if style.underline else ""
    text = html.escape(run.text, quote=False)
    return f'<span style="{look}">{text}</span>' if look else text


STYLE: Final = f"""\
pre {{ background: {PAPER}; color: {INK}; padding: 14px; border-radius: 6px; overflow-x: auto;
      font: 14px/1.3 {FONT}; tab-size: 8; }}
@media print {{ pre {{ white-space: pre-wrap; print-color-adjust: exact; -webkit-print-color-adjust: exact; }} }}
"""


def still(rows: Sequence[Row]) -> str:
    """Rows as a block of a page."""
    return "<pre>" + "\n".join(row_html(row) for row in rows) + "</pre>"
