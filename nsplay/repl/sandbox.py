"""`nsplay sandbox`: a stage without a lesson, on which a sandbox is made, by typing what makes it; or a command is run in one."""

import contextlib
import os
import select
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nsplay import byhand
from nsplay.byhand import Lines, Root, Tree, Wish
from nsplay.errors import MachineError, UsageError
from nsplay.kernel import offers
from nsplay.kernel.group.files import trees
from nsplay.needs import Lack, lacks, refused
from nsplay.repl.actors import Eyes, environment, here, shell, start_stage
from nsplay.repl.errand import Errand, Errands
from nsplay.repl.folder import sweep
from nsplay.settings import Settings, make_state_folder
from nsplay.stage.fence import has_root
from nsplay.stage.stage import Report, Stage

if TYPE_CHECKING:
    from nsplay.repl.listener import Ending
    from nsplay.repl.sandbox_pages import SandboxPages
    from nsplay.repl.sandbox_session import Plan, SandboxSession

HINT: Final = "nsplay sandbox -- CMD"
# What is in it (a busybox shell has commands that are no files: its `command -v` doesn't tell)
ASK: Final = (
    "for folder in /usr/bin /bin /usr/sbin /sbin; do for name in umount busybox; do "
    "[ -x $folder/$name ] && echo $folder/$name; done; done; :"
)
ROOM: Final = 64 << 20  # bytes that the stage may have beside the sandbox
BROKEN: Final = 3  # exit status: the machine can't


def sandbox(settings: Settings, wish: Wish, command: Sequence[str] | None) -> int:
    """The learner's own with views, 0 when they have left; or a command in it, whose exit status it is (128 and the number
    of the signal that ended it). UsageError, MachineError.
    """
    if not settings.fence:
        raise UsageError("the sandbox is made on a stage, and --no-fence has none", "", "nsplay sandbox")
    terminal = os.isatty(0) and os.isatty(1)
    if not command and not terminal:
        raise UsageError("nsplay needs a terminal to be in", "standard input or output is none", HINT)
    _look_at(wish.root)
    kinds, left_out = _kinds(wish)
    with contextlib.suppress(OSError):  # read-only: what is typed is then forgotten
        make_state_folder(settings.state)
    sweep(Path(settings.state))
    from nsplay.repl.entrance import alone, ask_background, ending_by_signal

    with alone() if terminal else ending_by_signal():
        settings, ahead = ask_background(settings) if terminal else (settings, b"")
        made = Made(settings, wish, kinds, left_out, command, ahead)
        return made.in_terminal() if terminal else made.without_terminal()


def _look_at(root: str) -> None:
    """What can be said of it before there is a stage. UsageError."""
    if not root:
        return
    if not os.path.isdir(root):
        what = "is no folder" if os.path.exists(root) else "isn't there"
        raise UsageError(f"--root {root}: {what}", "a folder with the files of a root file system is wanted")
    if os.path.realpath(root) == "/":
        raise UsageError(
            "--root /: that is the host's own", "without --root it stays the root", "nsplay sandbox"
        )
    if not os.access(root, os.R_OK | os.X_OK):
        raise UsageError(
            f"--root {root}: it may not be read",
            "it is somebody else's",
            f"sudo nsplay sandbox --root {root}",
        )


def _kinds(wish: Wish) -> tuple[tuple[str, ...], list[Lack]]:
    """The namespaces that it will have, and why others aren't to be had. MachineError for one that was asked for."""
    rooted, ordinary = bool(wish.root), not has_root()
    must = byhand.complete(wish.kinds or (), rooted, ordinary)
    found = byhand.complete(wish.kinds or tuple(byhand.LETTERS), rooted, ordinary)
    lacking = {kind: lack for kind in found for lack in lacks({"namespaces": [kind]})}
    for kind in must:
        if lack := lacking.get(kind):
            raise MachineError(f"the sandbox can't be made here: {lack.why}", do=lack.mend)
    return tuple(kind for kind in found if kind not in lacking), list(lacking.values())


class Made:
    """A sandbox, on one stage after the other. left_out: namespaces that can't be had. ahead: keys that were typed already."""

    def __init__(
        self,
        settings: Settings,
        wish: Wish,
        kinds: tuple[str, ...],
        left_out: Sequence[Lack],
        command: Sequence[str] | None,
        ahead: bytes = b"",
    ) -> None:
        self._ahead = ahead
        self.settings, self.wish, self.kinds, self.command = settings, wish, kinds, command
        self.root = os.path.realpath(wish.root) if wish.root else ""
        self._lacking = list(left_out)
        self._told = False

    def _stage(self) -> Stage:
        keep = (self.root,) if self.root else ()
        return start_stage(
            self.settings, keep=keep, memory=(self.wish.memory or 0) + ROOM, pids=(self.wish.pids or 0)
        )

    # --- what it is made of, on a stage that stands

    def _lines(self, stage: Stage) -> tuple[Lines, dict[str, int], list[Lack]]:
        """What makes it there, its limits, and why others can't be had."""
        there = _trees(stage)
        limits = {name: value for name, value in self.wish.limits.items() if name in there}
        lacking = [_no_group(name) for name in self.wish.limits if name not in there]
        root = self._root(stage) if self.root else None
        return byhand.lines(self.kinds, limits, there, root), limits, [*self._lacking, *lacking]

    def _root(self, stage: Stage) -> Root:
        """The folder is asked what it has. MachineError when no shell runs in it, and one is wanted."""
        errand = Errand(["chroot", self.root, "/bin/sh", "-c", ASK])
        Errands(stage.open_terminal, stage.status, lambda: True, environment()).run(errand)
        if errand.status and not self.command:
            says = next((line for line in reversed(errand.lines) if line.strip()), "it says nothing")
            raise MachineError(
                f"--root {self.root} is no root file system: /bin/sh doesn't run in it",
                says,
                "a program needs the libraries in there that `ldd` names",
            )
        tools = {os.path.basename(line): line for line in errand.lines if line.startswith("/")}
        umount = tools.get("umount") or (f"{tools['busybox']} umount" if "busybox" in tools else "")
        overlay = not lacks({"features": ["overlay"]})
        return Root(self.root, umount, overlay)

    def _program(self) -> list[str]:
        if self.command:
            return list(self.command)
        return ["/bin/sh"] if self.root else [os.path.basename(shell()[0])]

    # --- without a terminal

    def without_terminal(self) -> int:
        """The command's output and its exit status, and nothing else."""
        stage = self._stage()
        try:
            stage.wait()
            made, _, lacking = self._lines(stage)
            for lack in lacking:
                _note(f"left out: {_told(lack)}")
            argv = ["sh", "-c", byhand.script(made, self._program())]
            pid = stage.run(argv, environment(), here())
            return _waited(stage, pid)
        finally:
            if left := stage.close():
                _note(f"left behind: {', '.join(left)} (nsplay clean)")

    # --- in the learner's terminal

    def in_terminal(self) -> int:
        """Till they have left, or the command has ended."""
        from nsplay.repl.sandbox_pages import SandboxPages
        from nsplay.repl.seated import AGAIN

        stage, pages = self._stage(), SandboxPages(self.settings)
        status, reason = BROKEN, ""
        try:
            while True:
                session, ending = self._on(stage, pages)
                reason, status = ending.reason, _status(ending.status)
                if reason not in AGAIN or self.command:
                    break
                print(pages.rebuilding(reason), end="", flush=True)
                stage = self._stage()
        finally:
            left = stage.close()
        if left or not self.command:
            print(pages.farewell(reason, left, session.made), end="", flush=True)
        if self.command:
            return status if reason == "exit" else BROKEN
        return 0 if session.made or reason != "exit" else BROKEN

    def _on(self, stage: Stage, pages: "SandboxPages") -> "tuple[SandboxSession, Ending]":
        from nsplay.repl.sandbox_session import SandboxSession
        from nsplay.repl.seated import seated, tell_lacks

        try:
            report = stage.wait()
            if not self._told:
                tell_lacks(self.settings, report)
            self._told = True
            session = SandboxSession(self._plan(stage), pages, Eyes(stage))
            print(pages.opening(session), end="", flush=True)
            ahead, self._ahead = self._ahead, b""
            return session, seated(self.settings, stage, session, pages, ahead)
        finally:
            stage.close()

    def _plan(self, stage: Stage) -> "Plan":
        from nsplay.repl.sandbox_session import Plan

        made, limits, lacking = self._lines(stage)
        lines = byhand.typed(made, self._program())
        return Plan(self.kinds, limits, self.root, lines, tuple(map(_told, lacking)))


def _trees(stage: Stage) -> Mapping[str, Tree]:
    """The controllers that a group on the stage can have."""
    report: Report = stage.report
    if not report.works("cgroup"):
        return {}
    top, found = f"/proc/{stage.pid}/root", dict[str, Tree]()
    with contextlib.suppress(OSError):
        for tree in trees(stage.pid):
            if os.access(tree.folder, os.W_OK):
                place = Tree(tree.version, tree.folder.removeprefix(top))
                found |= {name: place for name in tree.controllers if name in byhand.CONTROLLERS}
    return found


def _no_group(name: str) -> Lack:
    """Why there is none with this controller."""
    has = offers.read(os.geteuid(), os.environ.get("XDG_RUNTIME_DIR", ""))
    why = "the stage has no group with it"
    found = refused([name], None, has) or [Lack("controller", name, why, "nsplay doctor")]
    return found[0]


def _note(text: str) -> None:
    """A sentence beside the command's output."""
    print(f"nsplay: {text}", file=sys.stderr)


def _told(lack: Lack) -> str:
    """A sentence on what is left out, and what mends it."""
    return f"{lack.name}: {lack.why}" + (f" ({lack.mend})" if lack.mend else "")


def _waited(stage: Stage, pid: int) -> int:
    """The exit status, when it has ended."""
    fd = os.pidfd_open(pid)
    try:
        select.select([fd, stage.stage_fd, stage.warden_fd], [], [])
    finally:
        os.close(fd)
    status = stage.status(pid)
    if status is None:
        _note("the stage is gone: something on it ended it")
    return BROKEN if status is None else _status(os.waitstatus_to_exitcode(status))


def _status(code: int | None) -> int:
    """As a shell has it: 128 and the number of the signal."""
    if code is None:
        return BROKEN
    return 128 - code if code < 0 else code
