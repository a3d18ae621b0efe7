"""Tab in the real shells, and the manual page in the real man."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.patience import patience

DEADLINE = patience(15.0)


def need(*tools: str) -> None:
    for tool in tools:
        if not shutil.which(tool):
            pytest.skip(f"needs {tool}")


@pytest.fixture
def env(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment in which `nsplay` is this checkout's."""
    tool = tmp_path / "bin" / "nsplay"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\nPYTHONPATH={os.getcwd()} exec {sys.executable} -m nsplay "$@"\n')
    tool.chmod(0o755)
    yield {
        **os.environ,
        "PATH": f"{tool.parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "TERM": "xterm",
        "PS1": "# ",
    }


def ran(env: dict[str, str], *argv: str) -> str:
    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=DEADLINE, check=True)
    return done.stdout


def test_bash(env: dict[str, str]) -> None:
    ask = "source <(nsplay completion bash); COMP_WORDS=(nsplay demo ut); COMP_CWORD=2; _nsplay; echo ${COMPREPLY[@]}"
    assert ran(env, "bash", "--norc", "-c", ask).split() == ["uts"]


@pytest.mark.parametrize(
    ("argv", "begin"),
    [
        (["bash", "--norc", "-i"], "source <(nsplay completion bash)"),
        (["zsh", "-f", "-i"], "PS1='# '; autoload -U compinit; compinit -u; source <(nsplay completion zsh)"),
    ],
    ids=["bash", "zsh"],
)
def test_as_it_is_typed(env: dict[str, str], argv: list[str], begin: str) -> None:
    need(argv[0])
    shell = pexpect.spawn(argv[0], argv[1:], env=env, timeout=DEADLINE, encoding="utf-8")
    try:
        shell.sendline(f"{begin}; echo rea''dy")
        shell.expect("ready")
        shell.send("nsplay lesson fac\t")
        shell.expect("lesson facts")
    finally:
        shell.close(force=True)


def test_fish(env: dict[str, str]) -> None:
    need("fish")
    told = ran(
        env, "fish", "--no-config", "-c", 'nsplay completion fish | source; complete -C "nsplay demo ut"'
    )
    assert [line.split("\t")[0] for line in told.splitlines()] == ["uts"]
    told = ran(
        env, "fish", "--no-config", "-c", 'nsplay completion fish | source; complete -C "nsplay lesson f"'
    )
    assert [line.split("\t")[0] for line in told.splitlines()] == ["facts"]


def test_of_a_shell_that_it_does_not_know(env: dict[str, str]) -> None:
    done = subprocess.run(
        ["nsplay", "completion", "tcsh"], env=env, capture_output=True, text=True, timeout=DEADLINE
    )
    assert (done.returncode, "bash, zsh, fish" in done.stderr) == (2, True)


def test_the_manual_page(env: dict[str, str], tmp_path: Path) -> None:
    need("groff")
    path = tmp_path / "nsplay.1"
    path.write_text(ran(env, "nsplay", "man"))
    done = subprocess.run(
        ["groff", "-man", "-Tascii", "-ww", "-P-c", str(path)],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
    )
    assert done.stderr == ""
    assert "nsplay demo LESSON[/STEP]" in re.sub(".\b", "", done.stdout)
