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
    """One command of the suite, after a login of its own. seconds: that it may take, for one that hangs."""

    name: str
    user: str
    command: str
    seconds: float


def parts() -> list[Part]:
    """Emulated on two busy processors, a lesson takes up to two minutes, and a quarter of an hour with its mutants."""
    lessons = 180.0 * len(course(lessons_folder()))
    mutants = [(f"{name} mutated", f"{LESSONS} --mutate {name}", 1800.0) for name in MUTATED]
    found = [Part("tests, root", "root", f"{PYTEST} {KERNELS} {BOTH}", 2400.0)]
    found += [Part("tests, learner", "learner", f"{PYTEST} {USERS} {BOTH}", 1200.0)]
    for user in ("root", "learner"):
        each = [("lessons", LESSONS, lessons), *mutants]
        found += [Part(f"{name}, {user}", user, command, seconds) for name, command, seconds in each]
    return [*found, Part("dangers", "root", DANGERS, 1800.0)]
