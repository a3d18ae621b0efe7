"""The tool: what a command says and how it ends comes through, and nothing outlives it."""

import io
import os
import select
import signal
import subprocess
import sys
import tarfile
import time
import tomllib
from pathlib import Path

import pytest

from nsplay.kernel import processes, tty
from tests.patience import patience
from tests.vm import disk, image, inside, qemu, suite

RUN = [sys.executable, "-m", "tests.vm"]
KVM, TCG = ["-accel", "kvm"], ["-accel", "tcg,thread=multi"]
pytestmark = pytest.mark.xdist_group("vm")  # one machine at a time


@pytest.fixture
def tools() -> None:
    if packages := image.lacking():
        pytest.skip(f"needs {', '.join(packages)}")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*RUN, *words], capture_output=True, text=True, cwd=image.PROJECT, timeout=patience(600)
    )


def test_output_and_status_come_through(tools: None) -> None:
    done = run(
        "--user", "learner", "sh", "-c", "echo out; echo err >&2; id -un; cat /proc/self/cgroup; exit 7"
    )
    assert done.returncode == 7, done.stderr
    assert done.stdout.splitlines()[:3] == ["out", "err", "learner"]
    assert "0::/user.slice/user-1000.slice/session-" in done.stdout  # version 2 alone, and a real login


def test_time_is_bounded(tools: None) -> None:
    done = run("--timeout", "2", "sleep", "1000")
    assert done.returncode == qemu.LATE
    assert "stopped after 2 s" in done.stderr


def test_a_killed_runner_leaves_no_machine(tools: None) -> None:
    with subprocess.Popen([*RUN, "sleep", "1000"], stdout=subprocess.PIPE, cwd=image.PROJECT) as runner:
        until = time.monotonic() + patience(300)  # it may have to make the image first
        while not (
            machines := [row.pid for row in tty.descendants(runner.pid) if row.comm.startswith("qemu")]
        ):
            assert time.monotonic() < until and runner.poll() is None
            time.sleep(0.05)
        fd = os.pidfd_open(machines[0])
        runner.send_signal(signal.SIGKILL)
        try:
            assert select.select([fd], [], [], patience(10))[0], "the machine runs on"
        finally:
            os.close(fd)
    assert processes.read(machines[0]) is None or processes.read(machines[0]).state in "ZX"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("flags", "kvm", "wanted"),
    [
        ("fpu vmx sse", True, KVM),
        ("fpu svm", True, KVM),
        ("fpu sse", True, TCG),  # a /dev/kvm that emulates, slower than TCG
        ("fpu vmx", False, TCG),
    ],
)
def test_how_it_is_run(flags: str, kvm: bool, wanted: list[str]) -> None:
    assert qemu.accelerator(f"processor : 0\nflags\t\t: {flags}\nbugs :\n", kvm)[:2] == wanted


def test_the_disk_has_the_project_and_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("x = 1\n")
    for cache in (".git", ".venv", ".vm", "__pycache__"):
        (tmp_path / cache).mkdir()
        (tmp_path / cache / "file").write_text("")
    file = io.BytesIO()
    disk.write(file, "learner", ["echo", "it's"], tmp_path)
    file.seek(0)
    with tarfile.open(fileobj=file) as tar:
        names = tar.getnames()
        job = tar.extractfile("job")
        assert job and job.read().decode().startswith("#!/bin/sh\nexec su -l learner -c ")
    assert [name for name in names if name.startswith("nsplay")] == ["nsplay", "nsplay/code.py"]
    assert {
        "site/pytest",
        "site/xdist",
        "site/prompt_toolkit",
        "site/rich",
        "site/pyte",
        "site/wcwidth",
    } <= set(names)
    assert [name for name in names if name.endswith(".so") or "mypy" in name] == []


def test_an_image_is_made_anew_when_its_recipe_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hook").write_text("")
    for machine in (image.LESSONS, image.CLOUD):
        (tmp_path / machine).mkdir()
        (tmp_path / machine / "packages").write_text("dash")
    monkeypatch.setattr(image, "RECIPE", tmp_path)
    usual, cloud = image.Image(), image.Image(machine=image.CLOUD)
    first, other = image.recipe(usual), image.recipe(cloud)
    assert image.recipe(image.Image("trixie")) != first != image.recipe(image.Image(kernel="bullseye"))
    (tmp_path / image.LESSONS / "packages").write_text("dash vim")
    assert image.recipe(usual) != first
    assert image.recipe(cloud) == other
    (tmp_path / "hook").write_text("exit 1")
    assert image.recipe(cloud) != other


def test_parts_are_had_by_a_word_and_other_mutants_by_name() -> None:
    def names(*words: str) -> list[str]:
        return [part.name for parts in suite.chosen(words) for part in parts]

    assert (names()[0], names()[-1]) == ("tests, root", "dangers")
    assert names("learner") == [name for name in names() if name.endswith(", learner")]
    assert names("user mutated") == ["user mutated, root", "user mutated, learner"]
    assert names("user mutated, root", "dangers") == ["dangers", "user mutated, root"]
    assert names("no such part") == []


def test_dangers_are_not_even_collected_here() -> None:
    if inside.here():
        pytest.skip("needs to be outside of the machine")
    folder = str(Path(inside.__file__).parent)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", folder],
        capture_output=True,
        text=True,
        cwd=image.PROJECT,
    )
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, done.stdout
    rows = tomllib.loads(Path(folder, "dangers.toml").read_text())["danger"]
    assert len(rows) > 40
