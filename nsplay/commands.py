"""Every command of nsplay's, and what it does: what --help, Tab and the manual page are made of. Light to import."""

import re
from typing import Final

# The words behind `nsplay`, and what they do.
COMMANDS: Final = (
    ("[OPTIONS]", "the menu: go on where you stopped"),
    ("[OPTIONS] LESSON[/STEP]", "play a lesson, from a step on"),
    ("next", "the next lesson, without the menu"),
    ("list [--json]", "the lessons, and what is done"),
    ("card LESSON", "what is worth keeping of a lesson"),
    (
        "check [LESSON[/STEP]] [--session PID | --pid PID] [--json]",
        "is the step done? Asked beside a running session",
    ),
    (
        "look PID | NAME | --container NAME [VIEW ...] [--watch] [--json]",
        "a process or a container beside the host; changes nothing",
    ),
    ("look --all [--watch] [--json]", "every container, a line each"),
    ("look PID --owe [--json]", "what it has beyond the container built by hand"),
    (
        "sandbox [--with uts,pid,net] [--memory 64M] [--cpu 30%] [--pids N] [--root DIR] [-- CMD]",
        "a stage without a lesson: made by commands that you see",
    ),
    (
        "demo LESSON[/STEP] [--auto SECONDS] [--big] [--seed N] [--rehearse]",
        "a lesson types itself, in front of a room",
    ),
    (
        "render FILE.cast [STEP] [--svg | --html | --png]",
        "a recording as a page or picture that plays, or a step of it",
    ),
    (
        "export [LESSON ...] [--html | --md | --pdf] [--to PLACE] [--paper a4|letter]",
        "the course as a book, with pictures taken on this machine",
    ),
    ("watch [--session PID] [--big]", "another screen: the views of the running session, live"),
    ("notes [--session PID]", "the presenter's own: what to say, what comes next, the clock"),
    (
        "report [FILE.json ...] [--json | --html]",
        "what was learned, to hand over or not; a class's in one table",
    ),
    ("completion bash|zsh|fish", "what makes Tab know all this: source it in that shell"),
    ("man", "the manual page; `nsplay man | man -l -` shows it"),
    ("diff A B [--json]", "two processes or containers, view by view"),
    ("clean", "mend what a killed nsplay left behind"),
    ("doctor [--json] [--report]", "what this machine can, what is missing, and what mends it"),
    ("load cpu|memory|io|pids|net", "a bounded load for a group: nsplay load --help"),
    (
        "devices deny GROUP c|b MAJOR:MINOR [rwm]",
        "version 2: a BPF program that refuses a device; list, allow",
    ),
    (
        "seccomp deny CALL[,CALL ...] [--errno NAME | --kill] -- CMD",
        "CMD under a filter that refuses system calls",
    ),
    (
        "lesson test [ID ...] [--step ID] [--mutate] [--json]",
        "play lessons as a learner would, and judge them",
    ),
    ("lesson new ID [--lang ja]", "a lesson, or its translation, to write over"),
    ("lesson draft ID", "a lesson out of what you type: its checks are found and proved"),
    ("lesson edit ID [--step ID]", "shows the step that is being written, whenever it is saved"),
    ("lesson watch ID [--step ID]", "the same"),
    ("lesson lint [ID ...] [--json]", "what is wrong in a lesson's text"),
    (
        "lesson facts [--diff] [--session PID | --pid PID] [--json]",
        "what a check can ask here; what the last command changed",
    ),
)


_INDENT: Final = len("usage: ")
_MEANING: Final = 43  # the column where meanings stand


def verbs() -> tuple[str, ...]:
    """The first words that no lesson may have for its id."""
    found = (re.match(r"[a-z]+", words) for words, _ in COMMANDS)
    return tuple(dict.fromkeys(match[0] for match in found if match))


def usage(width: int = 80) -> str:
    """The table as --help shows it, without the `usage: ` before it."""
    lines = []
    for words, does in COMMANDS:
        *first, last = _wrapped(f"nsplay {words}", width - _INDENT)
        lines += first
        if _INDENT + len(last) + 2 <= _MEANING:
            lines.append(f"{last:{_MEANING - _INDENT}}{does}")
        else:
            lines += [last, " " * (_MEANING - _INDENT) + does]
    return f"\n{' ' * _INDENT}".join(lines)


def _wrapped(words: str, width: int) -> list[str]:
    """Before an option that no longer fits; what goes on stands below the first word behind the verb."""
    indent = " " * (words.index(" ", len("nsplay ")) + 1) if words.count(" ") > 1 else ""
    lines = [""]
    for piece in re.findall(r"\[(?:[^\[\]]|\[[^\]]*\])*\]|\S+", words):
        if lines[-1] and len(lines[-1]) + 1 + len(piece) > width:
            lines.append(indent + piece)
        else:
            lines[-1] += (" " if lines[-1] else "") + piece
    return lines
