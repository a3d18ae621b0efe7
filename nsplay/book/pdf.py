"""A page printed to PDF by a browser that is here."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from nsplay.errors import MachineError
from nsplay.needs import which

# All of them are Chromium, by the names that distributions and vendors give it.
BROWSERS: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "brave-browser",
)
LONGEST: Final = 600.0  # seconds for a book
# where else it would leave something
KEPT: Final = tuple(f"XDG_{kind}_HOME" for kind in ("CACHE", "CONFIG", "DATA", "STATE"))
SHORT: Final = 40  # bytes: Chromium hangs some sixty on it
ALIVE: Final = 0.1  # seconds between two signs of life


def browser() -> str:
    """The first that is here. MachineError says what to install."""
    found = next(filter(None, map(which, BROWSERS)), "")
    if not found:
        raise MachineError(
            "a PDF is printed by Chromium or Chrome, and neither is here",
            "Debian: apt-get install chromium; Ubuntu: snap install chromium; Fedora: dnf install chromium; "
            "Arch: pacman -S chromium",
            "nsplay export --html, and print it from any browser",
        )
    return found


def printed(program: str, page: str, where: Path, alive: Callable[[], None]) -> bytes:
    """The page as a PDF. alive is called all the time; what it raises ends the browser. MachineError when there is none.

    where: the folder in which a folder is made for it meanwhile; Ubuntu's Chromium, a snap, sees neither /tmp nor what is
    hidden.
    """
    with _folder("nsplay-print-", where) as folder, _folder("nsplay-", _short()) as temporary:
        source, result, log = (Path(folder, name) for name in ("book.html", "book.pdf", "log"))
        source.write_text(page, encoding="utf-8", errors="replace")
        with log.open("wb") as said:
            process = subprocess.Popen(
                [program, *_options(folder), f"--print-to-pdf={result}", source.as_uri()],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,  # Ctrl-C is for us, and ends all of it
                # (In TMPDIR it makes a socket, whose path must be short: unix(7).)
                env={**os.environ, **dict.fromkeys(KEPT, folder), "TMPDIR": temporary},
            )
            try:
                _wait(process, alive)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
        if process.returncode or not result.exists():
            lines = log.read_text(errors="replace").strip().split("\n")
            raise MachineError(f"{program} printed no PDF", lines[-1], "nsplay export --html")
        return result.read_bytes()


def _short() -> Path:
    """Where temporary files go; /tmp where a path below it would be too long for a socket's (unix(7): 107 bytes)."""
    usual = tempfile.gettempdir()
    return Path(usual if len(os.fsencode(usual)) <= SHORT else "/tmp")


def _folder(prefix: str, where: Path) -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix=prefix, dir=where, ignore_cleanup_errors=True)


def _options(folder: str) -> list[str]:
    """No window, nobody's profile. Chromium's own sandbox starts neither as root nor in most containers, and all that the page
    can hold is text.
    """
    return [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        f"--user-data-dir={folder}/profile",
        "--no-pdf-header-footer",
        "--generate-pdf-document-outline",
    ]


def _wait(process: "subprocess.Popen[bytes]", alive: Callable[[], None]) -> None:
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        alive()
        try:
            process.wait(ALIVE)
            return
        except subprocess.TimeoutExpired:
            continue
