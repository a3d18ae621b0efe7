"""Completion as the process at the prompt sees the machine: its root, its working directory, its PATH (proc(5))."""

import contextlib
import ctypes
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from nsplay.kernel import syscalls

DEFAULT_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# openat2(2), Linux 5.6; the same number everywhere
_OPENAT2: Final = 437
_RESOLVE_IN_ROOT: Final = 0x10

_SPECIAL: Final = re.compile(r"([\s\\'\"`$&|;<>()*?\[\]{}!#~])")
_WORD: Final = re.compile(r"(?:\\.|[^\s\\;&|<>()`])*$")  # the word that ends at the cursor, blanks escaped
# Before a command: the line's begin, a separator, or a word that runs what follows.
_COMMAND: Final = re.compile(r"(?:^|[;&|(`]|\b(?:sudo|exec|time|then|do|else|command|nohup|if|while)\s)\s*$")


class Completions(Completer):
    """pid: the process at the prompt. words: what else may begin a line (colon commands)."""

    def __init__(self, words: Callable[[], Sequence[str]]) -> None:
        self.pid = 0
        self._words = words

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        text = document.text_before_cursor
        found = _WORD.search(text)
        word = found[0] if found else ""
        if text.startswith(":") and text == word:
            names: Iterable[str] = self._words()
        elif _COMMAND.search(text[: len(text) - len(word)]) and "/" not in word:
            names = map(_quoted, commands(self.pid))
        else:
            yield from self._paths(word)
            return
        for name in sorted(set(names)):
            if name.startswith(word):
                yield Completion(name, -len(word))

    def _paths(self, word: str) -> Iterator[Completion]:
        folder, slash, start = re.sub(r"\\(.)", r"\1", word).rpartition("/")
        typed = len(word.rpartition("/")[2])
        for name, is_folder in sorted(entries(self.pid, folder + slash)):
            if name.startswith(start) and (start or not name.startswith(".")):
                yield Completion(_quoted(name) + "/" * is_folder, -typed, display=name + "/" * is_folder)


def _quoted(name: str) -> str:
    return _SPECIAL.sub(r"\\\1", name)


def environ(pid: int) -> dict[str, str]:
    """Environment that pid was started with; empty when it is gone or not ours."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/environ", "rb") as file:
        pairs = (os.fsdecode(entry).partition("=") for entry in file.read().split(b"\0"))
        return {name: value for name, equals, value in pairs if equals}
    return {}


def commands(pid: int) -> Iterator[str]:
    """Names of the files in pid's PATH."""
    for folder in environ(pid).get("PATH", DEFAULT_PATH).split(":"):
        if folder.startswith("/"):
            yield from (name for name, is_folder in entries(pid, folder) if not is_folder)


def entries(pid: int, folder: str) -> Iterator[tuple[str, bool]]:
    """(name, is it a folder) of a folder as pid sees it: absolute, relative to its cwd ("" too), or below ~."""
    if folder == "~" or folder.startswith("~/"):
        folder = environ(pid).get("HOME", "/") + folder[1:]
    try:
        fd = _opened(pid, folder)
    except OSError:
        return
    try:
        with os.scandir(fd) as found:
            for entry in found:
                yield entry.name, _is_folder(entry)
    finally:
        os.close(fd)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _opened(pid: int, folder: str) -> int:
    if not folder.startswith("/"):
        return os.open(f"/proc/{pid}/cwd/{folder}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    root = os.open(f"/proc/{pid}/root", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:  # a plain open of /proc/PID/root/... would follow an absolute link (/var/run) in *our* root
        how = (ctypes.c_uint64 * 3)(os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, 0, _RESOLVE_IN_ROOT)
        path, size = ctypes.c_char_p(os.fsencode(folder)), ctypes.c_size_t(ctypes.sizeof(how))
        return syscalls.check(
            syscalls.syscall(_OPENAT2, ctypes.c_int(root), path, ctypes.byref(how), size), folder
        )
    finally:
        os.close(root)
