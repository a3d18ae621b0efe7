"""`nsplay look` and `nsplay diff`: any process or container beside the host, or two beside each other. Changes nothing."""

import json
import os
import select
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from nsplay import asking, owing, portrait
from nsplay.errors import MachineError, UsageError
from nsplay.facts import busy, facts
from nsplay.kernel import confinement, processes
from nsplay.lesson.course import course
from nsplay.owing import Owed
from nsplay.owing_rules import Case
from nsplay.portrait import Overview, Pair, Portrait
from nsplay.repl.chooser import detect
from nsplay.settings import Settings
from nsplay.snapshot import take
from nsplay.view import compare
from nsplay.view import containers as view_all
from nsplay.view import look as view
from nsplay.view import owe as view_owe
from nsplay.view.look_facts import outside
from nsplay.view.registry import VIEWS, parts_for
from nsplay.view.ui import Screen, Ui, render

EVERY: Final = 1.0  # seconds between two looks of --watch
INCOMPLETE: Final = 3  # exit status: not all could be read


class Options(NamedTuple):
    """The options of both commands."""

    container: str | None = None  # by its name, or as its number begins
    all: bool = False
    watch: bool = False
    json: bool = False
    owe: bool = False


def run(settings: Settings, words: Sequence[str], options: Options) -> int:
    """`look` or `diff` and what follows: 0, or 3 where not all could be read.

    UsageError for too many or too few words, for a view that there isn't and for a name that several containers have,
    MachineError when there is no such process or container.
    """
    verb, *rest = words
    if verb == "look":
        if options.owe:
            return _owe(settings, rest, options)
        if options.all:
            if rest or options.container:
                raise UsageError(
                    "--all is about everybody", "with it there is no process to name", "nsplay look --all"
                )
            return _all(settings, options)
        if not options.container and not rest:
            raise UsageError("look at whom?", "a process, a container, or all", "nsplay look --all")
        whom, views = (options.container, rest) if options.container else (rest[0], rest[1:])
        return _look(settings, _pid(whom, options.container is not None), views, options)
    if len(rest) != 2:
        raise UsageError("diff needs two", "processes or containers", "nsplay diff A B")
    return _diff(settings, _pid(rest[0]), _pid(rest[1]), options.json)


def _pid(word: str, name: bool = False) -> int:
    """Of a process by its number, or of a container by its name."""
    return int(word) if word.isdecimal() and not name else portrait.find(word).pid


# ---- one


def _look(settings: Settings, pid: int, views: Sequence[str], options: Options) -> int:
    for name in views:
        if name not in VIEWS:
            raise UsageError(f"there is no view {name}", f"there are: {', '.join(VIEWS)}")
    it = portrait.draw(pid, parts_for(views))
    if options.json and not options.watch:
        print(json.dumps(portrait.as_json(it), ensure_ascii=False, indent=2))
    elif views:
        _print(settings, _in_full(outside(_ui(settings)), it, views))
    elif not options.json:
        _print(settings, view.look(outside(_ui(settings)), it))
    if options.watch and not it.standing.problem:
        return _watch(settings, it, views, options.json)
    return INCOMPLETE if it.standing.problem else os.EX_OK


def _ui(settings: Settings) -> Ui:
    """What the terminal can do; a pipe or a file is read as a page of 100 columns."""
    ui = detect(settings)
    return ui if os.isatty(1) else replace(ui, width=100)


def _print(settings: Settings, screen: Screen) -> None:
    print(render(_ui(settings), screen), end="", flush=True)


def _in_full(ui: Ui, it: Portrait, views: Sequence[str]) -> Screen:
    """These views, host | in there."""
    screen = Screen()
    for name in views:
        screen.part(VIEWS[name].sides(ui, it.now))
    return screen


def _watch(settings: Settings, it: Portrait, views: Sequence[str], as_json: bool) -> int:
    """A line for whatever moved, once a second, until the process has ended: 0."""
    ui, pid = outside(_ui(settings)), it.standing.row.pid
    if as_json:
        print(json.dumps(portrait.as_json(it), ensure_ascii=False), flush=True)
    for now in _until_it_ends(it, parts_for(views)):
        if as_json:
            if (told := portrait.as_json(now)) != portrait.as_json(it):
                print(json.dumps(told, ensure_ascii=False), flush=True)
        elif views:
            moved = [name for name in views if VIEWS[name].moved(it.now, now.now)]
            _print(
                settings,
                Screen([line for name in moved for line in VIEWS[name].after(ui, it.now, now.now).lines]),
            )
        else:
            _print(settings, view.news(ui, it, now))
        it = now
    if not as_json:
        asking.note(ui.say(f"process {pid} has ended", f"プロセス {pid} は終わりました"))
    return os.EX_OK


def _until_it_ends(it: Portrait, parts: frozenset[str]) -> Iterator[Portrait]:
    pid = it.standing.row.pid
    try:
        fd = processes.pidfd(pid)
    except ProcessLookupError:
        return
    try:
        while not select.select([fd], [], [], EVERY)[0]:
            try:
                now = portrait.draw(pid, parts)
            except MachineError:
                return
            if now.standing.problem or now.standing.row.start != it.standing.row.start:
                return
            yield now
    finally:
        os.close(fd)


# ---- all


def _all(settings: Settings, options: Options) -> int:
    found = portrait.overview()
    if options.json:
        indent = None if options.watch else 2
        print(json.dumps(portrait.overview_json(found), ensure_ascii=False, indent=indent), flush=True)
    else:
        _print(settings, view_all.containers(_ui(settings), found))
    while options.watch:
        select.select([], [], [], EVERY)
        found = _news(settings, found, portrait.overview(), options.json)
    return os.EX_OK


def _news(settings: Settings, old: Overview, new: Overview, as_json: bool) -> Overview:
    """Who came and who went."""
    was, now = ({(line.it.pid, line.it.called): line.it for line in one.lines} for one in (old, new))
    if as_json and was.keys() != now.keys():
        print(json.dumps(portrait.overview_json(new), ensure_ascii=False), flush=True)
    elif not as_json:
        ui = _ui(settings)
        for mark, here, there in (("-", was, now), ("+", now, was)):
            for key in here.keys() - there.keys():
                print(view_all.news(ui, mark, here[key]), flush=True)
    return new


# ---- what it has beyond the one built by hand


def _owe(settings: Settings, rest: Sequence[str], options: Options) -> int:
    whom = [options.container, *rest] if options.container else rest
    if options.all or options.watch or len(whom) != 1:
        raise UsageError(
            "--owe is about one container", "without --all, --watch or a view", "nsplay look PID --owe"
        )
    it = portrait.draw(_pid(whom[0], options.container is not None), owing.PARTS)
    found = _owed(settings, it) if it.container else None
    if options.json:
        print(json.dumps(owing.as_json(it, found), ensure_ascii=False, indent=2))
    else:
        _print(settings, view_owe.owe(outside(_ui(settings)), it, found))
    return INCOMPLETE if it.standing.problem else os.EX_OK


def _owed(settings: Settings, it: Portrait) -> Owed:
    its, ours = confinement.read(it.standing.row.pid), confinement.read("self")
    there = (os.path.basename(folder) for folder in course(settings.lessons))
    return owing.with_lessons(owing.owed(Case(it, its, ours)), there)


# ---- two


def _diff(settings: Settings, first: int, second: int, as_json: bool) -> int:
    a, b = portrait.draw(first), portrait.draw(second)
    now = take(first, first, second, parts_for(compare.VIEWED))
    pair = Pair(a, b, now)
    if as_json:
        print(json.dumps(_diff_json(pair), ensure_ascii=False, indent=2))
    else:
        _print(settings, compare.compare(_ui(settings), pair))
    return INCOMPLETE if a.standing.problem or b.standing.problem else os.EX_OK


def _diff_json(pair: Pair) -> Mapping[str, Any]:
    """Both as `look --json` has them, the views that differ, and every fact that isn't the same: name -> [a, b]."""
    states = {view.name: state for state, views in compare.sort(pair)._asdict().items() for view in views}
    known = facts(pair.now)
    a, b = (
        {name.removeprefix(side): value for name, value in known.items() if name.startswith(side)}
        for side in ("host.", "inside.")
    )
    moved = [name for name in {**a, **b} if a.get(name) != b.get(name) and not busy(f"inside.{name}")]
    return {
        "format": portrait.FORMAT,
        "a": portrait.as_json(pair.a),
        "b": portrait.as_json(pair.b),
        "views": {name: states[name] for name in compare.VIEWED},
        "facts": {name: [a.get(name), b.get(name)] for name in moved},
    }
