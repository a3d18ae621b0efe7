"""One case, done: nsplay is started, brought to the moment and struck; then everything has to be as it should."""

import contextlib
import ctypes
import io
import json
import os
import re
import signal
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from nsplay import cleaning
from nsplay.kernel import processes, tty
from nsplay.settings import Settings
from nsplay.stage import journal
from tests.faults.case import Case, environment, lessons
from tests.faults.window import Window
from tests.patience import patience

PROMPT: Final = b"READY# "
PATIENCE: Final = patience(20.0)  # seconds until what must come has come, on a busy machine
STILL: Final = 0.01  # seconds without output: the screen stands
DONE: Final = re.compile(r"step (\d+) of \d+ done")
KEPT: Final = {"digest": "d", "how": "done"}
OLD: Final = {
    "format": 1,
    "lessons": {"old": {"kept": KEPT}},
    "last": ["old", "kept"],
}
STAYS: Final = {"progress.json", "progress.json.lock", "history", "stages", "sessions"}  # the last two empty
# A lesson's own python may fail where the learner sees it: only nsplay's own files are ours.
FAULTS: Final = re.compile(r"fault of nsplay's own|File \"[^\"]*nsplay/(\w+/)?\w+\.py\"")


class Failed(AssertionError):
    """What isn't as it should be."""


class Trial:
    """home: a folder of its own, empty. Raises Failed."""

    def __init__(self, case: Case, home: Path) -> None:
        self.case, self.home, self.state = case, home, home / "nsplay"
        self.state.mkdir(mode=0o700)
        (self.state / "progress.json").write_text(json.dumps(OLD))
        self.struck: list[tuple[str, int]] = []  # who was there to be struck, and by what
        self.below: dict[int, int] = {}

    def run(self) -> None:
        """The whole case."""
        window = Window([self.case.word, "--yes"], environment(str(self.home)))
        try:
            with Watch(self.state) as watch:
                self._reach(window, watch)
                self.seen = {int(found[1]) for found in DONE.finditer(window.text())}
                self._strike(window)
            self._after(window, len(window.said))
            self._last_words(window)
        finally:
            window.hang_up()
            if not window.ended(PATIENCE):
                window.process.kill()
                window.process.wait()
                raise Failed(f"nsplay outlives its terminal; it said {window.text()[-600:]!r}")
        self._mend()
        self._nothing_left()
        self._progress()

    # --- before the blow ---

    def _reach(self, window: Window, watch: "Watch") -> None:
        """To the moment. A screen that never comes is no failure here: any moment is as good."""
        match self.case.moment:
            case "birth":
                return
            case "stage":
                window.until(lambda: bool(processes.children(window.pid)), PATIENCE)
                return
        self._settle(window, 0)
        watch.seen()  # forgets what was seen up to here
        for at, line in enumerate(self.case.lines):
            since = len(window.said)
            window.key(line.encode() + b"\r")
            if self.case.moment == "command" and at + 1 == len(self.case.lines):
                return
            if self._settle(window, since, watch.seen if self.case.moment == "progress" else lambda: False):
                return
        since = len(window.said)
        match self.case.moment:
            case "pager":
                window.key(b"less -+F -+X /etc/passwd\r")
                window.until(lambda: b"\x1b[?1049h" in window.said[since:], 2.0)
            case "menu":
                window.key(b"\x1d")
                window.until(lambda: len(window.said) > since + 40, 1.0)
            case "reset":
                window.key(b":reset\r")
            case "end":
                window.key(b":quit\r")

    def _settle(self, window: Window, since: int, sooner: Callable[[], bool] = lambda: False) -> bool:
        """Until a prompt stands below the task's last row; True when `sooner` was true before."""
        early = False

        def there() -> bool:
            nonlocal early
            early = sooner()
            task = window.said.find(b"menu")  # of the keys in its last row
            return early or (task >= 0 and PROMPT in window.said[max(since, task) :])

        window.until(there, PATIENCE if not since else 2.0)
        while not early and window.pump(STILL):
            early = sooner()
        return early

    def _strike(self, window: Window) -> None:
        began = time.monotonic()
        for blow in self.case.blows:
            window.until(lambda after=blow.after: time.monotonic() - began >= after, 1.0)  # type: ignore[misc]
            self.below |= {row.pid: row.start for row in tty.descendants(window.pid)}
            if blow.victim == "window":
                window.hang_up()
                self.struck.append(("window", signal.SIGHUP))
            elif pid := victim(window.pid, blow.victim):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, blow.number)
                    self.struck.append((blow.victim, blow.number))

    # --- after it ---

    def _hit(self, who: str, *numbers: int) -> bool:
        return any(name == who and number in (numbers or (number,)) for name, number in self.struck)

    def _after(self, window: Window, said: int) -> None:
        """Whoever survives goes on, and can be left. Ctrl-] and q leave from everywhere."""
        ends = self._hit("window") or self._hit("nsplay", signal.SIGKILL, signal.SIGTERM, signal.SIGHUP)
        if ends or not window.open:
            if not window.ended(PATIENCE):
                raise Failed(f"nsplay doesn't end; it said {window.text()[-600:]!r}")
            return
        if not self._told(window, said):
            raise Failed(f"nothing was said about it ({self._news()}): {window.text(said)[-2000:]!r}")
        self._leave(window, menu=self.case.moment == "menu")

    def _told(self, window: Window, said: int) -> bool:
        """Of a shell's end one is told in its own terminal, and a step may begin in the second, or `:run` lead there."""
        wanted = self._news()

        def there() -> bool:
            return wanted in window.text(said).replace("\r\n", " ")

        if "shell" not in wanted:
            return window.until(there, PATIENCE) or not wanted
        if window.until(there, PATIENCE / 4):
            return True
        window.key(b"\x1d1")
        return window.until(there, PATIENCE)

    def _leave(self, window: Window, menu: bool = False) -> None:
        """Ctrl-] and q leave from everywhere. menu: it may be open already."""
        until = time.monotonic() + PATIENCE
        while window.process.poll() is None:
            window.key(b"q" if menu else b"\x1dq")
            window.ended(1.0)
            menu = False
            if time.monotonic() > until:
                window.process.kill()
                raise Failed(f"nsplay can't be left any more; it said {window.text()[-600:]!r}")

    def _last_words(self, window: Window) -> None:
        status, whole = window.process.returncode, window.text()
        if fault := FAULTS.search(whole):
            traces = [path.read_text() for path in self.home.glob("nsplay-fault-*")]
            raise Failed(f"{fault[0]}: {whole[-1000:]} {' '.join(traces)}")
        if self._hit("nsplay", signal.SIGKILL) and status == -signal.SIGKILL:
            return
        if status not in (0, 1, 3, 130, 129, 143, -signal.SIGINT, -signal.SIGTERM, -signal.SIGHUP):
            raise Failed(f"exit status {status}; it said {whole[-600:]!r}")
        if status in (1, 3) and window.open and "nsplay: " not in whole:
            raise Failed(f"exit status {status} without a sentence: {whole[-600:]!r}")
        if on := window.left_on():
            raise Failed(f"the terminal was left with {', '.join(on)}; {whole[-600:]!r}")

    def _news(self) -> str:
        """What has to be said about it. Only at rest can nothing else have been the cause, or have come before."""
        if self._hit("nsplay") or self.case.moment not in ("prompt", "pager"):
            return ""
        if self._hit("stage", signal.SIGKILL) or self._hit(
            "warden", signal.SIGKILL
        ):  # they heed nothing else
            return "stage is gone"
        return "shell was killed" if self._hit("shell", signal.SIGKILL) else ""

    def _mend(self) -> None:
        """The next start, or `clean`. Wardens that are at work still are waited for."""
        if self.case.again:
            window = Window([self.case.word.partition("/")[0], "--yes"], environment(str(self.home)))
            self._settle(window, 0)
            self._leave(window)
            window.hang_up()
            if window.process.returncode:
                raise Failed(f"the next start fails ({window.process.returncode}): {window.text()[-2000:]!r}")
            return
        self._clean()

    def _clean(self) -> None:
        until = time.monotonic() + PATIENCE
        while list((self.state / journal.FOLDER).glob("*.json")) and time.monotonic() < until:
            if any(trace_living(self.state, file) for file in (self.state / journal.FOLDER).glob("*.json")):
                time.sleep(0.002)  # (a warden's end can't be waited on by somebody who isn't its parent)
                continue
            break
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            cleaning.clean(Settings("en", False, True, "", str(self.state), False, "edit"))
        if "left" in said.getvalue().replace("Nothing was left", ""):
            raise Failed(f"clean: {said.getvalue()}")

    def _nothing_left(self) -> None:
        until = time.monotonic() + PATIENCE
        while alive := [pid for pid, start in self.below.items() if lives(pid, start)]:
            if time.monotonic() > until:
                names = [Path(f"/proc/{pid}/comm").read_text().strip() for pid in alive]
                raise Failed(f"still alive: {names}")
            reap()  # the first process of a pid namespace waits for those in there that came to us
            time.sleep(0.002)
        reap()
        found = {path.name for path in self.state.iterdir()} - STAYS
        inner = [path.name for name in ("stages", "sessions") for path in (self.state / name).glob("*")]
        if found or inner:
            raise Failed(f"files left in the state folder: {sorted(found)} {inner}")
        if files := {path.name for path in self.home.iterdir()} - {"nsplay", ".lesshst"}:
            traces = [path.read_text() for path in self.home.glob("nsplay-fault-*")]
            raise Failed(f"files left: {sorted(files)} {' '.join(traces)}")

    def _progress(self) -> None:
        book: dict[str, Any] = json.loads((self.state / "progress.json").read_text())
        old = book["lessons"].get("old", {}).get("kept", {})
        if book["format"] != 1 or not KEPT.items() <= old.items():
            raise Failed(f"progress lost what was there before: {book}")
        lesson = next(each for each in lessons() if each.id == self.case.word.partition("/")[0])
        kept = book["lessons"].get(lesson.id, {})
        if lost := [lesson.steps[at - 1].id for at in self.seen if lesson.steps[at - 1].id not in kept]:
            raise Failed(f"progress lost {lost}: {book}")


class Watch:
    """Sees files come in a folder (inotify(7))."""

    CREATE = 0x100

    def __init__(self, folder: Path) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._folder = folder
        self._fd = -1

    def __enter__(self) -> "Watch":
        self._fd = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        self._libc.inotify_add_watch(self._fd, os.fsencode(self._folder), self.CREATE)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)

    def seen(self) -> bool:
        """Has a new progress file come since?"""
        return "progress.json.new" in list(self._names())

    def _names(self) -> Iterator[str]:
        with contextlib.suppress(BlockingIOError):
            data = os.read(self._fd, 1 << 16)
            while data:
                length = struct.unpack_from("iIII", data)[3]
                yield data[16 : 16 + length].rstrip(b"\0").decode()
                data = data[16 + length :]


def victim(nsplay: int, who: str) -> int | None:
    """The pid of somebody below nsplay; None when there is none (yet, or any more)."""
    if who == "nsplay":
        return nsplay
    rows = [row for row in tty.descendants(nsplay) if row.state not in "ZX"]
    if who in ("stage", "warden"):
        return next((row.pid for row in rows if row.comm == f"nsplay-{who}"), None)
    stage = next((row.pid for row in rows if row.comm == "nsplay-stage"), None)
    shells = [row for row in rows if row.comm in ("dash", "sh", "bash")]
    if who == "shell":
        return next((row.pid for row in shells if row.ppid == stage), None)
    return rows[-1].pid if shells else None


def trace_living(state: Path, file: Path) -> bool:
    """Does the warden of that journal live?"""
    trace = journal.read(state, file.stem)
    return trace is not None and trace.living()


def lives(pid: int, start: int) -> bool:
    """Is it still that process, and no zombie?"""
    found = processes.read(pid)
    return found is not None and found.start == start and found.state not in "ZX"


def reap() -> None:
    """Dead orphans that came to this process."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
