"""What can go wrong, each with why and with what to do about it. A reader sees these three lines, never a traceback."""

import errno

# Why and what to do, for what stops a program anywhere (setrlimit(2)).
LIMITS = {
    errno.EMFILE: ("this shell lets a program have too few files open", "ulimit -n 1024"),
    errno.EAGAIN: ("you may have no more processes", "end some, or raise the limit: `ulimit -u` shows it"),
}


class NsplayError(Exception):
    """An error for the reader.

    what: what happened, one sentence. why: the reason, may be empty. do: what to type now, may be empty.
    """

    exit_code = 1

    def __init__(self, what: str, why: str = "", do: str = "") -> None:
        super().__init__(what)
        self.what, self.why, self.do = what, why, do

    def __str__(self) -> str:
        return "\n".join(line for line in (self.what, self.why, self.do and f"Try: {self.do}") if line)


def limit(error: OSError) -> tuple[str, str]:
    """Why, and what to do, where the error says that a limit is reached (fork(2): EAGAIN); else what the kernel said."""
    return LIMITS.get(error.errno or 0, (error.strerror or str(error), ""))


class LessonError(NsplayError):
    """A lesson's file is broken or a lesson failed its test."""

    exit_code = 1


class UsageError(NsplayError):
    """The words on the command line are off."""

    exit_code = 2


class MachineError(NsplayError):
    """This machine can't do it; `nsplay doctor` or the message says why."""

    exit_code = 3
