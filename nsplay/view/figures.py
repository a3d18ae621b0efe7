"""Numbers with their unit, short enough to be compared with one look: sizes, spans of time, shares."""

from typing import Final

_SIZES: Final = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))


def size(number: int) -> str:
    """Bytes: `10.0 MB`. Thousands, as a limit is typed: 10000000 is ten of them."""
    scale, unit = _scale(number)
    return f"{_in(number, scale)} {unit}"


def sizes(used: int, top: int) -> str:
    """Two in the unit of the larger one: `0.4 of 10.0 MB`."""
    scale, unit = _scale(max(used, top))
    return f"{_in(used, scale)} / {_in(top, scale)} {unit}"


def _scale(number: int) -> tuple[int, str]:
    return next(((scale, unit) for scale, unit in _SIZES if number >= scale * 0.9995), (1, "B"))


def _in(number: int, scale: int) -> str:
    return str(number) if scale == 1 else f"{number / scale:.1f}"


def span(microseconds: int) -> str:
    """`2.9 s`, `310 ms`, `25 us`."""
    if microseconds >= 999_500:
        return f"{microseconds / 1e6:.1f} s"
    return f"{round(microseconds / 1e3)} ms" if microseconds >= 1000 else f"{microseconds} us"
