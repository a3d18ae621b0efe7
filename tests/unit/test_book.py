"""The course as a book: its words in every form, and where it may lie."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.text import Text

from nsplay.arguments import KINDS
from nsplay.book import html, markdown, pdf, shelf
from nsplay.book.model import Book, Chapter, Page, Shown
from nsplay.book.words import pieces
from nsplay.cli import main
from nsplay.errors import MachineError, NsplayError, UsageError
from nsplay.lesson.model import Block, Card, Move, Predict

HOSTILE = "<b>&amp; `x < y` *z* _w_ [l](u) | # \\ "
GUESS = Predict("Which?", ("this", "`that`"), 1, "So it is.", 1)
SCREEN = (Text.assemble(("what changed", "head")), Text.assemble(" 名前  ", ("vm", "inside"), (" ✓", "ok")))
STEP = Page(
    "make",
    "Make one",
    (Block("paragraph", HOSTILE, 1), Block("item", "one", 2), Block("item", "two", 3)),
    GUESS,
    (Move("echo '```'\nmore", 1), Move("ls", 2)),
    ("a hint",),
    ("worth it",),
    (Shown(Move("echo '```'\nmore", 1), ("<out>",), SCREEN), Shown(Move("ls", 2), ())),
)
LEFT = Page("left", "Left out", (), None, (Move("never"),), (), (), (), "it never came")
CARD = Card((Block("paragraph", "Kept.", 1),), (("a | b", "pipes"),), ("mind it",), ("ls(1)",))
CHAPTERS = (
    Chapter("one", "First <1>", 5, "en", "part A", (), (STEP, LEFT), CARD),
    Chapter("two", "Second", 3, "ja", "part A", (), (LEFT,), Card(), "missing: x", "apt-get install x"),
    Chapter("three", "Third", 3, "en", "part B", (), (), Card()),
)
BOOK = Book("en", "2026-01-02", "Linux 6.1", CHAPTERS)


class Tags(HTMLParser):
    """What a page is made of: tags that are open, ids, links, and the words outside of tags."""

    VOID = ("meta", "link", "br", "hr", "img", "input")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.open += [tag] * (tag not in self.VOID)
        for name, value in attrs:
            assert not name.startswith("on") and name not in ("src", "style")
            self.ids += [value or ""] * (name == "id")
            self.links += [value or ""] * (name == "href")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def test_pieces_are_runs_of_one_look() -> None:
    text = Text.assemble("a", ("bc", "cmd"), "d", style="head")
    text.stylize("rule", 2, 4)
    text.stylize("no such style", 0, 4)
    assert [(words, sorted(styles)) for words, styles in pieces(text)] == [
        ("a", ["head"]),
        ("b", ["cmd", "head"]),
        ("c", ["cmd", "head", "rule"]),
        ("d", ["head", "rule"]),
    ]
    assert list(pieces(Text())) == []


def test_pages_are_whole_without_scripts_and_link_to_each_other() -> None:
    files = html.folder(BOOK)
    assert set(files) == {"index.html", "one.html", "two.html", "three.html"}
    for name, page in files.items():
        tags = Tags(page)
        assert not tags.open and "script" not in tags.names, name
        assert len(set(tags.ids)) == len(tags.ids)
        for link in tags.links:
            file, _, anchor = link.partition("#")
            assert file in files
            assert not anchor or anchor in Tags(files[file]).ids
    assert Tags(files["index.html"]).words.count("part A") == 1
    assert [link.split("#")[0] for link in Tags(files["two.html"]).links][:3] == [
        "one.html",
        "index.html",
        "three.html",
    ]
    assert 'lang="ja"' in files["two.html"]


def test_the_whole_is_one_page_with_everything_unfolded() -> None:
    tags = Tags(page := html.whole(BOOK, "A4"))
    assert {link.removeprefix("#") for link in tags.links} <= set(tags.ids)
    assert "size: A4" in page and "<details>" not in page and page.count("<details open>") == 2


def test_words_stay_words_and_pictures_stay_on_their_grid() -> None:
    page = html.folder(BOOK)["one.html"]
    assert HOSTILE.replace("`", "").strip() in Tags(page).words.replace("  ", " ")
    assert '<span class="wide">名前</span>  <span class="inside">vm</span>' in page
    assert '<span class="ok"> ✓</span>' in page
    assert '<span class="prompt">(2) # </span><span class="cmd">ls</span>' in page
    words = Tags(page).words
    for told in (
        "Predict",
        "b: that",
        "So it is.",
        "a hint",
        "&lt;out&gt;",
        "worth it",
        "mind it",
        "never came",
    ):
        assert told.replace("&lt;", "<").replace("&gt;", ">") in words


def test_a_lesson_that_cannot_run_says_why_and_still_has_its_commands() -> None:
    words = Tags(html.folder(BOOK)["two.html"]).words
    assert "missing: x" in words and "apt-get install x" in words and "# never" in words
    text = markdown.folder(BOOK)["two.md"]
    assert "missing: x" in text and "`apt-get install x`" in text and "# never" in text
    assert (
        "missing: x" in html.folder(BOOK)["index.html"] and "missing: x" in markdown.folder(BOOK)["README.md"]
    )


def test_markdown_takes_no_word_for_markup() -> None:
    assert markdown.prose(HOSTILE) == r"\<b\>\&amp; `x < y` \*z\* \_w\_ \[l\](u) \| \# \\"
    assert markdown.prose("1. no list") == r"1\. no list"
    assert markdown.prose("- no item") == r"\- no item"
    assert markdown.prose("one ` alone") == r"one \` alone"
    assert markdown.block("a ``` b", "text") == "````text\na ``` b\n````"
    assert markdown.prose("二行\nの文") == "二行の文"


def test_markdown_has_all_of_it() -> None:
    files = markdown.folder(BOOK)
    assert set(files) == {"README.md", "one.md", "two.md", "three.md"}
    links = {link for text in files.values() for link in re.findall(r"\]\(([^)]*\.md)\)", text)}
    assert links <= set(files)
    text = files["one.md"]
    assert "````console\n# echo '```'\n> more\n<out>\n````" in text
    assert "```text\nwhat changed\n 名前  vm ✓\n```" in text
    assert "```console\n(2) # ls\n```" in text
    assert r"| `a \| b` | pipes |" in text
    assert "- one\n- two" in text and "**b: `that`** So it is." in text and "1. a hint" in text


# ---- where it lies


FILES = {"index.html": "one", "uts.html": "two 名"}


def names(folder: Path) -> set[str]:
    return {str(one.relative_to(folder)) for one in folder.rglob("*")}


def test_a_book_is_replaced_by_the_next_as_a_whole(tmp_path: Path) -> None:
    book = tmp_path / "book"
    shelf.check_folder(book)
    shelf.put_folder(book, FILES)
    shelf.check_folder(book)
    shelf.put_folder(book, {"index.html": "new"})
    assert names(tmp_path) == {"book", "book/index.html", f"book/{shelf.MARKER}"}
    assert (book / "index.html").read_text() == "new"


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    shelf.check_folder(tmp_path / "book")
    shelf.put_folder(tmp_path / "book", FILES)
    assert (tmp_path / "book" / "uts.html").read_text() == "two 名"
    assert names(tmp_path) == {"book", *(f"book/{name}" for name in (*FILES, shelf.MARKER))}


def test_what_is_somebody_elses_is_refused(tmp_path: Path) -> None:
    shelf.put_folder(tmp_path / "mine", FILES)
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    shelf.put_folder(tmp_path / "edited", FILES)
    (tmp_path / "edited" / "uts.html").write_text("better")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("mine")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / shelf.MARKER).write_text("[" * 100000)
    (tmp_path / "folders" / "deep").mkdir(parents=True)
    (tmp_path / "file").write_text("mine")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "marked").mkdir()
    os.mkfifo(tmp_path / "marked" / shelf.MARKER)
    shelf.put_folder(tmp_path / "waiting", FILES)
    (tmp_path / "waiting" / "index.html").unlink()
    os.mkfifo(tmp_path / "waiting" / "index.html")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    before = names(tmp_path)
    for name, says in (
        ("mine", "notes.txt"),
        ("edited", "was changed"),
        ("other", "no book of nsplay's"),
        ("damaged", "no book of nsplay's"),
        ("folders", "no book of nsplay's"),
        ("file", "it is no folder"),
        ("fifo", "it is no folder"),
        ("marked", "no book of nsplay's"),
        ("waiting", "was changed"),
        ("dangling", "it is no folder"),
        ("loop", "it is no folder"),
        ("nowhere/book", "there is no folder"),
        ("file/book", "there is no folder"),
    ):
        with pytest.raises(UsageError, match=says):
            shelf.check_folder(tmp_path / name)
    for name, says in (
        ("file", "no book"),
        ("fifo", "no book"),
        ("mine", "is a folder"),
        ("nowhere/x.pdf", "there is no folder"),
    ):
        with pytest.raises(UsageError, match=says):
            shelf.check_file(tmp_path / name)
    assert names(tmp_path) == before


def test_the_folder_that_one_is_in_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.put_folder(tmp_path / "book", FILES)
    (tmp_path / "book" / "deep").mkdir()
    for inside in (tmp_path / "book", tmp_path / "book" / "deep"):
        monkeypatch.chdir(inside)
        with pytest.raises(UsageError, match=r"(?s)own folder.*cd \.\."):
            shelf.check_folder(tmp_path / "book")


def test_a_pdf_of_ours_is_known_again(tmp_path: Path) -> None:
    path = tmp_path / "book.pdf"
    shelf.check_file(path)
    shelf.put_file(path, b"%PDF-1.4\n%%EOF\n")
    shelf.check_file(path)
    shelf.put_file(path, b"%PDF-1.5\n%%EOF\n")
    assert path.read_bytes().startswith(b"%PDF-1.5") and names(tmp_path) == {"book.pdf"}


def test_where_nothing_can_be_written_it_is_said_before_anything_is_played() -> None:
    with pytest.raises(MachineError, match="nothing can be written into /proc"):
        shelf.check_folder(Path("/proc/book"))
    with pytest.raises(MachineError, match="nothing can be written into /proc"):
        shelf.check_file(Path("/proc/book.pdf"))


FULL = """
import sys
from pathlib import Path
from nsplay.book import shelf
from nsplay.errors import MachineError
folder = Path(sys.argv[1])
shelf.put_folder(folder / "book", {"index.html": "old"})
shelf.put_file(folder / "book.pdf", b"old")
for put, what in ((shelf.put_folder, {"index.html": "new", "x.html": "x" * 99999}), (shelf.put_file, b"x" * 99999)):
    try:
        put(folder / ("book" if put is shelf.put_folder else "book.pdf"), what)
    except MachineError as error:
        print(error)
print(sorted(str(one.relative_to(folder)) for one in folder.rglob("*")), (folder / "book/index.html").read_text())
"""


def test_a_full_disk_leaves_the_book_that_was_there(tmp_path: Path) -> None:
    script = f'mount -t tmpfs -o size=64k none {tmp_path} && exec "$@"'
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, "sh", sys.executable, "-c", FULL, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("No space left on device") == 2
    there = ["book", "book.pdf", f"book/{shelf.MARKER}", "book/index.html"]
    assert done.stdout.endswith(f"{there} old\n")


# ---- the words of the command line


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["export", "nothing"], 2, "there is no lesson nothing"),
        (["export", "uts", "../uts"], 2, "a book is made of whole lessons"),
        (["export", "--svg"], 2, "knows no --svg"),
        (["render", "x.cast", "--pdf"], 2, "knows no --pdf"),
        (["report", "--md"], 2, "knows no --md"),
        (["export", "uts", "--to", "/nowhere/book"], 2, "there is no folder /nowhere"),
        (["export", "uts", "--to", "/tmp/" + "x" * 300], 2, "the book can't be called xxx"),
        (["export", "uts", "--to", "/tmp/" + "x" * 300, "--md"], 2, "File name too long"),
        (["export", "uts", "--to", "/tmp"], 2, "/tmp is there, and no book of nsplay's"),
        (["export", "uts", "--to", ""], 2, "own folder"),
        (["export", "uts", "--to", "/proc/book"], 3, "nothing can be written into /proc"),
    ],
)
def test_wrong_words_get_a_sentence(
    words: list[str], status: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == status
    assert says in capsys.readouterr().err


def test_every_form_has_its_commands() -> None:
    assert [kind for kind, where in KINDS.items() if "export" in where] == ["html", "md", "pdf"]


def test_without_a_browser_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "which", lambda name: None)
    with pytest.raises(NsplayError, match=r"(?s)Debian.*Ubuntu.*Fedora.*Arch.*--html"):
        try:
            pdf.browser()
        except NsplayError as error:
            raise NsplayError(str(error)) from None


def test_a_browser_that_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="printed no PDF"):
        pdf.printed("/bin/false", "page", tmp_path, lambda: None)
    assert not list(tmp_path.iterdir())
