"""`nsplay man`: the manual page (man(7)), made of what --help is made of."""

import re

from nsplay import __version__
from nsplay.arguments import EPILOG, parser
from nsplay.commands import COMMANDS

SEE = ("namespaces(7)", "cgroups(7)", "unshare(1)", "nsenter(1)", "lsns(8)", "capabilities(7)")
FILES = (
    ("$XDG_STATE_HOME/nsplay/progress.json", "which steps are done"),
    (
        "$XDG_STATE_HOME/nsplay/stages",
        "journals: what has to be mended should nsplay and its warden be killed",
    ),
)


def manual() -> int:
    """Prints it: 0."""
    print(page(), end="")
    return 0


def page() -> str:
    """The page, in roff."""
    it = parser()
    lines = [f'.TH NSPLAY 1 "" "nsplay {__version__}" "User Commands"', ".SH NAME"]
    lines += [f"nsplay {chr(92)}- {_text('a learning shell for namespaces and control groups')}"]
    lines += [".SH SYNOPSIS", ".nf"]
    lines += [_synopsis(words) for words, _ in COMMANDS]
    lines += [".fi", ".SH DESCRIPTION", _text(it.description or ""), ".SH COMMANDS"]
    for words, does in COMMANDS:
        lines += [".TP", _synopsis(words), _text(f"{does[0].upper()}{does[1:]}.")]
    lines += [".SH OPTIONS"]
    for action in it._actions:
        if action.option_strings:
            value = action.metavar or (action.dest.upper() if action.nargs != 0 else "")
            choices = "|".join(map(str, action.choices)) if action.choices else str(value or "")
            names = ", ".join(rf"\fB{_text(name)}\fR" for name in action.option_strings)
            lines += [".TP", names + (rf" \fI{_text(choices)}\fR" if choices else "")]
            lines += [_text((action.help or "").replace("%%", "%"))]
    first, _, last = EPILOG.partition("\n")
    lines += [".SH NOTES", _text(first), ".SH EXIT STATUS", _text(last.removeprefix("Exit status: "))]
    lines += [".SH FILES"]
    for path, what in FILES:
        lines += [".TP", _text(path), _text(what)]
    lines += [".SH SEE ALSO", _text(", ".join(SEE))]
    return "\n".join(lines) + "\n"


def _synopsis(words: str) -> str:
    """Words that are typed as they stand in bold, the others in italics."""
    pieces = re.split(r"(--?[a-z][a-z-]*|[A-Z]{2,}|\b[A-Z]\b|[a-z][a-z0-9]*)", words)
    return r"\fBnsplay\fR " + "".join(
        rf"\fI{_text(piece)}\fR"
        if piece.isupper()
        else rf"\fB{_text(piece)}\fR"
        if number % 2
        else _text(piece)
        for number, piece in enumerate(pieces)
        if piece
    )


def _text(words: str) -> str:
    """As roff wants it."""
    words = words.replace("\\", r"\e").replace("-", r"\-")
    return re.sub(r"^([.'])", r"\\&\1", words)
