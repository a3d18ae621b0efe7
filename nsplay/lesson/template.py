"""A lesson to write over, and a translation to write over. Texts only: where they go is authoring's."""

import os
from collections.abc import Iterator

from nsplay.lesson.document import FORMAT, Document, Fence, Section, Version, scan, split_check
from nsplay.lesson.rules import CARDS
from nsplay.lesson.text import read
from nsplay.lesson.translation import TOLD, opening

FOLDER = os.path.join(os.path.dirname(os.path.realpath(__file__)), "template")


def lesson() -> str:
    """A small lesson that works, and whose words say what each part of the file is for."""
    return read(os.path.join(FOLDER, "lesson.md"))


def translation() -> str:
    """The same in Japanese, tied to it."""
    path = os.path.join(FOLDER, "lesson.ja.md")
    return tied(read(path), scan(lesson(), "lesson.md"))


def tied(text: str, source: Document) -> str:
    """A translation whose headings have no `of=` yet, with the hashes of the source's sections."""
    lines = text.split("\n")
    for section in scan(text, "lesson.ja.md").sections:
        of = opening(source) if section.level == 1 else source.section(section.id)
        if of:
            lines[section.line - 1] = (
                f"{'#' * section.level} {section.title} {{#{section.id} of={of.source}}}"
            )
    return "\n".join(lines)


def untranslated(source: Document, title: str) -> str:
    """A translation of any lesson, still in the source's words, with everything that one has to hold: to write over."""
    front = f"+++\nformat = {FORMAT}\ntitle = {_toml(title)}\n+++"
    return "\n\n".join([front, *_sections(source)]) + "\n"


def _toml(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _sections(source: Document) -> Iterator[str]:
    first = opening(source)
    for section in source.sections:
        if section is first:
            yield f"# {section.title} {{#opening of={section.source}}}"
        elif section.level == 2:
            yield f"## {section.title} {{#{section.id} of={section.source}}}"
        else:
            continue
        if prose := "\n".join(line.text for line in section.prose).strip("\n"):
            yield prose
        yield from _blocks(section)


def _blocks(section: Section) -> Iterator[str]:
    """The blocks in the order of the source; the messages of guards and checks as one `say` for those of both cgroup
    versions and one for each alone, where the first of them stands.
    """
    checks: dict[Version | None, list[Fence]] = {}
    for fence in section.fences:
        if fence.kind in TOLD | CARDS:
            yield _block(fence.kind, fence.version, (line.text for line in fence.body))
        elif fence.kind in ("check", "guard"):
            if fence.version not in checks:
                checks[fence.version] = [
                    each
                    for each in section.fences
                    if each.kind in ("check", "guard") and each.version == fence.version
                ]
            messages = [split_check(line.text)[1] for each in checks[fence.version] for line in each.body]
            if fence is checks[fence.version][0] and any(messages):
                yield _block("say", fence.version, filter(None, messages))


def _block(kind: str, version: Version | None, lines: Iterator[str]) -> str:
    return "\n".join([f"```{kind} v{version}" if version else f"```{kind}", *lines, "```"])
