"""`python -m tests.input.user WORDS`: nsplay as an ordinary user, who may not read this Python: all is imported first."""

import importlib
import pkgutil
import sys

import nsplay
from nsplay.cli import main
from tests.stage.house import become_user

if __name__ == "__main__":
    for module in pkgutil.walk_packages(nsplay.__path__, "nsplay."):
        if module.name != "nsplay.__main__":
            importlib.import_module(module.name)
    for name in (
        "json",
        "pwd",
        "fcntl",
        "tempfile",
        "traceback",
        "tomllib",
        "asyncio",
        "encodings.utf_8_sig",
    ):
        importlib.import_module(name)
    become_user()
    sys.exit(main())
