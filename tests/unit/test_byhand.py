"""The lines that make a sandbox by hand, and the words that wish for one."""

import shlex
import subprocess

import pytest

from nsplay import byhand
from nsplay.byhand import LETTERS, Root, Tree, Wish, complete, lines, script, shown, typed, wish
from nsplay.errors import UsageError

SECOND = {name: Tree(2, "/sys/fs/cgroup") for name in byhand.CONTROLLERS}
FIRST = {name: Tree(1, f"/sys/fs/cgroup/{name}") for name in byhand.CONTROLLERS}
LIMITS = {"memory": 64 << 20, "cpu": 30, "pids": 50}


def test_all_kinds_by_one_line() -> None:
    assert typed(lines(tuple(LETTERS), {}, {}), ["bash"]) == ("exec unshare -UrmuinpCTf --mount-proc bash",)


def test_only_what_is_born_inside_needs_a_fork() -> None:
    assert typed(lines(("uts",), {}, {}), ["bash"]) == ("exec unshare -u bash",)
    assert typed(lines(("time",), {}, {}), ["bash"]) == ("exec unshare -Tf bash",)


def test_limits_on_version_2() -> None:
    assert typed(lines(("uts",), LIMITS, SECOND), ["sh"]) == (
        "echo +memory +cpu +pids > /sys/fs/cgroup/cgroup.subtree_control",
        "mkdir /sys/fs/cgroup/sandbox",
        "echo 64M > /sys/fs/cgroup/sandbox/memory.max",
        "echo 30000 100000 > /sys/fs/cgroup/sandbox/cpu.max",
        "echo 50 > /sys/fs/cgroup/sandbox/pids.max",
        "echo $$ > /sys/fs/cgroup/sandbox/cgroup.procs",
        "exec unshare -u sh",
    )


def test_limits_on_version_1() -> None:
    assert typed(lines(("uts",), {"memory": 1 << 30, "cpu": 150}, FIRST), ["sh"]) == (
        "mkdir /sys/fs/cgroup/memory/sandbox",
        "mkdir /sys/fs/cgroup/cpu/sandbox",
        "echo 1G > /sys/fs/cgroup/memory/sandbox/memory.limit_in_bytes",
        "echo 150000 > /sys/fs/cgroup/cpu/sandbox/cpu.cfs_quota_us",
        "echo $$ > /sys/fs/cgroup/memory/sandbox/cgroup.procs",
        "echo $$ > /sys/fs/cgroup/cpu/sandbox/cgroup.procs",
        "exec unshare -u sh",
    )


def test_both_versions_at_once() -> None:
    trees = {"memory": FIRST["memory"], "pids": SECOND["pids"]}
    made = typed(lines(("uts",), {"memory": 64 << 20, "pids": 5}, trees), ["sh"])
    assert made[0] == "echo +pids > /sys/fs/cgroup/cgroup.subtree_control"
    assert "echo $$ > /sys/fs/cgroup/sandbox/cgroup.procs" in made
    assert "echo $$ > /sys/fs/cgroup/memory/sandbox/cgroup.procs" in made


def test_a_root_of_its_own() -> None:
    root = Root("/srv/my root", "/bin/umount", overlay=True)
    made = typed(lines(("user", "mnt", "pid"), {}, {}, root), ["/bin/sh"])
    assert made[0] == "mkdir -p /tmp/sandbox/new /tmp/sandbox/up /tmp/sandbox/work" and len(made) == 2
    *words, inside = shlex.split(made[1])
    assert words == ["exec", "unshare", "-Urmpf", "sh", "-ec"]
    assert inside.split("\n") == [
        "",
        "cd /tmp/sandbox",
        "mount -t overlay -o 'userxattr,lowerdir=/srv/my root,upperdir=up,workdir=work' sandbox new",
        "cd new",
        "mkdir -p proc dev",
        "mount -t proc proc proc",
        "mount --rbind /dev dev",
        "pivot_root . .",
        "/bin/umount -l .",
        "exec /bin/sh",
        "",
    ]


def test_a_root_without_umount_and_without_overlays() -> None:
    last = typed(lines(("mnt",), {}, {}, Root("/srv/r", "", overlay=False)), ["/bin/sh", "-c", "a b"])[-1]
    made = shlex.split(last)[-1].strip().split("\n")
    assert "mount --rbind /srv/r new" in made and "mount --rbind /proc proc" in made
    assert made[-1] == "exec chroot . /bin/sh -c 'a b'" and not any("pivot" in line for line in made)


def test_what_overlayfs_would_take_for_its_own_is_escaped() -> None:
    made = lines(("mnt",), {}, {}, Root("/a,b:c", "/bin/umount", overlay=True))
    assert any(r"lowerdir=/a\,b\:c," in line for line in made.inside)


def test_a_script_stops_at_the_first_failure_and_becomes_the_program() -> None:
    made = lines((), {}, {})._replace(outside=("true", "false"))
    done = subprocess.run(["sh", "-c", script(made, ["echo", "never"])], capture_output=True, check=False)
    assert done.returncode == 1 and not done.stdout
    made = made._replace(outside=("true",))
    done = subprocess.run(["sh", "-c", script(made, ["sh", "-c", "exit 7"])], check=False)
    assert done.returncode == 7


def test_a_script_with_a_root_goes_on_inside() -> None:
    made = lines(("mnt",), {}, {}, Root("/srv/r", "/bin/umount", overlay=True))
    last = shlex.split(script(made, ["/bin/echo", "it's"]))
    assert last[-5:-1] == ["unshare", "-m", "sh", "-ec"]
    assert last[-1].startswith("\ncd /tmp/sandbox\n") and shlex.split(last[-1])[-2:] == ["/bin/echo", "it's"]


def test_what_others_take_is_there() -> None:
    assert complete(("pid",), root=False, ordinary=False) == ("mnt", "pid")
    assert complete(("uts",), root=True, ordinary=False) == ("mnt", "uts")
    assert complete(("uts",), root=False, ordinary=True) == ("user", "uts")


def test_words() -> None:
    assert wish(None, None, None, None, None) == Wish()
    found = wish("net, hostname,mount", "64M", "30%", "50", "/srv")
    assert found == Wish(("mnt", "uts", "net"), 64 << 20, 30, 50, "/srv")
    assert found.limits == {"memory": 64 << 20, "cpu": 30, "pids": 50}
    assert [shown(n) for n in (64 << 20, 1 << 30, 1000, 3 << 10)] == ["64M", "1G", "1000", "3K"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((None, "3 potatoes", None, None), "--memory wants a size such as 50M, not 3 potatoes"),
        ((None, "3", None, None), "a shell alone takes more, 1M at least"),
        ((None, None, "half", None), "--cpu wants a percentage"),
        ((None, None, "0%", None), "--cpu wants a percentage"),
        ((None, None, None, "1"), "--pids wants a number from 2"),
        ((None, None, None, "-4"), "--pids wants a number"),
        (("uts,potatoes", None, None, None), "there is no kind of namespace potatoes"),
        (("", None, None, None), "--with wants kinds"),
    ],
)
def test_wrong_words_get_a_sentence(
    words: tuple[str | None, str | None, str | None, str | None], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        wish(*words, None)
