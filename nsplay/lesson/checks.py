"""Checks: one comparison on facts each. Parsed from a line, judged on three looks (now, before, start), told in words."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from nsplay.lesson.document import split_check
from nsplay.lesson.fill import PREFIXES, Value, bare, fill, names
from nsplay.lesson.model import Check, Step, Verdict
from nsplay.lesson.text import LineError
from nsplay.lesson.words import phrase, value_words, wanted_words

Facts = Mapping[str, Value]

NAME: Final = r"[a-z_]+(?:\.[A-Za-z0-9_:/@+-]+)+"
COMPARISON: Final = re.compile(
    rf"(?P<left>{NAME})\s*"
    r"(?:(?P<word>grew|shrank|changed|unchanged)"
    r"|(?P<op>==|!=|<=|>=|<|>|not\s+contains|contains)\s*(?P<right>\"[^\"]*\"|[^\s\"]+))"
)
NUMBER: Final = re.compile(r"(-?\d{1,18})(kB|[kKMGT]?)")
UNITS: Final = {"": 1, "k": 1000, "kB": 1000, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def parse(text: str, line: int, *, guard: bool = False) -> Check:
    """`LEFT OP RIGHT | message`. LineError says what a check looks like."""
    source, message = split_check(text)
    match = COMPARISON.fullmatch(source)
    # `before.x grew` would ask for growth before the growth.
    if not match or not (match["right"] is None or _is_value(match["right"])) or _twice(match):
        raise LineError(
            line,
            f"this is no check: {source[:60]}",
            "a check compares one fact with another or with a value",
            "inside.ns.uts != host.ns.uts | you are still in the host's UTS namespace",
        )
    op = match["word"] or " ".join(match["op"].split())
    return Check(match["left"], op, match["right"], message, line, source, guard)


def _is_value(text: str) -> bool:
    return literal(text) is not None or re.fullmatch(NAME, text) is not None


def _twice(match: re.Match[str]) -> bool:
    return match["word"] is not None and match["left"].startswith(PREFIXES)


def literal(text: str) -> Value | None:
    """The value of a literal; None for a fact's name."""
    if text.startswith('"'):
        return text[1:-1]
    if text in ("true", "false"):
        return text == "true"
    number = NUMBER.fullmatch(text)
    return int(number[1]) * UNITS[number[2]] if number else None


def facts_in(check: Check) -> tuple[str, ...]:
    """The facts that a check names, with their prefixes."""
    right = check.right if check.right and literal(check.right) is None else None
    return (check.left, *([right] if right else ()))


def facts_of(step: Step) -> set[str]:
    """All facts, without prefixes, that a step's checks, words and commands need."""
    texts = [block.text for block in step.prose] + [check.message for check in step.checks]
    texts += [line for console in step.consoles for line in console.commands] + [*step.hints, *step.summary]
    if step.predict:
        texts += [step.predict.question, step.predict.because, *step.predict.options]
    found = {name for check in step.checks for name in facts_in(check)}
    return {bare(name) for name in found | {name for text in texts for name in names(text)}}


def exempt(check: Check) -> bool:
    """May it hold before the step's command? A guard may, and what says that a fact is what it was."""
    past = (
        check.right is not None and check.right.startswith(PREFIXES) and bare(check.right) == bare(check.left)
    )
    return check.guard or check.op == "unchanged" or (check.op == "==" and past)


def _numbers(test: Callable[[int, int], bool]) -> Callable[[Value, Value], bool]:
    """A comparison of sizes: never true of anything but two numbers. Yes and no are none, though Python says so."""

    def compare(a: Value, b: Value) -> bool:
        return isinstance(a, int) and isinstance(b, int) and type(a) is type(b) is int and test(a, b)

    return compare


def _same(a: Value, b: Value) -> bool:
    return type(a) is type(b) and a == b


def _differ(a: Value, b: Value) -> bool:
    return not _same(a, b)


def _contains(a: Value, b: Value) -> bool:
    return b in a if isinstance(a, tuple) else str(b) in str(a)


MANY: Final = 8  # more than so many of a list are not told one by one
COMPARE: Final[Mapping[str, Callable[[Value, Value], bool]]] = {
    "==": _same,
    "!=": _differ,
    "<": _numbers(lambda a, b: a < b),
    "<=": _numbers(lambda a, b: a <= b),
    ">": _numbers(lambda a, b: a > b),
    ">=": _numbers(lambda a, b: a >= b),
    "contains": _contains,
    "not contains": lambda a, b: not _contains(a, b),
    "grew": _numbers(lambda a, b: a > b),
    "shrank": _numbers(lambda a, b: a < b),
    "changed": _differ,
    "unchanged": _same,
}


def evaluate(
    checks: Sequence[Check], now: Facts, before: Facts, start: Facts, lang: str = "en"
) -> tuple[Verdict, ...]:
    """Judges every check. A fact that couldn't be read fails its check, and is said to be unreadable."""

    def value(name: str) -> Value | None:
        for prefix, facts in (("before.", before), ("start.", start)):
            if name.startswith(prefix):
                return facts.get(name.removeprefix(prefix))
        return now.get(name)

    context = {
        **now,
        **{f"before.{name}": fact for name, fact in before.items()},
        **{f"start.{name}": fact for name, fact in start.items()},
    }
    return tuple(_judge(check, value, context, lang) for check in checks)


def _found(check: Check, left: Value | None, right: Value | None, lang: str) -> str:
    """A list that is long is told by its length, and by what it was asked for: forty capabilities are a wall."""
    listed = check.op in ("contains", "not contains")
    if listed and isinstance(left, tuple) and len(left) > MANY and right is not None:
        there, asked = COMPARE["contains"](left, right), value_words(right, lang, check.left)
        if lang == "ja":
            return f"{len(left)} 個、{asked} {'あり' if there else 'なし'}"
        return f"{len(left)}, {asked} is{'' if there else ' not'} among them"
    return value_words(left, lang, check.left)


def _judge(check: Check, value: Callable[[str], Value | None], context: Facts, lang: str) -> Verdict:
    left = value(check.left)
    right_name = check.right or f"before.{check.left}"
    known = literal(right_name) if check.right else None
    right = known if known is not None else value(right_name)
    passed = left is not None and right is not None and COMPARE[check.op](left, right)
    found = f"{phrase(check.left, lang)}: {_found(check, left, right, lang)}"
    wanted = wanted_words(
        check.left,
        check.op,
        right_name if known is None else "",
        value_words(right, lang, check.left),
        lang,
    )
    return Verdict(check, passed, fill(check.message, context) or found, found, wanted)
