"""Who real processes are, on both sides of a user namespace."""

import os
from pathlib import Path

from nsplay.kernel import identity
from nsplay.kernel.identity import MapRow

from .place import NOBODY, as_nobody, needs_root, needs_user_namespaces, shell


def test_ourselves() -> None:
    who = identity.read(os.getpid())
    assert (who.uid, who.gid) == (os.geteuid(), os.getegid())
    assert who.uids[:3] == os.getresuid()
    assert who.gids[:3] == os.getresgid()
    mask = next(
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("CapEff")
    )
    assert who.capabilities.effective == identity.words(int(mask.split()[1], 16))


@needs_user_namespaces
def test_root_of_their_own() -> None:
    with shell("unshare", "-Ur") as pid:
        who = identity.read(pid)
    assert (who.uid, who.gid) == (0, 0)
    assert (who.uids.effective, who.gids.effective) == (os.geteuid(), os.getegid())
    assert who.uid_map == (MapRow(0, os.geteuid(), 1),)
    assert who.setgroups == "deny"
    assert "sys_admin" in who.capabilities.effective


@needs_user_namespaces
def test_nobody_at_first() -> None:
    with shell("unshare", "-U") as pid:
        who = identity.read(pid)
    assert (who.uid, who.uid_map, who.capabilities.effective) == (identity.OVERFLOW, (), frozenset())


@needs_root
def test_dropped() -> None:
    argv = ["setpriv", "--bounding-set=-sys_chroot", "--inh-caps=-all", "--no-new-privs"]
    with shell(*argv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups") as pid:
        who = identity.read(pid)
    assert (who.uid, who.no_new_privs, who.capabilities.effective) == (NOBODY, True, frozenset())
    assert "sys_chroot" not in who.capabilities.bounding
    assert "chown" in who.capabilities.bounding


@needs_root
def test_an_ordinary_user_reads_roots() -> None:
    code = f"from nsplay.kernel import identity; print(identity.read({os.getpid()}).uid)"
    assert as_nobody(code) == "0"


@needs_root
def test_who_made_a_user_namespace() -> None:
    """Not who started the process: with --fork that is in there, too. What the maker had lost is seen through it."""
    with shell("setpriv", "--bounding-set=-sys_chroot", "sh", "-c", 'unshare -Ur --fork "$@"; :', "-") as pid:
        who, made = identity.read(pid), identity.maker(pid)
    assert made and "sys_chroot" in who.capabilities.bounding
    assert "sys_chroot" not in made.capabilities.bounding and "chown" in made.capabilities.bounding
    assert identity.maker(os.getpid()) is None, "our own"
    assert identity.maker(1 << 22) is None, "gone"
