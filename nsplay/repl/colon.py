"""The little line that `:` opens at a shell's own prompt, where prompt_toolkit doesn't edit."""

from collections.abc import Callable
from dataclasses import dataclass

from wcwidth import wcswidth

_ENTER, _INTERRUPT = b"\r\n", 0x03
_RUBOUT = b"\x7f\x08"


@dataclass(frozen=True)
class Colon:
    """text: what was typed, with its colon; empty: rubbed out or given up. ahead: keys behind its end."""

    text: str
    ahead: bytes


def read_colon(keys: bytes, read: Callable[[], bytes], write: Callable[[bytes], None]) -> Colon | None:
    """Edits a line that begins with keys; None when the terminal is gone."""
    text = bytearray()
    while True:
        for index, key in enumerate(keys):
            ahead = keys[index + 1 :]
            if key in _ENTER:
                return Colon(text.decode(errors="replace"), ahead)
            if key == _INTERRUPT:
                while text:
                    _rub_out(text, write)
                return Colon("", ahead)
            if key in _RUBOUT:
                _rub_out(text, write)
                if not text:
                    return Colon("", ahead)
            else:
                text.append(key)
                write(bytes([key]))
        keys = read()
        if not keys:
            return None


def _rub_out(text: bytearray, write: Callable[[bytes], None]) -> None:
    """The last letter, which may be several bytes (UTF-8: those that go on are 10xxxxxx) and two columns."""
    at = len(text) - 1
    while at > 0 and text[at] & 0xC0 == 0x80:
        at -= 1
    write(b"\b \b" * max(0, wcswidth(text[at:].decode(errors="replace"))))
    del text[at:]
