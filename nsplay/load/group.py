"""The group that this process is in, as far as it is to be seen from here: its limits and counters. cgroups(7)."""

import os

NAMES = {  # (controller, version) -> the file with the limit, the file with the counter, its line
    ("memory", 1): ("memory.limit_in_bytes", "memory.oom_control", "oom_kill"),
    ("memory", 2): ("memory.max", "memory.events", "oom_kill"),
    ("pids", 1): ("pids.max", "pids.events", "max"),
    ("pids", 2): ("pids.max", "pids.events", "max"),
}
UNLIMITED = 1 << 60  # version 1 says about 2**63 for none


class Limit:
    """The tightest limit of the group and those above it. value: bytes or a number; 0: none. path: whose."""

    def __init__(self, value: int, name: str, path: str) -> None:
        self.value, self.name, self.path = value, name, path

    def __str__(self) -> str:
        """ "memory.max of /notes is 9998336"."""
        return f"{self.name} of {self.path} is {self.value}"


class Group:
    """One controller's group of this process. Where it can't be seen (another mount, another namespace) it has no
    limits and counts nothing.
    """

    def __init__(self, controller: str, proc: str = "/proc/self") -> None:
        self.version, self.path = _membership(controller, _read(f"{proc}/cgroup"))
        top = _mounted(controller, self.version, self.path, _read(f"{proc}/mountinfo"))
        self._top, self._names = top, NAMES[controller, self.version]

    @property
    def folder(self) -> str:
        """Where it is; "" when it can't be seen."""
        return f"{self._top[0]}{self._top[1]}".rstrip("/") if self._top else ""

    def limit(self) -> Limit:
        """The tightest, from the group up to the top that is to be seen."""
        name = self._names[0]
        found = Limit(0, name, "")
        top, below = self._top or ("", "")
        folders = [below.rstrip("/"), *(below[:at] for at, letter in enumerate(below) if letter == "/")]
        for folder in folders if top else ():
            text = _read(f"{top}{folder}/{name}").strip()
            value = int(text) if text.isdigit() and int(text) < UNLIMITED else 0
            if value and not 0 < found.value <= value:
                found = Limit(value, name, folder or "/")
        return found

    def count(self) -> int:
        """Its counter of what the limit has done: OOM kills, refused forks."""
        for line in _read(f"{self.folder}/{self._names[1]}").splitlines() if self.folder else ():
            name, _, value = line.partition(" ")
            if name == self._names[2]:
                return int(value)
        return 0


def _membership(controller: str, text: str) -> tuple[int, str]:
    """(version, path): version 1 where that has the controller."""
    found = (2, "")
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return 1, path
        if not controllers:
            found = (2, path)
    return found


def _mounted(controller: str, version: int, path: str, text: str) -> tuple[str, str] | None:
    """(mount point, the group's path below it); None where no mount shows it."""
    fstype = "cgroup2" if version == 2 else "cgroup"
    for line in text.splitlines():
        left, _, right = line.partition(" - ")
        root, target = left.split(" ")[3:5]
        kind, _, options = right.split(" ", 2)
        if kind != fstype or (version == 1 and controller not in options.split(",")):
            continue
        below = path if root == "/" else path[len(root) :] if f"{path}/".startswith(f"{root}/") else None
        if below is not None and os.path.isdir(target + below):
            return target, below
    return None


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
