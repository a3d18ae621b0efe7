"""A recording as one picture that plays by itself, without scripts: in a README, on a page, on a slide (CSS in SVG).

Each row that stood on the screen for a while is drawn once, and shown for that while. Who wants no motion, and a program that
can't move pictures, sees the end.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from nsplay.cast.format import Cast
from nsplay.cast.movie import shortened
from nsplay.cast.picture import framed, svg_row
from nsplay.cast.screen import Row, extent, frames
from nsplay.cast.theme import theme

REST: Final = 4.0  # seconds that the end stays before it begins anew


class Shown(NamedTuple):
    """A row of the screen, by number from 0, from one moment to another, in seconds. until: None for the end."""

    number: int
    row: Row
    since: float
    until: float | None


def film(cast: Cast) -> str:
    """The picture. Where nothing happened for long, it is cut short."""
    colours, shown = theme(cast.background), list(_shown(cast))
    end = max((one.since for one in shown), default=0.0)
    whole = end + REST
    rules = [
        f"g{{animation:{whole:.2f}s step-end infinite}}",
        "@media (prefers-reduced-motion:reduce){g{animation:none!important}}",
    ]
    drawn, names = [], dict[tuple[float, float | None], str]()
    for one in shown:
        while_ = one.since, one.until
        if while_ not in names:
            name = names[while_] = f"k{len(names)}"
            rules.append(_keyframes(name, *while_, whole))
        hidden = "" if one.until is None else ' visibility="hidden"'
        row = svg_row(one.row, one.number, colours)
        drawn.append(f'<g style="animation-name:{names[while_]}"{hidden}>{row}</g>')
    columns, _ = extent(cast)
    rows = max((one.number for one in shown), default=0) + 1
    return framed(drawn, columns, rows, cast.title, colours, "".join(rules))


def _keyframes(name: str, since: float, until: float | None, whole: float) -> str:
    """Seen from one moment to the other, as parts of the whole."""
    steps = [(0.0, "hidden")] if since else []
    steps.append((since, "visible"))
    steps += [] if until is None else [(until, "hidden")]
    return f"@keyframes {name}{{{''.join(f'{100 * at / whole:.3f}%{{visibility:{seen}}}' for at, seen in steps)}}}"


def _shown(cast: Cast) -> Iterator[Shown]:
    """Every row that isn't empty, for as long as it stood there."""
    pictures = list(frames(cast))
    times = shortened([frame.at for frame in pictures])
    standing: dict[int, tuple[Row, float]] = {}
    for frame in pictures:
        now = times[frame.at]
        for number, row in frame.rows.items():
            before = standing.pop(number, None)
            if before and before[1] < now:
                yield Shown(number, *before, now)
            if row:
                standing[number] = row, now
    yield from (Shown(number, row, since, None) for number, (row, since) in standing.items())
