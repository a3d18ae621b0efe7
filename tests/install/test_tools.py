"""`uv tool install` and `pipx install`, of this checkout, for a user who has nothing yet: the program, its lessons, a stage."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from nsplay.lesson.course import course
from tests.patience import patience

PROJECT: Final = Path(__file__).parents[2]
PROGRAMS: Final = Path(sys.prefix, "bin")  # uv and pipx are among what the tests need (pyproject.toml)
HOME: Final = Path.home()
OFFLINE: Final = re.compile("dns error|name resolution|new connection|error sending request", re.IGNORECASE)
Installer = Callable[[Path], dict[str, str]]


def uv(home: Path) -> dict[str, str]:
    """Installs with uv; its cache is the machine's, so that what is known isn't fetched again."""
    cache = subprocess.check_output([PROGRAMS / "uv", "cache", "dir"], text=True).strip()
    env = fresh(home) | {"UV_CACHE_DIR": cache}
    install(["uv", "tool", "install", "--python", sys.executable, str(PROJECT)], env)
    return env


def pipx(home: Path) -> dict[str, str]:
    """Installs with pipx, and what it chooses beneath it, uv or pip; again with the machine's caches."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(HOME / ".cache")
    env = fresh(home) | {"PIP_CACHE_DIR": f"{cache}/pip", "UV_CACHE_DIR": f"{cache}/uv"}
    install(["pipx", "install", "--python", sys.executable, str(PROJECT)], env)
    return env


def fresh(home: Path) -> dict[str, str]:
    """The environment of somebody with an empty home."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "PIPX_", "NSPLAY_"))
    }
    return kept | {"HOME": str(home), "PATH": f"{home}/.local/bin:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}


def install(words: list[str], env: dict[str, str]) -> None:
    done = subprocess.run(
        [PROGRAMS / words[0], *words[1:]], env=env, capture_output=True, text=True, timeout=patience(300)
    )
    if done.returncode and OFFLINE.search(done.stderr):
        pytest.skip("needs the Python package index")
    assert done.returncode == 0, done.stdout + done.stderr


def ask(env: dict[str, str], *words: str) -> str:
    """nsplay as it is found in PATH, from a folder that isn't the checkout."""
    return subprocess.check_output(
        ["env", "nsplay", *words], env=env, cwd="/", text=True, timeout=patience(120)
    )


@pytest.mark.parametrize("installer", [uv, pipx])
def test_installed_it_has_its_lessons_and_plays_one(installer: Installer, tmp_path: Path) -> None:
    env = installer(tmp_path)
    assert (tmp_path / ".local/bin/nsplay").exists()
    listed = json.loads(ask(env, "list", "--json"))["lessons"]
    assert [row["id"] for row in listed] == [Path(folder).name for folder in course(str(PROJECT / "lessons"))]
    assert "FAILED" not in ask(env, "lesson", "test", "uts", "--step", "name")
