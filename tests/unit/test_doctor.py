"""What follows from what the doctor found, on machines that aren't here; and that a report tells of nobody."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nsplay.findings import (
    Findings,
    Problem,
    Secrets,
    Terminal,
    Tool,
    Tree,
    Trial,
    anonymous,
    as_json,
    exit_status,
    grouped,
    problems,
    runnable,
    without_secrets,
)
from nsplay.kernel.switches import Around, Switches
from nsplay.needs import FEATURES, PACKAGES, Lack, installs, lacks, missing, module
from nsplay.stage import refusals
from nsplay.stage.lacks import Kernel, cure, gaps, oddities
from nsplay.stage.options import Mechanism, Report
from nsplay.view.doctor import doctor
from nsplay.view.ui import Ui, render

from .test_cli import nsplay

SWITCHES = Switches({"user": 100, "uts": 100}, None, False)
ROOT = Around(0, frozenset({"sys_admin", "setfcap"}), "", True, False, False, True, SWITCHES)
USER = ROOT._replace(uid=1000, capabilities=frozenset())
NONE_ALLOWED = ROOT._replace(switches=Switches({"user": 0}, None, False))
DEBIAN = USER._replace(switches=Switches({}, False, False))
UBUNTU = USER._replace(switches=Switches({}, None, True))
FINE = Findings(
    nsplay="0.1",
    python="3.11.2",
    release="6.1.0-18-amd64",
    machine="x86_64",
    around=ROOT,
    cgroup="v2",
    trees=(Tree(2, ("cpu", "memory", "pids"), "/sys/fs/cgroup", True, False),),
    namespaces=(Trial("uts", True), Trial("user", True)),
    kernel=(Trial("overlay", True),),
    stage=(Trial("mounts", True),),
    refused=(),
    tools=(Tool("unshare", "/usr/bin/unshare", "2.38.1", True),),
    terminal=Terminal(True, "xterm", 80, 24, 256, True, "C.UTF-8", "en"),
    lessons={"uts": (), "pid": ()},
    gaps=(("renice", "done"),),
    odd=(),
    lacks=(),
    seconds=0.4,
)


def test_all_fine() -> None:
    assert (runnable(FINE), exit_status(FINE), problems(FINE, {})) == (2, 0, ())


def test_a_tool_that_is_missing_costs_its_lessons_alone() -> None:
    lack = Lack("tool", "runc", "there is no runc", "apt-get install runc")
    found = FINE._replace(lessons={"uts": (), "runtime": (lack,), "two": (lack,)})
    mends = (("Debian, Ubuntu", "apt-get install runc"), ("Fedora", "dnf install runc"))
    expected = Problem("runc", "there is no runc", "runtime, two", mends, True)
    assert problems(found, {"runc": mends}) == (expected,)
    assert (runnable(found), exit_status(found)) == (1, 0)


def test_no_lesson_at_all_is_exit_3() -> None:
    lack = Lack("root", "root", "it needs root", "sudo nsplay")
    assert exit_status(FINE._replace(lessons={"uts": (lack,)})) == 3
    refused = FINE._replace(refused=("No stage.", "EPERM: a filter", "docker run"))
    assert exit_status(refused) == 3
    (problem,) = problems(refused, {})
    assert (problem.name, problem.costs, problem.mends) == ("stage", "every lesson", (("", "docker run"),))


def test_one_reason_is_told_once() -> None:
    rows = [Trial("uts", False, "why", "do"), Trial("pid", False, "why", "do"), Trial("net", False, "else")]
    assert grouped(rows) == (Trial("uts pid", False, "why", "do"), Trial("net", False, "else"))


@pytest.mark.parametrize(
    ("kind", "error", "around", "why", "do"),
    [
        ("user", OSError(28, "x"), NONE_ALLOWED, "user_namespaces is 0", "sysctl -w user.max"),
        ("user", OSError(28, "x"), ROOT, "as many user namespaces", ""),
        ("time", OSError(22, "x"), ROOT, "no time namespaces", ""),
        ("user", OSError(1, "x"), DEBIAN, "unprivileged_userns_clone is 0", "sudo nsplay"),
        ("user", OSError(1, "write to /proc/self/uid_map"), UBUNTU, "AppArmor", "sudo nsplay"),
        ("user", OSError(1, "x"), UBUNTU._replace(sudo=False), "AppArmor", "apparmor_restrict_unprivileged_userns=0"),
        ("user", OSError(1, "write to /proc/self/uid_map"), ROOT._replace(capabilities=frozenset()), "CAP_SETFCAP", "SETFCAP"),
        ("mnt", OSError(1, "x"), ROOT._replace(container="docker", seccomp=True), "seccomp filter", "docker run --privileged"),
        ("mnt", OSError(1, "x"), ROOT._replace(container="nsplay", seccomp=True), "the stage that you are on", "exit"),
        ("uts", OSError(1, "x"), USER._replace(no_new_privs=True), "no CAP_SYS_ADMIN", ""),
        ("uts", OSError(38, "x"), ROOT, "no uts namespaces", ""),
        ("mnt", OSError(12, "Cannot allocate memory"), ROOT, "ENOMEM: Cannot allocate", ""),
    ],
)  # fmt: skip
def test_errno_and_what_is_around_make_a_reason(
    kind: str, error: OSError, around: Around, why: str, do: str
) -> None:
    reason = refusals.namespace(kind, error, around)
    assert why in reason.why
    assert do in reason.do
    assert bool(do) == bool(reason.do)


def test_what_the_fence_cannot_stop_depends_on_the_machine() -> None:
    everything = ("sysctls", "devices", "pids", "memory", "cpu", "signals", "system calls")
    report = Report(tuple(Mechanism(name, True) for name in everything), root=True)
    full, bare = Kernel(True, True), Kernel(False, False)

    def typed(report: Report, around: Around, kernel: Kernel) -> str:
        return " | ".join(gap.typed for gap in gaps(report, around, kernel))

    assert "sysrq" in typed(report, ROOT, full) and "devtmpfs" in typed(report, ROOT, full)
    assert typed(report, ROOT, bare) == "renice, prlimit, oom_score_adj"
    assert typed(report._replace(root=False), USER, full) == "renice, prlimit, oom_score_adj", (
        "an ordinary user can't"
    )
    assert "sysrq" not in typed(report, ROOT._replace(machines_own=False), full), (
        "nor root of a user namespace"
    )
    old = Report((Mechanism("pids", True), Mechanism("signals", False)), root=True)
    assert "sysctl -w" in typed(old, ROOT, bare) and "mknod" in typed(old, ROOT, bare)
    assert "kill" in typed(old, ROOT, bare)
    (hog,) = (gap for gap in gaps(old, ROOT, bare) if "hog" in gap.typed)
    assert "no cap on memory, cpu" in hog.happens
    assert oddities(old) == () and len(oddities(report)) == 2


def test_caps_are_had_by_delegation_or_by_root() -> None:
    groups = Mechanism("cgroup", False, "no control group here may be written to")
    assert "Delegate=yes" in cure(groups, USER, True)
    assert cure(groups, USER, False) == "sudo nsplay"
    assert cure(groups, ROOT._replace(container="docker"), False) == "docker run --privileged"
    assert cure(groups._replace(works=True), USER, True) == "" == cure(groups, ROOT, True)


# ---- the report

HOST, NAME, HOME = "brokkoli.example.net", "annemarie", "/srv/people/annemarie"
SECRETS = Secrets((HOST, "brokkoli", "example.net"), (NAME,), (HOME,))


def test_a_report_tells_of_nobody_wherever_the_names_stand() -> None:
    where = f"{HOST} {NAME} {HOME}/x brokkoli-2 user-{NAME}@10.1.2.3 fe80::1 2001:db8::7 192.168.0.1:22"
    dirty = FINE._replace(
        release=f"6.1.0-{NAME}",
        around=ROOT._replace(container=f"lxc-brokkoli {where}"),
        trees=(Tree(2, ("cpu", where), f"/sys/fs/cgroup/user.slice/{NAME}/{HOST}", True, True),),
        kernel=(Trial("overlay", False, where, where),),
        stage=(Trial("mounts", False, f"{HOME}: Permission denied {where}"),),
        refused=(where, where, where),
        tools=(Tool("unshare", f"{HOME}/bin/unshare", f"2.38-{NAME} {where}", True),),
        terminal=Terminal(
            True, f"xterm-{NAME} {where}", 80, 24, 256, True, f"C.UTF-8@brokkoli {where}", "en"
        ),
        lessons={"uts": (Lack("tool", where, where, where),)},
        gaps=((where, where),),
        lacks=(where,),
    )
    clean = without_secrets(dirty, SECRETS)
    missing = problems(clean, {})
    page = render(Ui(width=100, attributes=False), doctor(Ui(width=100), clean, missing))
    plain = render(Ui(plain=True), doctor(Ui(plain=True), clean, missing))
    for said in (page, plain, json.dumps(as_json(clean) | {"problems": as_json(missing)})):
        for secret in (
            HOST,
            "brokkoli",
            "example.net",
            NAME,
            HOME,
            "10.1.2.3",
            "fe80::1",
            "2001:db8",
            "192.168.0.1",
        ):
            assert secret not in said, said
        assert "<USER>" in said and "<HOST>" in said and "<IP>" in said


def test_versions_and_releases_stay_readable() -> None:
    for words in ("6.18.44-fc-v669", "2.38.1", "util-linux 2.41.5", "s20161105", "0.2 s", "v1: cpu"):
        assert anonymous(words, SECRETS) == words


def test_a_name_that_is_part_of_a_word_is_none() -> None:
    assert anonymous("unshare and Ann", Secrets(("un",), ("Ann",), ())) == "unshare and <USER>"


def test_the_real_report_names_nobody(tmp_path: Path) -> None:
    env = {
        "USER": "annemarie",
        "HOSTNAME": "brokkoli",
        "TERM": "xterm-annemarie-brokkoli",
        "LC_ALL": "C.UTF-8",
    }
    answer = nsplay("doctor", "--report", state=tmp_path, HOME=str(tmp_path / "home"), **env)
    assert answer.returncode in (0, 3) and answer.stderr == "", answer.stderr
    for secret in ("annemarie", "brokkoli", str(tmp_path)):
        assert secret not in answer.stdout
    assert not re.search(rf"(?<![A-Za-z0-9]){re.escape(os.uname().nodename)}(?![A-Za-z0-9])", answer.stdout)


def test_json_is_for_programs(tmp_path: Path) -> None:
    answer = nsplay("doctor", "--json", state=tmp_path)
    found = json.loads(answer.stdout)
    assert answer.stderr == ""
    assert set(found) == {*Findings._fields, "problems", "runnable"}
    assert {row["name"] for row in found["namespaces"]} >= {"uts", "pid", "user"}
    assert answer.returncode == (0 if found["runnable"] else 3)


def test_a_machine_without_any_lesson_is_told(tmp_path: Path) -> None:
    course = str(_lesson(tmp_path, '{ tools = ["no-such-tool"] }'))
    answer = nsplay("doctor", state=tmp_path, NSPLAY_LESSONS=course)
    assert answer.returncode == 3
    assert "0 of 1 lessons run here" in answer.stdout
    for words in ("no-such-tool", "costs one", "apt-get install", "dnf install", "pacman -S"):
        assert words in answer.stdout
    assert "\x1b" not in answer.stdout, "a pipe gets plain lines"


def test_interrupted_is_130(tmp_path: Path) -> None:
    code = (
        "import nsplay.doctor as d, nsplay.cli, os, signal\n"
        "d.rows = lambda settings: os.kill(os.getpid(), signal.SIGINT)\n"
        "raise SystemExit(nsplay.cli.main(['doctor']))"
    )
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


# ---- needs


def _lesson(folder: Path, needs: str) -> Path:
    lessons = folder / "lessons"
    (lessons / "one").mkdir(parents=True)
    (lessons / "one" / "lesson.md").write_text(f'+++\ntitle = "x"\nneeds = {needs}\n+++\n## A {{#a}}\n')
    (lessons / "course.toml").write_text('lessons = ["one"]\n')
    return lessons


def test_needs_tell_everything_that_is_lacking() -> None:
    found = lacks(
        {"tools": ["no-tool", "sh"], "kernel": "99.1", "features": ["no-feature"], "namespaces": ["uts"]}
    )
    assert [(lack.kind, lack.name) for lack in found] == [
        ("tool", "no-tool"),
        ("kernel", "99.1"),
        ("feature", "no-feature"),
    ]
    assert missing({"tools": ["no-tool", "none"]})[0] == "missing: no-tool, none"
    assert missing({"features": ["overlay"], "tools": ["sh"]}) in (
        ("", ""),
        missing({"features": ["overlay"]}),
    )


@pytest.mark.parametrize(
    ("files", "switch"),
    [
        ({"/proc/sys/kernel/unprivileged_userns_clone": "1\n"}, ""),
        ({"/proc/sys/kernel/unprivileged_userns_clone": "0\n"}, "kernel.unprivileged_userns_clone"),
        (
            {
                "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n",
                "/proc/self/attr/current": "unconfined\n",
            },
            "kernel.apparmor_restrict_unprivileged_userns",
        ),
        (
            {
                "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n",
                "/proc/self/attr/current": "mine (enforce)",
            },
            "",
        ),
    ],
)
def test_who_keeps_user_namespaces_from_ordinary_users(
    files: dict[str, str], switch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nsplay.needs._content", lambda path: files.get(path, ""))
    found = lacks({"features": ["unprivileged"]})
    assert [lack.mend.split("=")[0] for lack in found] == ([f"sysctl -w {switch}"] if switch else [])
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert [lack.mend for lack in lacks({"namespaces": ["user"]})] == (["sudo nsplay"] if switch else [])


def test_every_package_has_three_names() -> None:
    assert all(len(names) == 3 for names in PACKAGES.values())
    assert all(len(row) == 3 for row in FEATURES.values())
    assert [where for where, _, _ in sorted(installs(["nft"]))] == ["Arch", "Debian, Ubuntu", "Fedora"]
    assert {command for _, _, command in installs(["ps", "top", "nft"])} == {
        "apt-get install procps nftables",
        "dnf install procps-ng nftables",
        "pacman -S procps-ng nftables",
    }


def test_a_module_that_the_kernel_can_not_load_is_a_lack(tmp_path: Path) -> None:
    sys, lib = tmp_path / "sys", tmp_path / "lib"
    folder = lib / os.uname().release

    def lacks_veth() -> bool:
        return bool(module("veth", "veth", str(sys), str(lib)))

    assert not lacks_veth(), "nobody knows"
    folder.mkdir(parents=True)
    (folder / "modules.dep").write_text("kernel/net/bridge/bridge.ko.xz: kernel/net/llc/llc.ko.xz\n")
    assert lacks_veth()
    (folder / "modules.builtin").write_text("kernel/drivers/net/veth.ko\n")
    assert not lacks_veth()
    (folder / "modules.builtin").unlink()
    (sys / "module" / "veth").mkdir(parents=True)
    assert not lacks_veth()
