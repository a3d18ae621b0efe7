"""Text from outside, read with limits and without anything that would move a terminal's cursor. Light to import."""

import os
import re
import stat
from typing import Any

from nsplay.errors import LessonError

LARGEST = 1 << 20  # bytes of a file
LONGEST = 2000  # characters of a line: no pattern of ours takes long on that
# C0, DEL and C1 move the cursor or begin an escape sequence; U+202A.. and U+2066.. turn the direction of a line.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class LineError(LessonError):
    """A line of a lesson is wrong. Whoever knows the file names it: `within`."""

    def __init__(self, line: int, says: str, why: str = "", do: str = "", *, path: str = "") -> None:
        super().__init__(f"{printable(path)}:{line}: {says}" if path else f"line {line}: {says}", why, do)
        self.line, self.says = line, says

    def within(self, path: str) -> "LineError":
        """The same, with the file's name."""
        return LineError(self.line, self.says, self.why, self.do, path=path)


def printable(text: str) -> str:
    """The text in one line; `?` for what a terminal would obey and for bytes that were no UTF-8."""
    line = CONTROL.sub("?", text.replace("\n", "?").replace("\t", " "))
    return line.encode(errors="replace").decode()


def read(path: str) -> str:
    """The text of a lesson's file. LessonError with a sentence for everything that can be wrong with a file."""
    data = _bytes(path)
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LineError(line, "this is not UTF-8 text", f"byte {data[error.start]:#x}").within(path) from None
    if bad := CONTROL.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        raise LineError(line, f"there is a control character in it: U+{ord(bad[0]):04X}").within(path)
    lengths = [*map(len, text.split("\n"))]
    if max(lengths) > LONGEST:
        line = lengths.index(max(lengths)) + 1
        raise LineError(line, "this line is too long", f"more than {LONGEST} characters").within(path)
    return text


def line_at(path: str, number: int) -> str:
    """A line of a file that may be anything, to be shown to its author; "" when it can't be read."""
    try:
        lines = _bytes(path).split(b"\n")
    except LessonError:
        return ""
    return printable(lines[number - 1].decode(errors="replace").rstrip("\r")) if number <= len(lines) else ""


def _bytes(path: str) -> bytes:
    try:
        # O_NONBLOCK: a fifo of that name must not hold us up.
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise LessonError(f"{printable(path)} is not a file")
            data = os.read(handle, LARGEST + 1)
            while len(data) <= LARGEST and (more := os.read(handle, LARGEST)):
                data += more
        finally:
            os.close(handle)
    except OSError as error:
        raise LessonError(f"{printable(path)} can't be read", error.strerror or str(error)) from None
    if len(data) > LARGEST:
        raise LessonError(f"{printable(path)} is too large for a lesson", f"more than {LARGEST >> 20} MB")
    return data


def toml(text: str, path: str, first: int = 1) -> dict[str, Any]:
    """TOML that begins at line `first` of a file. LessonError for what is none, or hides a control character."""
    import tomllib

    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number of 5000 digits is a plain ValueError
        why = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "a value is too large or too deep"
        line, column = _place(why)
        why = why.partition(" (at line")[0] + (f", in column {column}" if column else "")
        raise LineError(line + first - 1, "this is no TOML", printable(why)).within(path) from None
    if bad := _control(table):
        raise LineError(first, f"there is a control character in it: U+{ord(bad):04X}").within(path)
    return table


def _place(why: str) -> tuple[int, int]:
    """Line and column of tomllib's `... (at line 3, column 5)`; (1, 0) where it names none."""
    found = re.search(r"\(at line (\d+), column (\d+)\)$", why)
    return (int(found[1]), int(found[2])) if found else (1, 0)


def _control(value: object) -> str:
    """The first control character in a TOML value, in keys, too; "" when there is none."""
    if isinstance(value, str):
        bad = CONTROL.search(value) or re.search(r"[\t\n]", value)
        return bad[0] if bad else ""
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    return next(filter(None, map(_control, value)), "") if isinstance(value, list) else ""
