"""The words of `nsplay load`: sizes, seconds and counts, each with a hard upper limit. No argparse: it takes 1.5 MB."""

from collections.abc import Mapping, Sequence

MIB = 1 << 20
SUFFIXES = {"K": 1 << 10, "M": MIB, "G": 1 << 30, "k": 1000, "kB": 1000, "": 1}
MOST_SECONDS = 600.0


class Wrong(Exception):
    """The words are off: a sentence for the reader."""


class Words:
    """What stood behind a load's name. Every question is for one word; `rest` has to come last."""

    def __init__(self, words: Sequence[str], flags: Sequence[str], options: Sequence[str]) -> None:
        """flags stand alone, options have a value behind them (`--size 20M` or `--size=20M`). Raises Wrong."""
        self.plain: list[str] = []
        self._flags: set[str] = set()
        self._options: dict[str, str] = {}
        queue = list(words)
        while queue:
            word = queue.pop(0)
            name, equals, value = word.partition("=")
            if not word.startswith("--"):
                self.plain.append(word)
            elif word in flags:
                self._flags.add(word)
            elif name in options and (equals or queue):
                self._options[name] = value if equals else queue.pop(0)
            elif name in options:
                raise Wrong(f"{name} wants a value behind it")
            else:
                there = " ".join([*flags, *options])
                raise Wrong(f"there is no {word} here; there is: {there}")

    def flag(self, name: str) -> bool:
        """Was it said?"""
        return name in self._flags

    def text(self, name: str) -> str:
        """An option's value; "" without."""
        return self._options.get(name, "")

    def count(self, name: str, usual: int, most: int, least: int = 1) -> int:
        """An option that is a whole number."""
        return number(self.text(name), name, most, least) if name in self._options else usual

    def size(self, name: str, usual: int, most: int) -> int:
        """An option that is a size in bytes."""
        return size(self.text(name), name, most) if name in self._options else usual

    def seconds(self, name: str, usual: float) -> float:
        """An option that is a time."""
        if name not in self._options:
            return usual
        try:
            found = float(self.text(name))
        except ValueError:
            found = -1.0
        if not 0 <= found <= MOST_SECONDS:
            raise Wrong(f"{name} wants seconds, from 0 to {MOST_SECONDS:g}, not {self.text(name)}")
        return found

    def only(self, what: Mapping[str, bool]) -> list[str]:
        """The plain words, of which these are wanted: name -> has it to be there? Raises Wrong."""
        needed = sum(what.values())
        if not needed <= len(self.plain) <= len(what):
            names = " ".join(name if must else f"[{name}]" for name, must in what.items()) or "no word"
            raise Wrong(f"{names} is wanted here, not: {' '.join(self.plain) or 'nothing'}")
        return self.plain


def number(text: str, name: str, most: int, least: int = 1) -> int:
    """A whole number within bounds. Raises Wrong."""
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise Wrong(f"{name} wants a number from {least} to {most}, not {text}")
    return int(text)


def size(text: str, name: str, most: int) -> int:
    """ "50M" in bytes: K, M, G are powers of 1024. Raises Wrong."""
    digits = text.rstrip("KMGkB")
    unit = text[len(digits) :]
    if not (digits.isascii() and digits.isdigit() and unit in SUFFIXES):
        raise Wrong(f"{name} wants a size such as 50M, not {text}")
    found = int(digits) * SUFFIXES[unit]
    if not 0 < found <= most:
        raise Wrong(f"{name}: from 1 byte to {shown(most)}, not {text}")
    return found


def shown(count: float) -> str:
    """A number of bytes for the reader: "6.0 MiB"."""
    return f"{count / MIB:.1f} MiB"
