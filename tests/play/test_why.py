"""`:why` after the refusals that lessons make on purpose and that learners meet, on the real kernel."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from nsplay.repl.reasons import find_out
from nsplay.snapshot import take
from nsplay.stage.options import Options, fresh_ident
from nsplay.stage.stage import Stage
from nsplay.view.ui import Ui
from nsplay.view.why import why
from nsplay.why.case import PARTS
from nsplay.why.rules import rules
from tests.play.learner import learner

UI = Ui(width=80)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage.start(Options(fresh_ident()), tmp_path_factory.mktemp("state")) as stage:
        stage.wait()
        yield stage


# What is typed -> the system call, its errno, a word of the rule, a word of what is told of the place.
REFUSALS = [
    ("unshare -Ur hostname x", "sethostname", "EPERM", "UTS namespace", "the host's user namespace"),
    ("unshare -Ur domainname x", "setdomainname", "EPERM", "UTS namespace", "you have power only in"),
    ("unshare -U mount -t tmpfs x /mnt", "mount", "EPERM", "CAP_SYS_ADMIN", "belongs to"),
    ("unshare -Ur umount /tmp", "umount2", "EPERM", "owns your mount namespace", "belongs to"),
    ("unshare -Urm umount /tmp", "umount2", "EINVAL", "locked", "/tmp"),
    ("unshare -Urm mount -t sysfs s /sys", "mount", "EPERM", "network namespace", ""),
    ("unshare -m pivot_root / /mnt", "pivot_root", "EBUSY", "mount point", "/mnt is"),
    ("unshare --uts=/tmp/nosuch true", "mount", "ENOENT", "file that is to keep", ""),
    ("mount -t tmpfs x /tmp/nosuch", "mount", "ENOENT", "mount point itself", ""),
    ("nsenter -u -t 1 true", "openat", "EACCES", "outside of the stage", ""),
    ("umount /usr/bin", "umount2", "EINVAL", "Only a mount point", "/usr/bin"),
    ("capsh --drop=cap_sys_chroot -- -c 'chroot / true'", "chroot", "EPERM", "CAP_SYS_CHROOT", "bounding set"),
    ("unshare -U sh -c 'echo 0 0 1 > /proc/self/gid_map'", "write", "EPERM", "CAP_SYS_ADMIN", "gid_map"),
    (
        "unshare -U --keep-caps sh -c 'echo 0 0 1 > /proc/self/gid_map'",
        *("write", "EPERM", "setgroups says deny", "setgroups: allow"),
    ),
    (
        "unshare -U --keep-caps sh -c 'echo 0 0 2 > /proc/self/uid_map'",
        *("write", "EPERM", "one id", "uid_map: nothing yet"),
    ),
    (
        "unshare -Ur sh -c 'echo 0 0 1 > /proc/self/uid_map'",
        *("write", "EPERM", "written once", "uid_map: 0 0 1"),
    ),
    ("unshare -Ur nice -n -5 true", "setpriority", "EACCES", "CAP_SYS_NICE", "uid 0"),
    ("unshare -Ur mknod /tmp/null c 1 3", "mknod", "EPERM", "CAP_MKNOD", "uid 0"),
    ("unshare -Ur chown 12345 /tmp", "fchownat", "EINVAL", "map", "uid_map: 0 0 1"),
    ("unshare -Ur ip link add x type dummy", "netlink", "EPERM", "CAP_NET_ADMIN", "belongs to"),
    ("ip link del nosuch", "netlink", "ENODEV", "No link of that name", ""),
    (
        "unshare -n python3 -c 'import socket; socket.socket().connect((\"127.0.0.1\", 9))'",
        *("connect", "ENETUNREACH", "lo is down", ""),
    ),
    (
        "python3 -c 'import socket; socket.socket().connect((\"127.0.0.1\", 9))'",
        *("connect", "ECONNREFUSED", "nobody listens", ""),
    ),
    (
        'python3 -c \'import socket as s; a = s.socket(); a.bind(("127.0.0.1", 7777)); s.socket().bind(("127.0.0.1", 7777))\'',
        *("bind", "EADDRINUSE", "has that port already", ""),
    ),
    ("touch /etc/x", "openat", "EROFS", "read-only", "/etc/x lies on"),
    ("rmdir /usr", "rmdir", "EROFS", "read-only", ""),
    ("sh -c 'kill -TERM 4194303'", "kill", "ESRCH", "No process has that number", "have a number"),
    ("sh -c 'kill -CONT 2'", "kill", "EPERM", "CAP_KILL", "uid"),
    ("setpriv --reuid 1000 --clear-groups cat /etc/shadow", "openat", "EACCES", "permissions", "uid 1000"),
    ("unshare -Ur setpriv --reuid 1000 true", "setresuid", "EINVAL", "map", "uid_map"),
    ("setpriv --reuid 1000 --clear-groups unshare -m true", "unshare", "EPERM", "CAP_SYS_ADMIN", "uid 1000"),
    (
        "unshare -T --fork sh -c 'echo boottime 0 0 > /proc/self/timens_offsets'",
        *("write", "EACCES", "until the first process", "time namespace"),
    ),
    ("capsh --caps= --chroot=/ -- -c true", "capset", "EPERM", "effective stays within", "uid 0"),
    (
        "capsh --drop=cap_chown -- -c 'capsh --caps=cap_chown=ep -- -c true'",
        *("capset", "EPERM", "bounding set allows", "has lost chown"),
    ),
    (
        "unshare -m sh -c 'mount -t tmpfs t /mnt; cp /bin/true /mnt; setcap cap_kill=ep /mnt/true;"
        " capsh --drop=cap_kill -- -c /mnt/true'",
        *("execve", "EPERM", "not without it", "has lost kill"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("command", "call", "error", "rule", "fact"), REFUSALS)
def test_the_refused_call_and_its_rule(
    stage: Stage, command: str, call: str, error: str, rule: str, fact: str
) -> None:
    import errno

    now = take(os.getpid(), stage.pid, stage.pid, PARTS)
    refused, reason = find_out(stage, now, command, UI)
    assert refused and reason
    assert (refused.call.removesuffix("at"), errno.errorcode[refused.error]) == (
        call.removesuffix("at"),
        error,
    )
    assert rule in reason.rule and fact in " ".join(reason.facts)


def test_what_is_not_refused_is_said_to_be_none(stage: Stage) -> None:
    now = take(os.getpid(), stage.pid, stage.pid, PARTS)
    assert find_out(stage, now, "uname -n; ls / > /dev/null", UI) == (None, None)
    assert find_out(stage, now, "cat /nosuch/file; sh -c 'nosuchprogram'", UI) == (None, None)
    assert find_out(stage, now, "ls -d /proc/1/ns; mkdir /usr/x 2>&- || true", UI) == (None, None)
    shut = "mkdir -m 0 /tmp/shut; PATH=/tmp/shut:$PATH setpriv --reuid 65534 env true"
    assert find_out(stage, now, shut, UI) == (None, None), "a folder of PATH that can't be searched"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("ip link set lo upp", '"upp" is a garbage'),
        ("ip lnk set lo up", '"lnk" is unknown'),
        ("unshare --utz true", "unrecognized option"),
        ("LANG=C hostname -9", "invalid option"),
        ("mkdir", "missing operand"),
    ],
)
def test_what_the_program_itself_turns_down_is_no_rule_of_the_kernels(
    stage: Stage, typed: str, said: str
) -> None:
    refused, reason = find_out(stage, take(os.getpid(), stage.pid, stage.pid, PARTS), typed, UI)
    assert refused is None and reason is not None
    assert said in reason.facts[0]
    assert reason.tries.endswith("--help") and "=" not in reason.tries


def test_every_rule_has_words_a_manual_page_and_known_facts() -> None:
    for rule in rules():
        assert (
            rule.en.endswith((".", "too.")) and rule.ja.endswith("。") and "(" in rule.see
        ) or "rst" in rule.see
        assert max(map(ord, rule.en)) < 128, "English in ASCII"


def test_what_changed_something_is_not_typed_again_by_itself(tmp_path: Path) -> None:
    with learner(tmp_path, "mount") as person:
        person.until(r"READY# $").type("unshare -m sh", r"[#$] $")
        person.type("mkdir /tmp/once; mount -t tmpfs x /tmp/once", r"tmpfs.*[#$] $")
        person.type(":why", r"changed something.*`?:why mkdir /tmp/once; mount.*[#$] $")
        person.type("grep -c /tmp/once /proc/self/mounts", r"1\nREADY# $")


def test_why_tells_what_mount_said_not_its_advice(stage: Stage) -> None:
    refused, _ = find_out(
        stage, take(os.getpid(), stage.pid, stage.pid, PARTS), "mount -t tmpfs x /tmp/nosuch", UI
    )
    assert refused and "mount point does not exist" in refused.said[0]


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_what_is_told_in_words_is_not_drawn_as_a_command(stage: Stage, lang: str) -> None:
    ui = Ui(width=80, lang=lang)  # type: ignore[arg-type]
    now = take(os.getpid(), stage.pid, stage.pid, PARTS)
    for typed, command in (("touch /etc/x", False), ("umount /usr/bin", True)):
        drawn = "\n".join(line.plain for line in why(ui, typed, *find_out(stage, now, typed, ui)).fitted(79))
        assert ("# " in drawn) is command


def test_why_in_a_lesson(tmp_path: Path) -> None:
    with learner(tmp_path, "uts") as person:
        person.until(r"Make a UTS namespace.*READY# ")
        person.type(":why", "Nothing was typed yet")
        person.type("unshare -Ur hostname x", r"READY# $")
        person.type(":why", r"sethostname\(x\): EPERM.*# unshare -u sh.*uts_namespaces\(7\).*READY# $")
        person.type("unshare -p sh", r"first child.*# $")
        person.type(":why", r"none that\s+mattered was refused.*# $")  # the first child will be born
        person.type("true; ls > /dev/null; ls", "fork")
        person.until("# $")
        person.type(":why", r"ENOMEM.*lost its\s+process 1.*# $")


def test_what_was_stopped_is_not_said_to_be_allowed(tmp_path: Path) -> None:
    with learner(tmp_path, "uts") as person:
        person.until(r"Make a UTS namespace.*READY# ")
        person.key(":why sleep 1000\r").until("Ctrl-C stops it").key("\x03")
        person.until(r"was stopped before it ended.*nsplay doesn't\s+know.*READY# $")


def test_a_filter_of_the_learners_own_is_named(tmp_path: Path) -> None:
    """Typed again beside that shell the command passes, since the filter isn't asked: so it was the filter."""
    with learner(tmp_path, "seccomp", "--lang", "ja") as person:
        person.until(r"READY# ")
        person.type("nsplay seccomp deny unshare -- sh", r"ERRNO EPERM.*READY# $")
        person.type("unshare -u true", r"READY# $")
        person.type(":why", r"フィルター.*1 個.*seccomp\(2\).*READY# $")
        person.type("nsplay seccomp deny", r"deny, system calls")
        person.type("nsplay look $$", r"名前空間")  # in the session's language
