"""asciicast files, versions 2 and 3: a JSON header, then a JSON array a line (docs.asciinema.org, asciicast-v2 and -v3)."""

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from nsplay.cast.theme import background, theme
from nsplay.errors import UsageError

OUTPUT, INPUT, MARKER, RESIZE, EXIT = "o", "i", "m", "r", "x"
LARGEST: Final = 256 << 20  # bytes of a file that is read
MOST_COLUMNS: Final = 1000  # of a terminal; rows, too


class Event(NamedTuple):
    """at: seconds since it began. data: output, keys, a marker's words, COLUMNSxROWS, an exit status."""

    at: float
    code: str
    data: str


class Cast(NamedTuple):
    """began: seconds since the epoch, 0 when it isn't told. background: the terminal's, "dark" or "light", "" when it isn't
    told. tags: what else is told of it (version 3). problem: what was left out of a damaged file, in a sentence.
    """

    columns: int = 80
    rows: int = 24
    title: str = ""
    began: int = 0
    events: tuple[Event, ...] = ()
    background: str = ""
    tags: tuple[str, ...] = ()
    problem: str = ""


class Writer:
    """Writes one, line by line: what is cut off by a power failure is played up to there. Raises OSError."""

    def __init__(self, file: IO[str], version: int, header: Cast, env: Mapping[str, str]) -> None:
        self._file, self._version, self._last = file, version, 0.0
        told: dict[str, Any] = {"version": version}
        colours = {"theme": theme(header.background).told()} if header.background else {}
        if version == 2:
            told |= {"width": header.columns, "height": header.rows, **colours}
        else:
            size = {"cols": header.columns, "rows": header.rows}
            told["term"] = {**size, "type": env.get("TERM", ""), **colours}
        told |= {"timestamp": header.began, "title": header.title}
        told |= {"tags": list(header.tags)} if header.tags and version == 3 else {}
        told["env"] = {name: env[name] for name in ("SHELL", "TERM") if name in env}
        self._line(told)

    def write(self, event: Event) -> None:
        """Version 3 counts from one event to the next, version 2 from the beginning, and has no exit status."""
        if self._version == 2 and event.code == EXIT:
            return
        at = event.at if self._version == 2 else max(0.0, event.at - self._last)
        self._last = event.at
        self._line([round(at, 6), event.code, event.data])

    def _line(self, what: object) -> None:
        self._file.write(json.dumps(what, ensure_ascii=False) + "\n")
        self._file.flush()


def read(path: str) -> Cast:
    """Of either version. UsageError when it is no recording; what is damaged behind the header is left out."""
    file = Path(path)
    try:
        if file.stat().st_size > LARGEST:
            raise UsageError(f"{path} is larger than {LARGEST >> 20} MiB", "no recording of ours is")
        lines = file.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError as error:
        raise UsageError(f"{path} can't be read", error.strerror or "") from None
    cast, version = _header(path, lines[0])
    events, problem = [], ""
    for number, line in enumerate(lines[1:], 2):
        if not line.strip() or line.startswith("#"):  # version 3 has comments
            continue
        try:
            events.append(_event(json.loads(line)))
        except (ValueError, TypeError, RecursionError):
            problem = f"{path}, line {number}: no event; what is behind it was left out"
            break
    return cast._replace(events=tuple(_absolute(events) if version == 3 else events), problem=problem)


def _header(path: str, line: str) -> tuple[Cast, int]:
    try:
        told = json.loads(line)
        version = told["version"]
        term = told if version == 2 else told["term"]
        columns, rows = term["width" if version == 2 else "cols"], term["height" if version == 2 else "rows"]
        if version not in (2, 3) or not all(
            isinstance(n, int) and 0 < n <= MOST_COLUMNS for n in (columns, rows)
        ):
            raise ValueError
        tags = told.get("tags", []) if version == 3 else []
        return Cast(
            columns,
            rows,
            str(told.get("title", "")),
            _whole(told.get("timestamp")),
            background=background(term.get("theme")),
            tags=tuple(map(str, tags)) if isinstance(tags, list) else (),
        ), version
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise UsageError(
            f"{path} is no recording", "its first line isn't the header of an asciicast of version 2 or 3"
        ) from None


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | float) and math.isfinite(value) else 0


def _event(told: Any) -> Event:
    at, code, data = told  # (a ValueError, a TypeError)
    if not isinstance(at, int | float) or not math.isfinite(at) or at < 0 or not isinstance(code, str):
        raise ValueError
    return Event(float(at), code, str(data))


def _absolute(events: list[Event]) -> Iterator[Event]:
    now = 0.0
    for event in events:
        now += event.at
        yield event._replace(at=now)
