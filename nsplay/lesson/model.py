"""What a lesson is once it is loaded: plain frozen data, in one language, with nothing left to look up."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

BlockKind = Literal["paragraph", "item", "code"]


@dataclass(frozen=True)
class Block:
    """A piece of prose: a paragraph, an item of a list, or a literal block. {{fact}} is filled in when it is shown."""

    kind: BlockKind
    text: str
    line: int  # in the file, from 1


@dataclass(frozen=True)
class Predict:
    """A question asked before the step is done. `right` counts from 0; `because` is told with the answer."""

    question: str
    options: tuple[str, ...]
    right: int
    because: str
    line: int


@dataclass(frozen=True)
class Console:
    """Commands that do the step. Without `version` for every cgroup version; `where`: "host" is the second terminal.

    `also` marks another accepted way of doing the same step: tests play it too.
    """

    commands: tuple[str, ...]
    version: Literal[1, 2] | None = None
    where: Literal["here", "host"] = "here"
    also: bool = False
    line: int = 0


class Move(NamedTuple):
    """A command, and the terminal it is typed in: 1 is the lesson's own, 2 the second one, on the host's side."""

    line: str
    terminal: int = 1

    def prompted(self) -> list[tuple[str, str]]:
        """Its lines as they stand in a terminal, each with its prompt; that of the second one is numbered."""
        first, *rest = self.line.split("\n")
        prompt = "# " if self.terminal == 1 else f"({self.terminal}) # "
        return [(prompt, first), *(("> ", line) for line in rest)]


@dataclass(frozen=True)
class Check:
    """One comparison on facts: `left op right`. right is None for the words (`grew`). message: what to say when it fails.

    A guard has to hold before the step as well: where the learner is, what must not be touched.
    """

    left: str
    op: str
    right: str | None
    message: str
    line: int
    source: str  # as it is written
    guard: bool = False


@dataclass(frozen=True)
class Card:
    """What is worth keeping of a lesson: a sentence or two, commands with meanings, gotchas, manual pages."""

    prose: tuple[Block, ...] = ()
    commands: tuple[tuple[str, str], ...] = ()
    gotchas: tuple[str, ...] = ()
    see: tuple[str, ...] = ()


@dataclass(frozen=True)
class Needs:
    """What a lesson can't do without."""

    tools: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    controllers: tuple[str, ...] = ()
    features: tuple[str, ...] = ()  # of the kernel: names in nsplay/needs.py
    cgroup: Literal[1, 2] | None = None
    root: bool = False
    kernel: str = ""  # at least this version, such as "5.14"


@dataclass(frozen=True)
class Step:
    """One thing to do. digest: a hash of what the step asks for; progress is kept by id and digest."""

    id: str
    title: str
    prose: tuple[Block, ...]
    predict: Predict | None
    consoles: tuple[Console, ...]
    checks: tuple[Check, ...]
    hints: tuple[str, ...]
    summary: tuple[str, ...]
    views: tuple[str, ...]
    digest: str
    line: int


@dataclass(frozen=True)
class Lesson:
    """A lesson in one language."""

    id: str
    title: str
    minutes: int
    lang: str
    version: Literal[1, 2] | None  # of cgroups, that its steps are for; None: all of it was loaded
    needs: Needs
    prose: tuple[Block, ...]
    steps: tuple[Step, ...]
    card: Card = field(default_factory=Card)

    def index(self, step_id: str) -> int:
        """Where the step stands, from 0. KeyError for an id the lesson doesn't have."""
        for number, step in enumerate(self.steps):
            if step.id == step_id:
                return number
        raise KeyError(step_id)


@dataclass(frozen=True)
class Verdict:
    """What became of one check: found and wanted are sentences with the actual values."""

    check: Check
    passed: bool
    message: str  # the lesson's, filled in; falls back to a sentence of ours
    found: str
    wanted: str
