"""What the suite is: its parts, in their order. Run in the machine by tests.vm.inside."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from nsplay.lesson.course import course, lessons_folder

# A short folder: with a long one a prompt doesn't fit a row.
PYTEST: Final = (
    "env NSPLAY_FAULTS=4 python3 -m pytest -n 2 --dist loadgroup --reruns 1 -rsR --basetemp /tmp/t-$USER"
)
# Where the answer is the kernel's; what is only the screen's is the same everywhere.
KERNELS: Final = "tests/kernel tests/stage tests/terminal/test_waiting.py tests/terminal/test_places.py"
BOTH: Final = (
    "tests/vm/inside/test_scope.py tests/play/test_faults.py "
    "tests/play/test_sandbox.py::test_limits_are_the_kernels tests/play/test_sandbox.py::test_a_command"
)
USERS: Final = "tests/stage/test_terminals.py"
LESSONS: Final = "nsplay lesson test"
# About namespaces alone, and played by the learner: as root they are the same here as on any machine.
ANYWHERE: Final = ("look", "mount", "user", "network", "time", "together")
# A kernel that answers otherwise shows there; all of them would take hours. Those of pid alone take half an hour.
MUTATED: Final = {"uts": False, "pid": True}
# A link of that kind in a test or a lesson loads the module that a danger wants to load.
DANGERS: Final = "sh -c 'modprobe -r dummy; exec python3 -m pytest -rs tests/vm/inside/test_dangers.py'"
BOOT: Final = 120.0  # seconds


class Part(NamedTuple):
    """One command of the suite, after a login of its own. seconds: that it may take, for one that hangs.

    again: the command that gives lessons that failed a second try, their ids after it, as pytest's --reruns does for
    tests; "": there is no second try. demand: only played when it is asked for.
    """

    name: str
    user: str
    command: str
    seconds: float
    again: str = ""
    demand: bool = False


def rounds() -> list[list[Part]]:
    """What follows one another; and in each what runs side by side, for a lesson keeps one processor busy.

    Emulated, on two busy processors, a lesson takes up to two minutes, and a quarter of an hour with its mutants.
    """
    ids = [Path(folder).name for folder in course(lessons_folder())]
    here = [name for name in ids if name not in ANYWHERE]
    mutate = f"{LESSONS} --mutate"

    def lessons(name: str, user: str, only: Sequence[str], demand: bool = False) -> Part:
        command = " ".join((LESSONS, *only))
        return Part(f"{name}, {user}", user, command, 180.0 * len(only or ids), LESSONS, demand)

    return [
        [Part("tests, root", "root", f"{PYTEST} {KERNELS} {BOTH}", 2400.0)],
        [Part("tests, learner", "learner", f"{PYTEST} {USERS} {BOTH}", 1200.0)],
        [lessons("lessons", "root", here), lessons("lessons", "learner", ())],
        [lessons("other lessons", "root", ANYWHERE, demand=True)],
        *(
            [
                Part(f"{name} mutated, {user}", user, f"{mutate} {name}", 1800.0, mutate, demand)
                for user in ("root", "learner")
            ]
            for name, demand in MUTATED.items()
        ),
        [Part("dangers", "root", DANGERS, 1800.0)],
    ]


def chosen(words: Sequence[str]) -> list[list[Part]]:
    """The rounds with these parts, by their names or a word of them; "all": all; no word: those not on demand."""

    def wanted(part: Part) -> bool:
        names = {"all", part.name, *part.name.split(", ")}
        return bool(names & set(words)) if words else not part.demand

    return [found for parts in rounds() if (found := [part for part in parts if wanted(part)])]
