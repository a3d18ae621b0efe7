"""Builds a /proc from a process table of tests/data/containers, whose README.md says what a line is."""

import os
from pathlib import Path
from typing import Final

import pytest

from nsplay.containers import PARTS
from nsplay.kernel.namespaces import KINDS
from nsplay.snapshot import Snapshot, take

DATA: Final = Path(__file__).parent.parent / "data" / "containers"
LETTERS: Final = dict(zip("upmniUCT", KINDS, strict=True))
HOST: Final = {kind: 4026531800 + n for n, kind in enumerate(KINDS)}


def machine(table: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Snapshot, str]:
    """The snapshot of a recorded machine, and where its /proc is."""
    labels: dict[str, int] = {}
    hidden = set()
    for line in (DATA / f"{table}.txt").read_text().splitlines():
        *numbers, path = line.split(" ")
        pid, ppid, start, nspids, ns = numbers[0], numbers[1], *numbers[-3:]
        comm = " ".join(numbers[2:-3])
        inodes = dict(HOST)
        for part in ns.split(",") if ":" in ns else ():
            label, letters = part.split(":")
            number = labels.setdefault(label, 4026532000 + 10 * len(labels))
            inodes |= {LETTERS[letter]: number + KINDS.index(LETTERS[letter]) for letter in letters}
        if ns == "hidden":
            hidden.add(pid)
        _process(folder / pid, f"{pid} ({comm}) S {ppid}", start, nspids.replace("=", "\t"), inodes, path)
    here = next(pid.name for pid in sorted(folder.iterdir()) if pid.name not in hidden)
    (folder / "self").symlink_to(here)
    real = os.readlink

    def readlink(path: str) -> str:
        words = str(path).removeprefix(f"{folder}/").split("/")
        if words[0] in hidden and words[1:2] == ["ns"]:
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "readlink", readlink)
    host = int(here) if hidden else 1
    return take(host, host, None, PARTS, str(folder)), str(folder)


def _process(folder: Path, stat: str, start: str, nspids: str, inodes: dict[str, int], path: str) -> None:
    (folder / "ns").mkdir(parents=True)
    pid = stat.split(" ", 1)[0]
    (folder / "stat").write_text(f"{stat} {pid} {pid} 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 {start} 0 0 0\n")
    (folder / "status").write_text(f"Name:\tx\nNSpid:\t{nspids}\n")
    (folder / "cgroup").write_text(f"0::{path}\n")
    for kind, inode in inodes.items():
        (folder / "ns" / kind).symlink_to(f"{kind}:[{inode}]")
