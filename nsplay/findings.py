"""What `nsplay doctor` finds, as plain frozen data, and what follows from it: pure, so that any machine can be played."""

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from nsplay.kernel.switches import Around
from nsplay.needs import Lack


class Trial(NamedTuple):
    """Something that was tried. why: what the kernel said and what that means. do: the command that mends it."""

    name: str
    works: bool
    why: str = ""
    do: str = ""


class Tree(NamedTuple):
    """A mounted cgroup tree. version: 1 or 2. controllers: what a stage's group could be given there.

    writable: may we make groups in it? crowded: do processes stand in the group itself, so that it gives no controller?
    """

    version: int
    controllers: tuple[str, ...]
    mountpoint: str
    writable: bool
    crowded: bool


class Tool(NamedTuple):
    """A program that lessons type. path, version: empty where there is none. needed: does a lesson here ask for it?"""

    name: str
    path: str
    version: str
    needed: bool


class Terminal(NamedTuple):
    """What is on the other end of standard output."""

    tty: bool
    term: str
    columns: int
    rows: int
    colours: int  # 0: none
    utf8: bool
    locale: str
    lang: str


class Findings(NamedTuple):
    """Everything. lessons: what each lacks here. refused: why no stage could be made, and what to do; else empty.

    stage: its mechanisms. gaps: what is typed, what it does to the machine. odd: what is different on the stage. seconds: that
    all of this took.
    """

    nsplay: str
    python: str
    release: str
    machine: str
    around: Around
    cgroup: str
    trees: tuple[Tree, ...]
    namespaces: tuple[Trial, ...]
    kernel: tuple[Trial, ...]
    stage: tuple[Trial, ...]
    refused: tuple[str, ...]
    tools: tuple[Tool, ...]
    terminal: Terminal
    lessons: Mapping[str, tuple[Lack, ...]]
    gaps: tuple[tuple[str, str], ...]
    odd: tuple[tuple[str, str], ...]
    lacks: tuple[str, ...]  # what of the stage doesn't hold, in words for the learner
    seconds: float


class Problem(NamedTuple):
    """What is missing. costs: the lessons that can't run without it, or what doesn't hold. mends: where, command."""

    name: str
    what: str
    costs: str
    mends: tuple[tuple[str, str], ...]
    serious: bool  # does it cost a lesson?


OLD: Final = (5, 12)  # Linux that everything was written for


def runnable(findings: Findings) -> int:
    """How many lessons can run."""
    return 0 if findings.refused else sum(not lacks for lacks in findings.lessons.values())


def exit_status(findings: Findings) -> int:
    """0, or 3 when no lesson can run at all."""
    return os.EX_OK if runnable(findings) else 3


def problems(findings: Findings, installs: Mapping[str, tuple[tuple[str, str], ...]]) -> tuple[Problem, ...]:
    """What to mend, the dearest first. installs: for a tool, the command by distribution, this machine's first."""
    found = []
    if findings.refused:
        what, why, do = (*findings.refused, "", "", "")[:3]
        costs = "every lesson" if findings.lessons else ""
        found.append(Problem("stage", f"{what} {why}".strip(), costs, (("", do),) if do else (), True))
    by_lack: dict[tuple[str, str], list[tuple[str, Lack]]] = {}
    for lesson, lacks in findings.lessons.items():
        for lack in lacks:
            by_lack.setdefault((lack.kind, lack.name), []).append((lesson, lack))
    for (kind, name), users in by_lack.items():
        lack = users[0][1]
        mends = installs.get(name, ()) if kind == "tool" else (("", lack.mend),) if lack.mend else ()
        found.append(Problem(name, lack.why, ", ".join(lesson for lesson, _ in users), mends, True))
    named = {problem.name for problem in found}
    refused = [trial for trial in findings.namespaces if not trial.works and trial.name not in named]
    for trial in grouped(refused):
        mends = (("", trial.do),) if trial.do and (("", trial.do),) not in [p.mends for p in found] else ()
        found.append(Problem("namespaces", f"no {trial.name}: {trial.why}", "", mends, False))
    return tuple(found)


def grouped(trials: Iterable[Trial]) -> tuple[Trial, ...]:
    """Those with one and the same reason as one, called after all of them."""
    by_reason: dict[tuple[bool, str, str], list[str]] = {}
    for trial in trials:
        by_reason.setdefault((trial.works, trial.why, trial.do), []).append(trial.name)
    return tuple(Trial(" ".join(names), *reason) for reason, names in by_reason.items())


# ---- for an issue


IPV4: Final = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]|\d)")
IPV6: Final = re.compile(r"(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:])")


class Secrets(NamedTuple):
    """What must not be in a report: host names, user names, homes."""

    hosts: tuple[str, ...]
    users: tuple[str, ...]
    homes: tuple[str, ...]


def anonymous(words: str, secrets: Secrets) -> str:
    """The words without host, user, home and addresses."""
    for homes, mask in ((secrets.homes, "HOME"), (secrets.hosts, "HOST"), (secrets.users, "USER")):
        for secret in sorted(filter(None, homes), key=len, reverse=True):
            words = re.sub(rf"(?<![A-Za-z0-9]){re.escape(secret)}(?![A-Za-z0-9])", f"<{mask}>", words)
    return IPV6.sub("<IP>", IPV4.sub("<IP>", words))


def without_secrets(thing: Any, secrets: Secrets) -> Any:
    """The same data with every string in it made anonymous."""
    if isinstance(thing, str):
        return anonymous(thing, secrets)
    if isinstance(thing, Mapping):
        return {key: without_secrets(value, secrets) for key, value in thing.items()}
    if isinstance(thing, tuple):
        parts = [without_secrets(part, secrets) for part in thing]
        return type(thing)(*parts) if hasattr(thing, "_fields") else tuple(parts)
    if isinstance(thing, frozenset):
        return frozenset(without_secrets(part, secrets) for part in thing)
    return thing


def as_json(thing: Any) -> Any:
    """The same data as JSON knows it: a named tuple is an object."""
    if isinstance(thing, Mapping):
        return {key: as_json(value) for key, value in thing.items()}
    if isinstance(thing, tuple) and hasattr(thing, "_fields"):
        return {name: as_json(value) for name, value in zip(thing._fields, thing, strict=True)}
    if isinstance(thing, frozenset):
        return sorted(thing)
    if isinstance(thing, Iterable) and not isinstance(thing, str):
        return [as_json(part) for part in thing]
    return thing
