r"""A shell line taken apart into words, each with where it stands; nothing is guessed.

What isn't certain (a loop, a function, `$((`, an open quote) is no line at all: None. {{fact}} is part of a word.
The grammar is that of POSIX.1, XCU 2.3 and 2.9, as far as it goes here.
"""

import re
from dataclasses import dataclass
from typing import Final

RESERVED: Final = frozenset(
    {"if", "then", "else", "elif", "fi", "do", "done", "case", "esac", "while", "until", "for", "select"}
    | {"function", "coproc", "{", "}", "!", "[[", "]]"}
)
TOKEN: Final = re.compile(
    r"""
    (?P<space>[ \t]+|\\\n)
  | (?P<redirect>\d*(?:<<<|<<-?|>>|>&|<&|<>|>\||&>>?|[<>])[ \t]*)
  | (?P<operator>&&|\|\||\|&|[;&|\n])
  | (?P<word>(?:
        \\.                                              # one quoted character
      | '[^']*'
      | "(?:[^"\\`$]|\\.|\$(?!\()|\$\([^()"`]*\))*"
      | \{\{[^{}]*\}\}                                   # a fact
      | \$\([^()`'"]*\)                                  # a command in the line
      | \$(?!\()
      | [^\s'"\\;&|<>()`$]
    )+)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Word:
    """text: as it is written, with its quotes. start and end: where, in the whole line."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Command:
    """One simple command. words: without its redirections. operator: what follows it (`&&`, `|`, `&`), may be empty."""

    words: tuple[Word, ...]
    start: int
    end: int
    operator: str = ""
    operator_end: int = 0  # where the operator ends


def commands(line: str) -> tuple[Command, ...] | None:
    """The simple commands of a line, in their order; None when it can't be told for certain.

    A line may go on over a newline; the text of a here-document belongs to no command.
    """
    found: list[Command] = []
    words: list[Word] = []
    span: list[int] = []  # start and end of the command so far
    at, target, document = 0, False, False  # target: the next word is a redirection's
    while at < len(line):
        if (match := TOKEN.match(line, at)) is None:
            return None
        at, kind, text = match.end(), match.lastgroup, match[0]
        if kind == "operator":
            if target or not span:
                return None
            found.append(Command(tuple(words), span[0], span[1], text, at))
            words, span = [], []
            if text == "\n" and document:
                return tuple(found)
        elif kind != "space":
            if text in RESERVED or text.startswith("#") or (target and kind == "redirect"):
                return None
            span = [span[0] if span else match.start(), at]
            if kind == "redirect":
                target, document = True, document or text.strip().lstrip("0123456789") in ("<<", "<<-")
            elif target:
                target = False
            else:
                words.append(Word(text, match.start(), at))
    if span:
        found.append(Command(tuple(words), span[0], span[1]))
    return None if target else tuple(found)
