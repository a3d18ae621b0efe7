"""How long a start takes, against bare Python and against the import of the three libraries."""

import os
import pty
import select
import statistics
import subprocess
import sys
import tempfile
import time

BIN = os.path.dirname(sys.executable)
RUNS = 15
LIBRARIES = "import prompt_toolkit, rich, pexpect"


def seconds(*command: str) -> float:
    """How long a command takes."""
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def first_prompt(state: str) -> float:
    """From the start of `nsplay uts` to the shell's prompt on the screen."""
    began = time.perf_counter()
    pid, master = pty.fork()
    if pid == 0:
        env = {**os.environ, "XDG_STATE_HOME": state, "TERM": "xterm", "PS1": "READY# ", "SHELL": "/bin/dash"}
        env["COLORFGBG"] = "15;0"  # this terminal answers no question
        os.execve(f"{BIN}/nsplay", ["nsplay", "uts"], env)
    seen = b""
    while b"READY# " not in seen:
        if not select.select([master], [], [], 20)[0]:
            raise SystemExit(f"no prompt: {seen!r}")
        seen += os.read(master, 65536)
    took = time.perf_counter() - began
    os.close(master)
    os.waitpid(pid, 0)
    return took


def rows() -> list[tuple[str, float, float]]:
    """Name, ratio, limit. The runs of all are interleaved."""
    times: dict[str, list[float]] = {name: [] for name in ("bare", "help", "list", "libraries", "prompt")}
    with tempfile.TemporaryDirectory(prefix="nsplay-bench-") as state:
        for _ in range(RUNS):
            times["bare"].append(seconds(sys.executable, "-c", "pass"))
            times["help"].append(seconds(f"{BIN}/nsplay", "--help"))
            times["list"].append(seconds(f"{BIN}/nsplay", "list"))
            times["libraries"].append(seconds(sys.executable, "-c", LIBRARIES))
            times["prompt"].append(first_prompt(state))
    middle = {name: statistics.median(found) for name, found in times.items()}
    return [
        ("--help, times bare Python", middle["help"] / middle["bare"], 4.0),
        ("list, times bare Python", middle["list"] / middle["bare"], 4.0),
        (
            "start to first prompt, times the import of the libraries",
            middle["prompt"] / middle["libraries"],
            1.5,
        ),
    ]
