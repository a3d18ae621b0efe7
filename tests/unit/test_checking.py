"""How checks are judged from outside: what fails, what can't be known."""

import pytest

from nsplay.checking import judge
from nsplay.facts import Value
from nsplay.lesson.checks import parse

NOW: dict[str, Value] = {"inside.ns.uts": 1, "host.ns.uts": 1, "inside.hostname": "a", "host.hostname": "a"}
APART: dict[str, Value] = {**NOW, "inside.ns.uts": 2}
CHECK = "inside.ns.uts != host.ns.uts"
GUARD = "host.hostname == before.host.hostname"


@pytest.mark.parametrize(
    ("lines", "now", "known", "status"),
    [
        ((CHECK,), APART, {}, 0),
        ((CHECK,), NOW, {}, 1),
        ((GUARD, CHECK), APART, {"before."}, 0),
        ((GUARD, CHECK), APART, {}, 0),  # what stays as it was proves nothing
        ((GUARD,), APART, {}, 3),
        ((GUARD, CHECK), NOW, {}, 1),
        (("host.hostname == start.host.hostname", CHECK), APART, {"before."}, 0),
        (("inside.hostname changed",), APART, {}, 3),
        (("inside.hostname unchanged",), APART, {"before."}, 0),
        (("inside.mounts > 3", CHECK), APART, {}, 3),
        (("inside.mounts > 3", CHECK), NOW, {}, 1),
        (("host.hostname == before.inside.mounts",), APART, {"before."}, 3),
    ],
)
def test_a_failure_comes_first_then_what_is_unknown(
    lines: tuple[str, ...], now: dict[str, Value], known: set[str], status: int
) -> None:
    checks = [parse(line, number) for number, line in enumerate(lines)]
    found = judge(checks, now, dict.fromkeys(known, NOW), "en")
    assert found.status == status
    assert len(found.judged) + len(found.unjudged) == len(checks)
    assert all(why for _, why in found.unjudged)
