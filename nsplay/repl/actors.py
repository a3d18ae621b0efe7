"""A stage with everything that is asked of it: looks at host and place, and the facts of them."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from nsplay import facts, snapshot
from nsplay.errors import MachineError
from nsplay.facts import Value
from nsplay.kernel.group.group import Group
from nsplay.lesson.model import Needs
from nsplay.needs import SBIN
from nsplay.settings import Settings
from nsplay.snapshot import Snapshot, take
from nsplay.stage.options import Options, fresh_ident
from nsplay.stage.stage import Stage

Facts = Mapping[str, Value]

PLAIN = {"bash": ("--norc", "--noprofile"), "zsh": ("-f",)}  # no start-up files: bash(1), zsh(1)

# What the look of a lesson needs at least: who is where, and what the host's line tells.
ALWAYS = frozenset({"names", "processes", "mounts"})


def start_stage(
    settings: Settings,
    needs: Needs | None = None,
    *,
    keep: tuple[str, ...] = (),
    memory: int = 0,
    pids: int = 0,
) -> Stage:
    """A stage of its own, being made while the caller goes on. Call before any thread exists.

    needs: of the lesson that is to be played; what the stage can lend of it is there. keep: folders that stay in sight.
    memory, pids: what there has to be room for on it. Raises MachineError.
    """
    disk = settings.state if needs and "disk" in needs.features else ""
    if disk and not settings.fence:
        raise MachineError(
            "This lesson's disk is lent on a stage with a fence only.", "", "nsplay, without --no-fence"
        )
    options = Options(fresh_ident(), fence=settings.fence, keep=(settings.state, *keep), disk=disk)
    usual = min(
        options.memory, machine_memory() // 2
    )  # a hog on a small machine leaves room for the others there
    options = options._replace(memory=max(memory, usual), pids=max(pids, options.pids))
    return Stage.start(options, Path(settings.state))


def machine_memory() -> int:
    """In bytes (sysconf(3))."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def shell() -> list[str]:
    """The learner's own shell, when it is one whose prompt nsplay knows; else bash or sh."""
    mine = os.environ.get("SHELL", "")
    for path in (mine, "/bin/bash", "/usr/bin/bash", "/bin/sh"):
        if os.path.basename(path) in ("bash", "dash", "sh", "zsh", "ksh", "mksh", "ash") and os.access(
            path, os.X_OK
        ):
            return [path]
    return ["sh"]


def environment() -> dict[str, str]:
    """The learner's own; on the stage they are root, also who isn't elsewhere: root's tools are in PATH."""
    path = os.environ.get("PATH", os.defpath).split(os.pathsep)
    lacking = [folder for folder in SBIN.split(":") if folder not in path]
    return {**os.environ, "PATH": os.pathsep.join([*path, *lacking])}


def typists_shell(*, plain: bool = False) -> tuple[list[str], dict[str, str]]:
    """The learner's own shell, and its environment, where nobody but nsplay types.

    plain: without what it reads at its start, and with prompts of one line.
    """
    argv, env = shell(), {**environment(), "TERM": "xterm-256color", "HISTFILE": "/dev/null"}
    if plain:
        argv += PLAIN.get(os.path.basename(argv[0]), ())
        for name in ("ENV", "PROMPT_COMMAND"):  # the first is what dash and ksh read
            env.pop(name, None)
        env |= {"PS1": "# ", "PS2": "> "}
    return argv, env


def here() -> str:
    """The working directory; "" where it was deleted: a shell then starts in HOME (Stage.open_terminal)."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return ""


class Eyes:
    """Looks at a stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def look(self, place: int | None, parts: Iterable[str] = (), second: int | None = None) -> Snapshot:
        """A snapshot with at least `parts`. place, second: processes in front of the lesson's terminal and of the second."""
        wanted = ALWAYS | frozenset(parts)
        stage = self.stage
        return take(os.getpid(), stage.pid, place, wanted, warden_pid=stage.warden, second_pid=second)

    def groups(self, parts: Iterable[str]) -> Mapping[str, Group]:
        """The learner's groups alone: a look that may be had every second."""
        return snapshot.groups(os.getpid(), self.stage.pid, frozenset(parts))

    @staticmethod
    def facts(snapshot: Snapshot) -> Facts:
        """All facts of it by name."""
        return facts.facts(snapshot)
