"""Every fact has words in both languages: a failed check never shows the name of a variable."""

import re
import unicodedata

import pytest

from nsplay import facts
from nsplay.facts import Value
from nsplay.lesson.checks import evaluate, parse
from nsplay.lesson.words import OPS, phrase, value_words, wanted_words


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("prefix", ["", "before.", "start."])
def test_every_fact_has_words(lang: str, prefix: str) -> None:
    free = [
        f"{side}.{fact.name.replace(word, thing)}"
        for side in facts.SIDES
        for fact in facts.FACTS
        for word, thing in (("LINK", "eth0"), ("CHAIN", "post"), ("PATH", "/mnt/x-1.img"))
        if word in fact.name
    ]
    names = [prefix + name for name in (*facts.NAMES, *free)]
    told = {name: phrase(name, lang) for name in names}
    assert [name for name, words in told.items() if words.endswith(name.removeprefix(prefix))] == []
    assert len(set(told.values())) == len(names)  # two facts are never called the same
    assert [
        words for words in told.values() if re.search(r"の[A-Za-z0-9/]", words)
    ] == []  # a blank is before Latin


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("count", ["members", "others", "yours", "apart", "joined"])
def test_a_cgroup_namespace_is_one_of_the_eight(lang: str, count: str) -> None:
    assert phrase(f"host.cgroup.{count}", lang) == phrase(f"host.uts.{count}", lang).replace("uts", "cgroup")


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("op", list(OPS))
def test_found_and_wanted_say_the_values(lang: str, op: str) -> None:
    now: dict[str, Value] = {"inside.mounts": 41}
    before: dict[str, Value] = {"inside.mounts": 40}
    right = "" if op in ("grew", "shrank", "changed", "unchanged") else " before.inside.mounts"
    (verdict,) = evaluate([parse(f"inside.mounts {op}{right}", 1)], now, before, {}, lang)
    assert "41" in verdict.found and "40" in verdict.wanted
    for text in (verdict.found, verdict.wanted):
        assert "  " not in text and text == text.strip()
        # one column here, two there: such a sign would shift the picture
        assert not [c for c in text if unicodedata.east_asian_width(c) == "A"]


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_what_could_not_be_read_is_said_on_its_side(lang: str) -> None:
    unread = "読み取れません" if lang == "ja" else "couldn't be read"
    check = parse("inside.mounts == before.inside.mounts", 1)
    (now_missing,) = evaluate([check], {}, {"inside.mounts": 4}, {}, lang)
    assert unread in now_missing.found and "4" in now_missing.wanted and not now_missing.passed
    (past_missing,) = evaluate([check], {"inside.mounts": 4}, {}, {}, lang)
    assert "4" in past_missing.found and unread in past_missing.wanted and not past_missing.passed


@pytest.mark.parametrize(("lang", "none"), [("en", "none"), ("ja", "なし")])
def test_an_empty_list_is_said(lang: str, none: str) -> None:
    check = parse("inside.capabilities.effective == before.inside.capabilities.effective", 1)
    names = {"inside.capabilities.effective": ()}
    (verdict,) = evaluate([check], names, names, {}, lang)
    assert verdict.found.endswith(f": {none}") and none in verdict.wanted


@pytest.mark.parametrize(("lang", "yes", "no"), [("en", "yes", "no"), ("ja", "はい", "いいえ")])
def test_a_yes_is_no_word_of_a_program(lang: str, yes: str, no: str) -> None:
    check = parse("host.group./few.exists == true", 1)
    (verdict,) = evaluate([check], {"host.group./few.exists": False}, {}, {}, lang)
    assert verdict.found.endswith(f": {no}") and yes in verdict.wanted


def test_a_question_is_answered_in_japanese() -> None:
    asked = wanted_words("host.file./tmp/x.exists", "==", "", "はい", "ja")
    assert asked.endswith("/tmp/x があるか: はい")


def test_what_a_file_is_is_told_in_the_readers_language() -> None:
    assert value_words("folder", "ja", "host.file./tmp/x.kind") == "ディレクトリ"
    assert value_words("folder", "en", "host.file./tmp/x.kind") == "folder"
    assert value_words("folder", "ja", "host.hostname") == "folder"


def test_japanese_has_blanks_beside_latin_letters_alone() -> None:
    assert wanted_words("inside.uid_map", "==", "", "0 0 1", "ja") == "ここの uid_map が 0 0 1 であること"
    assert (
        wanted_words("host.file./x.kind", "==", "", "フォルダ", "ja")
        == "ホストの /x の種類がフォルダであること"
    )
