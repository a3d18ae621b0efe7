"""The lesson format: what is read, what is refused with a sentence, and what lint says."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from nsplay.errors import LessonError, UsageError
from nsplay.facts import Value
from nsplay.lesson.course import course, find
from nsplay.lesson.document import document
from nsplay.lesson.fill import fill, fill_command
from nsplay.lesson.lint import lint
from nsplay.lesson.loader import load
from nsplay.lesson.outline import outline
from nsplay.lesson.template import untranslated

ENGLISH = """\
+++
title = "One"
minutes = 3
needs = { tools = ["unshare"] }
views = ["hostname"]
format = 1
+++
# One

What it is for.

## Make it {#make}

Prose in
two lines with `code`.

- an item
- another

```predict
What now?
- [ ] this
- [x] that
Because.
```

```console
# unshare -u /bin/sh
# cat <<E
> hello
> E
```

```console v2 also
$ busybox unshare -u sh
```

```guard
host.hostname == before.host.hostname | the host was renamed
```

```check
inside.ns.uts != host.ns.uts | still outside
```

```hint
A nudge.
```

```hint
The command.
```

```summary
One line.
Two lines.
```

## Card {#card}

Keep this.

```commands
a | b c | what it does
```

```see
unshare(1)
```
"""

JAPANESE = """\
+++
title = "一"
format = 1
+++
# 一 {#opening of=OPEN}

何のためか。

## 作る {#make of=HASH}

二行の
文です。

```predict
次は?
- [ ] これ
- [x] それ
だから。
```

```say
ホストの名前が変わりました
まだ外です
```

```hint
手がかり。
```

```hint
コマンド。
```

```summary
一行。
二行。
```

## カード {#card of=CARD}

残す。

```commands
a | b c | すること
```

```see
unshare(1)
```
"""


def known(name: str) -> bool:
    return name in ("inside.ns.uts", "host.ns.uts", "host.hostname", "inside.hostname")


def problems(folder: Path) -> list[str]:
    return [f"{p.line}:{p.says}" for p in lint(str(folder), known=known, views=["hostname"])]


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Writes a lesson: English, with `old` replaced by `new`; and its translation."""

    def write(old: str = "", new: str = "", *, ja: str = JAPANESE) -> Path:
        folder = tmp_path / "one"
        folder.mkdir(exist_ok=True)
        assert old in ENGLISH
        (folder / "lesson.md").write_text(ENGLISH.replace(old, new, 1))
        source = document(str(folder))
        assert source
        found = (source.sections[0], source.section("make"), source.section("card"))
        for mark, section in zip(("OPEN", "HASH", "CARD"), found, strict=True):
            ja = ja.replace(mark, section.source if section else "0")
        (folder / "lesson.ja.md").write_text(ja)
        return folder

    return write


def test_everything_of_a_lesson_is_read(make: Callable[..., Path]) -> None:
    lesson = load(make())
    (step,) = lesson.steps
    assert (lesson.id, lesson.title, lesson.minutes, lesson.needs.tools) == ("one", "One", 3, ("unshare",))
    assert [(b.kind, b.text) for b in step.prose] == [
        ("paragraph", "Prose in two lines with `code`."),
        ("item", "an item"),
        ("item", "another"),
    ]
    assert step.predict and step.predict.options == ("this", "that") and step.predict.right == 1
    assert step.consoles[0].commands == ("unshare -u /bin/sh", "cat <<E\nhello\nE")
    assert step.consoles[1].also and step.consoles[1].version == 2
    assert [(c.guard, c.message) for c in step.checks] == [
        (True, "the host was renamed"),
        (False, "still outside"),
    ]
    assert step.hints == ("A nudge.", "The command.") and step.summary == ("One line.", "Two lines.")
    assert step.views == ("hostname",)
    assert lesson.card.commands == (("a | b c", "what it does"),) and lesson.card.see == ("unshare(1)",)


def test_a_translation_brings_words_and_the_source_the_commands(make: Callable[..., Path]) -> None:
    lesson = load(make(), "ja")
    (step,) = lesson.steps
    assert (lesson.title, step.title, lesson.lang) == ("一", "作る", "ja")
    assert step.prose[0].text == "二行の文です。"
    assert step.consoles[0].commands[0] == "unshare -u /bin/sh"
    assert [check.message for check in step.checks] == ["ホストの名前が変わりました", "まだ外です"]


def test_what_a_translation_lacks_is_told_in_english(make: Callable[..., Path]) -> None:
    folder = make(ja='+++\ntitle = "一"\n+++\n')
    assert load(folder, "ja").steps[0].title == "Make it"
    assert any("isn't translated" in says for says in problems(folder))


def test_the_digest_follows_what_is_asked_and_not_the_prose(make: Callable[..., Path]) -> None:
    digest = outline(str(make()), "en").steps[0].digest
    assert outline(str(make("Prose in", "Words in")), "en").steps[0].digest == digest
    assert outline(str(make("still outside", "out")), "en").steps[0].digest == digest
    assert outline(str(make("!= host", "== host")), "en").steps[0].digest != digest
    assert outline(str(make("-u /bin/sh", "-u sh")), "en").steps[0].digest != digest
    assert outline(str(make("unshare -u sh", "nsenter -u sh")), "en").steps[0].digest == digest  # another way
    assert load(make()).steps[0].digest == digest


def test_a_good_lesson_has_nothing_to_mend(make: Callable[..., Path]) -> None:
    assert problems(make()) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('title = "One"', "title = One", "1:"),
        ("minutes = 3", 'minutes = "3"', "3:how long"),
        ("views", "viws", "5:the front matter knows no viws"),
        ('["hostname"]', '["hostnam"]', "5:there is no view hostnam"),
        ("tools", "tolls", "4:needs knows no tolls"),
        ("{#make}", "", "12:a step needs an id"),
        ("- [ ] this", "- [x] this", "20:2 options are right"),
        ("- [x] that", "- [ ] that", "a predict needs options"),
        ("# unshare", "unshare", "a command begins with"),
        ("inside.ns.uts !=", "inside.ns.utz !=", "there is no fact inside.ns.utz"),
        ("inside.ns.uts !=", "inside.ns.uts is not", "this is no check"),
        (" | still outside", "", "a learner is told nothing"),
        ("```check\ninside.ns.uts != host.ns.uts | still outside\n```\n", "", "has no check"),
        ("One line.", "One line.\nMore.", "a summary has two lines"),
        ("What it is for.", "{{host.nam}}", "there is no fact host.nam"),
        ("What it is for.", "\x1b[31m", "control character"),
        ("```hint\nA nudge.", "```hnt\nA nudge.", "```hnt means nothing"),
        ("## Card {#card}", "## Card {#make}", "the id make is at line 12"),
        ("Because.\n```\n", "Because.\n", "a block in a block: the one at line 20"),
        (" | the host was renamed", "", "39:a learner is told nothing"),
        ("minutes = 3", "minutes = 600", "3:600 minutes are too long"),
        ("# cat <<E", "# nsenter -t 1 | lsns\n# cat <<E", "29:needs doesn't name lsns"),
        ("```console\n", "```console v1\n", "12:the step make has no command for cgroup version 2"),
        ("```console\n", "```console v2\n", "12:the step make has no command for cgroup version 1"),
        ("```console\n", "```console host\n# ls\n```\n\n```console v2\n", "no command for cgroup version 1"),
        ("# cat <<E", "# echo 1 > x/memory.limit_in_bytes\n# cat <<E", "version 1 alone"),
        ("# cat <<E", "# echo 1 > x/memory.max\n# cat <<E", "version 2 alone"),
    ],
)
def test_lint_says_what_is_wrong(make: Callable[..., Path], old: str, new: str, says: str) -> None:
    try:
        folder = make(old, new)
    except LessonError as error:  # the fixture reads the source, too
        assert error.what
        return
    found = problems(folder)
    assert any(says in text for text in found), found


def test_a_stale_translation_is_told_with_the_line_to_write(make: Callable[..., Path]) -> None:
    folder = make()
    source = folder / "lesson.md"
    source.write_text(source.read_text().replace("Prose in", "New prose in"))
    (problem,) = lint(str(folder), known=known, views=["hostname"])
    assert "has changed" in problem.says and problem.file.endswith("lesson.ja.md")
    told = folder / "lesson.ja.md"
    told.write_text(
        "\n".join(problem.write if "{#make" in line else line for line in told.read_text().split("\n"))
    )
    assert problems(folder) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("What it is for.", "x" * 73, "doesn't fit 80 columns"),
        ("A nudge.", f"`{'x ' * 40}`", "doesn't fit 80 columns"),
        ("Because.", "**Because.**", "all the markup there is"),
        ("What it is for.", "### What it is for.", "all the markup there is"),
        ("A nudge.", "[A nudge](there)", "all the markup there is"),
        ("One line.", "One line…", "one column wide on one terminal and two on the next"),
        ("What it is for.", "soft\u00adhyphen", "nobody sees: U+00AD"),
        ("console v2 also", "console v3 also", "```console knows no v3"),
        ("```hint\nA nudge.", "```hint loud\nA nudge.", "```hint knows no loud"),
        ("# unshare -u /bin/sh", "# echo " + "x" * 90, "too wide"),
        ('title = "One"', f'title = "{"One " * 20}"', "a title has"),
    ],
)
def test_lint_looks_at_the_screen(make: Callable[..., Path], old: str, new: str, says: str) -> None:
    found = problems(make(old, new))
    assert any(says in text for text in found), found


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("まだ外です\n", "", "make has 1 messages in ```say, the source's checks 2"),
        ("- [ ] これ\n- [x] それ", "- [x] これ\n- [ ] それ", "which one is right"),
        ("- [ ] これ\n", "- [ ] これ\n- [ ] あれ\n", "the options differ in number"),
        ("```hint\n手がかり。\n```\n", "", "make has 1 blocks ```hint, the source 2"),
        ("#make of", "#mak of", "lesson.md has no mak"),
        ("```say", "```check", "```check means nothing here"),
        ("a | b c | すること", "a | b c | すること\nc | d", "card has 2 lines in ```commands, the source 1"),
        ("of=OPEN", "of=0", "5:the opening: the source has changed since"),
        (" {#opening of=OPEN}", "", "5:the opening: which text was it made from?"),
        ("# 一 {#opening of=OPEN}\n\n何のためか。\n", "", "the opening isn't translated"),
        ("## カード", "##", "a step needs an id"),
        ('title = "一"', "", "1:the translation has no title"),
    ],
)
def test_a_translation_that_differs_is_told_and_does_no_harm(
    make: Callable[..., Path], old: str, new: str, says: str
) -> None:
    assert old in JAPANESE
    folder = make(ja=JAPANESE.replace(old, new))
    found = problems(folder)
    assert any(says in text for text in found), found
    (step,) = load(folder, "ja").steps
    assert step.predict and (len(step.predict.options), step.predict.right) == (2, 1)
    assert len(step.hints) == 2 and [check.message for check in step.checks if not check.message] == []


def test_files_that_are_none(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    path = folder / "lesson.md"
    path.symlink_to(path)
    with pytest.raises(LessonError, match="can't be read"):
        load(folder)
    path.unlink()
    path.mkdir()
    with pytest.raises(LessonError, match="not a file"):
        load(folder)
    path.rmdir()
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(LessonError, match="not UTF-8"):
        load(folder)
    path.write_bytes(b"a" * (50 << 20))
    with pytest.raises(LessonError, match="too large"):
        load(folder)


def test_garbage_never_gets_a_traceback(make: Callable[..., Path]) -> None:
    folder, chance = make(), random.Random(3)
    pieces = [
        "```",
        "+++\n",
        "{{",
        "}}",
        "## ",
        "{#",
        "|",
        "\x00",
        "é",
        "- [x] ",
        "# ",
        "==",
        "\n\n",
        "[[",
        "'",
        '"',
    ]
    for number in range(1500):
        name, text = chance.choice((("lesson.md", ENGLISH), ("lesson.ja.md", JAPANESE)))
        for _ in range(chance.randint(1, 6)):
            at, gone = chance.randrange(len(text)), chance.choice((0, 1, 5, 60))
            text = text[:at] + chance.choice(pieces) * chance.choice((0, 1, 1, 3)) + text[at + gone :]
        (folder / name).write_text(text)
        try:
            found = lint(str(folder), known=known, views=["hostname"])
            load(folder, "ja")
        except LessonError as error:
            assert error.what, number
        else:
            assert all(problem.line >= 1 and "\x00" not in problem.text_of_line for problem in found)


def test_facts_in_words_and_in_commands() -> None:
    facts: dict[str, Value] = {"host.hostname": "a b", "host.mounts": 3, "x.y": ("p", "q"), "x.t": True}
    assert fill("{{host.hostname}} {{ host.mounts }} {{x.y}} {{x.t}} {{no.no}}", facts) == "a b 3 p, q true ?"
    assert fill_command("hostname {{host.hostname}}", facts) == "hostname 'a b'"
    with pytest.raises(LessonError, match=r"no\.no"):
        fill_command("hostname {{no.no}}", facts)


def test_the_course_has_an_order(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "lesson.md").write_text("")
    (tmp_path / "course.toml").write_text('order = ["c", "gone", "a"]')
    assert [Path(path).name for path in course(str(tmp_path))] == ["c", "a", "b"]
    assert find(str(tmp_path), "b") == str(tmp_path / "b")
    for name in ("d", "../a", "", "a/"):
        with pytest.raises(UsageError, match="there is no lesson"):
            find(str(tmp_path), name)
    (tmp_path / "course.toml").write_text("order = {")
    with pytest.raises(LessonError):
        course(str(tmp_path))


VARIED = """\
+++
title = "Two"
minutes = 3
needs = { tools = ["unshare"], controllers = ["memory"] }
format = 1
+++
# Two

## Make it {#make}

Before.

```prose v1
A tree for each.
```

```prose v2
One tree.
```

After.

```console v1
# unshare -u sh
```

```console v2
# unshare -u bash
```

```check
inside.ns.uts != host.ns.uts | still outside
```

```check v2
inside.hostname == "two" | not two
```

```guard
host.hostname == before.host.hostname | renamed
```

```hint v1
One.
```

```hint v2
Two.
```

```summary
Done.
```

## Only there {#there v2}

More.

```console
# unshare -u sh
```

```check
inside.hostname == "x" | not x
```

```hint
Three.
```

```summary
Done.
```
"""
VARIED_JA = """\
+++
title = "二"
format = 1
+++
# 二 {#opening of=OPEN}

## 作る {#make of=MAKE}

前。

```prose v1
木は別々。
```

```prose v2
木は一つ。
```

後。

```say
まだ外
変わった
```

```say v2
二ではない
```

```hint v1
一。
```

```hint v2
二。
```

```summary
済み。
```

## そこだけ {#there of=THERE}

もっと。

```say
違う
```

```hint
三。
```

```summary
済み。
```
"""


@pytest.fixture
def varied(tmp_path: Path) -> Path:
    folder = tmp_path / "two"
    folder.mkdir()
    (folder / "lesson.md").write_text(VARIED)
    source = document(str(folder))
    assert source
    ja = VARIED_JA.replace("OPEN", source.sections[0].source)
    for name in ("make", "there"):
        section = source.section(name)
        assert section
        ja = ja.replace(name.upper(), section.source)
    (folder / "lesson.ja.md").write_text(ja)
    return folder


def test_what_is_for_one_cgroup_version_stands_there_alone(varied: Path) -> None:
    first = load(varied, variant=lambda names: 1)
    second = load(varied, variant=lambda names: 2)
    assert (first.version, second.version) == (1, 2)
    assert [step.id for step in first.steps] == ["make"]
    assert [step.id for step in second.steps] == ["make", "there"]
    assert [block.text for block in first.steps[0].prose] == ["Before.", "A tree for each.", "After."]
    assert [block.text for block in second.steps[0].prose] == ["Before.", "One tree.", "After."]
    assert [step.consoles[0].commands for step in (first.steps[0], second.steps[0])] == [
        ("unshare -u sh",),
        ("unshare -u bash",),
    ]
    assert [check.message for check in first.steps[0].checks] == ["still outside", "renamed"]
    assert [check.message for check in second.steps[0].checks] == ["still outside", "not two", "renamed"]
    assert (first.steps[0].hints, second.steps[0].hints) == (("One.",), ("Two.",))


def test_a_translation_has_its_words_for_each_version(varied: Path) -> None:
    lesson = load(varied, "ja", variant=lambda names: 2)
    assert [block.text for block in lesson.steps[0].prose] == ["前。", "木は一つ。", "後。"]
    assert [check.message for check in lesson.steps[0].checks] == ["まだ外", "二ではない", "変わった"]
    assert (lesson.steps[0].hints, lesson.steps[1].title) == (("二。",), "そこだけ")
    assert problems(varied) == []
    (varied / "lesson.ja.md").write_text(VARIED_JA.replace("```say v2", "```say"))
    assert any("0 messages in ```say v2" in says for says in problems(varied))


def test_the_variant_is_asked_with_what_the_lesson_needs(varied: Path) -> None:
    asked = []
    load(varied, variant=lambda names: asked.append([*names]) or 1)  # type: ignore[func-returns-value]
    assert asked == [["memory"]]
    rows = outline(str(varied), "en", lambda names: 1).steps
    assert [(row.id, row.digest) for row in rows] == [
        (step.id, step.digest) for step in load(varied, variant=lambda names: 1).steps
    ]


def test_a_step_has_to_be_whole_for_each_version(varied: Path) -> None:
    text = VARIED.replace("```hint v1\nOne.\n```\n", "").replace("```prose v2", "```prose")
    (varied / "lesson.md").write_text(text)
    said = problems(varied)
    assert any("the step make has no hint" in says for says in said)
    assert any("prose for both cgroup versions needs no block" in says for says in said)


def test_a_translation_to_write_over_keeps_the_versions(varied: Path) -> None:
    source = document(str(varied))
    assert source
    (varied / "lesson.ja.md").write_text(untranslated(source, "Two"))
    assert problems(varied) == []


def test_a_lesson_says_which_format_it_is_written_in(make: Callable[..., Path]) -> None:
    folder = make("format = 1\n", "", ja=JAPANESE.replace("format = 1\n", ""))
    assert load(folder).title == "One"  # one that says none is of the first
    says = "it doesn't say which format it is written in"
    assert [p for p in problems(folder) if says in p] == [f"1:{says}"] * 2  # the translation, too


@pytest.mark.parametrize(
    ("written", "says", "do"),
    [
        ("2", "it is written in format 2", "update nsplay"),
        ("99", "it is written in format 99", "update nsplay"),
        ("0", "there is no format 0", "format = 1"),
        ('"1"', "there is no format 1", "format = 1"),
        ("true", "there is no format True", "format = 1"),
    ],
)
@pytest.mark.parametrize("name", ["lesson.md", "lesson.ja.md"])
def test_a_format_of_tomorrow_is_refused_with_what_to_do(
    make: Callable[..., Path], name: str, written: str, says: str, do: str
) -> None:
    folder = make()
    file = folder / name
    file.write_text(file.read_text().replace("format = 1", f"format = {written}"))
    for read in (load, outline):
        with pytest.raises(LessonError, match=rf"{name}:\d: {says}") as error:
            read(str(folder), "ja")
        assert error.value.do == do
    (found,) = lint(str(folder), known=lambda _: True, views=("hostname",))
    assert (found.text_of_line, found.says.partition(";")[0]) == (f"format = {written}", says)
    assert found.write == do
