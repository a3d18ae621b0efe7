"""The editor of a line, where a signal ends it."""

import asyncio
import gc
import os
import select
from pathlib import Path

import pytest

from nsplay.repl.line import Editor


def test_a_signal_in_a_task_of_the_editors_is_told_to_nobody_but_the_caller(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """prompt_toolkit would show its traceback and wait for Enter, while nsplay is leaving."""
    master, slave = os.openpty()
    ears, mouth = os.pipe()
    editor = Editor(slave, slave, tmp_path / "history", tuple)

    async def interrupted() -> None:
        raise KeyboardInterrupt

    def call() -> bytes:
        os.read(ears, 1)
        asyncio.ensure_future(interrupted())  # noqa: RUF006  (that nobody keeps it is the point)
        return b""

    os.write(mouth, b"x")
    raised = False
    try:
        editor.read("# ", os.getpid(), "", ("", 0), {ears: call})
    except KeyboardInterrupt:  # (pytest.raises would keep the task alive)
        raised = True
    finally:
        editor.close()
    assert raised
    del editor
    gc.collect()
    said = b""
    while select.select([master], [], [], 0.2)[0]:
        said += os.read(master, 65536)
    for fd in (master, slave, ears, mouth):
        os.close(fd)
    assert b"Press ENTER" not in said
    assert b"Unhandled" not in said
    assert not caplog.records
