"""The Containerfile: built by podman on a Debian that mmdebstrap makes, and what doctor says in it, started in two ways."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.kernel import bundles
from tests.patience import patience

PROJECT: Final = Path(__file__).parents[2]
pytestmark = bundles.needs("podman", "runc", "conmon", "mmdebstrap")


@pytest.fixture(scope="module")
def podman(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The command, with a store of its own that has the image nsplay."""
    folder = tmp_path_factory.mktemp("container")
    short = tempfile.mkdtemp(prefix="run-", dir="/tmp")  # podman takes 50 characters
    base = ["podman", "--root", f"{folder}/store", "--runroot", short, "--runtime", "runc"]
    base += ["--cgroup-manager", "cgroupfs", "--events-backend", "none"]
    try:
        debian = folder / "debian.tar"
        made = tried("mmdebstrap", "--quiet", "--variant=minbase", "--include=python3", "bookworm", debian)
        if made.returncode:
            pytest.skip(f"needs a mirror of Debian: {made.stderr.strip()[-300:]}")
        build = ("build", "--network", "host", "--isolation", "chroot", "--layers=false", "--tag", "nsplay")
        for words in (
            ("import", "--quiet", debian, "debian"),
            (*build, "--build-arg", "BASE=localhost/debian", PROJECT),
        ):
            done = tried(*base, *words)
            assert done.returncode == 0, done.stdout + done.stderr
        yield base
    finally:
        shutil.rmtree(short, ignore_errors=True)
        shutil.rmtree(folder)


def tried(*words: object) -> subprocess.CompletedProcess[str]:
    """In a mount namespace of its own: what it mounts meanwhile isn't seen by the tests beside this one."""
    command = ["unshare", "--mount", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=patience(300))


def run(podman: list[str], *how: str, typed: str) -> str:
    with bundles.groups("nsplay-container") as path:
        limits = ("--ulimit", "nofile=1024:1024", "--ulimit", "nproc=2000:2000", "--pids-limit", "300")
        words = ("run", "--rm", "--network", "none", "--cgroup-parent", path, *limits, *how)
        done = tried(*podman, *words, "nsplay", "sh", "-c", typed)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_with_privileges_all_is_there(podman: list[str]) -> None:
    said = run(
        podman, "--privileged", typed="nsplay doctor >/tmp/said && nsplay lesson test uts && man -w nsplay"
    )
    assert "ok uts" in said and said.endswith("/usr/share/man/man1/nsplay.1.gz\n")


def test_without_them_doctor_counts_what_can_really_be_played(podman: list[str]) -> None:
    listed = json.loads(run(podman, typed="nsplay list --json"))["lessons"]
    runs = [row["id"] for row in listed if row["runnable"]]
    assert runs == ["ipc", "time", "seccomp"]
    assert "FAILED" not in run(podman, typed=f"nsplay lesson test {' '.join(runs)}")
