"""`nsplay doctor`: what this machine can, what is missing, what it costs, and what the fence can't stop here."""

from collections.abc import Iterable, Sequence

from rich.text import Text

from nsplay.findings import OLD, Findings, Problem, Tool, Tree, Trial, grouped, runnable
from nsplay.kernel.identity import CAPABILITIES
from nsplay.view.grid import prose_row, sentences, title
from nsplay.view.text import fit, wrap
from nsplay.view.ui import LABEL, MARGIN, Screen, Ui

REPORT = "nsplay doctor --report"

Row = tuple[str, bool, str]
"""Label, is it fine, words."""


def doctor(ui: Ui, found: Findings, missing: Sequence[Problem]) -> Screen:
    """The whole page."""
    if ui.plain:
        return _plain(found, missing)
    took = f"looked for {found.seconds:.1f} s"
    screen = Screen(title(ui, Text.assemble(("doctor", "head"), f"   {verdict(found)}"), took))
    for label, fine, words in rows(found):
        mark = Text(ui.yes, "ok") if fine else Text("!", "warn")
        screen += prose_row(ui, Text(label, "head"), words, mark, widest=ui.body)
    section = [line for problem in missing for line in _problem(ui, problem)]
    screen.part([Text(" missing", "head"), *section] if section else [])
    section = [line for trial in left_out(found) for line in _trial(ui, trial)]
    screen.part([Text(" left out; the rest goes on", "head"), *section] if section else [])
    section = [line for typed, happens in found.gaps for line in _gap(ui, typed, happens, Text("!", "warn"))]
    screen.part([Text(" what the fence can't stop on this machine", "head"), *section] if section else [])
    section = [line for typed, happens in found.odd for line in _gap(ui, typed, happens, Text())]
    screen.part([Text(" what is different on a stage", "head"), *section] if section else [])
    last = Text.assemble((REPORT, "cmd"), " to paste into an issue: no host name, no user name")
    screen.part(Text.assemble(" ", line) for line in [last])
    return screen


def verdict(found: Findings) -> str:
    """The one sentence."""
    if found.refused:
        return "no stage can be made here, so no lesson runs"
    return f"{runnable(found)} of {len(found.lessons)} lessons run here"


def rows(found: Findings) -> list[Row]:
    """What is there, a line each."""
    made = [trial.name for trial in found.namespaces if trial.works]
    tried = [trial.name for trial in found.kernel if trial.works]
    holds = [trial.name for trial in found.stage if trial.works and trial.name != "limits"]
    each = " (each tried in a process of its own)"
    return [
        ("kernel", *_kernel(found)),
        ("you", *_you(found)),
        (
            "namespaces",
            len(made) == len(found.namespaces),
            _words(made) + (" (each made and left again)" if made else ""),
        ),
        ("cgroups", any(tree.writable for tree in found.trees), _cgroups(found)),
        (
            "mechanisms",
            len(tried) == len(found.kernel),
            _words(tried) + (each if tried else ""),
        ),
        ("fence", not found.lacks and not found.refused, _fence(found, holds)),
        ("terminal", True, _terminal(found)),
        ("language", True, f"{found.terminal.lang} (locale {found.terminal.locale or 'not set'})"),
        ("tools", all(tool.path for tool in found.tools if tool.needed), _tools(found.tools)),
    ]


def left_out(found: Findings) -> tuple[Trial, ...]:
    """What was refused and isn't fatal, each with why."""
    return grouped(
        trial
        for trial in (*found.kernel, *found.stage)
        if not trial.works and trial.why and trial.name != "limits"
    )


def _words(names: Iterable[str]) -> str:
    return " ".join(names) or "none"


def _kernel(found: Findings) -> tuple[bool, str]:
    old = ".".join(map(str, OLD))
    numbers = found.release.split("-")[0].split(".")
    fine = not all(part.isdigit() for part in numbers[:2]) or tuple(map(int, numbers[:2])) >= OLD
    where = f", in a container ({found.around.container})" if found.around.container else ""
    return (
        fine,
        f"Linux {found.release}, {found.machine}{where} ({old} or newer will do); Python {found.python}",
    )


def _you(found: Findings) -> tuple[bool, str]:
    around = found.around
    if around.root:
        who = "root" if around.uid == 0 else f"uid {around.uid} with CAP_SYS_ADMIN"
        who += "" if around.machines_own else " of a user namespace"
    elif around.uid == 0:
        who = f"root without CAP_SYS_ADMIN: {len(around.capabilities)} of {len(CAPABILITIES)} capabilities"
    else:
        who = "an ordinary user: the stage is made in a user namespace"
        who += ", sudo is there" if around.sudo else ", no sudo"
    notes = [
        words
        for words, there in (("no_new_privs", around.no_new_privs), ("a seccomp filter", around.seccomp))
        if there
    ]
    return around.root, who + (f" ({', '.join(notes)})" if notes else "")


def _cgroups(found: Findings) -> str:
    parts = [_tree(found, tree) for tree in found.trees if tree.version == 2]
    first = [tree for tree in found.trees if tree.version == 1]
    if first:
        able = [name for tree in first for name in tree.controllers if tree.writable]
        unable = [name for tree in first for name in tree.controllers if not tree.writable]
        told = [f"v1: {_words(able)}"] if able else []
        told += [f"v1, not writable: {_words(unable)}"] if unable else []
        parts = told + parts
    return f"{found.cgroup}; " + "; ".join(parts) if parts else "none is mounted"


def _tree(found: Findings, tree: Tree) -> str:
    state = "not writable" if not tree.writable else "yours" if found.around.root else "delegated to you"
    if tree.writable and tree.crowded:
        state += ", but processes stand in the group itself, so it gives no controller"
    return f"v2: {_words(tree.controllers)} ({state})"


def _fence(found: Findings, holds: Sequence[str]) -> str:
    if found.refused:
        return "no stage can be made here"
    lacking = f"; lacking: {'; '.join(found.lacks)}" if found.lacks else ""
    return f"{', '.join(holds)} (a real stage was made and taken down){lacking}"


def _terminal(found: Findings) -> str:
    here = found.terminal
    if not here.tty:
        return "none: this goes to a pipe or a file"
    colours = f"{here.colours} colours" if here.colours else "no colours"
    return f"{here.term or 'TERM is not set'}, {here.columns} x {here.rows}, {'UTF-8' if here.utf8 else 'ASCII'}, {colours}"


def _tools(tools: Sequence[Tool]) -> str:
    needed = [tool for tool in tools if tool.needed]
    there = [f"{tool.name} {tool.version}".rstrip() for tool in needed if tool.path]
    absent = [tool.name for tool in tools if not tool.path and not tool.needed]
    asked = f"; not here, and no lesson asks for them: {', '.join(absent)}" if absent else ""
    return f"{len(there)} of {len(needed)}: {', '.join(there)}{asked}"


def _problem(ui: Ui, problem: Problem) -> list[Text]:
    lines = prose_row(ui, Text(problem.name, "head"), problem.what, Text("!", "warn"), widest=ui.body)
    if problem.costs:
        lines += prose_row(ui, "", f"costs {problem.costs}")
    for number, (where, command) in enumerate(problem.mends):
        start = Text.assemble("mend: " if number == 0 else "", (f"{where}: " if where else "", "faint"))
        lines += prose_row(ui, "", Text.assemble(start, (command, "cmd")), widest=ui.body)
    return lines


def _trial(ui: Ui, trial: Trial) -> list[Text]:
    if len(trial.name) < LABEL:
        lines = prose_row(ui, trial.name, trial.why, widest=ui.body)
    else:
        lines = _gap(ui, trial.name, trial.why, Text())
    return lines + (prose_row(ui, "", Text.assemble("mend: ", (trial.do, "cmd"))) if trial.do else [])


def _gap(ui: Ui, typed: str, happens: str, mark: Text) -> list[Text]:
    words = Text.assemble((typed, "cmd"), f": {happens}")
    first, *rest = wrap(words, ui.cols - MARGIN, hang=2)
    return [
        Text.assemble(" ", fit(mark, 1), " ", first),
        *(Text.assemble(" " * MARGIN, line) for line in rest),
    ]


def _plain(found: Findings, missing: Sequence[Problem]) -> Screen:
    said = [f"{verdict(found).capitalize()}."]
    for problem in missing:
        said.append(f"Missing: {problem.name}. {problem.what}.".replace("..", "."))
        said.append(f"It costs {problem.costs}." if problem.costs else "")
        said += [
            f"To mend it{f' on {where}' if where else ''}, type: {command}"
            for where, command in problem.mends
        ]
    said += [f"{label}{'' if fine else ', not all'}: {words}." for label, fine, words in rows(found)]
    for trial in left_out(found):
        said.append(
            f"Left out: {trial.name}. {trial.why}." + (f" To mend it, type: {trial.do}" if trial.do else "")
        )
    said += [f"The fence can't stop: {typed}. {happens}." for typed, happens in found.gaps]
    said += [f"On a stage: {typed}. {happens}." for typed, happens in found.odd]
    said.append(f"{REPORT} has this without names, to paste into an issue.")
    return sentences(said)
