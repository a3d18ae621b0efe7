"""Real processes in real namespaces, for a test to look at; and readers that run as somebody else."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from nsplay.kernel import processes
from tests.patience import patience

NOBODY: Final = 65534
ROOT: Final = Path(__file__).parents[2]

needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="needs root: makes namespaces without a user namespace"
)


def _can_make_user_namespaces() -> bool:
    unshare = shutil.which("unshare")
    return bool(unshare) and subprocess.run([str(unshare), "-U", "true"], capture_output=True).returncode == 0


needs_user_namespaces = pytest.mark.skipif(
    not _can_make_user_namespaces(), reason="needs unshare(1) and the right to make user namespaces"
)


@contextlib.contextmanager
def shell(*argv: str, script: str = "") -> Iterator[int]:
    """The pid of a shell that argv starts, once it has run script. It and all below it have ended afterwards."""
    command = [*argv, "sh", "-c", f"{script}\necho ready; read wait"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as outer:
        assert outer.stdin and outer.stdout
        line = outer.stdout.readline()
        assert line == "ready\n", f"{command} said {line!r}"
        innermost = outer.pid
        while below := processes.children(innermost):
            innermost = below[-1]
        yield innermost
        outer.stdin.close()


def _runs(argv: list[str], environ: dict[str, str]) -> bool:
    try:
        return subprocess.run(argv, env=environ, cwd="/", capture_output=True).returncode == 0
    except OSError:
        return False


def as_nobody(code: str) -> str:
    """What a Python program prints that an ordinary user runs; skips where that user can't even read this program."""
    prefix = (
        ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    )
    argv = [*prefix, sys.executable, "-c"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    if not _runs([*argv, "import nsplay.facts, tests.kernel.place"], environ):
        pytest.skip("needs a clone and a Python that an ordinary user may read, and setpriv(1)")
    done = subprocess.run(
        [*argv, code], env=environ, cwd="/", capture_output=True, text=True, timeout=patience(30)
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
