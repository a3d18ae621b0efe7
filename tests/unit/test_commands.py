"""The table of commands, and what is made of it: --help, Tab, the manual page."""

import re

import pytest

from nsplay.commands import COMMANDS, usage, verbs
from nsplay.completions import offers
from nsplay.lesson.course import lessons_folder
from nsplay.manual import page


def words(*typed: str) -> list[str]:
    return [one.word for one in offers(lessons_folder(), typed)]


def test_usage_fits_and_has_all() -> None:
    told = usage()
    assert all(len(line) <= 110 for line in told.split("\n"))
    flat = " ".join(told.split())
    for text, does in COMMANDS:
        assert f"nsplay {' '.join(text.split())}" in flat
        assert does in flat


def test_no_lesson_is_called_like_a_command() -> None:
    assert {"list", "demo", "lesson", "man", "watch"} <= set(verbs())
    assert "uts" not in verbs()


@pytest.mark.parametrize(
    ("typed", "some", "none"),
    [
        ([""], {"demo", "lesson", "uts"}, {"test", "--json"}),
        (["d"], {"demo", "diff", "doctor", "devices"}, {"uts"}),
        (["demo", ""], {"uts", "container"}, {"demo"}),
        (["demo", "uts/"], {"uts/make", "uts/name"}, {"uts"}),
        (["uts/n"], {"uts/name"}, {"uts/make"}),
        (["lesson", ""], {"test", "new", "lint", "facts", "edit"}, {"uts"}),
        (["lesson", "test", ""], {"uts", "pid"}, {"test"}),
        (["lesson", "test", "uts", "p"], {"pid", "pids"}, {"uts"}),
        (["lesson", "test", "-"], {"--mutate", "--step", "--lang"}, {"--auto", "--memory"}),
        (["demo", "uts", "--"], {"--auto", "--rehearse", "--record"}, {"--mutate", "--owe"}),
        (["export", "uts", "p"], {"pid", "pids"}, {"uts"}),
        (["export", "--"], {"--html", "--md", "--pdf", "--to", "--paper", "--lang"}, {"--png", "--auto"}),
        (["export", "--paper", ""], {"a4", "letter"}, {"uts"}),
        (["--lang", ""], {"en", "ja"}, {"demo"}),
        (["--lang", "ja", "demo", "ut"], {"uts"}, set()),
        (["demo", "--seed", "7", "ut"], {"uts"}, set()),
        (["load", ""], {"cpu", "memory", "pids"}, {"load"}),
        (["completion", ""], {"bash", "zsh", "fish"}, set()),
        (["devices", ""], {"deny"}, {"devices"}),
    ],
)
def test_what_tab_offers(typed: list[str], some: set[str], none: set[str]) -> None:
    found = words(*typed)
    assert some <= set(found)
    assert not none & set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("typed", [["render", ""], ["--record", ""], ["--lessons", ""], ["demo", "no-such/"]])
def test_where_files_are_meant_or_nothing_is_known(typed: list[str]) -> None:
    assert words(*typed) == []


def test_the_manual_page_has_every_command_and_option() -> None:
    text = re.sub(r"\\f[BIR]|\\&", "", page()).replace(r"\-", "-").replace(r"\e", "\\")
    for command, does in COMMANDS:
        assert f"nsplay {command}" in text
        assert does[1:] in text
    assert "--rehearse" in text
    assert not re.search(r"^[.'](?!TH|SH|TP|nf|fi)", page(), re.MULTILINE)
