"""What the suite is: its parts, in their order. Run in the machine by tests.vm.inside."""

import os
from collections.abc import Sequence
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
ROOT_AND_LEARNER: Final = ("root", "learner")
MUTATE: Final = f"{LESSONS} --mutate"
# A kernel that answers otherwise shows there; all of them would take hours, and are played by name.
MUTATED: Final = ("uts", "pid")
# A link of that kind in a test or a lesson loads the module that a danger wants to load.
DANGERS: Final = "sh -c 'modprobe -r dummy; exec python3 -m pytest -rs tests/vm/inside/test_dangers.py'"
BOOT: Final = 120.0  # seconds


class Part(NamedTuple):
    """One command of the suite, after a login of its own. seconds: that it may take, for one that hangs.

    again: the command that gives lessons that failed a second try, their ids after it, as pytest's --reruns does for
    tests; "": there is no second try.
    """

    name: str
    user: str
    command: str
    seconds: float
    again: str = ""


def rounds() -> list[list[Part]]:
    """What follows one another; and in each what runs side by side, for a lesson keeps one processor busy.

    Emulated, on two busy processors, a lesson takes up to two minutes, and a quarter of an hour with its mutants.
    """
    long = 180.0 * len(course(lessons_folder()))
    return [
        [Part("tests, root", "root", f"{PYTEST} {KERNELS} {BOTH}", 2400.0)],
        [Part("tests, learner", "learner", f"{PYTEST} {USERS} {BOTH}", 1200.0)],
        [Part(f"lessons, {user}", user, LESSONS, long, LESSONS) for user in ROOT_AND_LEARNER],
        *map(mutated, MUTATED),
        [Part("dangers", "root", DANGERS, 1800.0)],
    ]


def mutated(name: str) -> list[Part]:
    """A lesson with its mutants, as root and as the learner side by side."""
    return [
        Part(f"{name} mutated, {user}", user, f"{MUTATE} {name}", 3600.0, MUTATE) for user in ROOT_AND_LEARNER
    ]


def chosen(words: Sequence[str]) -> list[list[Part]]:
    """The rounds with these parts, by their names or a word of them; no word: all. Only by name: other lessons' mutants."""
    asked = set(words)

    def by_word(part: Part) -> bool:
        return not asked or not asked.isdisjoint({part.name, *part.name.split(", ")})

    def by_name(part: Part) -> bool:
        return not asked.isdisjoint({part.name, part.name.partition(", ")[0]})

    lessons = [os.path.basename(folder) for folder in course(lessons_folder())]
    usual = [list(filter(by_word, parts)) for parts in rounds()]
    more = [list(filter(by_name, mutated(name))) for name in lessons if name not in MUTATED]
    return [parts for parts in usual + more if parts]
