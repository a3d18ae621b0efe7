"""Real mount tables, and namespaces that a file keeps."""

import os
from pathlib import Path

from nsplay.facts import facts
from nsplay.kernel import mounts, namespaces
from nsplay.snapshot import take

from .place import needs_root, shell

PARTS = frozenset({"mounts", "names", "members"})


def test_every_line_is_read() -> None:
    lines = Path("/proc/self/mountinfo").read_bytes().splitlines()
    assert [mount.id for mount in mounts.read(os.getpid())] == [int(line.split()[0]) for line in lines]


@needs_root
def test_propagation_and_odd_names(tmp_path: Path) -> None:
    folder = tmp_path / "two words\tand\\more é"
    folder.mkdir()
    script = f"mount -t tmpfs odd '{folder}' && mount --make-shared '{folder}'"
    with shell("unshare", "-m", script=script) as pid:
        (mount,) = [mount for mount in mounts.read(pid) if mount.source == "odd"]
    assert mount.target == str(folder).replace("\t", "\\x09")
    assert mount.shared
    assert mount.fstype == "tmpfs"
    assert not any(mount.source == "odd" for mount in mounts.read(os.getpid()))


@needs_root
def test_a_kept_name(tmp_path: Path) -> None:
    """What `unshare --uts=FILE` leaves: a namespace without a process, and then one that somebody has joined."""
    keep = f"""
        mount -t tmpfs -o size=64k keep {tmp_path} && mount --make-private {tmp_path} && : >{tmp_path}/uts
        unshare --uts={tmp_path}/uts hostname kept"""
    own = os.getpid()
    with shell("unshare", "-m", script=keep) as host:
        found = facts(take(own, host, host, PARTS))
        assert (found["host.kept.uts"], found["host.kept.net"], found["machine.kept.uts"]) == (1, 0, 0)
        assert found["inside.uts.kept"] is False
        with shell("nsenter", "-t", str(host), "-m", "nsenter", f"--uts={tmp_path}/uts") as pid:
            found = facts(take(own, host, pid, PARTS))
            assert found["inside.uts.kept"] is True
            assert found["inside.hostname"] == "kept"
            assert found["inside.uts.members"] == 1
            assert found["inside.uts.others"] == 0
            kept = [mount for mount in mounts.read(host) if mount.keeps]
            assert [mount.root for mount in kept] == [f"uts:[{namespaces.inodes(pid)['uts']}]"]
