"""The shell commands that make a sandbox by hand. Pure: from what is wished for, and from what there is.

unshare(1), cgroups(7), pivot_root(8); the kernel's overlayfs.rst.
"""

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from nsplay.errors import UsageError
from nsplay.load.words import Wrong, number, size

GROUP: Final = "sandbox"  # its control group, below the top of each tree
FOLDER: Final = "/tmp/sandbox"  # where its root folder is put together
# In the order in which they are made: the user namespace first, since it gives the power to make the others
LETTERS: Final = {
    "user": "Ur",
    "mnt": "m",
    "uts": "u",
    "ipc": "i",
    "net": "n",
    "pid": "p",
    "cgroup": "C",
    "time": "T",
}
ALSO: Final = {"mount": "mnt", "network": "net", "hostname": "uts"}  # what else people call them
CONTROLLERS: Final = ("memory", "cpu", "pids")
PERIOD: Final = 100_000  # microseconds; the kernel's own
MOST_MEMORY: Final = 1 << 42
LEAST_MEMORY: Final = 1 << 20
MOST_PIDS: Final = 4 << 20
LEAST_PIDS: Final = 2  # unshare, which waits, and the shell


class Wish(NamedTuple):
    """kinds: of namespaces, in the order of LETTERS; None: all that can be had. memory: bytes. cpu: percent of one processor.
    root: a folder; "" for the host's own.
    """

    kinds: tuple[str, ...] | None = None
    memory: int | None = None
    cpu: int | None = None
    pids: int | None = None
    root: str = ""

    @property
    def limits(self) -> Mapping[str, int]:
        """Controller -> limit, of those that are wished for."""
        given = zip(CONTROLLERS, (self.memory, self.cpu, self.pids), strict=True)
        return {name: value for name, value in given if value is not None}


class Tree(NamedTuple):
    """Where a controller is: the version of its tree, and the folder that is that tree's top."""

    version: int
    folder: str


class Root(NamedTuple):
    """A folder that is to be the root. umount: what takes a mount away in there; "" for nothing. overlay: can it be laid
    under a folder to write to?
    """

    folder: str
    umount: str
    overlay: bool


class Lines(NamedTuple):
    """outside: typed one after the other. unshare: the program that makes the namespaces, with its letters; "" for none.
    inside: done in there. start: what goes before the program that is run in the end; may be empty.
    """

    outside: tuple[str, ...]
    unshare: str
    inside: tuple[str, ...] = ()
    start: str = ""


def wish(kinds: str | None, memory: str | None, cpu: str | None, pids: str | None, root: str | None) -> Wish:
    """From the words of the command line. UsageError says which one is off."""
    try:
        return Wish(
            None if kinds is None else _kinds(kinds),
            None if memory is None else _memory(memory),
            None if cpu is None else _percent(cpu),
            None if pids is None else number(pids, "--pids", MOST_PIDS, LEAST_PIDS),
            root or "",
        )
    except Wrong as error:
        raise UsageError(str(error), "", "nsplay sandbox --memory 64M --cpu 30% --pids 50") from None


def _kinds(words: str) -> tuple[str, ...]:
    named = [ALSO.get(word, word) for word in re.split(r"[,\s]+", words.strip()) if word]
    unknown = [word for word in named if word not in LETTERS]
    if unknown or not named:
        there = f"there are: {', '.join(LETTERS)}"
        what = (
            f"there is no kind of namespace {unknown[0]}" if unknown else "--with wants kinds of namespaces"
        )
        raise UsageError(what, there, "nsplay sandbox --with uts,pid,net")
    return tuple(kind for kind in LETTERS if kind in named)


def _memory(word: str) -> int:
    found = size(word, "--memory", MOST_MEMORY)
    if found < LEAST_MEMORY:
        raise Wrong(f"--memory {word}: a shell alone takes more, {shown(LEAST_MEMORY)} at least")
    return found


def _percent(word: str) -> int:
    found = re.fullmatch(r"([0-9]{1,6})%?", word, re.ASCII)
    if not found or not int(found[1]):
        raise Wrong(f"--cpu wants a percentage of one processor such as 30%, not {word}")
    return int(found[1])


def shown(count: int) -> str:
    """A number of bytes as one types it: 64M."""
    for unit, letter in ((1 << 30, "G"), (1 << 20, "M"), (1 << 10, "K")):
        if count % unit == 0:
            return f"{count // unit}{letter}"
    return str(count)


def lines(
    kinds: Sequence[str], limits: Mapping[str, int], trees: Mapping[str, Tree], root: Root | None = None
) -> Lines:
    """What makes it. kinds: with all that they take (`complete`). trees: of every controller in limits."""
    outside = [*_group(limits, trees)]
    if root:
        places = ("new", "up", "work") if root.overlay else ("new",)
        outside.append(f"mkdir -p {' '.join(f'{FOLDER}/{place}' for place in places)}")
    letters = "".join(LETTERS[kind] for kind in kinds)
    fork = bool({"pid", "time"} & set(kinds))  # only a child is born into these
    unshare = f"unshare -{letters}{'f' * fork}" if letters else ""
    if "pid" in kinds and not root:
        unshare += " --mount-proc"
    inside, start = _root(root, kinds) if root else ((), "")
    return Lines(tuple(outside), unshare, inside, start)


def complete(kinds: Sequence[str], root: bool, ordinary: bool) -> tuple[str, ...]:
    """With those that the others take: a mount namespace for a root or a /proc of its own, and for an ordinary user a user
    namespace.
    """
    more = {"mnt"} if root or "pid" in kinds else set()
    more |= {"user"} if ordinary else set()
    return tuple(kind for kind in LETTERS if kind in more or kind in kinds)


def typed(made: Lines, program: Sequence[str]) -> tuple[str, ...]:
    """A line after the other; the last one becomes the program. What is typed inside is a script of that one."""
    last = shlex.join(program)
    if made.inside:
        end = " ".join(filter(None, ("exec", made.start, last)))
        last = f"sh -ec {shlex.quote(chr(10).join(['', *made.inside, end, '']))}"
    return (*made.outside, " ".join(filter(None, ("exec", made.unshare, last))))


def script(made: Lines, program: Sequence[str]) -> str:
    """The same for `sh -c`, which ends as soon as one of them fails."""
    return " && ".join(typed(made, program))


def _group(limits: Mapping[str, int], trees: Mapping[str, Tree]) -> list[str]:
    """The group in each tree that has a controller of these, what limits it, and this shell into it."""
    made: list[str] = []
    folders = {name: f"{trees[name].folder}/{GROUP}" for name in limits}
    second = [name for name in limits if trees[name].version == 2]
    if second:
        given = " ".join(f"+{name}" for name in second)
        made.append(f"echo {given} > {trees[second[0]].folder}/cgroup.subtree_control")
    made += [f"mkdir {folder}" for folder in dict.fromkeys(folders.values())]
    made += [
        f"echo {value} > {folders[name]}/{file}"
        for name, limit in limits.items()
        for value, file in [_file(name, limit, trees[name].version)]
    ]
    return made + [f"echo $$ > {folder}/cgroup.procs" for folder in dict.fromkeys(folders.values())]


def _file(name: str, limit: int, version: int) -> tuple[str, str]:
    """The value, and the file of that version."""
    quota = limit * PERIOD // 100
    return {
        ("memory", 1): (shown(limit), "memory.limit_in_bytes"),
        ("memory", 2): (shown(limit), "memory.max"),
        ("cpu", 1): (str(quota), "cpu.cfs_quota_us"),
        ("cpu", 2): (f"{quota} {PERIOD}", "cpu.max"),
        ("pids", 1): (str(limit), "pids.max"),
        ("pids", 2): (str(limit), "pids.max"),
    }[name, version]


def _root(root: Root, kinds: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """The folder becomes the root; what is written goes to a folder above it, which goes with the sandbox."""
    plain = shlex.quote(root.folder)
    own_user = "userxattr," if "user" in kinds else ""
    lower = re.sub(r"([\\:,])", r"\\\1", root.folder)
    options = shlex.quote(f"{own_user}lowerdir={lower},upperdir=up,workdir=work")
    made = [f"cd {FOLDER}"]
    made.append(
        f"mount -t overlay -o {options} sandbox new" if root.overlay else f"mount --rbind {plain} new"
    )
    made.append("cd new")
    if root.overlay:
        made.append("mkdir -p proc dev")
    # A /proc shows the pid namespace of whoever mounts it, who has to own that.
    made.append("mount -t proc proc proc" if "pid" in kinds else "mount --rbind /proc proc")
    made.append("mount --rbind /dev dev")
    if not root.umount:  # the old root stays mounted, out of sight
        return tuple(made), "chroot ."
    return (*made, "pivot_root . .", f"{root.umount} -l ."), ""
