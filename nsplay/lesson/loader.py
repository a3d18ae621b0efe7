"""Reads a lesson into the model, in one language. Commands and checks exist once; a translation brings words."""

import os
import re
from typing import Any, Literal

from nsplay.errors import LessonError
from nsplay.lesson.checks import parse
from nsplay.lesson.model import FORMAT, Block, Card, Check, Console, Lesson, Needs, Predict, Step
from nsplay.lesson.outline import CARD, Document, Fence, Line, Section, document

OPTION = re.compile(r"^\s*- \[([ xX])\] (.*)$")
ITEM = re.compile(r"^\s*(?:[-*]|\d+\.) +(.*)$")


def load(folder: str | os.PathLike[str], lang: str = "en") -> Lesson:
    """The lesson in `folder`; words in `lang` where they are translated, else in English. LessonError when it is broken."""
    path = os.fspath(folder)
    source = document(path)
    assert source
    told = document(path, lang) if lang != "en" else None
    version = source.front.get("format", FORMAT)
    if version != FORMAT:
        raise LessonError(f"{source.path} has format {version}", f"this nsplay reads format {FORMAT}")
    if not source.steps:
        raise LessonError(
            f"{source.path} has no step", "a step is a heading with an id", "## Make one {#make}"
        )
    views = words(source.front.get("views"))
    title = (told.front.get("title") if told else None) or source.front.get("title") or os.path.basename(path)
    minutes = source.front.get("minutes")
    opening = _opening(told) if told and _opening(told) else _opening(source)
    return Lesson(
        id=os.path.basename(os.path.normpath(path)),
        title=str(title),
        minutes=minutes if isinstance(minutes, int) else 0,
        lang=lang if told else "en",
        needs=needs(source.front.get("needs")),
        prose=opening,
        steps=tuple(_step(section, told, views) for section in source.steps),
        card=_card(source, told),
    )


def words(value: Any) -> tuple[str, ...]:
    """A list of the front matter as strings."""
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def needs(value: Any) -> Needs:
    """`needs` of the front matter. Lint tells what is off in it; here what can't be understood is no need."""
    table: dict[str, Any] = value if isinstance(value, dict) else {}
    cgroup = table.get("cgroup")
    return Needs(
        tools=words(table.get("tools")),
        namespaces=words(table.get("namespaces")),
        controllers=words(table.get("controllers")),
        cgroup=cgroup if cgroup in (1, 2) else None,
        root=table.get("root") is True,
        kernel=str(table.get("kernel", "")),
    )


def blocks(lines: tuple[Line, ...]) -> tuple[Block, ...]:
    """Prose as paragraphs, list items and literal (indented) blocks."""
    found: list[Block] = []
    kind: Literal["paragraph", "item", "code"] | None = None
    for line in lines:
        text = line.text.rstrip()
        if not text:
            kind = None
        elif item := ITEM.match(text):
            found.append(Block("item", item[1], line.number))
            kind = "item"
        elif text.startswith("    ") and kind in (None, "code"):
            same = kind == "code"
            body = text[4:]
            found[-1:] = (
                [Block("code", f"{found[-1].text}\n{body}", found[-1].line)]
                if same
                else [*found[-1:], Block("code", body, line.number)]
            )
            kind = "code"
        elif kind in ("paragraph", "item"):
            last = found[-1]
            glue = "" if _wide(last.text[-1]) and _wide(text.lstrip()[0]) else " "
            found[-1] = Block(last.kind, last.text + glue + text.strip(), last.line)
        else:
            found.append(Block("paragraph", text.strip(), line.number))
            kind = "paragraph"
    return tuple(found)


def _wide(character: str) -> bool:
    """Lines of Japanese are joined without a space."""
    return ord(character) > 0x2E80


def _opening(found: Document) -> tuple[Block, ...]:
    return tuple(block for section in found.sections if section.level < 2 for block in blocks(section.prose))


def _fences(section: Section | None, kind: str) -> list[Fence]:
    return [fence for fence in section.fences if fence.kind == kind] if section else []


def _words_of(section: Section, told: Section | None, kind: str) -> list[Fence]:
    """The translation's fences of this kind, when it has as many as the source."""
    own, other = _fences(section, kind), _fences(told, kind)
    return other if len(other) == len(own) else own


def _step(section: Section, translation: Document | None, views: tuple[str, ...]) -> Step:
    told = translation.section(section.id) if translation else None
    prose = blocks(told.prose) if told and blocks(told.prose) else blocks(section.prose)
    own_views = [
        word for fence in _fences(section, "views") for line in fence.body for word in line.text.split()
    ]
    predictions = _words_of(section, told, "predict")
    summaries = _words_of(section, told, "summary")
    return Step(
        id=section.id,
        title=told.title if told else section.title,
        prose=prose,
        predict=predict(predictions[0]) if predictions else None,
        consoles=tuple(console(fence) for fence in _fences(section, "console")),
        checks=_checks(section, told),
        hints=tuple(_flow(fence) for fence in _words_of(section, told, "hint")),
        summary=tuple(line.text.strip() for line in summaries[0].body if line.text.strip())
        if summaries
        else (),
        views=tuple(own_views) or views,
        digest=section.digest,
        line=section.line,
    )


def _flow(fence: Fence) -> str:
    return " ".join(block.text for block in blocks(fence.body))


def predict(fence: Fence) -> Predict:
    """A ```predict: the question, `- [ ]` options of which one is `[x]`, then why."""
    question: list[Line] = []
    because: list[Line] = []
    options: list[str] = []
    right = -1
    for line in fence.body:
        if option := OPTION.match(line.text):
            right = len(options) if option[1] in "xX" else right
            options.append(option[2].strip())
        else:
            (because if options else question).append(line)
    if right < 0 or len(options) < 2:
        raise LessonError(
            f"line {fence.line}: a predict needs options, one of them right", do="- [x] the right one"
        )
    ask, why = (" ".join(b.text for b in blocks(tuple(lines))) for lines in (question, because))
    return Predict(ask, tuple(options), right, why, fence.line)


def console(fence: Fence) -> Console:
    """A ```console [v1|v2] [host] [also]: `# ` or `$ ` begins a command, `> ` goes on with it."""
    commands: list[str] = []
    for line in fence.body:
        text = line.text.strip()
        if text.startswith(("# ", "$ ")):
            commands.append(text[2:].strip())
        elif text.startswith(">") and commands:
            commands[-1] += "\n" + text[1:].removeprefix(" ")
        elif text:
            raise LessonError(
                f"line {line.number}: a command begins with `# `: {text[:50]}", do=f"# {text[:50]}"
            )
    options = fence.words[1:]
    version: Literal[1, 2] | None = 1 if "v1" in options else 2 if "v2" in options else None
    return Console(
        tuple(commands), version, "host" if "host" in options else "here", "also" in options, fence.line
    )


def _checks(section: Section, told: Section | None) -> tuple[Check, ...]:
    found = [
        parse(line.text, line.number, guard=kind == "guard")
        for kind in ("guard", "check")
        for fence in _fences(section, kind)
        for line in fence.body
        if line.text.strip()
    ]
    found.sort(key=lambda check: check.line)
    said = [line.text.strip() for fence in _fences(told, "say") for line in fence.body if line.text.strip()]
    spoken = [check for check in found if check.message]
    if len(said) != len(spoken):
        return tuple(found)
    words_for = dict(zip((check.line for check in spoken), said, strict=True))
    return tuple(
        Check(c.left, c.op, c.right, words_for.get(c.line, c.message), c.line, c.source, c.guard)
        for c in found
    )


def _card(source: Document, translation: Document | None) -> Card:
    section = source.section(CARD)
    if section is None:
        return Card()
    told = translation.section(CARD) if translation else None

    def lines(kind: str) -> list[str]:
        return [
            line.text.strip()
            for fence in _words_of(section, told, kind)
            for line in fence.body
            if line.text.strip()
        ]

    pairs = [tuple(part.strip() for part in line.rsplit(" | ", 1)) for line in lines("commands")]
    commands = tuple((pair[0], pair[1] if len(pair) > 1 else "") for pair in pairs)
    prose = blocks(told.prose) if told and blocks(told.prose) else blocks(section.prose)
    return Card(prose, commands, tuple(lines("gotchas")), tuple(lines("see")))
