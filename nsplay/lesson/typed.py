"""What a lesson's commands ask of the machine: the programs that they start, and files of one cgroup version alone."""

import re
import shlex
from typing import Final, Literal

# Words that a shell does itself: sh(1), bash(1). Compound commands are read as the simple ones in them.
BUILTINS: Final = frozenset(
    str.split(
        ". : [ [[ alias bg break builtin case cd continue declare disown done echo elif else enable esac eval exit"
        " export false fc fg fi for function getopts hash help history in jobs kill let local logout popd printf pushd"
        " pwd read readonly return select set shift shopt source suspend test times trap true type typeset ulimit"
        " umask unalias unset wait }"
    )
)
# Another command follows behind these.
BEFORE: Final = frozenset(str.split("! { ( if then elif else while until do time exec command sudo nohup"))
# On every Linux: a shell, coreutils, grep, sed; and on every stage nsplay. Nobody has to be told to install them.
EVERYWHERE: Final = frozenset(
    str.split(
        "sh cat ls cp mv rm ln mkdir rmdir mkfifo mknod touch chmod chown chroot dd df du env grep sed head tail tr cut"
        " sort uniq wc sleep tee id whoami readlink stat sync timeout nproc seq yes date basename dirname nsplay"
    )
)

_ASSIGNS: Final = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
_ENDS: Final = re.compile(r"[|&;()]+")
_REDIRECTS: Final = re.compile(r"\d*[<>][<>&|-]*")

# Files of one version only: Documentation/admin-guide/cgroup-v1/ and cgroup-v2.rst in the kernel's source.
_V1: Final = re.compile(
    r"\b(memory\.(limit_in_bytes|usage_in_bytes|failcnt|kmem\.\w+)|cpu\.(cfs_\w+|shares|rt_\w+)|freezer\.state"
    r"|cpuacct\.\w+|blkio\.\w+|devices\.(allow|deny|list)|net_(cls|prio)\.\w+|release_agent|notify_on_release)\b"
)
_V2: Final = re.compile(
    r"\b(cgroup\.(subtree_control|controllers|freeze|kill|type|events)|memory\.(max|high|low|min|current|events|peak)"
    r"|cpu\.(max|weight)|io\.(max|weight|latency)|\w+\.pressure)\b"
)


def programs(command: str) -> tuple[str, ...]:
    """The programs that a line of a lesson starts, each once, in their order; none for what can't be read.

    Its first line counts (more lines are a here-document's); what a program is given to start itself doesn't.
    """
    lexer = shlex.shlex(command.partition("\n")[0], posix=True, punctuation_chars=True)
    lexer.wordchars += "{}!$@:,+[]%^\\"
    try:
        words = list(lexer)
    except ValueError:  # an open quote
        return ()
    found: dict[str, None] = {}
    begins, skip, after, last = True, False, False, ""
    for word in words:
        if _ENDS.fullmatch(word):
            if word == "()":  # a function of the lesson's own
                found.pop(last, None)
            begins, skip, after = not word.endswith(")"), False, False
        elif _REDIRECTS.fullmatch(word):
            skip = True
        elif skip:
            skip = False
        elif begins and not _ASSIGNS.fullmatch(word) and not word.isdecimal():
            if word in BEFORE:
                after = True
            elif not (after and word.startswith("-")):
                begins, last = False, word
                if _is_program(word):
                    found[word] = None
    return tuple(found)


def _is_program(word: str) -> bool:
    """Not the shell's own, not everybody's, and called by its name."""
    return word not in BUILTINS | EVERYWHERE and re.fullmatch(r"[A-Za-z0-9][\w.+-]*", word) is not None


def version_of(command: str) -> Literal[1, 2] | None:
    """The cgroup version whose files a command names; None where it names none, or both."""
    one, two = _V1.search(command), _V2.search(command)
    return None if bool(one) == bool(two) else 1 if one else 2
