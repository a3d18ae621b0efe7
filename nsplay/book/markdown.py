"""The book as Markdown that reads on a forge: a file a chapter, pictures as blocks of text."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from nsplay.book.model import Book, Chapter, Page, Shown
from nsplay.book.words import LETTERS, parts, pictures, pieces
from nsplay.lesson.model import Block, Card, Move, Predict
from nsplay.view.text import code

MARKS: Final = re.compile(r"([\\`*_<>\[\]|#~&])")  # what Markdown takes for markup anywhere in a line
FIRST: Final = re.compile(r"^(\d*)([-+.)])(?=\s)")  # and what at its begin


def folder(book: Book) -> dict[str, str]:
    """Name of a file -> its text: README.md with the contents, and a file a chapter."""
    files = {"README.md": _joined(_cover(book))}
    for number, it in enumerate(book.chapters):
        files[f"{it.id}.md"] = _joined([*_chapter(book, it, number + 1), _around(book, number)])
    return files


def _joined(blocks: Sequence[str]) -> str:
    return "\n\n".join(filter(None, blocks)) + "\n"


def _cover(book: Book) -> list[str]:
    say = book.say
    found = [
        "# nsplay",
        say(
            "Linux namespaces and control groups, by doing them.",
            "手を動かして学ぶ Linux の名前空間とコントロールグループ。",
        ),
        say(
            f"Every picture was taken on {book.made}, on a {book.machine}.",
            f"画面はすべて {book.made} に {book.machine} で実際に動かして撮ったものです。",
        ),
    ]
    for title, chapters in parts(book):
        found.append(f"## {prose(title)}" if title else "")
        found.append("\n".join(_contents_row(book, number, it) for number, it in chapters))
    return found


def _contents_row(book: Book, number: int, it: Chapter) -> str:
    minutes = book.say(f"{it.minutes} min", f"{it.minutes} 分")
    why = book.say("; without pictures: ", "、画面なし: ") + prose(it.why_not) if it.why_not else ""
    return f"{number}. [{prose(it.title)}]({it.id}.md) ({minutes}{why})"


def _around(book: Book, number: int) -> str:
    before, behind = book.chapters[:number][-1:], book.chapters[number + 1 :][:1]
    links = [*(f"[< {prose(it.title)}]({it.id}.md)" for it in before)]
    links.append(f"[{book.say('Contents', '目次')}](README.md)")
    links += (f"[{prose(it.title)} >]({it.id}.md)" for it in behind)
    return "---\n\n" + " | ".join(links)


def _chapter(book: Book, it: Chapter, number: int) -> list[str]:
    blocks = [f"# {number} {prose(it.title)}", *_blocks(it.prose)]
    if it.why_not:
        says = book.say(
            "This lesson can't run on the machine that the book was made on, so it has no pictures: ",
            "この本を作ったマシンではこのレッスンを動かせないので、画面がありません: ",
        )
        mend = f" (`{it.mend}`)" if it.mend else ""
        blocks.append(f"> {says}{prose(it.why_not)}{mend}")
    for at, page in enumerate(it.pages, 1):
        blocks += _page(book, page, at)
    return [*blocks, *_card(book, it.card)]


def _page(book: Book, page: Page, number: int) -> Iterator[str]:
    yield f"## {number}. {prose(page.title)}"
    yield from _blocks(page.prose)
    if page.guess:
        yield from _guess(book, page.guess)
    if page.hints:
        hints = "\n".join(f"{at}. {prose(hint)}" for at, hint in enumerate(page.hints, 1))
        yield _folded(book.say("Hints", "ヒント"), hints)
    for group in pictures(page.shown):
        yield from _picture(group)
    left = page.moves[len(page.shown) :]
    if left:
        yield block("\n".join(_typed(move) for move in left), "console")
    if page.problem:
        yield f"> {book.say('This step stopped here: ', 'このステップはここで止まりました: ')}{prose(page.problem)}"
    yield "\n".join(f"> {prose(text)}  " for text in page.summary)


def _guess(book: Book, it: Predict) -> Iterator[str]:
    yield f"**{book.say('Predict', '予想')}**: {prose(it.question)}"
    yield "\n".join(
        f"- {letter}: {prose(option)}" for letter, option in zip(LETTERS, it.options, strict=False)
    )
    right = f"**{LETTERS[it.right]}: {prose(it.options[it.right])}** {prose(it.because)}".rstrip()
    yield _folded(book.say("Answer", "答え"), right)


def _folded(label: str, body: str) -> str:
    """What forges fold; elsewhere it is read as it stands."""
    return f"<details><summary>{label}</summary>\n\n{body}\n\n</details>"


def _picture(group: Sequence[Shown]) -> Iterator[str]:
    yield block("\n".join("\n".join([_typed(one.move), *one.output]) for one in group), "console")
    if screen := group[-1].screen:
        yield block("\n".join(line.plain.rstrip() for line in screen), "text")


def _typed(move: Move) -> str:
    return "\n".join(prompt + line for prompt, line in move.prompted())


def _card(book: Book, card: Card) -> list[str]:
    if card == Card():
        return []
    rows = [f"| {_cell_code(command)} | {prose(does)} |" for command, does in card.commands]
    head = [f"| {book.say('command', 'コマンド')} | {book.say('what it does', 'すること')} |", "|---|---|"]
    return [
        f"## {book.say('Card', 'カード')}",
        *_blocks(card.prose),
        "\n".join([*head, *rows]) if rows else "",
        "\n".join(f"- {prose(words)}" for words in card.gotchas),
        f"man: {', '.join(card.see)}" if card.see else "",
    ]


def _cell_code(command: str) -> str:
    return f"`{command}`".replace("|", "\\|")


def _blocks(blocks: Sequence[Block]) -> list[str]:
    found: list[str] = []
    last = ""
    for one in blocks:
        text = {"item": f"- {prose(one.text)}", "code": block(one.text, "text")}.get(
            one.kind, prose(one.text)
        )
        if one.kind == last == "item":
            found[-1] += f"\n{text}"
        else:
            found.append(text)
        last = one.kind
    return found


def block(text: str, kind: str) -> str:
    """A fenced block, whatever is in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{kind}\n{text}\n{fence}"


def prose(words: str) -> str:
    """Words with their `code`, in one line; nothing else in them is markup."""
    told = (
        f"`{piece}`" if "cmd" in styles else MARKS.sub(r"\\\1", piece)
        for piece, styles in pieces(code(words))
    )
    return FIRST.sub(r"\1\\\2", "".join(told))
