"""Checks are comparisons on facts: what holds, what is said when they don't."""

import pytest

from nsplay.errors import LessonError
from nsplay.facts import Value
from nsplay.lesson.checks import evaluate, exempt, parse

NOW: dict[str, Value] = {
    "inside.ns.uts": 2,
    "host.ns.uts": 1,
    "host.hostname": "vm",
    "inside.own": ("uts", "mnt"),
    "host.mounts": 5,
    "a.b": True,
}
BEFORE: dict[str, Value] = {"inside.ns.uts": 1, "host.hostname": "vm", "host.mounts": 4, "inside.own": ()}
START: dict[str, Value] = {"host.hostname": "old", "host.mounts": 5}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("inside.ns.uts != host.ns.uts", True),
        ("inside.ns.uts == host.ns.uts", False),
        ("host.hostname == before.host.hostname", True),
        ("host.hostname == start.host.hostname", False),
        ('host.hostname == "vm"', True),
        ('host.hostname != "vm"', False),
        ("host.mounts >= 5", True),
        ("host.mounts > 5", False),
        ("host.mounts < 1K", True),
        ("host.mounts grew", True),
        ("host.mounts shrank", False),
        ("inside.ns.uts changed", True),
        ("host.hostname unchanged", True),
        ('inside.own contains "uts"', True),
        ('inside.own not contains "uts"', False),
        ("a.b == true", True),
        ("a.b == false", False),
        ("no.such == 1", False),
        ("no.such != 1", False),
        ("no.such unchanged", False),
        ("host.hostname < 3", False),
    ],
)
def test_a_comparison(text: str, holds: bool) -> None:
    (verdict,) = evaluate([parse(text, 7)], NOW, BEFORE, START)
    assert verdict.passed is holds
    assert verdict.found and verdict.wanted and verdict.message


@pytest.mark.parametrize(
    "text",
    ["", "a", "a.b", "a.b = 1", "a.b == ", "a.b == x", "A.b == 1", "a.b == 1 2", "a.b grew 3", "1 == a.b"],
)
def test_what_is_no_check_is_refused(text: str) -> None:
    with pytest.raises(LessonError, match="line 7: this is no check"):
        parse(text, 7)


def test_a_failed_check_says_what_it_found_and_wanted() -> None:
    check = parse("inside.ns.uts == host.ns.uts | still in {{inside.ns.uts}}", 1)
    (verdict,) = evaluate([check], NOW, BEFORE, START)
    assert verdict.message == "still in 2"
    assert verdict.found == "uts namespace in here: 2"
    assert verdict.wanted == "uts namespace in here must be uts namespace on the host (1)"
    (verdict,) = evaluate([check], NOW, BEFORE, START, "ja")
    assert verdict.found == "ここの uts 名前空間: 2"
    (verdict,) = evaluate([parse("no.such == 1", 1)], NOW, BEFORE, START)
    assert "couldn't be read" in verdict.found


@pytest.mark.parametrize(
    ("text", "guard", "may"),
    [
        ("host.hostname == before.host.hostname", False, True),
        ("host.hostname == start.host.hostname", False, True),
        ("host.hostname unchanged", False, True),
        ("inside.ns.uts != host.ns.uts", True, True),
        ("inside.ns.uts != host.ns.uts", False, False),
        ("host.hostname == start.inside.hostname", False, False),
        ("host.mounts grew", False, False),
    ],
)
def test_only_a_guard_or_an_unmoved_fact_may_hold_before_the_step(text: str, guard: bool, may: bool) -> None:
    assert exempt(parse(text, 1, guard=guard)) is may


def test_a_long_list_is_told_by_its_length_and_what_was_asked_for() -> None:
    now: dict[str, Value] = {"inside.capabilities.bounding": tuple(f"cap{n}" for n in range(40))}
    check = parse('inside.capabilities.bounding not contains "chown"', 1)
    for lang, told in (("en", "40, chown is not among them"), ("ja", "40 個、chown なし")):
        (verdict,) = evaluate([check], now, {}, {}, lang)
        assert verdict.passed and verdict.found.endswith(told)


def test_sides_are_called_as_a_learner_calls_them_and_a_text_keeps_to_its_line() -> None:
    now: dict[str, Value] = {"host.at./x.reaches": ("host", "second"), "host.file./x.text": r"one\x0atwo"}
    checks = [parse('host.at./x.reaches contains "host"', 1), parse('host.file./x.text contains "one"', 2)]
    reaches, text = evaluate(checks, now, {}, {})
    assert reaches.found.endswith(": the host, terminal 2") and text.found.endswith(": one / two")
