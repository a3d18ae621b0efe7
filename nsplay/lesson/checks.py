"""Checks: one comparison on facts each. Parsed from a line, judged on three looks (now, before, start), told in words."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from nsplay.errors import LessonError
from nsplay.lesson.fill import PREFIXES, Value, bare, fill, names, text_of
from nsplay.lesson.model import Check, Step, Verdict
from nsplay.lesson.words import phrase, wanted_words

Facts = Mapping[str, Value]

NAME: Final = r"[a-z_]+(?:\.[A-Za-z0-9_:]+)+"
LINE: Final = re.compile(
    rf"^\s*(?P<left>{NAME})\s*"
    r"(?:(?P<word>grew|shrank|changed|unchanged)"
    r"|(?P<op>==|!=|<=|>=|<|>|not\s+contains|contains)\s*(?P<right>\"[^\"]*\"|[^\s|]+))\s*(?:\|\s*(?P<message>.*?)\s*)?$"
)
NUMBER: Final = re.compile(r"^(-?\d+)([kKMGT]?)$")
UNITS: Final = {"": 1, "k": 1000, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def parse(text: str, line: int, *, guard: bool = False) -> Check:
    """`LEFT OP RIGHT | message`. LessonError says what a check looks like."""
    match = LINE.match(text)
    if not match or (match["right"] and not _is_value(match["right"])):
        raise LessonError(
            f"line {line}: this is no check: {text.strip()[:60]}",
            "a check compares one fact with another or with a value",
            "inside.ns.uts != host.ns.uts | you are still in the host's UTS namespace",
        )
    op = match["word"] or " ".join(match["op"].split())
    source = text.partition("|")[0].strip()
    return Check(match["left"], op, match["right"], match["message"] or "", line, source, guard)


def _is_value(text: str) -> bool:
    literal = text.startswith('"') or text in ("true", "false") or NUMBER.match(text)
    return bool(literal) or re.fullmatch(NAME, text) is not None


def literal(text: str) -> Value | None:
    """The value of a literal; None for a fact's name."""
    if text.startswith('"'):
        return text.strip('"')
    if text in ("true", "false"):
        return text == "true"
    number = NUMBER.match(text)
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
    """A comparison of sizes: never true of anything but two numbers."""

    def compare(a: Value, b: Value) -> bool:
        return isinstance(a, int) and isinstance(b, int) and test(a, b)

    return compare


def _contains(a: Value, b: Value) -> bool:
    return b in a if isinstance(a, tuple) else str(b) in str(a)


COMPARE: Final[Mapping[str, Callable[[Value, Value], bool]]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": _numbers(lambda a, b: a < b),
    "<=": _numbers(lambda a, b: a <= b),
    ">": _numbers(lambda a, b: a > b),
    ">=": _numbers(lambda a, b: a >= b),
    "contains": _contains,
    "not contains": lambda a, b: not _contains(a, b),
    "grew": _numbers(lambda a, b: a > b),
    "shrank": _numbers(lambda a, b: a < b),
    "changed": lambda a, b: a != b,
    "unchanged": lambda a, b: a == b,
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


def _judge(check: Check, value: Callable[[str], Value | None], context: Facts, lang: str) -> Verdict:
    left = value(check.left)
    right_name = check.right or f"before.{check.left}"
    known = literal(right_name) if check.right else None
    right = known if known is not None else value(right_name)
    passed = left is not None and right is not None and COMPARE[check.op](left, right)
    unread = "読み取れません" if lang == "ja" else "couldn't be read"
    shown = unread if left is None else text_of(left)
    found = f"{phrase(check.left, lang)}: {shown}"
    wanted = wanted_words(
        check.left,
        check.op,
        right_name if known is None else "",
        unread if right is None else text_of(right),
        lang,
    )
    return Verdict(check, passed, fill(check.message, context) or found, found, wanted)
