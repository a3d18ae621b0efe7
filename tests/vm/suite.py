"""What the suite is: its parts, in their order. Run in the machine by tests.vm.inside."""

from typing import Final, NamedTuple

from nsplay.lesson.course import course, lessons_folder

# A short folder: with a long one a prompt doesn't fit a row.
PYTEST: Final = (
    "env NSPLAY_FAULTS=4 python3 -m pytest -n 2 --dist loadgroup --reruns 1 -rsR --basetemp /tmp/t-$USER"
)
# Where the answer is the kernel's; what is only the screen's is the same everywhere.
KERNELS: Final = "tests/kernel tests/stage tests/terminal/test_waiting.py tests/terminal/test_places.py"
BOTH: Final = "tests/vm/inside/test_scope.py tests/play/test_faults.py"
USERS: Final = "tests/stage/test_terminals.py"
LESSONS: Final = "nsplay lesson test"
MUTATED: Final = ("uts", "pid")  # a kernel that answers otherwise shows there; all of them would take hours
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
    found = [
        [Part("tests, root", "root", f"{PYTEST} {KERNELS} {BOTH}", 2400.0)],
        [Part("tests, learner", "learner", f"{PYTEST} {USERS} {BOTH}", 1200.0)],
    ]
    lessons = 180.0 * len(course(lessons_folder()))
    for name, command, only, seconds in (
        ("lessons", LESSONS, (), lessons),
        ("mutants", f"{LESSONS} --mutate", MUTATED, 1800.0 * len(MUTATED)),
    ):
        line = " ".join((command, *only))
        found.append([Part(f"{name}, {user}", user, line, seconds, command) for user in ("root", "learner")])
    return [*found, [Part("dangers", "root", DANGERS, 1800.0)]]
