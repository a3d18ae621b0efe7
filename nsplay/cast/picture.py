"""Rows of a terminal as SVG and HTML. Nothing is fetched: the reader's own monospace font is as good."""

import html
from collections.abc import Sequence
from typing import Final

from nsplay.cast.screen import Row, Run, Style
from nsplay.cast.theme import DARK, Theme

WIDE: Final = 8.4  # pixels of a character's box
HIGH: Final = 18.0
SIZE: Final = 14.0  # of the font
EDGE: Final = 14.0
FONT: Final = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono CJK JP', monospace"


def svg(rows: Sequence[Row], columns: int, title: str = "", theme: Theme = DARK) -> str:
    """A picture as wide as the terminal was, and as high as there are rows."""
    pieces = [svg_row(row, number, theme) for number, row in enumerate(rows)]
    return framed(pieces, columns, len(rows), title, theme)


def framed(drawn: Sequence[str], columns: int, rows: int, title: str, theme: Theme, style: str = "") -> str:
    """A picture around what is drawn. style: its style sheet."""
    width, height = columns * WIDE + 2 * EDGE, rows * HIGH + 2 * EDGE
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">',
        f"<title>{html.escape(title)}</title>" if title else "",
        f"<style>{style}</style>" if style else "",
        f'<rect width="{width:g}" height="{height:g}" rx="6" fill="{theme.paper}"/>',
        f'<g font-family="{html.escape(FONT)}" font-size="{SIZE:g}" fill="{theme.ink}">',
        *drawn,
        "</g>",
        "</svg>",
    ]
    return "\n".join(line for line in lines if line) + "\n"


def svg_row(row: Row, number: int, theme: Theme) -> str:
    """One row of a picture, the number-th from 0."""
    return "\n".join(_piece(run, number, theme) for run in row)


def _colours(style: Style, theme: Theme) -> tuple[str, str]:
    """Ink and paper as they are seen."""
    ink = theme.colour(style.ink) if style.ink else theme.ink
    paper = theme.colour(style.paper) if style.paper else theme.paper
    return (paper, ink) if style.reverse else (ink, paper)


def _piece(run: Run, row: int, theme: Theme) -> str:
    """Blanks at its begin become its position: some viewers drop them."""
    x, y, style = EDGE + run.column * WIDE, EDGE + row * HIGH, run.style
    wide = run.columns * WIDE
    ink, paper = _colours(style, theme)
    drawn = ""
    if paper != theme.paper:
        drawn += f'<rect x="{x:g}" y="{y:g}" width="{wide:g}" height="{HIGH:g}" fill="{paper}"/>'
    if style.underline:
        line = f'x1="{x:g}" x2="{x + wide:g}" y1="{y + HIGH - 2:g}" y2="{y + HIGH - 2:g}"'
        drawn += f'<line {line} stroke="{ink}"/>'
    blanks = len(run.text) - len(run.text.lstrip(" "))
    words = run.text.strip(" ")
    if not words:
        return drawn
    trailing = len(run.text) - blanks - len(words)
    length = (run.columns - blanks - trailing) * WIDE
    look = f' fill="{ink}"' if ink != theme.ink else ""
    look += ' font-weight="bold"' if style.bold else ""
    look += ' font-style="italic"' if style.italic else ""
    text = html.escape(words, quote=False)
    place = f'x="{x + blanks * WIDE:g}" y="{y + HIGH * 0.75:g}" textLength="{length:g}" lengthAdjust="spacingAndGlyphs"'
    return f'{drawn}<text {place}{look} xml:space="preserve">{text}</text>'


def row_html(row: Row, theme: Theme = DARK) -> str:
    """One row, for a <pre>."""
    return "".join(_span(run, theme) for run in row)


def _span(run: Run, theme: Theme) -> str:
    style, look = run.style, ""
    ink, paper = _colours(style, theme)
    look += f"color:{ink};" if ink != theme.ink else ""
    look += f"background:{paper};" if paper != theme.paper else ""
    look += "font-weight:bold;" if style.bold else ""
    look += "font-style:italic;" if style.italic else ""
    look += "text-decoration:underline;" if style.underline else ""
    text = html.escape(run.text, quote=False)
    return f'<span style="{look}">{text}</span>' if look else text


def sheet(theme: Theme) -> str:
    """The style sheet of a page with a <pre> of rows."""
    return f"""\
pre {{ background: {theme.paper}; color: {theme.ink}; padding: 14px; border-radius: 6px; overflow-x: auto;
      border: 1px solid #8884; font: 14px/1.3 {FONT}; tab-size: 8; }}
@media print {{ pre {{ white-space: pre-wrap; print-color-adjust: exact; -webkit-print-color-adjust: exact; }} }}
"""


def still(rows: Sequence[Row], theme: Theme = DARK) -> str:
    """Rows as a block of a page."""
    return "<pre>" + "\n".join(row_html(row, theme) for row in rows) + "</pre>"
