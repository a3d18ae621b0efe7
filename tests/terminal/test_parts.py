"""The parts that need no terminal: what is read out of the output, of keys, of a process."""

import asyncio
import os
import signal
import subprocess
from pathlib import Path

import pytest

from nsplay.kernel import tty
from nsplay.repl import completion, marks
from nsplay.repl.colon import Colon, read_colon
from nsplay.repl.line import Editor, History
from nsplay.repl.outbox import typed_only
from nsplay.repl.screen import Screen

from .product import open_shell

NONCE = "0123456789abcdef"


def mark(letter: str, value: str = "") -> bytes:
    return f"\x1b]133;{letter}{';' + value if value else ''};{NONCE}\x07".encode()


def fed(*pieces: bytes) -> Screen:
    screen = Screen(NONCE)
    for piece in pieces:
        screen.feed(piece)
    return screen


OUTPUT = b"x\x1b[?1049h\x1b[?25l\x1b[?1000;1006hy\r\nend" + mark("D", "7") + mark("A") + b"\x1b[32mvm\x1b[m# "


@pytest.mark.parametrize("at", range(len(OUTPUT)))
def test_output_may_be_cut_anywhere(at: int) -> None:
    screen = fed(OUTPUT[:at], OUTPUT[at:])
    assert screen.status == 7
    assert screen.continued is False
    assert {b"1049", b"1000", b"1006"} <= screen.modes and not screen.calm
    assert screen.row(80) == "end\x1b[32mvm\x1b[m# "
    assert screen.prompt(80) == "\x1b[32mvm\x1b[m# "


def test_output_byte_by_byte() -> None:
    screen = fed(*(bytes([byte]) for byte in OUTPUT))
    assert (screen.status, screen.continued, screen.row(80)) == (7, False, "end\x1b[32mvm\x1b[m# ")


def test_only_our_marks_count() -> None:
    screen = fed(b"\x1b]133;D;3\x07\x1b]133;A;k=s\x07" + mark("D", "4").replace(b"0123", b"3210"))
    assert (screen.status, screen.continued) == (None, None)


def test_a_continuation_by_its_mark_or_its_text() -> None:
    assert fed(mark("A", "k=s") + b"more? ").second()
    assert fed(b"a\r\n> ").second()
    assert not fed(mark("A") + b"> ").second()
    assert not fed(b"quote> ").second()
    assert fed(b"quote> ").second(named=True)
    assert not fed(b"a\r\n# ").second()


@pytest.mark.parametrize(
    ("output", "row"),
    [
        (b"\x1b[32m0123456789#\x1b[m ", "\x1b[32m#\x1b[m "),  # wraps: its colour stays
        ("日本語日本# ".encode(), "# "),
        ("日本語日 日本".encode(), "日本"),
        (b"old\rnew", "new"),
        (b"\x1b]0;title\x07\x1b[?2004h\x1b(Ba\tb", "a    b"),
        (b"0123456789", "0123456789"),
    ],
)
def test_the_last_row(output: bytes, row: str) -> None:
    assert fed(output).row(10) == row


def test_what_is_undone_and_done_again() -> None:
    screen = fed(b"\x1b[?1049h\x1b[?25l\x1b[?2004h")
    assert b"1049l" in screen.undo() and b"?25h" in screen.undo() and b"2004l" in screen.undo()
    assert b"1049h" in screen.redo() and b"?25l" in screen.redo() and b"2004h" in screen.redo()
    assert b"1049l" in screen.repair() and b"2004" not in screen.repair()
    assert screen.calm and screen.repair() == b"" and screen.modes == {b"2004"}


def test_the_terminals_answers() -> None:
    answers = b"\x1b[12;40R\x1b[?62;c\x1b[0n\x1b[I\x1b[O\x1b]11;rgb:0/0/0\x07\x1bP1$r0m\x1b\\"
    assert typed_only(answers) == b""
    assert typed_only(b"ls\x1b[A\r" + answers + b"\x1b[1;5C") == b"ls\x1b[A\r\x1b[1;5C"


def test_the_colon_line() -> None:
    shown: list[bytes] = []
    pieces = iter([b"hel", b"q\x7fp\rls", b""])
    assert read_colon(b":", lambda: next(pieces), shown.append) == Colon(":help", b"ls")
    assert b"".join(shown) == b":helq\b \bp"
    assert read_colon(":日\x7f".encode(), lambda: b"\x7f", shown.append) == Colon("", b"")
    assert b"".join(shown).endswith(b"\b \b\b \b\b \b")
    assert read_colon(b":", lambda: b"", shown.append) is None


def test_the_environment_of_a_marked_shell(tmp_path: Path) -> None:
    env = marks.environment(tmp_path, NONCE, {"PS1": "it's# ", "PROMPT_COMMAND": "date", "HOME": "/"})
    assert set(env) == {"HOME", "ENV", "PROMPT_COMMAND"} and env["PROMPT_COMMAND"].endswith("; date")
    file = Path(env["ENV"])
    assert NONCE in file.read_text() and "NONCE" not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o644
    assert "\x1b" not in file.read_text()


@pytest.mark.parametrize("other", ["ZSH_VERSION", "KSH_VERSION", "YASH_VERSION"])
def test_marks_leave_other_shells_alone(tmp_path: Path, other: str) -> None:
    file = marks.environment(tmp_path, NONCE, {})["ENV"]
    run = subprocess.run(
        ["sh", "-c", f'PS1=mine; {other}=1; . {file}; echo "$PS1"'], capture_output=True, check=True
    )
    assert run.stdout == b"mine\n"


def test_history_of_a_file_that_cant_be_read_or_written(tmp_path: Path) -> None:
    history = History(str(tmp_path))  # a folder
    history.keep("one")
    assert list(history.load_history_strings()) == []
    assert history.get_strings() == ["one"]


def test_system_calls_are_known_for_both_architectures() -> None:
    """Numbers as in the kernel's arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h."""
    x86, arm = tty.CALLS["x86_64"], tty.CALLS["aarch64"]
    assert x86.read == 0 and x86.ready == frozenset({7, 23, 270, 271})
    assert arm.read == 63 and arm.ready == frozenset({72, 73})
    assert x86.epoll == frozenset({232, 281, 441}) and arm.epoll == frozenset({22, 441})


def test_completion_of_a_process_that_is_gone() -> None:
    child = subprocess.Popen(["true"])
    child.wait()
    assert list(completion.entries(child.pid, "/")) == []
    assert completion.environ(child.pid) == {}
    assert list(completion.commands(child.pid)) == []


def test_completion_follows_home_and_root() -> None:
    names = {name for name, is_folder in completion.entries(os.getpid(), "~/..") if is_folder}
    assert names == {entry.name for entry in os.scandir(Path.home().parent) if entry.is_dir()}


def test_front_of_a_terminal_that_is_gone() -> None:
    master, slave = os.openpty()
    os.close(slave)
    assert tty.front(master, os.getpid()).kind is tty.Kind.GONE
    os.close(master)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")
@pytest.mark.parametrize("argv", [["bash", "--norc"], ["dash"]])
def test_a_prompt_is_never_claimed_without_the_rights_to_know(argv: list[str]) -> None:
    """Root's shell, seen by nobody: the flags alone say how it reads."""
    master, slave = os.openpty()
    shell = open_shell(slave, argv, {"PATH": os.environ["PATH"], "PS1": "# "}, "/")
    try:
        seen = b""
        while b"# " not in seen:
            seen += os.read(master, 4096)
        while not tty.front(master, shell).kind.prompt:
            os.sched_yield()
        nobody = os.fork()
        if nobody == 0:
            os.setresuid(65534, 65534, 65534)
            front = tty.front(master, shell)
            os._exit(0 if front.blind and front.kind in (tty.Kind.RAW, tty.Kind.LINE) else 1)
        assert os.waitpid(nobody, 0)[1] == 0
    finally:
        os.close(slave)
        os.close(master)
        os.kill(shell, signal.SIGKILL)
        os.waitpid(shell, 0)


def test_a_signal_between_taking_a_step_and_doing_it(tmp_path: Path) -> None:
    """The step is lost, the task never ends, and the editor goes all the same: a closed window has to end nsplay."""
    master, slave = os.openpty()
    editor = Editor(slave, slave, tmp_path / "history", tuple)
    task = editor._loop.create_task(asyncio.sleep(0, "a line"))
    editor._loop._ready.clear()  # type: ignore[attr-defined]
    editor._give_up(task)
    assert not task.done()
    task.get_coro().close()
    editor.close()
    os.close(slave)
    os.close(master)
