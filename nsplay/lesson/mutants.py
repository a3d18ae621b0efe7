"""Wrong ways of doing a step, made from the commands that do it. `nsplay lesson test --mutate` plays them.

Strings in, strings out: what a wrong way leads to is for the kernel to say, so that nothing here has to know what a flag
means. Only what is parsed for certain (lesson/shellwords.py) is changed; of anything else the whole line is left out.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nsplay.lesson import shellwords
from nsplay.lesson.checks import facts_in, literal
from nsplay.lesson.model import Check, Move
from nsplay.lesson.shellwords import Command, Word

# What starts a program in other namespaces, and which of its options are followed by a value (unshare(1), nsenter(1),
# chroot(1), cgexec(1)). An option that may have a value takes it after `=`.
ENTERING: Final = {
    "unshare": "-S -G -R -w -l --setuid --setgid --root --wd --propagation --setgroups --map-user --map-group"
    " --map-users --map-groups --owner --monotonic --boottime --load-interp",
    "nsenter": "-t -S -G -N --target --setuid --setgid --net-socket",
    "chroot": "",
    "cgexec": "-g",
}
OPERANDS: Final = {"chroot": 1}  # words of its own before the program
BEFORE: Final = frozenset({"exec", "sudo", "nohup", "command", "time", "env"})  # may stand in front of one
ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*=")
CLUSTER: Final = re.compile(r"-[A-Za-z]{2,}")
OTHER: Final = "other"  # in place of a value


@dataclass(frozen=True)
class Mutant:
    """A step done wrongly.

    moves: what is typed, and where. says: how it is wrong, for the author. aside: typed in a fresh shell on the host's side,
    while the learner's own stays where it is.
    """

    moves: tuple[Move, ...]
    says: str
    aside: bool = False


NOTHING: Final = Mutant((), "nothing typed")


def left_out(moves: Sequence[Move], at: int) -> Mutant:
    """The step without this command."""
    return Mutant((*moves[:at], *moves[at + 1 :]), f"without `{_shown(moves[at].line)}`")


def aside(moves: Sequence[Move]) -> Mutant:
    """The step on the host's side."""
    return Mutant(tuple(moves), "typed in a fresh shell on the host's side", aside=True)


def changed(moves: Sequence[Move], at: int, values: Collection[str] = ()) -> Iterator[Mutant]:
    """The step with this command changed in one way each. values: what its checks want to see (`named`)."""
    line = moves[at].line
    for text, says in dict(_changes(line, values)).items():
        if text.strip() and text != line:
            move = moves[at]._replace(line=text)
            yield Mutant((*moves[:at], move, *moves[at + 1 :]), f"`{_shown(text)}`, {says}")


def _shown(line: str) -> str:
    """A line for a sentence."""
    first, *rest = line.split("\n")
    return first + (" .." if rest else "")


def named(checks: Sequence[Check]) -> frozenset[str]:
    """The values that checks want to see, as a command may write them: web, 10M, 10485760, {{start.host.hostname}}."""
    found: set[str] = set()
    for check in checks:
        if check.right is None or check.op not in ("==", "contains"):
            continue
        value = literal(check.right)
        if value is None:
            found |= {f"{{{{{name}}}}}" for name in facts_in(check)}
        elif not isinstance(value, bool):
            found |= {check.right.strip('"'), str(value)}
    return frozenset(found - {""})


def _changes(line: str, values: Collection[str]) -> Iterator[tuple[str, str]]:
    """Every changed line and how it is wrong."""
    parsed = shellwords.commands(line) or ()
    if len(parsed) > 1:
        yield from _parts(line, parsed)
    for command in parsed:
        yield from _wrong_side(line, command)
        yield from _flags(line, command)
        yield from _values(line, command, values)


def _parts(line: str, parsed: Sequence[Command]) -> Iterator[tuple[str, str]]:
    """The line without one of its commands. A here-document would lose its reader."""
    if "<<" in line:
        return
    for at, command in enumerate(parsed):
        says = f"`{line[command.start : command.end]}` left out"
        if at + 1 < len(parsed):
            yield line[: command.start] + line[parsed[at + 1].start :], says
        else:
            last = parsed[at - 1]  # what runs in the background stays there
            yield line[: last.operator_end if last.operator == "&" else last.end] + line[command.end :], says


def _program(command: Command) -> int:
    """Which word is the program; after the last one when there is none."""
    return next(
        (at for at, word in enumerate(command.words) if not ASSIGNMENT.match(word.text)), len(command.words)
    )


def _entering(command: Command) -> int | None:
    """Which word names a program that starts another one in other namespaces; None when none does."""
    for at in range(_program(command), len(command.words)):
        text = command.words[at].text
        if text.rpartition("/")[2] in ENTERING or text == "ip":
            return at
        if text not in BEFORE and not ASSIGNMENT.match(text):
            return None
    return None


def _inner(command: Command, at: int) -> int:
    """Where the program begins that the one at `at` starts; after the last word when it is given none."""
    words = [word.text for word in command.words]
    if words[at] == "ip":
        return at + 4 if words[at + 1 : at + 3] == ["netns", "exec"] else len(words)
    tool = words[at].rpartition("/")[2]
    here, operands = at + 1, OPERANDS.get(tool, 0)
    while here < len(words) and (words[here].startswith("-") or operands):
        if words[here] == "--":
            return here + 1 + operands
        operands -= not words[here].startswith("-")
        here += 1 + _valued(tool, words[here])
    return here


def _valued(tool: str, flag: str) -> bool:
    """Is this option of an entering program followed by its value?"""
    known = ENTERING[tool].split()
    return flag in known or (CLUSTER.fullmatch(flag) is not None and f"-{flag[-1]}" in known)


def _wrong_side(line: str, command: Command) -> Iterator[tuple[str, str]]:
    """What the namespace is made or entered for, run without it."""
    if (at := _entering(command)) is None or (inner := _inner(command, at)) >= len(command.words):
        return
    first, then = command.words[at], command.words[inner]
    says = f"`{line[first.start : command.words[inner - 1].end]}` dropped: on the wrong side"
    yield line[: first.start] + line[then.start :], says


def _flags(line: str, command: Command) -> Iterator[tuple[str, str]]:
    """Every option dropped, with its value where there may be one; letters of a cluster one by one."""
    words = command.words
    entering = _entering(command)
    inner = _inner(command, entering) if entering is not None else len(words)
    for at in range(_program(command) + 1, len(words)):
        word, after = words[at], words[at + 1] if at + 1 < len(words) else None
        if word.text == "--" and (entering is None or at >= inner):
            return
        if not word.text.startswith("-") or word.text in ("-", "--"):
            continue
        tool = words[entering].text.rpartition("/")[2] if entering is not None and at < inner else ""
        valued = _valued(tool, word.text) if tool in ENTERING else None  # None: nobody knows
        if after is not None and (after.text.startswith("-") or "=" in word.text):
            after = None
        yield from _without(line, word, after, valued)


def _without(line: str, word: Word, after: Word | None, valued: bool | None) -> Iterator[tuple[str, str]]:
    """One option dropped. after: the word that may be its value."""
    text = word.text
    if CLUSTER.fullmatch(text):
        for at in range(1, len(text)):
            if not (valued and after and at == len(text) - 1):
                yield line[: word.start + at] + line[word.start + at + 1 :], f"`-{text[at]}` dropped"
        if after and valued is not False:
            says = f"`-{text[-1]} {after.text}` dropped"
            yield line[: word.end - 1] + line[after.end :], says
        return
    if not (valued and after):
        yield _cut(line, word.start, word.end), f"`{text}` dropped"
    if after and valued is not False:
        yield _cut(line, word.start, after.end), f"`{text} {after.text}` dropped"
    if text.startswith("--") and "=" in text:
        name = text.partition("=")[0]
        yield line[: word.start] + name + line[word.end :], f"`{name}` without its value"


def _cut(line: str, start: int, end: int) -> str:
    """The line without this piece and the space before it."""
    return line[:start].rstrip(" ") + line[end:]


def _values(line: str, command: Command, values: Collection[str]) -> Iterator[tuple[str, str]]:
    """Every value that a check wants to see, as another one."""
    for word in command.words[_program(command) + 1 :]:
        for value in sorted(values):
            text = re.sub(rf"(?<![\w.-]){re.escape(value)}(?![\w.-])", _another(value), word.text)
            if text != word.text:
                says = f"`{word.text}` changed to `{text}`"
                yield line[: word.start] + text + line[word.end :], says


def _another(value: str) -> str:
    """Another value of its kind."""
    number = re.fullmatch(r"(\d+)([A-Za-z]*)", value)
    return f"{int(number[1]) + 1}{number[2]}" if number else OTHER
