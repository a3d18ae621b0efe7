"""Mounts and files at any path, as the place sees them, and what a cgroup namespace's members say of themselves."""

import os
import shutil
import subprocess
from collections.abc import Mapping

import pytest

from nsplay.facts import Value, facts, known, parts_for
from nsplay.kernel import paths, processes
from nsplay.snapshot import take

from .place import needs_root, shell


def look(place: int, *names: str) -> Mapping[str, Value]:
    parts = frozenset().union(*(parts_for(name) for name in names))
    return facts(take(os.getpid(), os.getpid(), place, parts))


@needs_root
def test_a_mount_on_a_path() -> None:
    names = [f"inside.at./mnt.{what}" for what in ("mounted", "fstype", "propagation")]
    script = "mount -t tmpfs -o ro one /mnt; mount -t tmpfs -o noexec two /mnt"
    with shell("unshare", "-m", script=script) as pid:
        found = look(pid, *names, "inside.at./tmp/not-there.mounted")
    assert (found["inside.at./mnt.mounted"], found["host.at./mnt.mounted"]) == (True, False)
    assert found["inside.at./tmp/not-there.mounted"] is False
    assert (found["inside.at./mnt.stacked"], found["host.at./mnt.stacked"]) == (2, 0)
    assert "host.at./mnt.fstype" not in found
    assert (found["inside.at./mnt.fstype"], found["inside.at./mnt.source"]) == ("tmpfs", "two")
    assert "noexec" in found["inside.at./mnt.options"]  # type: ignore[operator]
    assert (found["inside.at./mnt.propagation"], found["inside.at./mnt.root"]) == ("private", "/")


@needs_root
def test_propagation_of_a_path() -> None:
    script = "mount -t tmpfs x /mnt; mount --make-shared /mnt"
    inner = ("unshare", "-m", "--propagation", "slave")
    with shell("unshare", "-m", "sh", "-c", f'{script}; "$@"; :', "sh", *inner) as pid:
        found = look(pid, "inside.at./mnt.propagation", "inside.mounts.slave")
        assert found["inside.at./mnt.propagation"] == "slave"
        assert found["inside.mounts.slave"] >= 1  # type: ignore[operator]
    with shell("unshare", "-m", script=script) as pid:
        found = look(pid, "inside.at./mnt.propagation", "inside.mounts.shared")
        assert found["inside.at./mnt.propagation"] == "shared"
        assert found["inside.mounts"] == found["inside.mounts.private"] + found["inside.mounts.shared"]  # type: ignore[operator]


@needs_root
@pytest.mark.parametrize(
    ("propagation", "there", "back"),
    [
        ("private", False, False),
        ("slave", True, False),
        ("unchanged", True, True),
        ("through a slave", True, False),
    ],
)
def test_who_hears_of_a_mount(propagation: str, there: bool, back: bool) -> None:
    name = "at./mnt.reaches"
    hub = "mount -t tmpfs x /mnt; mount --make-shared /mnt"
    inner = ["unshare", "-m", "--propagation", propagation]
    if propagation == "through a slave":  # of a namespace between the two, with peers of its own
        inner = ["unshare", "-m", "--propagation", "slave", "sh", "-c", 'mount --make-shared /mnt; "$@"; :']
        inner += ["sh", "unshare", "-m", "--propagation", "unchanged"]
    with shell("unshare", "-m", "sh", "-c", f'{hub}; "$@"; :', "sh", *inner) as pid:
        outside = processes.read(pid).ppid  # type: ignore[union-attr]
        while os.readlink(f"/proc/{outside}/ns/mnt") == os.readlink(f"/proc/{pid}/ns/mnt"):
            outside = processes.read(outside).ppid  # type: ignore[union-attr]
        if propagation == "through a slave":
            outside = processes.read(outside).ppid  # type: ignore[union-attr]
        found = facts(take(os.getpid(), outside, pid, parts_for(f"host.{name}")))
    assert ("inside" in found.get(f"host.{name}", ()), "host" in found[f"inside.{name}"]) == (there, back)  # type: ignore[operator]


@needs_root
def test_who_walks_out_of_a_chroot_is_further_up_than_its_parents() -> None:
    name = "inside.root.out"
    box = 'for d in /bin /lib* /usr; do mkdir -p /mnt/box$d; mount --rbind $d /mnt/box$d; done; "$@"; :'
    inside = ("unshare", "-m", "sh", "-c", f"mount -t tmpfs x /mnt; {box}", "sh", "chroot", "/mnt/box")
    door = 'mkdir /door; mount --rbind / /door; nsenter --root=/door "$@"; :'
    with shell(*inside) as pid:
        found = look(pid, name, "inside.root")
        assert (found[name], found["inside.root"]) == (False, "/mnt/box")
    with shell(*inside, "sh", "-c", door, "sh", "chroot", "../..") as pid:
        found = look(pid, name, "inside.root")
        assert (found[name], found["inside.root"]) == (True, "/")


@needs_root
def test_the_same_file_and_another() -> None:
    name = "inside.file./etc/passwd.inode"
    with shell("unshare", "-m") as pid:
        found = look(pid, name)
        assert found[name] == found["host.file./etc/passwd.inode"] == os.stat("/etc/passwd").st_ino
        assert found["inside.file./etc/passwd.device"] == found["host.file./etc/passwd.device"]
        assert (found["inside.file./etc/passwd.kind"], found["inside.file./etc/passwd.uid"]) == ("file", 0)
        assert found["inside.file./etc/passwd.mode"] == "0644"
    with shell(
        "unshare", "-m", script="mount -t tmpfs x /mnt; ln -s /mnt/there /mnt/link; touch /mnt/there"
    ) as pid:
        found = look(pid, "inside.file./mnt/link.exists")
        assert (found["inside.file./mnt/link.exists"], found["host.file./mnt/link.exists"]) == (True, False)
        assert found["inside.file./mnt/link.size"] == 0


@needs_root
def test_how_many_names_a_folder_has() -> None:
    name = "inside.file./mnt/a.entries"
    with shell(
        "unshare", "-m", script="mount -t tmpfs x /mnt; mkdir /mnt/a; touch /mnt/a/b /mnt/a/.c"
    ) as pid:
        found = look(pid, name, "inside.file./mnt/a/b.entries")
    assert found[name] == 2
    assert "inside.file./mnt/a/b.entries" not in found  # a file is no folder


@needs_root
def test_the_root_after_pivot_root_and_chroot() -> None:
    busybox = shutil.which("busybox") or pytest.skip("needs busybox")
    # `ready` and the wait come from the new root: no shell of the old one is left
    build = f"mount -t tmpfs newroot /mnt; mkdir /mnt/bin /mnt/old /mnt/proc; cp {busybox} /mnt/bin/sh"
    pivot = f'{build}; cd /mnt; pivot_root . old; exec /bin/"$@"'
    with shell("unshare", "-m", "sh", "-c", pivot, "x") as pid:
        found = look(pid, "inside.root.fstype", "inside.root")
        assert (found["inside.root.mount"], found["inside.root.fstype"]) == (True, "tmpfs")
        assert (found["inside.root.source"], found["inside.root"]) == ("newroot", "/")


@needs_root
@pytest.mark.skipif(not shutil.which("setcap"), reason="needs setcap(8)")
def test_capabilities_of_a_file() -> None:
    script = "mount -t tmpfs x /mnt; cp /bin/true /mnt/ping; setcap cap_net_raw,cap_bpf+ep /mnt/ping"
    with shell("unshare", "-m", script=script) as pid:
        found = look(pid, "inside.file./mnt/ping.capabilities", "inside.file./etc/passwd.exists")
    assert found["inside.file./mnt/ping.capabilities"] == ("net_raw", "bpf")
    assert found["inside.file./etc/passwd.capabilities"] == ()


@needs_root
def test_a_link_leads_below_the_root_of_the_place(tmp_path: os.PathLike[str]) -> None:
    busybox = shutil.which("busybox") or pytest.skip("needs busybox")
    root = os.fspath(tmp_path)
    for folder in ("bin", "etc"):
        os.mkdir(f"{root}/{folder}")
    shutil.copy(busybox, f"{root}/bin/sh")
    os.symlink("/etc/passwd", f"{root}/passwd")
    if subprocess.run(["chroot", root, "sh", "-c", ""], capture_output=True).returncode:
        pytest.skip("needs a busybox without libraries")
    with shell("chroot", root) as pid:
        assert paths.read(pid, "/passwd") is None  # not ours
        assert paths.read(pid, "/../../etc") == paths.read(os.getpid(), f"{root}/etc")
        assert look(pid, "inside.root.mount")["inside.root.mount"] is False


def test_a_process_that_has_ended() -> None:
    with shell() as pid:
        pass
    with pytest.raises(ProcessLookupError):
        paths.read(pid, "/")


def test_names_with_paths() -> None:
    assert known("inside.at./mnt/a-b/c.d.fstype") and known("host.at./.mounted")
    assert parts_for("inside.at./mnt.fstype") == {"mounts", "file:/mnt"}
    assert parts_for("inside.file./a.b.exists") == {"file:/a.b"}
    for name in ("inside.at.mnt.fstype", "inside.at./mnt", "inside.file./mnt.colour"):
        assert not known(name)


def test_broken_file_capabilities() -> None:
    for length in range(24):
        paths.capabilities(b"\x01" * length)


@needs_root
def test_a_cgroup_namespace_sees_itself_at_the_top() -> None:
    parts = frozenset({"cgroups"})
    with shell("unshare", "-C") as pid:
        found = facts(take(os.getpid(), os.getpid(), pid, parts))
        tops = [name for name in found if name.startswith("inside.cgroup.inside")]
        assert tops
        assert {found[name] for name in tops} == {"/"}
        assert found["inside.cgroup.inside.memory"] == "/"
        assert found["host.cgroup.inside"] == found["host.cgroup.path"] == found["inside.cgroup.path"]
        # The old mount still has the machine's top, which lies as far above as the place is deep
        deep = str(found["inside.cgroup.memory"]).rstrip("/").count("/")
        assert found["inside.cgroup.top.memory"] == ("/.." * deep or "/")
        assert found["inside.cgroup.groups.memory"] == found["host.cgroup.groups.memory"]
