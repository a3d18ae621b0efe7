"""A lesson's file or a fact may hold anything: it gets a sentence, quickly, and nothing of it moves the cursor."""

import json
import os
import random
import re
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nsplay.errors import LessonError
from nsplay.facts import Value
from nsplay.lesson.checks import evaluate, parse
from nsplay.lesson.course import course
from nsplay.lesson.document import document
from nsplay.lesson.fill import fill, fill_command
from nsplay.lesson.lint import lint
from nsplay.lesson.loader import load
from nsplay.lesson.outline import outline
from nsplay.lesson.rules import Problem
from nsplay.lesson.text import LARGEST

GOOD = """\
+++
format = 1
title = "One"
minutes = 3
needs = { tools = ["unshare"], namespaces = ["uts"] }
views = ["hostname"]
+++

# One

What it is for.

## Make it {#make}

Prose of {{host.hostname}} with `code`.

```predict
What now?
- [ ] this
- [x] that
Because.
```

```console
# unshare -u /bin/sh
```

```check
inside.ns.uts != host.ns.uts | still outside
host.hostname == before.host.hostname | renamed
```

```hint
A nudge.
```

```summary
One line.
```
"""

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def known(name: str) -> bool:
    return name in ("inside.ns.uts", "host.ns.uts", "host.hostname")


@pytest.fixture(autouse=True)
def deadline() -> Iterator[None]:
    """A regular expression that goes wild would hang for hours: an alarm ends the test instead."""

    def late(number: int, frame: object) -> None:
        raise TimeoutError("it hangs")

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, 20)  # of processor time: on a busy machine a wait is no hang
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes GOOD with one piece replaced, as a lesson or as its translation."""
    folder = tmp_path / "one"
    folder.mkdir()

    def put(old: str = "", new: str = "", name: str = "lesson.md") -> Path:
        assert old in GOOD
        (folder / name).write_bytes(GOOD.replace(old, new, 1).encode(errors="surrogateescape"))
        return folder

    return put


def found(folder: Path) -> tuple[Problem, ...]:
    return lint(str(folder), known=known, views=["hostname"])


def test_the_lesson_that_is_broken_below_is_good(write: Callable[..., Path]) -> None:
    assert found(write()) == ()


@pytest.mark.parametrize("sign", ["\x1b[31m", "\x9b31m", "\x07", "\x00", "\r", "\x7f", "\u202e", "\u2066"])
@pytest.mark.parametrize(
    "place", ["What it is for.", "Make it", "What now?", "# unshare", "still outside", "A nudge."]
)
def test_no_control_character_gets_past_the_reader(write: Callable[..., Path], sign: str, place: str) -> None:
    folder = write(place, f"{place}{sign}x")
    for read in (lambda: load(folder), lambda: outline(str(folder), "en")):
        with pytest.raises(LessonError, match=rf"lesson\.md:{line_of(place)}: .*U\+{ord(sign[0]):04X}"):
            read()
    (problem,) = found(folder)
    assert problem.line == line_of(place) and f"U+{ord(sign[0]):04X}" in problem.says
    assert not CONTROL.search(problem.says + problem.text_of_line + problem.write)


def line_of(place: str) -> int:
    return GOOD[: GOOD.index(place)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"One"', '"\\u001b[31mOne"'),
        ('"unshare"', '"\\u001b]0;x\\u0007"'),
        ('["hostname"]', '["\\u009b31m"]'),
        ("minutes", '"\\u001b[31m" = 1\nminutes'),
        ("tools", '"\\u001b[31m" = 1, tools'),
    ],
)
def test_an_escape_of_toml_is_no_way_round(write: Callable[..., Path], old: str, new: str) -> None:
    folder = write(old, new)
    for read in (lambda: load(folder), lambda: outline(str(folder), "en")):
        with pytest.raises(LessonError, match="control character"):
            read()
    assert found(folder) and not any(CONTROL.search(p.says + p.text_of_line + p.write) for p in found(folder))


@pytest.mark.parametrize(
    "front",
    [
        "minutes = " + "9" * 5000,
        "minutes = " + "[" * 10**5,
        "minutes = " + "[\n" * 10**5,
        "minutes = 1979-13-45",
        "views = [[]]",
        "views = {}",
        "needs = { tools = [{}] }",
        "needs = { tools = [1979-05-27, inf] }",
        "needs = 3",
        "title = []",
        "format = []",
        "format = nan",
        "minutes = true",
        "minutes = -5",
        "needs = { namespaces = ['usr'] }",
        "needs = { cgroup = 3, root = 1, kernel = 5 }",
    ],
)
def test_front_matter_of_any_kind(write: Callable[..., Path], front: str) -> None:
    key = front.partition(" ")[0]
    old = next(line for line in GOOD.split("\n") if line.startswith(key))
    folder = write(old, front)
    problems = found(folder)
    assert problems and all(problem.line >= 1 for problem in problems)
    try:
        json.dumps(outline(str(folder), "en"))  # what `nsplay list --json` does
        load(folder)
    except LessonError as error:
        assert "lesson.md" in error.what


@pytest.mark.parametrize(
    "line",
    [
        "## " + " " * 10**5 + "x",
        "```" + " " * 10**5 + "x",
        "{{" + " " * 10**5 + "x",
        "{{" * 10**5,
        "a" * 10**5,
        "- " * 10**5,
        "`" * 10**5,
    ],
)
@pytest.mark.parametrize(
    "place", ["What it is for.", "host.hostname == before.host.hostname | ", "A nudge.", "# unshare"]
)
def test_a_long_line_takes_no_longer(write: Callable[..., Path], line: str, place: str) -> None:
    folder = write(place, f"{place}\n{line}\n" if place == "What it is for." else place + line)
    assert found(folder)
    with pytest.raises(LessonError, match=r"lesson\.md:\d+: this line is too long"):
        load(folder)


def test_many_long_lines_take_no_longer(write: Callable[..., Path]) -> None:
    folder = write()
    spaces = " " * 1900
    lines = [f"{head}{spaces}x" for head in ("## ", "{{", "a.b == 1 | ", "- ", "+++", "`")] * 80
    (folder / "lesson.md").write_text(GOOD.replace("What it is for.", "\n".join(lines)))
    found(folder)
    with pytest.raises(LessonError):
        parse("a.b ==" + spaces * 50 + "|" + spaces * 50 + "\n", 1)
    fill("{{" + spaces * 50, {})


def test_a_fifo_does_not_hold_us_up(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    os.mkfifo(folder / "lesson.md")
    with pytest.raises(LessonError, match="not a file"):
        load(folder)
    os.mkfifo(tmp_path / "course.toml")
    with pytest.raises(LessonError, match="not a file"):
        course(str(tmp_path))


@pytest.mark.parametrize(
    "text",
    [
        b"order = " + b"[" * 10**5,
        b"order = " + b"[\n" * 10**5,
        b"order = [3]\n",
        b"\xff",
        b"a" * (LARGEST + 1),
    ],
)
def test_an_order_of_any_kind(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "course.toml").write_bytes(text)
    with pytest.raises(LessonError, match=r"course\.toml"):
        course(str(tmp_path))


def test_a_folder_with_an_odd_name_is_no_lesson(tmp_path: Path) -> None:
    for name in ("uts", "\x1b[31m", "a b", "-x", "é\udcff"):
        os.mkdir(os.fsencode(tmp_path) + b"/" + name.encode(errors="surrogateescape"))
        (tmp_path / name / "lesson.md").write_text("")
    assert [os.path.basename(folder) for folder in course(str(tmp_path))] == ["uts"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("```summary", "## Again {#make}\n\n```summary", "the id make is at line 13, too"),
        (" {#make}", "", "a step needs an id"),
        (" {#make}", " {#Make It}", "a step needs an id"),
        ("- [ ] this", "- [x] this", "2 options are right"),
        ("- [ ] this\n", "", "options"),
        ("# unshare", "unshare", "a command begins with"),
        ("before.host", "befor.host", "there is no fact"),
        ("!=", "<>", "no check"),
    ],
)
def test_what_cannot_be_played_names_file_and_line(
    write: Callable[..., Path], old: str, new: str, says: str
) -> None:
    folder = write(old, new)
    problem = next(problem for problem in found(folder) if says in problem.says)
    assert problem.text_of_line == (folder / "lesson.md").read_text().split("\n")[problem.line - 1]
    if "no fact" not in says:  # only who knows the facts can tell
        with pytest.raises(LessonError, match=r"lesson\.md:\d+: "):
            load(folder)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("inside.ns.uts !=", "inside.ns.utz !=", "there is no fact inside.ns.utz"),
        ("# unshare", "# echo {{inside.nam}}", "there is no fact inside.nam"),
        ("A nudge.", "{{}} {{before.host.nam}}", "there is no fact"),
        ('views = ["hostname"]', 'views = ["nosuch"]', "there is no view nosuch"),
    ],
)
def test_who_knows_the_names_refuses_others(
    write: Callable[..., Path], old: str, new: str, says: str
) -> None:
    folder = write(old, new)
    load(folder)
    with pytest.raises(LessonError, match=rf"lesson\.md:13: {says}"):
        load(folder, known=known, views=["hostname"])
    assert load(write(), known=known, views=["hostname"]).steps


def test_a_value_never_brings_an_escape_sequence() -> None:
    facts: dict[str, Value] = {"host.hostname": "\x1b[31mvm\n", "inside.own": ("u\x9bts",)}
    assert not CONTROL.search(fill("{{host.hostname}} {{inside.own}}", facts))
    (verdict,) = evaluate([parse('host.hostname == "vm" | it is {{host.hostname}}', 1)], facts, {}, {})
    assert not any(
        CONTROL.search(text) or "\n" in text for text in (verdict.message, verdict.found, verdict.wanted)
    )
    for command in ("hostname {{host.hostname}}", "echo {{inside.own}}"):
        with pytest.raises(LessonError, match="control character"):
            fill_command(command, facts)


def test_two_braces_can_be_written() -> None:
    assert fill(r"docker inspect -f '\{{.State.Pid}}'", {}) == "docker inspect -f '{{.State.Pid}}'"
    assert fill_command(r"echo '\{{.State.Pid}}' {{a.b}}", {"a.b": 1}) == "echo '{{.State.Pid}}' 1"


@pytest.mark.parametrize("text", ["a.b == " + "9" * 5000, "before.a.b grew", "start.a.b unchanged"])
def test_a_check_that_can_never_be_judged_is_refused(text: str) -> None:
    with pytest.raises(LessonError, match="no check"):
        parse(text, 1)


def test_yes_is_no_number() -> None:
    (equal, more) = evaluate([parse("a.b == 1", 1), parse("a.b > 0", 2)], {"a.b": True}, {}, {})
    assert not equal.passed and not more.passed


def test_a_bar_in_quotes_is_no_message() -> None:
    check = parse('host.root contains "a | b" | it is elsewhere', 1)
    assert (check.right, check.message) == ('"a | b"', "it is elsewhere")
    assert check.source == 'host.root contains "a | b"'


def test_thousands_of_mutations(write: Callable[..., Path]) -> None:
    """Bytes flipped, lines dropped, doubled and swapped, pieces moved: a lesson or a sentence, never a traceback."""
    folder, chance = write(), random.Random(20)
    alphabet = [*b'`#{}[]"=|-+!.:\\ \n\t\r\x00\x1b\xff\xc2\xe3', ord("9")]
    good = GOOD.encode()
    name = folder / "lesson.md"
    read = 0
    for number in range(3000):
        data = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            start = chance.randrange(len(data))
            match chance.randrange(4):
                case 0:
                    data[start] = chance.choice(alphabet)
                case 1:
                    del data[start : start + chance.choice((1, 3, 40))]
                case 2:
                    data[start:start] = bytes([chance.choice(alphabet)]) * chance.choice((1, 3, 7))
                case 3:
                    piece = data[start : start + chance.randint(1, 80)]
                    at = chance.randrange(len(data))
                    data[at:at] = piece
            data = data or bytearray(b"x")
        name.write_bytes(data)
        problems = found(folder)
        for problem in problems:
            assert problem.line >= 1 and problem.column >= 1 and problem.says, number
            assert not CONTROL.search(problem.says + problem.text_of_line + problem.write), number
        try:
            outline(str(folder), "en")
            lesson = load(folder)
        except LessonError as error:
            assert "lesson.md" in error.what and not CONTROL.search(str(error)), number
            assert problems, (number, "lint is silent on what can't be loaded", str(error))
        else:
            read += 1
            for step in lesson.steps:
                evaluate(step.checks, {}, {}, {})
                fill("\n".join((*step.hints, *(block.text for block in step.prose))), {})
    assert 100 < read < 2900


def test_a_file_swapped_while_it_is_read_harms_nobody(write: Callable[..., Path]) -> None:
    folder, stop = write(), threading.Event()

    def editor() -> None:
        while not stop.is_set():
            write()

    thread = threading.Thread(target=editor)
    thread.start()
    try:
        for _ in range(100):
            try:
                assert document(str(folder)) is not None
            except LessonError as error:
                assert error.what
    finally:
        stop.set()
        thread.join()
