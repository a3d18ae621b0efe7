"""The book as pages for a browser: no script, nothing fetched. One file a chapter, or all of it as one that is printed."""

import html
from collections.abc import Sequence
from itertools import groupby

from rich.cells import cell_len
from rich.text import Text

from nsplay.book.model import Book, Chapter, Page, Shown
from nsplay.book.style import STYLE
from nsplay.book.words import LETTERS, parts, pictures, pieces
from nsplay.kernel.namespaces import KINDS
from nsplay.lesson.model import Block, Card, Move, Predict
from nsplay.view.html import page as document
from nsplay.view.text import code


def folder(book: Book) -> dict[str, str]:
    """Name of a file -> its text: index.html and a page a chapter."""
    pages = {"index.html": _document(book, "nsplay", cover(book, "{}.html"))}
    for number, it in enumerate(book.chapters):
        around = _around(book, number)
        body = f'<article lang="{it.lang}">{around}{chapter(book, it, number + 1)}{around}</article>'
        pages[f"{it.id}.html"] = _document(book, it.title, body)
    return pages


def whole(book: Book, paper: str) -> str:
    """The book as one page, with all that can be folded open. paper: what CSS calls its size."""
    chapters = (
        f'<article lang="{it.lang}">{chapter(book, it, number, unfolded=True)}</article>'
        for number, it in enumerate(book.chapters, 1)
    )
    return _document(book, "nsplay", cover(book, "#{}") + "".join(chapters), f"@page {{ size: {paper}; }}\n")


def _document(book: Book, title: str, body: str, style: str = "") -> str:
    return document(title, body, style=STYLE + style, lang=book.lang)


def cover(book: Book, link: str) -> str:
    """Title and contents. link: where a chapter is, with {} for its id."""
    say = book.say
    about = say(
        "Linux namespaces and control groups, by doing them",
        "手を動かして学ぶ Linux の名前空間とコントロールグループ",
    )
    made = say(
        f"Every picture was taken on {book.made}, on a {book.machine}: what its kernel answered, nothing else.",
        f"画面はすべて {book.made} に {book.machine} で実際に動かして撮ったもので、どれもカーネルの返事そのままです。",
    )
    rows = []
    for title, chapters in parts(book):
        heading = f"<h3>{_escaped(title)}</h3>" if title else ""
        its = "".join(_contents_row(book, number, it, link) for number, it in chapters)
        rows.append(f'{heading}<ul class="contents">{its}</ul>')
    return f"""<header class="cover"><h1>nsplay</h1>
<p class="about">{about}</p>
<pre>{"  ".join(f"[{kind}]" for kind in KINDS)}</pre>
<p class="faint">{_escaped(made)}</p></header>
<section class="contents-page"><h2 id="contents">{say("Contents", "目次")}</h2>
{"".join(rows)}</section>
"""


def _contents_row(book: Book, number: int, it: Chapter, link: str) -> str:
    minutes = book.say(f"{it.minutes} min", f"{it.minutes} 分")
    why = f'<span class="why faint">{_unplayed(book)}: {_escaped(it.why_not)}</span>' if it.why_not else ""
    return (
        f'<li><span class="number">{number}</span><a href="{link.format(it.id)}">{_prose(it.title)}</a>'
        f'<span class="faint">{minutes}</span>{why}</li>'
    )


def _unplayed(book: Book) -> str:
    return book.say("without pictures", "画面なし")


def _around(book: Book, number: int) -> str:
    """Links to the chapter before, the contents, and the chapter behind. number: from 0."""
    found = []
    for at, words in ((number - 1, "&larr; {}"), (-1, ""), (number + 1, "{} &rarr;")):
        if not words:
            found.append(f'<a href="index.html#contents">{book.say("Contents", "目次")}</a>')
        elif 0 <= at < len(book.chapters):
            it = book.chapters[at]
            found.append(f'<a href="{it.id}.html">{words.format(_escaped(it.title))}</a>')
        else:
            found.append("<span></span>")
    return f"<nav>{''.join(found)}</nav>"


def chapter(book: Book, it: Chapter, number: int, *, unfolded: bool = False) -> str:
    """A lesson. number: from 1. unfolded: hints and answers stand open."""
    steps = "".join(_page(book, it, page, at, unfolded) for at, page in enumerate(it.pages, 1))
    return (
        f'<h1 id="{it.id}"><span class="number">{number}</span>{_prose(it.title)}</h1>'
        f"{_blocks(it.prose)}{_lacks(book, it)}{steps}{_card(book, it)}"
    )


def _lacks(book: Book, it: Chapter) -> str:
    if not it.why_not:
        return ""
    say = book.say
    words = say(
        "This lesson can't run on the machine that the book was made on, so it has no pictures. What stands in "
        "{{two braces}} is read from the machine when it is played.",
        "この本を作ったマシンではこのレッスンを動かせないので、画面がありません。"
        "{{二重の波括弧}} の中は、動かしたときにマシンから読む値です。",
    )
    mend = f"<p>{say('What mends it', '対処')}: <code>{_escaped(it.mend)}</code></p>" if it.mend else ""
    why = f"<p>{say('Why', '理由')}: {_escaped(it.why_not)}</p>"
    return f'<aside class="lacks"><p>{words}</p>{why}{mend}</aside>'


def _page(book: Book, it: Chapter, page: Page, number: int, unfolded: bool) -> str:
    pieces = [
        f'<h2 id="{it.id}-{page.id}"><span class="number">{number}</span>{_prose(page.title)}</h2>',
        _blocks(page.prose),
        _guess(book, page.guess, unfolded) if page.guess else "",
        _hints(book, page.hints, unfolded),
        *map(_figure, pictures(page.shown)),
        _missed(book, page),
        _worth(page.summary),
    ]
    return f"<section>{''.join(pieces)}</section>"


def _missed(book: Book, page: Page) -> str:
    """The commands of a step that wasn't played, or not to its end."""
    left = page.moves[len(page.shown) :]
    typed = f'<figure><pre class="typed">{_typed(left)}</pre></figure>' if left else ""
    if not page.problem:
        return typed
    says = book.say("This step stopped here: ", "このステップはここで止まりました: ")
    return f'{typed}<aside class="lacks"><p>{says}{_escaped(page.problem)}</p></aside>'


def _guess(book: Book, it: Predict, unfolded: bool) -> str:
    options = "".join(f"<li>{_prose(option)}</li>" for option in it.options)
    label, answer = book.say("Predict", "予想"), book.say("Answer", "答え")
    right = f"<p><b>{LETTERS[it.right]}: {_prose(it.options[it.right])}</b> {_prose(it.because)}</p>"
    return (
        f'<aside class="guess"><div class="label">{label}</div><p>{_prose(it.question)}</p><ol>{options}</ol>'
        f"{_folded(answer, right, unfolded)}</aside>"
    )


def _hints(book: Book, hints: Sequence[str], unfolded: bool) -> str:
    items = "".join(f"<li>{_prose(hint)}</li>" for hint in hints)
    return _folded(book.say("Hints", "ヒント"), f"<ol>{items}</ol>", unfolded) if hints else ""


def _folded(label: str, body: str, unfolded: bool) -> str:
    return f"<details{' open' if unfolded else ''}><summary>{label}</summary>{body}</details>"


def _worth(summary: Sequence[str]) -> str:
    words = "".join(f"<p>{_prose(text)}</p>" for text in summary)
    return f'<aside class="worth">{words}</aside>' if words else ""


def _figure(group: Sequence[Shown]) -> str:
    session = "\n".join("\n".join([_typed([one.move]), *map(_cells, one.output)]) for one in group)
    screen = group[-1].screen
    seen = f"<pre>{chr(10).join(map(line, screen))}</pre>" if screen else ""
    return f'<figure><pre class="typed">{session}</pre>{seen}</figure>'


def _typed(moves: Sequence[Move]) -> str:
    """Commands at their prompts."""
    return "\n".join(
        f'<span class="prompt">{_escaped(prompt)}</span><span class="cmd">{_cells(text)}</span>'
        for move in moves
        for prompt, text in move.prompted()
    )


def _card(book: Book, it: Chapter) -> str:
    card = it.card
    if card == Card():
        return ""
    commands = "".join(
        f"<dt><code>{_escaped(command)}</code></dt><dd>{_prose(does)}</dd>" for command, does in card.commands
    )
    gotchas = "".join(f"<li>{_prose(words)}</li>" for words in card.gotchas)
    see = ", ".join(map(_escaped, card.see))
    return (
        f'<section class="card"><h2>{book.say("Card", "カード")}</h2>{_blocks(card.prose)}'
        + (f"<dl>{commands}</dl>" if commands else "")
        + (f'<ul class="gotchas">{gotchas}</ul>' if gotchas else "")
        + (f'<p class="faint">man {see}</p>' if see else "")
        + "</section>"
    )


def _blocks(blocks: Sequence[Block]) -> str:
    """Prose; items of a list stand together."""
    found = []
    for kind, group in groupby(blocks, key=lambda block: block.kind):
        match kind:
            case "item":
                found.append(f"<ul>{''.join(f'<li>{_prose(one.text)}</li>' for one in group)}</ul>")
            case "code":
                found += [f'<pre class="code">{_escaped(one.text)}</pre>' for one in group]
            case "paragraph":
                found += [f"<p>{_prose(one.text)}</p>" for one in group]
    return "".join(found)


def _prose(words: str) -> str:
    """Words with their `code`."""
    return "".join(
        f"<code>{_escaped(piece)}</code>" if "cmd" in styles else _escaped(piece)
        for piece, styles in pieces(code(words))
    )


def line(text: Text) -> str:
    """A line of a screen, for a <pre>."""
    return "".join(
        f'<span class="{" ".join(sorted(styles))}">{_cells(piece)}</span>' if styles else _cells(piece)
        for piece, styles in pieces(text)
    )


def _cells(words: str) -> str:
    """Characters on a grid: those of two columns are spread to two, whatever font they come from."""
    return "".join(
        f'<span class="wide">{_escaped("".join(run))}</span>' if wide else _escaped("".join(run))
        for wide, run in groupby(words, key=lambda char: cell_len(char) == 2)
    )


def _escaped(words: str) -> str:
    return html.escape(words)
