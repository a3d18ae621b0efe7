"""The words of the command line, and what is said of them."""

import argparse
import re
from typing import NoReturn

from nsplay import __version__
from nsplay.background import BOTH
from nsplay.commands import usage

EPILOG = """\
Inside a lesson: type real commands; :help lists what begins with a colon; Ctrl-] always comes back.
Exit status: 0 fine, 1 the lesson or check failed, 2 wrong usage, 3 the machine can't, 130 interrupted."""

# Forms that something can be had in, and of what.
KINDS = {"svg": "render", "html": "render, report, export", "png": "render", "md": "export", "pdf": "export"}


def _formatter(prog: str) -> argparse.RawDescriptionHelpFormatter:
    """With a width of ours: asking for the terminal's would import every compression there is (shutil, 2 ms)."""
    return argparse.RawDescriptionHelpFormatter(prog, width=78, max_help_position=18)


class Parser(argparse.ArgumentParser):
    """argparse's, which would say a wrong word to the terminal as it stands."""

    def error(self, message: str) -> NoReturn:
        super().error(harmless(message))


def parser() -> Parser:
    """One flat parser: options may stand anywhere."""
    p = Parser(
        "nsplay",
        usage=usage().replace("%", "%%"),  # argparse puts the name in with `%`
        description="A learning shell: every namespace and cgroup that a container is made of, by doing it.",
        epilog=EPILOG,
        formatter_class=_formatter,
        allow_abbrev=False,
    )
    p.add_argument("words", nargs="*", metavar="WORD", help=argparse.SUPPRESS)
    p.add_argument("--lang", choices=("en", "ja"), help="language of the lessons (default: from the locale)")
    p.add_argument("--background", choices=BOTH, help="the terminal is dark or light (default: it is asked)")
    p.add_argument("--plain", action="store_true", help="plain sentences, for a screen reader")
    p.add_argument(
        "--no-fence", action="store_true", help="on the bare machine: only for a machine you can throw away"
    )
    p.add_argument(
        "--lessons", metavar="DIR", help="lessons by others, beside the course: a folder or a checkout"
    )
    p.add_argument(
        "--line",
        choices=("edit", "shell"),
        default="edit",
        help="who edits the line: nsplay or the shell itself",
    )
    p.add_argument("--yes", action="store_true", help="never ask, take the default")
    p.add_argument(
        "--json", action="store_true", help="for programs: list, doctor, look, diff, lesson test ..."
    )
    p.add_argument("--step", metavar="ID", help="lesson test, edit: only this step")
    p.add_argument("--diff", action="store_true", help="lesson facts: what the last command changed")
    p.add_argument("--pid", type=_pid, help="check, lesson facts: the place of any process")
    p.add_argument(
        "--session", type=_pid, metavar="PID", help="check, watch, notes ...: the session of this nsplay"
    )
    p.add_argument("--container", metavar="NAME", help="look: by its name, or as its number begins")
    p.add_argument("--all", action="store_true", help="look: every container")
    p.add_argument("--watch", action="store_true", help="look: then a line for whatever moves")
    p.add_argument("--owe", action="store_true", help="look: against the container built by hand")
    p.add_argument("--mutate", action="store_true", help="lesson test: also do each step wrongly")
    p.add_argument("--with", dest="kinds", metavar="KINDS", help="sandbox: these namespaces; all there are")
    p.add_argument("--memory", metavar="SIZE", help="sandbox: at most so much, such as 64M")
    p.add_argument("--cpu", metavar="PERCENT", help="sandbox: of one processor, such as 30%%")
    p.add_argument("--pids", metavar="N", help="sandbox: at most so many processes")
    p.add_argument("--root", metavar="DIR", help="sandbox: this folder as the root of its files")
    p.add_argument("--auto", type=_seconds, metavar="SECONDS", help="demo: goes on by itself")
    p.add_argument("--seed", type=int, default=1, metavar="N", help="demo: types another way")
    p.add_argument(
        "--rehearse",
        action="store_true",
        help="demo: without waiting; says how long it takes, keeps recordings",
    )
    p.add_argument("--big", action="store_true", help="demo, watch: few, large things, for the back row")
    p.add_argument("--record", metavar="FILE", help="keep what is seen, as an asciinema recording")
    p.add_argument(
        "--asciicast", type=int, choices=(2, 3), default=3, help="of this version of its format (default: 3)"
    )
    for kind, where in KINDS.items():
        p.add_argument(
            f"--{kind}",
            dest="kind",
            action="store_const",
            const=kind,
            help=f"{where}: as {kind.upper()}",
        )
    p.add_argument("--to", metavar="PLACE", help="export: the book's folder, or the PDF's name")
    p.add_argument("--paper", choices=("a4", "letter"), default="a4", help="export: of the PDF (default: a4)")
    p.add_argument("--report", action="store_true", help="doctor: to paste into an issue, without names")
    p.add_argument("--version", action="version", version=f"nsplay {__version__}")
    return p


def _pid(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"no process number: {text}")
    return int(text)


def _seconds(text: str) -> float:
    if not re.fullmatch(r"\d{1,4}(\.\d+)?", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"no time in seconds: {text}")
    return float(text)


def harmless(text: str) -> str:
    """With no control character of a word's or a path's that it quotes."""
    from nsplay.lesson.text import printable

    return "\n".join(map(printable, text.split("\n")))
