"""A book made by playing lessons, opened from disk in a browser without scripts, and printed."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from nsplay.book import pdf
from tests.patience import patience
from tests.play import program
from tests.play.learner import learner

BROWSER = next(filter(None, map(shutil.which, pdf.BROWSERS)), "")
browses = pytest.mark.skipif(not BROWSER, reason="there is no chromium")
measures = pytest.mark.skipif(
    not shutil.which("pdfinfo") or not shutil.which("pdftotext"), reason="there is no pdfinfo (poppler-utils)"
)
PAPERS = {"a4": (595, 842), "letter": (612, 792)}  # points

LESSON = """\
+++
title = "A name"
minutes = 2
needs = { tools = ["unshare"], namespaces = ["uts"] }
views = ["hostname", "namespaces"]
+++

# A name

You are on {{host.hostname}}.

## Make it {#make}

Type `unshare`.

```predict
Who is renamed?
- [ ] everybody
- [x] {{host.hostname}} isn't
Only the copy is.
```

```console
# echo about to & wait
# unshare -u /bin/sh
# hostname in-here
```

```check
inside.hostname == "in-here" | no name
```

```hint
A nudge.
```

```summary
The host is still {{host.hostname}}, and this is {{inside.hostname}}.
```

## Leave it {#leave}

Go.

```console
# exit
```

```check
inside.ns.uts == host.ns.uts | still there
```

## Card {#card}

Kept.

```commands
unshare -u CMD | run it
```
"""
JAPANESE = """\
+++
title = "名前"
+++

# 名前 {#opening}

いまは {{host.hostname}} です。

## 付ける {#make}

`unshare` と打ちます。

## 出る {#leave}

出ます。
"""
LACKING = LESSON.replace('"unshare"', '"no-such-tool"').replace('"A name"', '"Not here"')
BROKEN = LESSON.replace("# hostname in-here", "# hostname elsewhere").replace('"A name"', '"Stops"')
ENDLESS = LESSON.replace("# hostname in-here", "# sleep 50; hostname in-here").replace('"A name"', '"Slow"')


@pytest.fixture
def lessons(tmp_path: Path) -> Path:
    """A course of two lessons, one of which can't run."""
    folder = tmp_path / "lessons"
    for name, text in (("name", LESSON), ("lacking", LACKING)):
        (folder / name).mkdir(parents=True)
        (folder / name / "lesson.md").write_text(text)
    (folder / "name" / "lesson.ja.md").write_text(JAPANESE)
    (folder / "course.toml").write_text(
        'order = ["name", "lacking"]\n[parts]\nname = ["names", "いろいろ"]\n'
    )
    return folder


def nsplay(cwd: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Runs nsplay in that folder, with no terminal, on the lessons in it."""
    env = {"NSPLAY_LESSONS": str(cwd / "lessons")} | env
    return program.nsplay(cwd / "state", *words, cwd=cwd, **env)


def browse(profile: Path, page: Path, *words: str) -> str:
    """What a browser in which no page may run a script says of a page on disk."""
    (profile / "Default").mkdir(parents=True, exist_ok=True)
    off = {"profile": {"default_content_setting_values": {"javascript": 2}}}
    (profile / "Default" / "Preferences").write_text(json.dumps(off))
    return _chromium(profile, page, *words)


def _chromium(profile: Path, page: Path, *words: str) -> str:
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    options = ["--headless", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={profile}", *root]
    done = subprocess.run(
        [BROWSER, *options, *words, page.as_uri()],
        env={**os.environ, "HOME": str(profile)},
        capture_output=True,
        text=True,
        timeout=patience(90.0),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def widths(profile: Path, page: Path, columns: int) -> tuple[int, int]:
    """How wide a page is, and how wide its window. (A copy of it measures itself.)"""
    script = "const at=document.documentElement;document.title=at.scrollWidth+' '+at.clientWidth"
    copy = page.with_name("measured.html")
    copy.write_text(page.read_text().replace("</body>", f"<script>{script}</script></body>"))
    dumped = _chromium(profile, copy, f"--window-size={columns},800", "--dump-dom")
    copy.unlink()
    found = re.search(r"<title>(\d+) (\d+)</title>", dumped)
    assert found
    return int(found[1]), int(found[2])


@browses
def test_a_book_opens_from_disk_without_scripts(tmp_path: Path, lessons: Path) -> None:
    made = nsplay(tmp_path, "export")
    assert made.returncode == 0, made.stdout + made.stderr
    book = tmp_path / "nsplay-book"
    assert "\n- lacking: without pictures: missing: no-such-tool" in made.stdout
    assert made.stdout.endswith(f"\n{book}/index.html\n")
    assert {one.name for one in book.iterdir()} == {
        "index.html",
        "name.html",
        "lacking.html",
        ".nsplay-book",
    }
    host = os.uname().nodename
    seen = browse(tmp_path / "profile", book / "name.html", "--dump-dom")
    words = re.sub(r"\s+", " ", re.sub("<[^>]*>", "", seen.partition("<body>")[2]))
    for told in (
        f"You are on {host}.",
        "# echo about to &amp; wait about to",
        "# unshare -u /bin/sh what changed",
        "# hostname in-here what changed",
        "~ in-here",
        "✓ host name in here: in-here",
        f"the host {host} = {host}",
        f"The host is still {host}, and this is in-here.",
        f"b: {host} isn't",
        "# exit what changed",
        "unshare -u CMD",
    ):
        assert told in words, told
    assert "script" not in seen and "://" not in seen
    lacking = browse(tmp_path / "profile", book / "lacking.html", "--dump-dom")
    assert "missing: no-such-tool" in lacking and "You are on {{host.hostname}}." in lacking
    assert "unshare -u /bin/sh" in lacking and "what changed" not in lacking
    assert seen.index("what changed") < seen.index("Leave it")
    for columns in (500, 1300):
        wide, window = widths(tmp_path / "measuring", book / "name.html", columns)
        assert wide <= window
    picture = tmp_path / "page.png"
    browse(tmp_path / "profile", book / "name.html", f"--screenshot={picture}")
    assert picture.read_bytes().startswith(b"\x89PNG")


@browses
@measures
@pytest.mark.parametrize("paper", PAPERS)
def test_it_prints_on_any_paper(tmp_path: Path, lessons: Path, paper: str) -> None:
    made = nsplay(tmp_path, "export", "name", "--pdf", "--paper", paper, "--to", "book.pdf")
    assert made.returncode == 0, made.stdout + made.stderr
    book = tmp_path / "book.pdf"
    assert made.stdout.endswith(f"{book}\n")
    told = subprocess.run(["pdfinfo", book], capture_output=True, text=True, check=True).stdout
    size = re.search(r"Page size: +([\d.]+) x ([\d.]+) pts", told)
    pages = re.search(r"Pages: +(\d+)", told)
    assert size and pages
    assert (round(float(size[1])), round(float(size[2]))) == PAPERS[paper]
    texts = subprocess.run(
        ["pdftotext", "-layout", book, "-"], capture_output=True, text=True, check=True
    ).stdout.split("\f")[:-1]
    assert len(texts) == int(pages[1]) and 3 <= len(texts) <= 5
    assert "nsplay" in texts[0] and "Contents" in texts[1]
    whole = "\n".join(texts)
    for told in ("~ in-here", "Answer", "Only the copy is.", "A nudge.", "unshare -u CMD"):
        assert told in whole, told
    (picture,) = [text for text in texts if "# hostname in-here" in text]
    assert (
        "name in here: in-here" in picture
    )  # a picture isn't cut: its first line and its last are on one page


@browses
def test_ctrl_c_while_it_is_printed_ends_the_browser(tmp_path: Path) -> None:
    """(That no process of it is left is asked around every test.)"""

    def ctrl_c() -> None:
        if list(tmp_path.glob("nsplay-print-*/profile/*")):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pdf.printed(BROWSER, "<p>a page</p>", tmp_path, ctrl_c)
    assert not list(tmp_path.iterdir())


def test_the_same_in_japanese_and_as_markdown(tmp_path: Path, lessons: Path) -> None:
    prompt = {"PS1": "noise\n$ ", "PROMPT_COMMAND": "echo noise"}
    (tmp_path / ".bashrc").write_text("PS1='noise\\n$ '; echo noise\n")
    words = ("export", "name", "--md", "--lang", "ja", "--to", "book")
    made = nsplay(tmp_path, *words, SHELL="/bin/bash", HOME=str(tmp_path), **prompt)
    assert made.returncode == 0, made.stdout + made.stderr
    assert "2 ステップ" in made.stdout
    text = (tmp_path / "book" / "name.md").read_text()
    host = os.uname().nodename
    for told in ("# 1 名前", f"いまは {host} です。", "## 2. 出る", "変わったこと", "自分専用", "カード"):
        assert told in text, told
    assert "what changed" not in text and "noise" not in text
    assert "いろいろ" in (tmp_path / "book" / "README.md").read_text()


def test_a_step_that_stops_is_told_and_the_rest_is_there(tmp_path: Path, lessons: Path) -> None:
    (lessons / "name" / "lesson.md").write_text(BROKEN)
    made = nsplay(tmp_path, "export", "name")
    assert made.returncode == 1
    assert "name/make: stopped: no name" in made.stdout
    page = (tmp_path / "nsplay-book" / "name.html").read_text()
    assert "This step stopped here: no name" in page and "elsewhere" in page and "Leave it" in page


@pytest.mark.parametrize(("end", "status"), [("ctrl-c", 130), ("window", 129), ("term", 143)])
def test_whatever_ends_it_leaves_nothing(tmp_path: Path, lessons: Path, end: str, status: int) -> None:
    (lessons / "lacking" / "lesson.md").write_text(ENDLESS)
    state, book = tmp_path / "state", tmp_path / "book"
    words = ("export", "--yes", "--lessons", str(lessons), "--to", str(book))
    with learner(state, *words) as person:
        person.meets(lambda: "2 steps" in person.text() and any(p.comm == "sleep" for p in person.below()))
        match end:
            case "ctrl-c":
                person.key("\x03")
                assert person.gone() == status
                assert person.text().endswith("Stopped: no book was written.\n")
            case "window":
                person.hang_up()
                assert person.process.wait(patience(20.0)) == status
            case _:
                person.process.terminate()
                assert person.gone() == status
    assert {one.name for one in tmp_path.iterdir()} == {"lessons", "state"}


def test_lessons_by_others_are_asked_about_before_they_are_played(tmp_path: Path, lessons: Path) -> None:
    words = ("export", "--lessons", str(lessons), "name", "--to", str(tmp_path / "book"))
    made = nsplay(tmp_path, *words)
    assert made.returncode == 2 and "hostname in-here" in made.stdout
    assert ":name isn't nsplay's own" in made.stderr and not (tmp_path / "book").exists()
    with learner(tmp_path / "state", *words) as person:
        person.until("May it\\?.*> $").key("y\r")
        assert person.gone() == 0
    assert (tmp_path / "book" / "name.html").exists()


@browses
def test_a_closed_window_takes_the_browser_along(tmp_path: Path, lessons: Path) -> None:
    with learner(
        tmp_path / "state",
        "export",
        "name",
        "--pdf",
        "--yes",
        "--lessons",
        str(lessons),
        "--to",
        str(tmp_path / "b"),
    ) as person:
        person.meets(lambda: bool(list(tmp_path.glob("nsplay-print-*/profile"))))
        person.hang_up()
        assert person.process.wait(patience(20.0)) == 129
    assert {one.name for one in tmp_path.iterdir()} == {"lessons", "state"}


def test_a_folder_of_somebody_elses_is_refused_before_anything_is_played(
    tmp_path: Path, lessons: Path
) -> None:
    (tmp_path / "nsplay-book").mkdir()
    (tmp_path / "nsplay-book" / "mine.txt").write_text("mine")
    made = nsplay(tmp_path, "export")
    assert made.returncode == 2 and made.stdout == ""
    assert "nsplay-book is there, and no book of nsplay's" in made.stderr and "Try: " in made.stderr
    assert [one.name for one in (tmp_path / "nsplay-book").iterdir()] == ["mine.txt"]
