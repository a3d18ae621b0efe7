"""The Debian package: what is in it, what it asks for, and what Debian's own judge says. Installed it is in tests/vm."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from nsplay.lesson.course import course
from tests.patience import patience

PROJECT = Path(__file__).parents[2]
LIBRARY = "usr/lib/python3/dist-packages"
DATE = {"SOURCE_DATE_EPOCH": "1700000000"}


def run(*command: object, **env: str) -> str:
    """What it prints; a failure shows what it said."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        capture_output=True,
        text=True,
        env={**os.environ, **env},
        timeout=patience(300),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(folder: Path) -> Path:
    folder.mkdir()
    return Path(run(sys.executable, PROJECT / "tools/deb.py", folder, **DATE).strip())


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("dpkg-deb"):
        pytest.skip("needs dpkg-deb")
    return build(tmp_path_factory.mktemp("deb") / "first")


def test_the_whole_program_is_in_it(package: Path, tmp_path: Path) -> None:
    run("dpkg-deb", "-x", package, tmp_path)
    there = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert {
        "usr/bin/nsplay",
        "usr/share/man/man1/nsplay.1.gz",
        "usr/share/bash-completion/completions/nsplay",
        "usr/share/zsh/vendor-completions/_nsplay",
        "usr/share/fish/vendor_completions.d/nsplay.fish",
    } <= there
    assert not [path for path in there if "__pycache__" in path or path.endswith(".pyc")]
    ours = {str(path.relative_to(PROJECT)) for path in (PROJECT / "nsplay").rglob("*.*") if path.is_file()}
    assert {path for path in ours if "__pycache__" not in path} <= {
        path.removeprefix(f"{LIBRARY}/") for path in there
    }
    # the lessons come with it, not out of this checkout
    listed = run(sys.executable, "-P", "-m", "nsplay", "list", "--json", PYTHONPATH=str(tmp_path / LIBRARY))
    wanted = [Path(folder).name for folder in course(str(PROJECT / "lessons"))]
    assert [lesson["id"] for lesson in json.loads(listed)["lessons"]] == wanted


def test_everybody_may_read_it_and_it_is_roots(package: Path) -> None:
    rows = run("dpkg-deb", "-c", package).splitlines()
    assert {row.split()[1] for row in rows} == {"root/root"}
    assert {row.split()[0] for row in rows} == {"drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x"}
    assert [row.split()[-1] for row in rows if row.startswith("-rwx")] == ["./usr/bin/nsplay"]


def test_it_asks_for_what_pip_would_install(package: Path) -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    asked = run("dpkg-deb", "-f", package, "Depends")
    for line in [*project["dependencies"], f"python{project['requires-python']}"]:
        name, minimum = line.split(">=")
        debian = "python3" if name == "python" else f"python3-{name.replace('_', '-')}"
        assert re.search(rf"(^|, ){debian} \(>= {re.escape(minimum)}\)(,|$)", asked), debian


def test_the_same_sources_give_the_same_package(package: Path, tmp_path: Path) -> None:
    assert build(tmp_path / "second").read_bytes() == package.read_bytes()


def test_debians_judge_finds_no_error(package: Path, tmp_path: Path) -> None:
    if not shutil.which("lintian"):
        pytest.skip("needs lintian")
    words = ["lintian", "--no-user-dirs", "--allow-root", "--fail-on", "error,warning"]
    assert run(*words, package, TMPDIR=str(tmp_path)) == ""
