"""`nsplay check` and `nsplay lesson facts`: a running session, or any process, judged and told from outside."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from nsplay import asking, facts
from nsplay.asking import Wish, note
from nsplay.errors import MachineError, UsageError
from nsplay.kernel.cgroups import variant
from nsplay.lesson.checks import evaluate, exempt, facts_in
from nsplay.lesson.course import find
from nsplay.lesson.fill import PREFIXES, bare
from nsplay.lesson.loader import load
from nsplay.lesson.model import Check, Lesson, Step, Verdict
from nsplay.lesson.packs import in_pack, lookup
from nsplay.lesson.suggest import Line, Suggestion, everything, what_changed
from nsplay.sessions import Command, Facts, Running
from nsplay.settings import Settings
from nsplay.snapshot import PARTS

PAST_WORDS: Final = ("grew", "shrank", "changed", "unchanged")
SIDES: Final = ("inside", "second", "host", "machine")  # as an author wants to read them
WIDEST: Final = 60  # columns up to which comparisons are aligned


@dataclass(frozen=True)
class Verdicts:
    """judged: in the checks' order. unjudged: those that can't be, and why."""

    judged: tuple[Verdict, ...]
    unjudged: tuple[tuple[Check, str], ...]

    @property
    def failed(self) -> Verdict | None:
        return next((verdict for verdict in self.judged if not verdict.passed), None)

    @property
    def status(self) -> int:
        """0: done; 1: a check failed; 3: none did, but not all could be judged.

        What says that something stays as it was proves nothing by itself: the step is done without it, if the rest is.
        """
        if self.failed:
            return 1
        proved = not all(exempt(verdict.check) for verdict in self.judged)
        missed = not all(exempt(one) for one, _ in self.unjudged)
        return 3 if self.unjudged and (missed or not proved) else 0


# --- nsplay check ---


def check(settings: Settings, word: str | None, wish: Wish, *, lang: str | None, as_json: bool) -> int:
    """Prints one line: "done", or what the first failed check says. 0, 1 or 3; see `Verdicts.status`.

    lang: the words' language, None for the session's. Raises UsageError for an unknown lesson or step, MachineError
    when there is no session, or no such process, or it may not be looked at.
    """
    if wish.pid is not None:
        return _check_process(settings, word, wish.pid, as_json)
    try:
        session = asking.session(Path(settings.state), wish)
    except MachineError:
        if "/" in (word or ""):
            _step(settings, word, None)  # a name that is wrong will be wrong with a session, too: UsageError
        raise
    lesson, step = _step(settings._replace(lang=lang or session.lang), word, session)
    now = asking.facts_of(asking.look(session, _parts(step)))
    if (lesson.id, step.id) == (session.lesson, session.step):  # as the session itself judges it
        verdicts = Verdicts(evaluate(step.checks, now, session.before, session.start, lesson.lang), ())
    else:
        start = session.start if lesson.id == session.lesson else {}
        verdicts = judge(step.checks, now, {"start.": start}, lesson.lang)
    return _tell(lesson, step, verdicts, session.pid, as_json)


def _check_process(settings: Settings, word: str | None, pid: int, as_json: bool) -> int:
    if not word:
        raise UsageError(
            "which step?", "a process alone is in no lesson", f"nsplay check LESSON/STEP --pid {pid}"
        )
    lesson, step = _step(settings, word, None)
    now = asking.facts_of(asking.look_at(pid, _parts(step)))
    return _tell(lesson, step, judge(step.checks, now, {}, lesson.lang), None, as_json)


def judge(checks: Sequence[Check], now: Facts, past: Mapping[str, Facts], lang: str) -> Verdicts:
    """Judges what can be judged. past: by prefix; what is empty there isn't known."""
    known: list[Check] = []
    unknown: list[tuple[Check, str]] = []
    for one in checks:
        if why := _obstacle(one, now, past):
            unknown.append((one, why))
        else:
            known.append(one)
    before, start = (past.get(prefix, {}) for prefix in PREFIXES)
    return Verdicts(evaluate(known, now, before, start, lang), tuple(unknown))


def _obstacle(one: Check, now: Facts, past: Mapping[str, Facts]) -> str:
    """Why a check can't be judged; empty when it can."""
    names = [*facts_in(one), *([f"before.{one.left}"] if one.op in PAST_WORDS else [])]
    for name in names:
        prefix = next((prefix for prefix in PREFIXES if name.startswith(prefix)), "")
        if prefix and not past.get(prefix):
            return f"`{prefix}` is only known of the step that a session is at"
        if bare(name) not in (past[prefix] if prefix else now):
            return f"{name} couldn't be read"
    return ""


def _tell(lesson: Lesson, step: Step, verdicts: Verdicts, session: int | None, as_json: bool) -> int:
    message = _message(lesson, verdicts)
    if as_json:
        told = {"session": session, "lesson": lesson.id, "step": step.id, "done": verdicts.status == 0}
        rows = [_row(verdict.check, verdict.passed, **_words(verdict)) for verdict in verdicts.judged]
        rows += [_row(one, None, message=why) for one, why in verdicts.unjudged]
        _print_json({**told, "message": message, "checks": rows})
    else:
        print(message)
    return verdicts.status


def _row(one: Check, passed: bool | None, **words: str) -> dict[str, object]:
    return {"check": one.source, "passed": passed, **words}


def _words(verdict: Verdict) -> dict[str, str]:
    return {"message": verdict.message, "found": verdict.found, "wanted": verdict.wanted}


def _message(lesson: Lesson, verdicts: Verdicts) -> str:
    if failed := verdicts.failed:
        if lesson.lang == "ja":
            return f"{failed.message} (いま: {failed.found}、めざす形: {failed.wanted})"
        return f"{failed.message} (found: {failed.found}; wanted: {failed.wanted})"
    if verdicts.unjudged:
        (first, why), count = verdicts.unjudged[0], len(verdicts.unjudged)
        whole = count + len(verdicts.judged)
        others = ", the others hold" if verdicts.judged else ""
        told = f"{count} of {whole} checks can't be judged{others}: {first.source}: {why}"
        return told if verdicts.status else f"done; {told}"
    return "done"


def _step(settings: Settings, word: str | None, session: Running | None) -> tuple[Lesson, Step]:
    """The step that was named, else the session's. A lesson alone stands for the session's step of it."""
    lesson_id, _, step_id = (word or "").partition("/")
    if session and lesson_id in ("", session.lesson, in_pack(session.lesson)):
        folder, lesson_id = find(session.lessons, in_pack(session.lesson)), session.lesson
        step_id = step_id or session.step
    else:
        folder, lesson_id, _ = lookup(settings, lesson_id)
    lesson = replace(load(folder, settings.lang, variant=variant, known=facts.known), id=lesson_id)
    names = ", ".join(step.id for step in lesson.steps)
    if not step_id:
        raise UsageError(f"which step of {lesson.id}?", f"it has: {names}", f"nsplay check {lesson.id}/STEP")
    try:
        return lesson, lesson.steps[lesson.index(step_id)]
    except KeyError:
        raise UsageError(f"the lesson {lesson.id} has no step {step_id}", f"it has: {names}") from None


def _parts(step: Step) -> frozenset[str]:
    """The parts of a snapshot that a step's checks need."""
    names = {bare(name) for one in step.checks for name in facts_in(one)}
    return frozenset().union(*(facts.parts_for(name) for name in names))


# --- nsplay lesson facts ---


def show_facts(settings: Settings, wish: Wish, *, diff: bool, as_json: bool) -> int:
    """Prints all facts as lines for a lesson, or with diff what the session's last command did; 0. Raises as `check`."""
    if wish.pid is not None:
        if diff:
            says = "--diff is about a session's last command"
            raise UsageError(says, "a process alone has none", f"nsplay lesson facts --pid {wish.pid}")
        found = asking.facts_of(asking.look_at(wish.pid, PARTS))
        # There is no stage: the machine is the host.
        now = {name: value for name, value in found.items() if not name.startswith("machine.")}
        return _show(None, now, as_json)
    session = asking.session(Path(settings.state), wish)
    if diff:
        return _show_last(session, as_json)
    return _show(session.pid, asking.facts_of(asking.look(session, PARTS)), as_json)


def _show(session: int | None, now: Facts, as_json: bool) -> int:
    ordered = {name: now[name] for side in SIDES for name in now if name.startswith(f"{side}.")}
    lines = everything(ordered)
    if as_json:
        _print_json({"session": session, "facts": ordered, "lines": [line._asdict() for line in lines]})
    else:
        print("\n".join(_aligned(lines)))
    return 0


def _show_last(session: Running, as_json: bool) -> int:
    last = session.last
    found = what_changed(last.before, last.after) if last else Suggestion((), ())
    if as_json:
        blocks = {kind: [line._asdict() for line in lines] for kind, lines in found._asdict().items()}
        _print_json({"session": session.pid, "line": last and last.line, **blocks})
    elif not last:
        note("no command has been typed yet: there is nothing to compare")
    else:
        _print_suggestion(found, last)
    return 0


def _print_suggestion(found: Suggestion, last: Command) -> None:
    """As fences, which is how they stand in a lesson; what is about them goes to standard error."""
    after = f"after `{last.line}`" if last.line else "after the last change"
    note(after if found.checks else f"{after}: nothing that was looked at is different")
    aligned = _aligned([*found.guards, *found.checks])
    guards, checks = aligned[: len(found.guards)], aligned[len(found.guards) :]
    blocks = [
        (f"```{kind}", *lines, "```") for kind, lines in (("guard", guards), ("check", checks)) if lines
    ]
    if found.checks:
        print("\n\n".join("\n".join(block) for block in blocks))
    looked = frozenset().union(*(facts.parts_for(name) for name in last.after))
    if unseen := sorted(PARTS - looked):
        note(
            f"not looked at in this step: {', '.join(unseen)}. A view or a check that needs them changes that"
        )


def _aligned(lines: Sequence[Line]) -> list[str]:
    width = max((len(line.comparison) for line in lines if len(line.comparison) <= WIDEST), default=0)
    return [f"{line.comparison:{width}} | {line.words}" for line in lines]


def _print_json(value: Mapping[str, object]) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
