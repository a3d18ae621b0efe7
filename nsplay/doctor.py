"""`nsplay doctor`: looks at the machine, tries everything for real, and says what is missing, what it costs, what mends it."""

import contextlib
import json
import os
import platform
import pwd
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from nsplay import __version__
from nsplay.errors import LIMITS, MachineError
from nsplay.findings import (
    Findings,
    Secrets,
    Terminal,
    Tool,
    Tree,
    Trial,
    as_json,
    exit_status,
    problems,
    runnable,
    without_secrets,
)
from nsplay.kernel import cgroups
from nsplay.kernel.switches import around
from nsplay.listing import rows
from nsplay.needs import PACKAGES, installs, lacks, wanted, which
from nsplay.settings import Settings, make_state_folder

if TYPE_CHECKING:
    from nsplay.stage.stage import Report

# How to ask for a version; what is asked stands for its whole package. The other tools have no such option.
VERSIONS: Final = {
    "unshare": "--version",
    "ps": "--version",
    "ip": "-V",
    "uname": "--version",
    "hostname": "--version",
    "nft": "--version",
    "busybox": "--help",
    "runc": "--version",
    "crun": "--version",
    "podman": "--version",
    "bpftool": "version",
    "python3": "--version",
}
VERSION: Final = re.compile(r"\d+(?:\.\d+)+[\w.+~-]*|s\d{6}\b")
PATIENCE: Final = 3.0  # seconds for all versions together


def doctor(settings: Settings, *, json_wanted: bool, report: bool) -> int:
    """Prints the findings; 0, or 3 when no lesson can run here at all."""
    from nsplay.repl.chooser import detect
    from nsplay.view import doctor as view
    from nsplay.view.ui import Ui, render

    ui = detect(settings)
    found = look(settings, ui.utf8, alive=not (json_wanted or ui.plain))
    if report:
        found = without_secrets(found, secrets())
    missing = problems(found, {tool.name: _mends(tool.name) for tool in found.tools})
    if json_wanted:
        answer = as_json(found) | {"problems": as_json(missing), "runnable": runnable(found)}
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    elif report:
        page = view.doctor(Ui(width=100, colour=False, attributes=False, utf8=False), found, missing)
        print(f"nsplay {found.nsplay}\n\n```\n{render(Ui(width=100, attributes=False), page)}```")
    else:
        print(render(ui, view.doctor(ui, found, missing)), end="")
    return exit_status(found)


def look(settings: Settings, utf8: bool, *, alive: bool) -> Findings:
    """Tries everything. About half a second; where it can be seen, the last line says what is being tried."""
    from nsplay.stage import lacks as judging
    from nsplay.stage import probe
    from nsplay.stage.stage import Report

    began = time.monotonic()
    with _alive(alive) as say:
        say("the stage")
        here = around()
        report, refused = _stage(settings)
        say("namespaces")
        namespaces = probe.namespaces(here)
        say("mechanisms")
        kernel = probe.mechanisms(here)
        say("tools")
        lessons = {row.id: row for row in rows(settings)}
        tools = _tools({tool for row in lessons.values() for tool in wanted(row.needs)})
    machine = judging.Kernel(os.path.exists("/proc/sysrq-trigger"), _filesystem("devtmpfs"))
    delegating = cgroups.version() != "v1" and os.path.isdir("/run/systemd/system")
    stands = report or Report((), here.root)
    return Findings(
        nsplay=__version__,
        python=platform.python_version(),
        release=os.uname().release,
        machine=os.uname().machine,
        around=here,
        cgroup=cgroups.version(),
        trees=_trees(here.root),
        namespaces=namespaces,
        kernel=kernel,
        stage=tuple(
            Trial(row.name, row.works, row.why, judging.cure(row, here, delegating))
            for row in stands.mechanisms
        ),
        refused=refused,
        tools=tools,
        terminal=_terminal(settings.lang, utf8),
        lessons={name: lacks(row.needs) for name, row in lessons.items()},
        gaps=() if refused else judging.gaps(stands, here, machine),
        odd=judging.oddities(stands),
        lacks=tuple(lack.en for lack in judging.lacking(stands, here)),
        seconds=time.monotonic() - began,
    )


@contextlib.contextmanager
def _alive(wanted: bool) -> Iterator[Callable[[str], None]]:
    """A line that says what is being tried, gone at the end; only where somebody looks."""
    shown = wanted and sys.stderr.isatty() and sys.stdout.isatty()

    def say(words: str) -> None:
        if shown:
            print(f"\r\033[K looking: {words} ...", end="", file=sys.stderr, flush=True)

    try:
        yield say
    finally:
        if shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _stage(settings: Settings) -> tuple["Report | None", tuple[str, ...]]:
    """A real stage, made and taken down: its report, or what, why and what to do."""
    from nsplay.repl.actors import start_stage

    try:
        with contextlib.suppress(OSError):  # the stage says so itself
            make_state_folder(settings.state)
        with start_stage(settings._replace(fence=True)) as stage:
            report = stage.wait()
            left = stage.close()
    except MachineError as error:
        return None, (error.what, error.why, error.do)
    except OSError as error:
        why, do = LIMITS.get(error.errno or 0, (f"{error.strerror}: {error.filename}", ""))
        return None, ("The stage could not be made.", why, do)
    return report, (f"The stage left behind: {', '.join(left)}.", "", "nsplay clean") if left else ()


def _trees(root: bool) -> tuple[Tree, ...]:
    from nsplay.stage import groups, room

    ours = {place.mountpoint: place for place in groups.hierarchies(root)}
    found = []
    for tree in cgroups.hierarchies():
        place = ours.get(tree.mountpoint)
        given = tuple(sorted(groups.available(place))) if place and tree.version == 2 else tree.controllers
        crowded = place is not None and room.crowded(place) and not room.needed(place, os.getpid())
        found.append(Tree(tree.version, given, tree.mountpoint, place is not None, crowded))
    return tuple(found)


def _tools(needed: set[str]) -> tuple[Tool, ...]:
    """Where each is, and the version of those that tell. All are asked at once, and none is waited for long."""
    paths = {name: which(name) or "" for name in sorted(needed | PACKAGES.keys())}
    env = {**os.environ, "LC_ALL": "C"}
    asked = {}
    for name, path in paths.items():
        if path and name in VERSIONS:
            with contextlib.suppress(OSError):
                asked[name] = subprocess.Popen(
                    [path, VERSIONS[name]],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    env=env,
                    text=True,
                    errors="replace",
                )
    versions, until = {}, time.monotonic() + PATIENCE
    try:
        for name, process in asked.items():
            with contextlib.suppress(subprocess.TimeoutExpired):
                said, _ = process.communicate(timeout=max(0.0, until - time.monotonic()))
                match = VERSION.search(said.split("\n", 1)[0])
                versions[name] = match[0] if match else ""
    finally:
        for process in asked.values():
            if process.poll() is None:
                process.kill()
                process.wait()
    return tuple(Tool(name, path, versions.get(name, ""), name in needed) for name, path in paths.items())


def _mends(tool: str) -> tuple[tuple[str, str], ...]:
    return tuple((distribution, command) for distribution, _, command in installs([tool]))


def _terminal(lang: str, utf8: bool) -> Terminal:
    import curses

    from nsplay.view.ui import locale_of

    tty = sys.stdout.isatty()
    size = os.get_terminal_size(1) if tty else os.terminal_size((0, 0))
    colours = 0
    with contextlib.suppress(curses.error):
        curses.setupterm(os.environ.get("TERM") or "dumb", 1)
        colours = max(0, curses.tigetnum("colors"))
    return Terminal(
        tty,
        os.environ.get("TERM", ""),
        size.columns,
        size.lines,
        0 if os.environ.get("NO_COLOR") else colours,
        utf8,
        locale_of(os.environ),
        lang,
    )


def _filesystem(name: str) -> bool:
    try:
        with open("/proc/filesystems") as file:
            return name in file.read().split()
    except OSError:
        return False


def secrets() -> Secrets:
    """What tells who and where this is."""
    users, homes = set[str](), set[str]()
    for name in ("USER", "LOGNAME", "SUDO_USER"):
        users.add(os.environ.get(name, ""))
    homes.add(os.environ.get("HOME", "").rstrip("/"))
    for uid in {os.getuid(), os.geteuid(), int(os.environ.get("SUDO_UID", "0") or 0)}:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwuid(uid)
            users.add(entry.pw_name)
            homes.add(entry.pw_dir.rstrip("/"))
    names = {os.uname().nodename, os.environ.get("HOSTNAME", "")}
    parts = {part for name in names for part in (name, *name.split(".", 1))}
    return Secrets(tuple(sorted(parts)), tuple(sorted(users - {"root"})), tuple(sorted(homes)))
