"""A lesson's file may hold anything: every command that meets it says a sentence with its name, and does nothing that it says."""

import os
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.input.world import ESCAPES, Answer, become_user, environment, judge, play, run
from tests.unit.test_lesson_hostile import GOOD

CANARY: Final = "/tmp/nsplay-canary"  # what the lessons' commands would make
HOSTILE: Final = GOOD.replace("A nudge.", f"A nudge: `touch {CANARY}` $(touch {CANARY})").replace(
    "Prose of", f"$(touch {CANARY}) `touch {CANARY}` prose of"
)

# Every command that reads lessons. A new one is one more line. "play": on a terminal.
COMMANDS: Final = {
    "list": ("list",),
    "json": ("list", "--json"),
    "lint": ("lesson", "lint"),
    "lint it": ("lesson", "lint", "bad"),
    "test": ("lesson", "test", "bad"),
    "menu": ("play",),
    "play": ("play", "bad"),
    "step": ("play", "bad/make"),
}


def text(change: Callable[[str], str] = lambda text: text) -> Callable[[Path], object]:
    return lambda file: file.write_text(change(HOSTILE), errors="surrogateescape")


def replaced(old: str, new: str) -> Callable[[Path], object]:
    assert old in HOSTILE
    return text(lambda whole: whole.replace(old, new))


def translated(file: Path) -> None:
    file.write_text(HOSTILE)
    file.with_suffix(".ja.md").write_text(
        '+++\ntitle = "一"\n+++\n\n# 一\n\n## ない {#nowhere of=12345678}\n\nない。\n'
    )


# kind -> how the file is made, and whether it can be played all the same
BROKEN: Final[dict[str, Callable[[Path], object]]] = {
    "broken TOML": replaced("minutes = 3", "minutes = = 3"),
    "unknown fact": replaced("inside.ns.uts !=", "inside.ns.pwned !="),
    "unknown view": replaced('["hostname"]', '["pwned"]'),
    "a check of no step": text(
        lambda whole: whole.replace("\n## Make it", "\n```check\nhost.uid == 0\n```\n\n## Make it")
    ),
    "a step twice": text(lambda whole: whole + "\n## Again {#make}\n\n```console\n# true\n```\n"),
    "a fence without an end": text(lambda whole: whole + "\n```console\n# true\n"),
    "a newer format": replaced("format = 1", "format = 99"),
    "a translation of a missing step": translated,
    "escapes": replaced("What it is for.", "".join(ESCAPES)),
    "empty": lambda file: file.write_bytes(b""),
    "binary": lambda file: file.write_bytes(random.Random(1).randbytes(5000)),
    "zeros": lambda file: file.write_bytes(b"+++\n" + bytes(5000)),
    "50 MB": lambda file: os.truncate(_touched(file), 50 << 20),
    "50 MB of words": lambda file: file.write_bytes(b"word " * (10 << 20)),
    "a link that loops": lambda file: file.symlink_to(file.name),
    "a link to nowhere": lambda file: file.symlink_to("/nowhere/at/all"),
    "a folder": lambda file: file.mkdir(),
    "a fifo": lambda file: os.mkfifo(file),
    "a device": lambda file: file.symlink_to("/dev/zero"),
}
PLAYABLE: Final = {"a translation of a missing step"}


def _touched(file: Path) -> Path:
    file.touch()
    return file


def answer(words: tuple[str, ...], env: dict[str, str], *more: str) -> Answer:
    return play([*words[1:], *more], env) if words[0] == "play" else run([*words, *more], env)


@pytest.fixture(autouse=True)
def nothing_is_done() -> object:
    """Nothing of a lesson's text was executed."""
    assert not os.path.exists(CANARY)
    yield
    assert not os.path.exists(CANARY)


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ("json", "step", "lint")])
@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_lesson(tmp_path: Path, kind: str, command: str) -> None:
    folder = tmp_path / "lessons" / "bad"
    folder.mkdir(parents=True)
    BROKEN[kind](folder / "lesson.md")
    lang = "ja" if kind in PLAYABLE else "en"
    env = environment(tmp_path, NSPLAY_LESSONS=str(folder.parent))
    if kind in PLAYABLE and command == "test":
        command = "json"  # it would be played, which is another test's matter
    got = answer(COMMANDS[command], env, "--lang", lang)
    listed = command in ("list", "menu", "json")  # by the headings alone, which may be fine
    judge(got, names="" if kind in PLAYABLE or listed else "bad/lesson.md")
    if kind not in PLAYABLE and not listed:
        assert got.status == 1, got.text


@pytest.mark.parametrize("command", COMMANDS)
def test_no_permission(open_folder: Path, command: str) -> None:
    """As an ordinary user: a file that can't be read, in a folder that can, and one that can't be entered."""
    if os.geteuid():
        pytest.skip("needs root, to become an ordinary user")
    for name in ("bad", "closed"):
        (open_folder / "lessons" / name).mkdir(parents=True)
        (open_folder / "lessons" / name / "lesson.md").write_text(HOSTILE)
    (open_folder / "lessons" / "bad" / "lesson.md").chmod(0)
    (open_folder / "lessons" / "closed").chmod(0)
    (open_folder / "home").mkdir(mode=0o777)
    os.chown(open_folder / "home", 1000, 1000)
    env = environment(open_folder / "home", NSPLAY_LESSONS=str(open_folder / "lessons"))
    words = COMMANDS[command]
    got = play(words[1:], env, become_user) if words[0] == "play" else run(words, env, become_user)
    judge(got, names="lesson.md" if command not in ("menu", "json") else "")


@pytest.mark.parametrize(
    "order",
    [b"order = 3", b"order = [", b"\xff\xfe", b'order = ["bad"]\n' * 2, b"x" * (2 << 20), b"order = [[1]]"],
)
@pytest.mark.parametrize("command", ["list", "menu", "lint"])
def test_a_broken_order(tmp_path: Path, order: bytes, command: str) -> None:
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "course.toml").write_bytes(order)
    got = answer(COMMANDS[command], environment(tmp_path, NSPLAY_LESSONS=str(tmp_path / "lessons")))
    judge(got, names="course.toml")
    assert got.status == 1


@pytest.mark.parametrize("seed", range(8))
def test_mutations(tmp_path: Path, seed: int) -> None:
    """Forty lessons with a few bytes changed, dropped, doubled: listed, linted, and shown in the menu."""
    chance = random.Random(seed)
    for number in range(40):
        data = bytearray(HOSTILE.encode())
        for _ in range(chance.randint(1, 5)):
            at, length = chance.randrange(len(data)), chance.choice((1, 1, 4, 40))
            piece = chance.choice(
                (b"", bytes([chance.randrange(256)]), data[at : at + length] * 2, b"\x1b[38;5;201m")
            )
            data[at : at + length] = piece
        folder = tmp_path / "lessons" / f"m{number}"
        folder.mkdir(parents=True)
        (folder / "lesson.md").write_bytes(data)
    env = environment(tmp_path, NSPLAY_LESSONS=str(tmp_path / "lessons"))
    for command in ("list", "json", "lint", "menu"):
        judge(answer(COMMANDS[command], env))


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    """Folders with control characters and half letters in their names, above the lessons."""
    folder = os.fsencode(tmp_path) + "/\x1b[38;5;201m\u202e".encode() + b"\xff"
    os.makedirs(folder + b"/bad")
    Path(os.fsdecode(folder + b"/bad/lesson.md")).write_text("+++\ntitle = = 1\n+++\n")
    for words in (
        ["list"],
        ["lesson", "lint"],
        ["lesson", "test", "bad"],
        ["list", "--json"],
        ["lesson", "lint", "no"],
    ):
        judge(run([b"--lessons", folder, *words], environment(tmp_path)))
    subprocess.run(["rm", "-r", folder], check=True)
