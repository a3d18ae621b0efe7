"""The name `nsplay` on the stage, whatever started nsplay: a clone's ./play, pipx, sudo.

A folder with one script, first in every terminal's PATH. A load (nsplay/load) is started without site packages and
environment: it has to fit into a group of 10 MB. So is `nsplay seccomp`, which an ordinary user types as well, who may
not be able to read the Python that started nsplay.
"""

import os
import sys
from pathlib import Path
from typing import Final

from nsplay.stage.places import WORKBENCH

FOLDER: Final = f"{WORKBENCH}/bin"
SCRIPT: Final = """\
#!{python} -IS
import os, sys
words = sys.argv[1:]
alone = words[:1] == ["load"] or words[:1] == ["seccomp"] and words[1:] and words[1][0:1] != "-"
if not alone:
    os.execv({program!r}, [{program!r}, "-m", "nsplay", *words])
sys.path.insert(0, {package!r})
if words[0] == "load":
    from nsplay.load.command import main
else:
    from nsplay.seccomp import main
sys.exit(main(words[1:]))
"""


def put(folder: str) -> None:
    """Makes the folder, with the script in it. Raises OSError."""
    os.makedirs(folder, exist_ok=True)
    python = f"{folder}/.python"  # a script's first line bears neither blanks nor a long path (execve(2))
    text = SCRIPT.format(
        python=python, program=sys.executable, package=str(Path(__file__).resolve().parents[2])
    )
    fresh = f"{folder}/.{os.getpid()}"  # another nsplay may be using what is there
    os.symlink(_interpreter(), fresh)
    os.replace(fresh, python)
    with open(fresh, "x", encoding="utf-8") as file:
        file.write(text)
        os.fchmod(file.fileno(), 0o755)
    os.replace(fresh, f"{folder}/nsplay")


def _interpreter() -> str:
    """Ours, or, where the user can't reach that any more (started by root, and stepped down), the machine's."""
    for path in (os.path.realpath(sys.executable), "/usr/bin/python3", "/usr/local/bin/python3"):
        if os.access(path, os.X_OK):
            return path
    return sys.executable


def first(folder: str, path: str) -> str:
    """PATH with that folder in front, once."""
    return os.pathsep.join([folder, *(each for each in path.split(os.pathsep) if each != folder)])
