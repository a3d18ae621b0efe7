"""What one run of nsplay was asked for, and where its state lies. Light to import: `nsplay list` must be quick."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pwd import struct_passwd


class Settings(NamedTuple):
    """The words of the command line, with everything that was left out filled in."""

    lang: str  # "en" or "ja"
    plain: bool  # sentences for a screen reader
    fence: bool  # False: on the bare machine
    lessons: str  # the folder with our own course (an author's: with the lessons that are written)
    state: str  # progress, history, journal
    ask: bool  # may a question be asked?
    line: str  # who edits the line: "edit" (nsplay) or "shell"
    pack: str = ""  # a folder with lessons by others, beside that (lesson/packs.py); "" for none
    yes: bool = False  # what would be asked is meant so
    background: str = ""  # the terminal's: "dark", "light"; "" where nobody has told (background.py)


LANGUAGE = (
    "NSPLAY_LANG"  # in the environment of a session's terminals: nsplay there speaks as the session does
)


def language(asked: str | None, env: Mapping[str, str]) -> str:
    """ "ja" where --lang, the session whose stage one is on (LANGUAGE), or the locale says so (locale(7): LC_ALL, LC_MESSAGES,
    LANG); else "en".
    """
    locale = (
        asked or env.get(LANGUAGE) or env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    )
    return "ja" if locale.startswith("ja") else "en"


def may_ask(yes: bool) -> bool:
    """Nobody is there to answer with CI set, without a terminal, or after --yes."""
    ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
    return not (yes or ci) and os.isatty(0) and os.isatty(1)


def state_folder(env: Mapping[str, str] = os.environ, user: "struct_passwd | None" = None) -> str:
    """Where platformdirs puts state; under sudo the invoking user's, so that progress is theirs with and without sudo.

    On Linux that is $XDG_STATE_HOME, else ~/.local/state (XDG Base Directory). platformdirs itself would cost as much
    time to import as the rest of `nsplay list`; a test holds this against its answer.

    env and user: those of another process.
    """
    sudo_uid = env.get("SUDO_UID", "")
    root = (user.pw_uid if user else os.geteuid()) == 0
    if root and sudo_uid.isdigit() and int(sudo_uid) and not env.get("XDG_STATE_HOME"):
        import pwd

        try:
            return os.path.join(pwd.getpwuid(int(sudo_uid)).pw_dir, ".local", "state", "nsplay")
        except KeyError:
            pass
    home = (env.get("HOME") or user.pw_dir) if user else os.path.expanduser("~")
    base = env.get("XDG_STATE_HOME", "").strip() or os.path.join(home, ".local", "state")
    return os.path.join(base, "nsplay")


def make_state_folder(path: str) -> None:
    """Makes the state folder (0700). Under sudo it and what is made above it belong to the invoking user. Raises OSError."""
    missing = []
    while path and not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for folder in reversed(missing):
        os.mkdir(folder, 0o700)
        give_to_sudo_user(folder)


def give_to_sudo_user(path: str) -> None:
    """Under sudo: what lies in the invoking user's home belongs to them."""
    uid, gid = os.environ.get("SUDO_UID", ""), os.environ.get("SUDO_GID", "")
    if os.geteuid() == 0 and uid.isdigit() and gid.isdigit():
        try:
            os.chown(path, int(uid), int(gid), follow_symlinks=False)
        except OSError:
            pass
