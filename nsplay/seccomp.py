"""`nsplay seccomp`: what setpriv --seccomp-filter does from util-linux 2.41 on, for a list of calls. It shows the filter,
loads it and becomes the command. The filter is shown: it is the rule.
"""

import difflib
import errno
import os
import signal
import sys
from collections.abc import Sequence
from typing import Final, NamedTuple, NoReturn

from nsplay.errors import MachineError, NsplayError, UsageError
from nsplay.kernel import seccomp, syscalls

HOW: Final = "nsplay seccomp deny unshare,mount -- sh"
MOST: Final = 250  # calls: a jump leads over at most 255 instructions
WHY: Final = {
    errno.EACCES: (
        "a filter takes CAP_SYS_ADMIN or no_new_privs, or it could lie to a setuid program",
        "setpriv --no-new-privs nsplay seccomp deny ...",
    ),
    errno.EINVAL: ("this kernel has no seccomp filters, or no such answer", "nsplay doctor"),
    errno.ENOMEM: ("the filters of a process may have 32768 instructions together", ""),
    errno.EPERM: ("another filter forbids it, as in a container", ""),
    errno.ENOSYS: ("there is a table of system calls for x86_64 and aarch64 alone", ""),
}

Row = tuple[bytes, str]  # an instruction, and what it does


class Wish(NamedTuple):
    """calls: their names. verdict: what the filter answers, and its word. command: to become."""

    calls: tuple[str, ...]
    verdict: int
    word: str
    command: tuple[str, ...]


class _CommandError(NsplayError):
    """The filter is loaded and nothing runs under it: a status as the shell's own (126, 127)."""

    exit_code = 126


def main(words: Sequence[str]) -> int:
    """The exit status; never returns when the command could be started."""
    try:
        _become(parsed(words))
    except NsplayError as error:
        sys.stderr.write(f"nsplay: {error}\n")
        return error.exit_code


def _become(wish: Wish) -> NoReturn:
    """Loads the filter and executes the command. Raises MachineError, _CommandError."""
    try:
        rows = program(wish)
        show(wish, rows)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # ignored by Python, and so by what it becomes
            signal.signal(number, signal.SIG_DFL)
        seccomp.install([code for code, _ in rows])
    except OSError as error:
        why, do = WHY.get(error.errno or 0, ("", ""))
        told = seccomp.os_name(error.errno or 0)
        raise MachineError(f"The kernel doesn't load the filter: {told}.", why, do) from error
    try:
        os.execvp(wish.command[0], wish.command)
    except OSError as error:
        raise _refused(wish, error) from error


def show(wish: Wish, rows: Sequence[Row]) -> None:
    """On the standard error: the output is the command's own."""
    for number, (_, what) in enumerate(rows):
        sys.stderr.write(f"{number:3} {what}\n")
    for name in wish.calls:
        if name not in seccomp.numbers():
            sys.stderr.write(f"    {syscalls.MACHINE} has no {name}\n")
    sys.stderr.flush()


def parsed(words: Sequence[str]) -> Wish:
    """deny CALL,... [--errno NAME | --kill] [--] CMD. Raises UsageError."""
    match words:
        case ["deny", calls, *rest] if not calls.startswith("-"):
            pass
        case _:
            raise UsageError("`nsplay seccomp` wants deny, system calls and a command", "", HOW)
    verdict, word = seccomp.error(errno.EPERM), "EPERM"
    while rest and rest[0].startswith("-"):
        match rest:
            case ["--kill", *rest]:
                verdict, word = seccomp.KILL, "KILL"
            case ["--errno", name, *rest]:
                verdict, word = seccomp.error(_errno(name)), name
            case ["--", *rest]:
                break
            case _:
                raise UsageError(f"`nsplay seccomp` knows no {rest[0]}", "--errno NAME or --kill", HOW)
    if not rest:
        raise UsageError("a filter holds for a command, and there is none", "it goes behind --", HOW)
    return Wish(_calls(calls), verdict, word, tuple(rest))


def program(wish: Wish) -> list[Row]:
    """Refuses the calls, allows the rest. Raises OSError (ENOSYS) where there is no table of system calls."""
    numbers = seccomp.numbers()
    here = [name for name in wish.calls if name in numbers]
    code, allow = seccomp.prologue(), seccomp.stop(seccomp.ALLOW)
    first = len(code)
    refuse = first + len(here) + 1
    words = [
        "a = the architecture",
        f"if a == {seccomp.ARCHITECTURES[syscalls.MACHINE]:#x} goto 3    # {syscalls.MACHINE}",
        "return ERRNO ENOSYS    # its calls have other numbers",
        "a = the call's number",
        f"if a < {seccomp.X32:#x} goto {first}",
        "return ERRNO ENOSYS    # x32: other numbers, too",
    ][:first]
    for place, name in enumerate(here):
        code.append(seccomp.skip_if(numbers[name], len(here) - place))
        words.append(f"if a == {numbers[name]} goto {refuse}    # {name}")
    code += [allow, seccomp.stop(wish.verdict)]
    words += [
        "return ALLOW",
        "return KILL    # SIGSYS" if wish.word == "KILL" else f"return ERRNO {wish.word}",
    ]
    return list(zip(code, words, strict=True))


def _calls(text: str) -> tuple[str, ...]:
    """Raises UsageError where no architecture of ours has a call of that name."""
    names = tuple(dict.fromkeys(name for name in text.split(",") if name))
    every = {name for machine in seccomp.ARCHITECTURES for name in syscalls.numbers(machine)}
    for name in names:
        if name not in every:
            near = difflib.get_close_matches(name, every, 3)
            why = f"there is {', '.join(near)}" if near else "man 2 syscalls lists them"
            raise UsageError(f"no system call is called {name}", why, HOW)
    if not 0 < len(names) <= MOST:
        raise UsageError(f"a filter is for 1 to {MOST} system calls", "their names with a comma between", HOW)
    return names


def _errno(name: str) -> int:
    found = getattr(errno, name, None) if name.startswith("E") else None
    if not isinstance(found, int):
        raise UsageError(
            f"no error is called {name}", "such as EPERM, ENOSYS, EACCES: errno(3) lists them", HOW
        )
    return found


def _refused(wish: Wish, error: OSError) -> _CommandError:
    what = f"{wish.command[0]}: {seccomp.os_name(error.errno or 0)}."
    by_itself = {"execve", "execveat"} & set(wish.calls)
    failed = _CommandError(
        what, "The filter refuses execve, and a program is started by nothing else." if by_itself else ""
    )
    if error.errno == errno.ENOENT and not by_itself:
        failed.exit_code = 127
    return failed
