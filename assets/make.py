"""`python assets/make.py`: makes the pictures in this folder with the program itself, on a real stage. Needs root."""

import os
import sys
import tempfile
from pathlib import Path

import pexpect

from nsplay.cast.format import read
from nsplay.cast.picture import svg
from nsplay.cast.screen import step_rows

SIZE = (50, 100)  # rows, columns
STEP = "name"


def main() -> None:
    """Writes assets/uts.svg: the second step of the UTS lesson, as a demo types it."""
    with tempfile.TemporaryDirectory(prefix="nsplay-picture-") as folder:
        path = f"{folder}/uts.cast"
        env = {
            **os.environ,
            "XDG_STATE_HOME": folder,
            "TERM": "xterm-256color",
            "SHELL": "/bin/sh",
            "PS1": "# ",
        }
        words = ["-m", "nsplay", "demo", f"uts/{STEP}", "--auto", "0", "--record", path, "--lang", "en"]
        demo = pexpect.spawn(sys.executable, words, env=env, dimensions=SIZE, timeout=60)
        demo.expect("The second name")  # the step behind it
        demo.sendcontrol("]")
        demo.send("q")
        demo.expect(pexpect.EOF)
        cast = read(path)
        rows = step_rows(cast, STEP)
    Path(__file__).with_name("uts.svg").write_text(svg(rows, cast.columns, cast.title))


if __name__ == "__main__":
    main()
