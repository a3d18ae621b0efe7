"""A lesson made of what somebody typed: steps in, the text of a lesson.md out. What only its author can say begins with
`WRITE:`, and lints, so that the lesson works before a word of it is written.
"""

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from nsplay.facts import Value, busy, known
from nsplay.kernel.namespaces import KINDS
from nsplay.lesson.checks import literal, parse
from nsplay.lesson.document import FORMAT, Version
from nsplay.lesson.loader import ID
from nsplay.lesson.model import Check, Move
from nsplay.lesson.order import quoted
from nsplay.lesson.rules import WIDEST_WORD, width
from nsplay.lesson.suggest import ROLES, Facts, Line, Suggestion, what_changed
from nsplay.lesson.typed import programs

UNWRITTEN: Final = "WRITE:"
MOST: Final = 40  # steps: a lesson is done in an hour
LONGEST: Final = 60  # minutes
SHORT: Final = 40  # characters of a command that may be a title
PLAIN: Final = re.compile(r"[\w ./:=@+,-]+", re.ASCII)  # a command that a heading can hold as it stands
TAKEN: Final = ("card", "opening")
GROUPS: Final = "/sys/fs/cgroup"
CONTROLLER: Final = re.compile(
    rf"{GROUPS}/([a-z_,]+)|\b(cpuset|cpu|memory|pids|io|blkio|freezer|devices|net_cls)\.[a-z]"
)
NAMED: Final = {"blkio": "io"}  # as `needs` calls it
PATH: Final = re.compile(r"(?<![\w./:@+-])/[\w./:@+-]*\w", re.ASCII)  # what a fact's name can hold of paths
MANY: Final = 8  # paths of a command
THING: Final = re.compile(r"\w+\.(?:at|file|group|link)\.")  # facts of what a command names: they say most
MEMBERS: Final = re.compile(rf"\w+\.(?:{'|'.join(KINDS)})\.(?:yours|apart)")
PASSING: Final = re.compile(
    r"\w+\.file\..*\.(?:inode|device|size|entries)|\w+\.at\..*\.(?:source|root|stacked)"
)
CONTROLLERS: Final = frozenset(str.split("cpu cpuset memory pids io freezer devices net_cls net_prio"))


@dataclass(frozen=True)
class Made:
    """A step: what was typed, of which one command, the `at`th, changed something; the others are looks.

    before, after: all facts. views: that show the change. title: "" for none of its own. kept: the comparisons that proved
    it, when it was played again; None: it wasn't yet.
    """

    moves: tuple[Move, ...]
    at: int
    before: Facts
    after: Facts
    views: tuple[str, ...] = ()
    title: str = ""
    kept: frozenset[str] | None = None

    @cached_property
    def found(self) -> Suggestion:
        """The lines that tell the change. What others do is none of it (in a pid namespace of one's own there are none), and
        a value that nobody typed is this machine's own.
        """
        guards, checks = (
            tuple(line for line in lines if self._tells(line.comparison))
            for lines in what_changed(self.before, self.after)
        )
        return Suggestion(guards, tuple(sorted(checks, key=lambda line: _rank(line.comparison))))

    def _tells(self, comparison: str) -> bool:
        check = parse(comparison, 1)
        if PASSING.fullmatch(check.left):
            return False
        alone = check.left.startswith("inside.") and "pid" in _own(self.after)
        others = busy(check.left) and not alone
        value = literal(check.right) if check.right and check.op == "==" else None
        told = value is None or isinstance(value, bool) or value in ROLES or value in self._typed
        return told and not others and (self.kept is None or comparison in self.kept)

    @cached_property
    def _typed(self) -> frozenset[Value]:
        """Every word of the commands, and every number in them."""
        words = [word for move in self.moves for word in re.findall(r"[\w.:-]+", move.line)]
        return frozenset(words) | frozenset(value for word in words if (value := literal(word)) is not None)

    @property
    def own(self) -> frozenset[str]:
        """The kinds of namespace that were the place's own before or after it."""
        return _own(self.before) | _own(self.after)

    @property
    def deed(self) -> str:
        """The command that changed something: the step is named after it."""
        return self.moves[self.at].line

    def looked(self, move: Move) -> "Made":
        """The same, with a look at its end."""
        return replace(self, moves=(*self.moves, move))

    def proved(self, kept: Collection[str]) -> "Made":
        """The same, with those of its comparisons alone."""
        return replace(self, kept=frozenset(kept))

    def joined(self, more: "Made") -> "Made":
        """Both as one step."""
        views = tuple(dict.fromkeys((*self.views, *more.views)))
        return Made((*self.moves, *more.moves), self.at, self.before, more.after, views, self.title)


def _rank(comparison: str) -> int:
    """What is said first: whether a thing that the command names is there, then what it is like; last how many processes
    of one's own are in a namespace.
    """
    thing = THING.match(comparison)
    there = comparison.endswith((" == true", " == false"))
    return 0 if thing and there else 1 if thing else 3 if MEMBERS.match(comparison) else 2


def _own(look: Facts) -> frozenset[str]:
    own = look.get("inside.own")
    return frozenset(own if isinstance(own, tuple) else ())


def paths(line: str) -> tuple[str, ...]:
    """The whole paths that a command names, as facts of them are called. Of a control group its own facts say more."""
    found = (os.path.normpath(path) for path in PATH.findall(line) if not path.startswith(GROUPS))
    return tuple(dict.fromkeys(path for path in found if known(f"inside.at.{path}.mounted")))[:MANY]


def ids(steps: Sequence[Made]) -> tuple[str, ...]:
    """A step's id is made of its title, else of the program that it starts; each is one of its own."""
    found: list[str] = []
    for step in steps:
        line = step.deed.partition("\n")[0]
        word = _slug(step.title) or _slug((programs(line) or line.split() or ("",))[0].rpartition("/")[2])
        name, more = word or "step", 2
        while name in (*found, *TAKEN):
            name, more = f"{word or 'step'}-{more}", more + 1
        found.append(name)
    return tuple(found)


def _slug(words: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", words.lower())[:24].strip("-")
    return name if ID.fullmatch(name) else ""


def written(steps: Sequence[Made], version: Version) -> str:
    """The lesson's text. version: of control groups, on the machine where it was typed."""
    parts = [
        _front(steps, version),
        f"# {UNWRITTEN} a title\n\n{UNWRITTEN} what this is for, in five lines at most.",
    ]
    parts += [_step(step, name) for step, name in zip(steps, ids(steps), strict=True)]
    return "\n\n".join([*parts, *_card(steps)]) + "\n"


def places(text: str) -> int:
    """How many its author has yet to write."""
    return text.count(UNWRITTEN)


def controllers(steps: Sequence[Made]) -> tuple[str, ...]:
    """Those that the commands name."""
    found = (
        word
        for step in steps
        for move in step.moves
        for match in CONTROLLER.finditer(move.line)
        for word in (match[1] or match[2]).split(",")
    )
    return tuple(dict.fromkeys(name for word in found if (name := NAMED.get(word, word)) in CONTROLLERS))


def _front(steps: Sequence[Made], version: Version) -> str:
    lines = [move.line for step in steps for move in step.moves]
    tools = dict.fromkeys(tool for line in lines for tool in programs(line))
    views = dict.fromkeys(view for step in steps for view in step.views)
    needs: Mapping[str, Collection[str]] = {
        "tools": list(tools),
        "namespaces": sorted({kind for step in steps for kind in step.own}),
        "controllers": controllers(steps),
    }
    wants = [f"{key} = {_names(names)}" for key, names in needs.items() if names]
    wants += [f"cgroup = {version}"] if any(GROUPS in line for line in lines) else []
    return "\n".join(
        [
            "+++",
            f"format = {FORMAT}",
            f'title = "{UNWRITTEN} a title"',
            f"minutes = {min(LONGEST, max(5, 2 * len(steps)))}",
            *([f"needs = {{ {', '.join(wants)} }}"] if wants else []),
            *([f"views = {_names(views)}"] if views else []),
            "+++",
        ]
    )


def _names(names: Collection[str]) -> str:
    return f"[{', '.join(map(quoted, names))}]"


def _step(step: Made, name: str) -> str:
    title = step.title or _title(step.deed) or name
    blocks = [
        f"## {title} {{#{name}}}",
        f"{UNWRITTEN} what is done here and why: one idea, in short sentences.",
        *_consoles(step.moves),
        *_checks("guard", step.found.guards),
        *_checks("check", step.found.checks),
        f"```hint\n{UNWRITTEN} a nudge, such as a question.\n```",
        f"```hint\n{_told(step.deed)}\n```",
        f"```summary\n{UNWRITTEN} what was learnt, in two lines at most.\n```",
    ]
    return "\n\n".join(blocks)


def _title(line: str) -> str:
    return line if len(line) <= SHORT and PLAIN.fullmatch(line) else ""


def _told(line: str) -> str:
    quoted = f"`{escaped(line)}`"
    fits = "\n" not in line and "`" not in line and width(quoted) <= WIDEST_WORD
    return f"Type {quoted}." if fits else "`:solution` shows the command."


def escaped(line: str) -> str:
    r"""A command as a lesson holds it: `{{` alone would be a fact's place."""
    return re.sub(r"\{\{(?=[^{}]*\}\})", r"\\{{", line)


def _consoles(moves: Sequence[Move]) -> Iterator[str]:
    """A block for each terminal that is changed over to."""
    block: list[str] = []
    for at, move in enumerate(moves):
        if at == 0 or move.terminal != moves[at - 1].terminal:
            if block:
                yield "\n".join([*block, "```"])
            block = ["```console" if move.terminal == 1 else "```console host"]
        first, *rest = escaped(move.line).split("\n")
        block += [f"# {first}", *(f"> {line}" for line in rest)]
    if block:
        yield "\n".join([*block, "```"])


def _checks(kind: str, lines: Sequence[Line]) -> Iterator[str]:
    if lines:
        yield "\n".join([f"```{kind}", *map(str, lines), "```"])


def _card(steps: Sequence[Made]) -> Iterator[str]:
    """The commands that did something, each once, as far as one fits beside what it means."""
    does = dict.fromkeys(step.deed for step in steps)
    short = [line for line in does if len(line) <= SHORT and PLAIN.fullmatch(line) and line != "exit"]
    if short:
        rows = [f"{line} | {UNWRITTEN} what it does" for line in short]
        yield "\n".join(
            ["## Card {#card}", "", f"{UNWRITTEN} what is worth keeping.", "", "```commands", *rows, "```"]
        )


def chosen(refused: Sequence[Collection[Check]], checks: Sequence[Check]) -> tuple[Check, ...]:
    """The fewest checks that refuse every wrong way. refused: for each wrong way, the checks that refuse it.

    Greedy: first one that says whether what the command names is there, where there is one; then what refuses most of what
    is left, among equals the one that stands first.
    """
    left, kept = [frozenset(check.source for check in by) for by in refused if by], list[Check]()
    plainest = next((check for check in checks if not check.guard and _rank(check.source) == 0), None)
    while left:
        best = max(checks, key=lambda check: sum(check.source in by for by in left))
        if plainest and not kept and any(plainest.source in by for by in left):
            best = plainest
        kept.append(best)
        left = [by for by in left if best.source not in by]
    return tuple(check for check in checks if check in kept)
