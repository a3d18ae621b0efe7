"""Reads a lesson into the model, in one language. Commands and checks exist once; a translation brings words."""

import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal

from nsplay.errors import LessonError
from nsplay.lesson import outline
from nsplay.lesson.checks import facts_of, parse
from nsplay.lesson.document import CARD, Document, Fence, Line, Section, Variant, Version, document
from nsplay.lesson.model import Block, BlockKind, Card, Check, Console, Lesson, Needs, Predict, Step
from nsplay.lesson.outline import here
from nsplay.lesson.text import LineError

ID = re.compile(r"[a-z][a-z0-9-]*")
OPTION = re.compile(r"\s*- \[([ xX])\] (.*)")
ITEM = re.compile(r"\s*(?:[-*]|\d+\.) +(.*)")


def load(
    folder: str | os.PathLike[str],
    lang: str = "en",
    *,
    variant: Variant | None = None,
    known: Callable[[str], bool] | None = None,
    views: Collection[str] | None = None,
) -> Lesson:
    """The lesson in `folder`; words in `lang` where they are translated, else in English. LessonError when it is broken.

    variant (kernel.cgroups.variant): without what is for the other cgroup version; not given, all of it.
    known (is there a fact of this name?) and views (names of views): given, a lesson that names another one is refused.
    """
    path = os.fspath(folder)
    whole = document(path)
    assert whole
    told = document(path, lang) if lang != "en" else None
    try:
        source, version = here(whole, variant)
        lesson = _lesson(source, told.under(version) if told and version else told, lang, version)
        for step in lesson.steps:
            _refuse_unknown(step, known, views)
    except LineError as error:
        raise error.within(source.path) from None
    return lesson


def _refuse_unknown(step: Step, known: Callable[[str], bool] | None, views: Collection[str] | None) -> None:
    for name in sorted(facts_of(step)):
        if known and not known(name):
            raise LineError(step.line, f"there is no fact {name}", do="nsplay lesson lint")
    for name in step.views:
        if views is not None and name not in views:
            raise LineError(step.line, f"there is no view {name}", do="nsplay lesson lint")


def _lesson(source: Document, told: Document | None, lang: str, version: Version | None) -> Lesson:
    front = source.front
    if not source.steps:
        raise LineError(1, "there is no step", "a step is a heading with an id", "## Make one {#make}")
    for wrong in (*wrong_ids(source), *homeless(source)):
        raise wrong
    views = words(front.get("views"))
    return Lesson(
        id=outline.name_of(source.path),
        title=outline.title(source, told),
        minutes=outline.minutes(front.get("minutes")),
        lang=lang if told else "en",
        version=version,
        needs=needs(front.get("needs")),
        prose=(_opening(told) if told else ()) or _opening(source),
        steps=tuple(_step(section, told, views) for section in source.steps),
        card=_card(source, told),
    )


def wrong_ids(source: Document) -> Iterator[LineError]:
    """Sections without an id that progress and translations could go by."""
    seen: dict[str, int] = {}
    for section in source.sections:
        if section.level == 2 and not ID.fullmatch(section.id):
            how = f"## {section.title} {{#make}}"
            yield LineError(section.line, "a step needs an id", "small letters, digits and -", how)
        elif section.id in seen:
            says = f"the id {section.id} is at line {seen[section.id]}, too"
            yield LineError(section.line, says, do="an id of its own")
        elif section.id:
            seen[section.id] = section.line


def homeless(source: Document) -> Iterator[LineError]:
    """Blocks above the first step: a check there would be one that nobody ever makes."""
    for section in source.sections:
        for fence in section.fences if section.level < 2 else ():
            says = f"this block ```{fence.kind} stands above the first step"
            yield LineError(fence.line, says, "it belongs to none", "below a step's heading")


def words(value: Any) -> tuple[str, ...]:
    """A list of the front matter as strings."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def needs(value: Any) -> Needs:
    """`needs` of the front matter. Lint tells what is off in it; here what can't be understood is no need."""
    table = outline.needs(value)
    return Needs(
        tools=words(table.get("tools")),
        namespaces=words(table.get("namespaces")),
        controllers=words(table.get("controllers")),
        features=words(table.get("features")),
        cgroup=table.get("cgroup"),
        root=table.get("root", False),
        kernel=table.get("kernel", ""),
    )


def blocks(lines: Iterable[Line]) -> tuple[Block, ...]:
    """Prose as paragraphs, list items and literal (indented) blocks."""
    found: list[tuple[BlockKind, int, list[str]]] = []
    kind: BlockKind | None = None  # of the block that the next line may go on with
    for number, line in lines:
        text = line.rstrip()
        if not text:
            kind = None
        elif item := ITEM.fullmatch(text):
            kind = "item"
            found.append((kind, number, [item[1]]))
        elif kind in ("paragraph", "item"):
            found[-1][2].append(text.strip())
        elif text.startswith("    "):
            if kind != "code":
                found.append(("code", number, []))
            kind = "code"
            found[-1][2].append(text[4:])
        else:
            kind = "paragraph"
            found.append((kind, number, [text.strip()]))
    return tuple(
        Block(kind, "\n".join(texts) if kind == "code" else _joined(texts), number)
        for kind, number, texts in found
    )


def _joined(texts: list[str]) -> str:
    """Lines as one; lines of Japanese are joined without a space."""
    glue = ["" if _wide(one[-1:]) and _wide(other[:1]) else " " for one, other in pairwise(texts)]
    return "".join(part for pair in zip(texts, [*glue, ""], strict=True) for part in pair)


def _wide(character: str) -> bool:
    return character > "\u2e80"


def _opening(found: Document) -> tuple[Block, ...]:
    return tuple(block for section in found.sections if section.level < 2 for block in blocks(section.prose))


def _fences(section: Section | None, kind: str) -> list[Fence]:
    return [fence for fence in section.fences if fence.kind == kind] if section else []


def _words_of(section: Section, told: Section | None, kind: str) -> list[Fence]:
    """The translation's fences of this kind, when it has as many as the source."""
    own, other = _fences(section, kind), _fences(told, kind)
    return other if len(other) == len(own) else own


def _texts(fences: Iterable[Fence]) -> list[str]:
    return [line.text.strip() for fence in fences for line in fence.body if line.text.strip()]


def _step(section: Section, translation: Document | None, views: tuple[str, ...]) -> Step:
    told = translation.section(section.id) if translation else None
    own_views = " ".join(_texts(_fences(section, "views"))).split()
    return Step(
        id=section.id,
        title=told.title if told else section.title,
        prose=(blocks(told.prose) if told else ()) or blocks(section.prose),
        predict=_prediction(section, told),
        consoles=tuple(console(fence) for fence in _fences(section, "console")),
        checks=_checks(section, told),
        hints=tuple(_flow(fence.body) for fence in _words_of(section, told, "hint")),
        summary=tuple(_texts(_words_of(section, told, "summary")[:1])),
        views=tuple(own_views) or views,
        digest=section.digest,
        line=section.line,
    )


def _flow(lines: Iterable[Line]) -> str:
    return " ".join(block.text for block in blocks(lines))


def _prediction(section: Section, told: Section | None) -> Predict | None:
    """The question; the translation's when it has the same answer."""
    asked = [predict(fence) for fence in _fences(section, "predict")]
    if not asked:
        return None
    try:
        other = [predict(fence) for fence in _fences(told, "predict")]
    except LessonError:
        other = []  # lint tells the translator
    same = other and (len(other[0].options), other[0].right) == (len(asked[0].options), asked[0].right)
    return other[0] if same else asked[0]


def predict(fence: Fence) -> Predict:
    """A ```predict: the question, `- [ ]` options of which one is `[x]`, then why. LineError for anything else."""
    question: list[Line] = []
    because: list[Line] = []
    options: list[str] = []
    rights: list[int] = []
    for line in fence.body:
        if option := OPTION.fullmatch(line.text):
            if option[1] != " ":
                rights.append(len(options))
            options.append(option[2].strip())
        else:
            (because if options else question).append(line)
    if not rights or len(options) < 2:
        says = "a predict needs options, one of them right"
        raise LineError(fence.line, says, do="- [x] the right one")
    if len(rights) > 1:
        raise LineError(fence.line, f"{len(rights)} options are right", do="exactly one - [x]")
    return Predict(_flow(question), tuple(options), rights[0], _flow(because), fence.line)


def console(fence: Fence) -> Console:
    """A ```console [v1|v2] [host] [also]: `# ` or `$ ` begins a command, `> ` goes on with it. LineError for anything else."""
    commands: list[list[str]] = []
    for line in fence.body:
        text = line.text.strip()
        if text.startswith(("# ", "$ ")):
            commands.append([text[2:].strip()])
        elif text.startswith(">") and commands:
            commands[-1].append(text[1:].removeprefix(" "))
        elif text:
            raise LineError(line.number, f"a command begins with `# `: {text[:50]}", do=f"# {text[:50]}")
    where: Literal["here", "host"] = "host" if "host" in fence.words else "here"
    return Console(tuple(map("\n".join, commands)), fence.version, where, "also" in fence.words, fence.line)


def _checks(section: Section, told: Section | None) -> tuple[Check, ...]:
    """In the order in which they stand, with the translation's messages when it has as many: those for both cgroup
    versions and those for one are counted apart.
    """
    found = [
        (fence.version, parse(line.text, line.number, guard=fence.kind == "guard"))
        for fence in section.fences
        if fence.kind in ("check", "guard")
        for line in fence.body
        if line.text.strip()
    ]
    said = {fence.version: list[str]() for fence in section.fences}
    for fence in _fences(told, "say"):
        said.setdefault(fence.version, []).extend(_texts([fence]))
    asked = Counter(version for version, check in found if check.message)
    messages = {version: iter(texts) for version, texts in said.items() if len(texts) == asked[version]}
    return tuple(
        replace(check, message=next(messages[version])) if check.message and version in messages else check
        for version, check in found
    )


def _card(source: Document, translation: Document | None) -> Card:
    section = source.section(CARD)
    if section is None:
        return Card()
    told = translation.section(CARD) if translation else None
    commands = (line.rpartition(" | ") for line in _texts(_words_of(section, told, "commands")))
    return Card(
        prose=(blocks(told.prose) if told else ()) or blocks(section.prose),
        commands=tuple((cmd.strip(), what.strip()) if cmd else (what, "") for cmd, _, what in commands),
        gotchas=tuple(_texts(_words_of(section, told, "gotchas"))),
        see=tuple(_texts(_words_of(section, told, "see"))),
    )
