"""What is wrong in a lesson's text, said to its author: where, what, and what to write. Never raises on garbage."""

import os
import re
from collections.abc import Callable, Collection, Iterator

from nsplay.errors import LessonError
from nsplay.kernel.namespaces import KINDS
from nsplay.lesson.checks import facts_in, parse
from nsplay.lesson.document import CARD, VERSIONS, Document, Fence, Line, Section, Version, document, under
from nsplay.lesson.fill import bare
from nsplay.lesson.loader import blocks, load
from nsplay.lesson.outline import minutes, needs
from nsplay.lesson.rules import CARDS, Problem, Rules, broken, one_of, width
from nsplay.lesson.text import LineError, line_at
from nsplay.lesson.translation import Translation
from nsplay.lesson.typed import programs, version_of
from nsplay.needs import KNOWN_FEATURES

WIDEST_COMMAND = 96  # columns; a longer one doesn't fit two rows of 80
WIDEST_TITLE = 52  # columns; how far one is stands beside it
LONGEST = 60  # minutes
QUICKEST = 5  # steps a minute
FRONT = {"format", "title", "minutes", "needs", "views"}
NEEDS = {"tools", "namespaces", "controllers", "features", "cgroup", "root", "kernel"}
SOURCE = {"prose", "predict", "console", "check", "guard", "hint", "summary", "views"}


def lint(folder: str, *, known: Callable[[str], bool], views: Collection[str]) -> tuple[Problem, ...]:
    """All problems of a lesson and its translations. known: is there a fact of this name? views: names of views."""
    path = os.path.join(folder, "lesson.md")
    try:
        source = document(folder)
        assert source
    except LessonError as error:
        return (_broken(path, error),)
    problems = [*_Source(source, known, views).problems()] or _loads(folder, "en", path)
    for lang in languages(folder):
        path = os.path.join(folder, f"lesson.{lang}.md")
        try:
            told = document(folder, lang)
            assert told
        except LessonError as error:
            problems.append(_broken(path, error))
            continue
        problems += [*Translation(source, told, known).problems()]
    found = dict.fromkeys(problems)  # what is wrong for both cgroup versions is told once
    return tuple(sorted(found, key=lambda problem: (problem.file, problem.line, problem.column)))


def languages(folder: str) -> list[str]:
    """The translations of a lesson: `ja`."""
    try:
        found = (re.fullmatch(r"lesson\.([a-z]{2})\.md", name) for name in sorted(os.listdir(folder)))
        return [match[1] for match in found if match]
    except OSError:
        return []  # a folder that can be entered but not listed


def _broken(path: str, error: LessonError) -> Problem:
    return broken(path, error, line_at(path, error.line) if isinstance(error, LineError) else "")


def _loads(folder: str, lang: str, path: str) -> list[Problem]:
    """The loader has the last word: what it refuses is a problem even if no rule here names it."""
    try:
        for version in VERSIONS:
            load(folder, lang, variant=lambda _, version=version: version)  # type: ignore[misc]
    except LessonError as error:
        return [_broken(path, error)]
    return []


class _Source(Rules):
    """lesson.md."""

    def __init__(self, document: Document, known: Callable[[str], bool], views: Collection[str]) -> None:
        super().__init__(document, known)
        self.views = views

    def problems(self) -> Iterator[Problem]:
        yield from self.format()
        yield from self.front()
        yield from self.needs()
        yield from self.common(lambda name: CARDS if name == CARD else SOURCE)
        if not self.document.steps:
            yield self.at(1, "there is no step", "## Make one {#make}")
        for step in self.document.steps:
            yield from self.step(step)

    def front(self) -> Iterator[Problem]:
        front = self.document.front
        for key in sorted(front.keys() - FRONT):
            yield self.at(self.front_line(key), f"the front matter knows no {key}", one_of(FRONT))
        title = front.get("title")
        if not (title and isinstance(title, str)):
            yield self.at(
                self.front_line("title"), "the lesson has no title", 'title = "UTS: a name of its own"'
            )
        elif width(title) > WIDEST_TITLE:
            yield self.at(self.front_line("title"), f"a title has {WIDEST_TITLE} columns at most")
        yield from self.minutes()
        views = front.get("views", [])
        for view in views if isinstance(views, list) else [views]:
            if not isinstance(view, str) or view not in self.views:
                yield self.at(self.front_line("views"), f"there is no view {view}", one_of(self.views))

    def minutes(self) -> Iterator[Problem]:
        line, asked, steps = (
            self.front_line("minutes"),
            self.document.front.get("minutes"),
            self.document.steps,
        )
        if not (told := minutes(asked)):
            yield self.at(line, "how long does it take?", "minutes = 10")
        elif told > LONGEST:
            yield self.at(
                line, f"{told} minutes are too long for one lesson", f"{LONGEST} at most, or two lessons"
            )
        elif told * QUICKEST < len(steps):
            yield self.at(
                line, f"{len(steps)} steps in {told} min: nobody is that quick", f"minutes = {len(steps)}"
            )

    def needs(self) -> Iterator[Problem]:
        line = self.front_line("needs")
        table = self.document.front.get("needs", {})
        if not isinstance(table, dict):
            yield self.at(line, "needs is a table", 'needs = { tools = ["unshare"] }')
            return
        for key in sorted(table.keys() - NEEDS):
            yield self.at(line, f"needs knows no {key}", one_of(NEEDS))
        understood = needs(table)
        for key in sorted(table.keys() & NEEDS):
            if understood.get(key) != table[key]:
                yield self.at(
                    line, f"needs: {key} can't be understood", 'tools = ["ps"], cgroup = 2, root = true'
                )
        if wrong := sorted(set(understood.get("namespaces", ())) - set(KINDS)):
            yield self.at(line, f"there is no namespace {', '.join(wrong)}", one_of(KINDS))
        if wrong := sorted(set(understood.get("features", ())).difference(KNOWN_FEATURES)):
            yield self.at(line, f"there is no feature {', '.join(wrong)}", one_of(KNOWN_FEATURES))
        yield from self.tools(understood.get("tools", []))

    def tools(self, named: list[str]) -> Iterator[Problem]:
        """What the commands start, and `needs` doesn't name. Another accepted way (`also`) asks for nothing."""
        said = set(named)
        consoles = (
            f for s in self.document.steps for f in s.fences if f.kind == "console" and "also" not in f.words
        )
        for fence in consoles:
            for line in fence.body:
                found = programs(line.text.strip()[2:]) if line.text.strip()[:2] in ("# ", "$ ") else ()
                for tool in found:
                    if tool not in said:
                        said.add(tool)
                        listed = ", ".join(f'"{name}"' for name in [*named, tool])
                        yield self.at(line, f"needs doesn't name {tool}", f"tools = [{listed}]", tool)

    def versions(self, step: Section) -> Iterator[Problem]:
        """A learner on the other cgroup version has to have a command, too."""
        only = self.only(step)
        ways = [fence for fence in step.fences if fence.kind == "console" and "also" not in fence.words]
        general = [fence for fence in ways if not {"v1", "v2"} & set(fence.words)]
        for host in (False, True):  # each terminal for itself
            here = [fence for fence in ways if ("host" in fence.words) == host]
            have = {version for fence in here for version in (1, 2) if f"v{version}" in fence.words}
            lacks = {1, 2} - have - ({3 - only} if only else set())
            if have and lacks and not any(fence in general for fence in here):
                (other,) = lacks
                says = f"the step {step.id} has no command for cgroup version {other}"
                where = " host" if host else ""
                write = f"```console v{other}{where}, or {{#{step.id} v{3 - other}}}"
                yield self.at(step.line, says, write)
        for line in (line for fence in general for line in fence.body if not only):
            if version := version_of(line.text):
                says = f"this is a file of cgroup version {version} alone"
                yield self.at(line, says, f"```console v{version}, and ```console v{3 - version} beside it")

    def only(self, step: Section) -> Version | None:
        """The cgroup version that the step is for; None: for both."""
        return step.version or needs(self.document.front.get("needs", {})).get("cgroup")

    def step(self, step: Section) -> Iterator[Problem]:
        only = self.only(step)
        for version in (only,) if only else VERSIONS:
            yield from self.complete(under(step, version))
        yield from self.versions(step)
        for fence in step.fences:
            for line in fence.body:
                yield from self.inside(fence, line)

    def complete(self, step: Section) -> Iterator[Problem]:
        """Has a step all that a learner with one cgroup version needs?"""
        kinds = [fence.kind for fence in step.fences]
        lacks = {
            "check": "no check: nothing proves it",
            "console": "no command",
            "hint": "no hint",
            "summary": "no summary",
        }
        for kind, says in lacks.items():
            if kind not in kinds:
                yield self.at(step.line, f"the step {step.id} has {says}", f"```{kind}")
        for kind in ("predict", "summary", "views"):
            if kinds.count(kind) > 1:
                yield self.at(
                    step.line, f"the step {step.id} has {kinds.count(kind)} blocks ```{kind}", "one"
                )
        if not blocks(step.prose):
            yield self.at(step.line, f"the step {step.id} says nothing")

    def inside(self, fence: Fence, line: Line) -> Iterator[Problem]:
        if fence.kind in ("check", "guard") and line.text.strip():
            yield from self.check(line)
        if fence.kind == "views":
            for name in line.text.split():
                if name not in self.views:
                    yield self.at(line, f"there is no view {name}", one_of(self.views), name)
        if fence.kind == "console" and width(line.text) > WIDEST_COMMAND:
            yield self.at(line, "this command is too wide for two rows of 80 columns", "two, or `> ` lines")

    def check(self, line: Line) -> Iterator[Problem]:
        try:
            check = parse(line.text, line.number)
        except LineError as error:
            yield self.at(line, f"this is no check: {error.why}", error.do)
            return
        for name in facts_in(check):
            if not self.known(bare(name)):
                yield self.at(line, f"there is no fact {name}", "lessons/README.md lists them", part=name)
        if not check.message:
            yield self.at(line, "a learner is told nothing when it fails", f"{check.source} | what is wrong")
