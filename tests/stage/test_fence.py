"""What is typed on the stage stays on the stage. Only harmless probes: they'd do no harm if the fence had a
hole.
"""

import os
import platform
import re
from pathlib import Path

import pytest

from nsplay.kernel import names
from nsplay.stage.stage import Stage

from .conftest import OpenStage
from .house import run

PROBE = "nsplay-probe-that-does-not-exist"


@pytest.mark.parametrize("folder", ["/etc", "/usr", "/opt", "/var/lib", "/"])
def test_the_machine_is_read_only(stage: Stage, folder: str) -> None:
    result = run(stage, f"touch {folder}/{PROBE}")
    assert result.status == 1
    assert "Read-only file system" in result.output


def test_a_home_is_an_overlay(stage: Stage) -> None:
    home = os.environ["HOME"]
    assert run(stage, f"echo mine > {home}/{PROBE} && cat {home}/{PROBE}").output == "mine"
    assert not os.path.exists(f"{home}/{PROBE}")
    seen = set(run(stage, f"ls -A {home}").output.split())
    assert set(os.listdir(home)) <= seen  # and what was there is still there


@pytest.mark.parametrize("folder", ["/tmp", "/run", "/mnt", "/var/tmp", "/dev/shm"])
def test_scratch_places_are_its_own(stage: Stage, folder: str) -> None:
    assert run(stage, f"echo mine > {folder}/{PROBE} && cat {folder}/{PROBE}").output == "mine"
    assert not os.path.exists(f"{folder}/{PROBE}")


def test_scratch_places_hold_half_of_the_memory(root: None, open_stage: OpenStage) -> None:
    stage = open_stage(memory=256 << 20)
    result = run(stage, "head -c 150M /dev/zero > /tmp/big")
    assert "No space left on device" in result.output


def test_kept_folders_can_be_read_only(root: None, open_stage: OpenStage, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "note").write_text("words")
    stage = open_stage(keep=(str(kept),))
    assert run(stage, f"cat {kept}/note").output == "words"
    assert "Read-only" in run(stage, f"touch {kept}/{PROBE}").output
    (kept / "later").write_text("more")
    assert run(stage, f"cat {kept}/later").output == "more"


def test_a_mount_namespace_made_on_any_processor_can_be_kept_by_a_file(stage: Stage) -> None:
    keep = "touch /mnt/kept; taskset -c {} unshare --mount=/mnt/kept true"
    for processor in os.sched_getaffinity(0):
        assert run(stage, f"{keep.format(processor)} && umount /mnt/kept").status == 0


def test_names_start_as_a_copy_and_stay_inside(stage: Stage) -> None:
    before = names.read(os.getpid())
    assert run(stage, "uname -n; cat /proc/sys/kernel/domainname").output.split("\n") == [*before]
    assert run(stage, "hostname nsplay-wrong-side && uname -n").output == "nsplay-wrong-side"
    assert names.read(os.getpid()) == before
    assert names.read(stage.pid).hostname == "nsplay-wrong-side"


def test_its_network_has_a_card_to_lose(stage: Stage) -> None:
    shown = run(stage, "ls /sys/class/net; ip -br address show eth0; ip route").output
    assert shown.split()[:2] == ["eth0", "lo"]
    assert "192.0.2.2/24" in shown
    assert "default via 192.0.2.1" in shown
    assert "LOOPBACK,UP" in run(stage, "ip link show lo").output
    assert run(stage, "ip link delete eth0; ls /sys/class/net").output == "lo"


def test_unmounting_harms_nobody(stage: Stage) -> None:
    before = Path("/proc/self/mountinfo").read_text()
    assert run(stage, "umount -l /home && mountpoint -q /home").status == 32
    assert Path("/proc/self/mountinfo").read_text() == before


def test_ipc_is_its_own(stage: Stage) -> None:
    assert run(stage, "ipcmk -Q && ipcs -q | grep -c ^0x").output.endswith("1")
    assert run(stage, "ls /dev/mqueue && mountpoint -q /dev/mqueue").status == 0


def test_dev_has_no_disks_and_new_nodes_lead_nowhere(stage: Stage) -> None:
    assert run(stage, "find /dev -type b").output == ""
    for node in ("null", "zero", "full", "random", "urandom", "tty", "ptmx"):
        assert run(stage, f"[ -c /dev/{node} ]").status == 0
    assert run(stage, "echo x > /dev/null && head -c3 /dev/zero | wc -c").output == "3"
    if not stage.report.works("devices"):
        pytest.skip("needs BPF on control groups of version 2")
    result = run(stage, f"mknod /dev/{PROBE} b 7 0 && head -c1 /dev/{PROBE}")
    assert "Operation not permitted" in result.output


def test_sysctls_of_the_machine_are_refused(stage: Stage) -> None:
    if not stage.report.works("sysctls"):
        pytest.skip("needs BPF on control groups of version 2")
    same = "f=/proc/sys/{0}; v=$(cat $f); echo $v > $f"  # its own value: no harm where it isn't refused
    for name in ("kernel/pid_max", "kernel/panic", "vm/swappiness", "fs/file-max"):
        result = run(stage, same.format(name))
        assert "Operation not permitted" in result.output, name
    for name in (
        "kernel/hostname",
        "kernel/domainname",
        "net/ipv4/ip_forward",
        "kernel/shmmax",
        "kernel/msgmni",
    ):
        result = run(stage, same.format(name))
        assert result.status == 0, f"{name}: {result.output}"


def test_calls_that_change_the_machine_are_refused(stage: Stage) -> None:
    # Each with arguments that the kernel itself would refuse for another reason.
    probe = """
import ctypes, errno, sys
sys.path.insert(0, sys.argv[1])
from nsplay.kernel.syscalls import numbers
libc = ctypes.CDLL(None, use_errno=True)
for name, *args in [("reboot", 0, 0, 0), ("swapoff", b"/nowhere"), ("swapon", b"/nowhere"), ("delete_module", b"nowhere"),
                    ("clock_settime", -1, None), ("settimeofday", 1, 1), ("acct", b"/nowhere/at/all"),
                    ("init_module", None, 0, None), ("finit_module", -1, b"", 0), ("kexec_load", 0, 99, None, -1)]:
    ctypes.set_errno(0)
    libc.syscall(numbers()[name], *args)
    print(name, errno.errorcode.get(ctypes.get_errno()))
"""
    import nsplay

    project = str(Path(nsplay.__file__).parents[1])
    lines = run(stage, '"$PYTHON" -c "$PROBE" "$PROJECT"', PROBE=probe, PROJECT=project).output.split("\n")
    assert len(lines) == 10
    assert {line.split()[1] for line in lines} == {"EPERM"}, lines


def test_nothing_becomes_writable_again(stage: Stage) -> None:
    assert run(stage, "mount -o remount,rw /").status != 0
    assert run(stage, "mount -o remount,bind,rw /").status != 0
    assert "Read-only" in run(stage, f"touch /opt/{PROBE}").output


def test_su_works(stage: Stage, need: OpenStage) -> None:
    need("su")
    assert run(stage, "su nobody -s /bin/sh -c 'id -un'").output == "nobody"
    assert "NoNewPrivs:\t0" in run(stage, "cat /proc/self/status").output


@pytest.mark.parametrize(
    "command",
    [
        "unshare -Urpf --mount-proc true",
        "mount --bind /dev/null /proc/version && unshare -Urpf --mount-proc true",
        "touch /tmp/kept && unshare --uts=/tmp/kept true && nsenter --uts=/tmp/kept true && umount /tmp/kept",
        "mkdir /tmp/m && mount -t tmpfs none /tmp/m && touch /tmp/m/x && umount /tmp/m",
        "mkdir /tmp/m && mount --bind /etc /tmp/m && mount -o remount,bind,ro /tmp/m && umount /tmp/m",
        "mount --make-rshared / && mount --make-rprivate /",
        "unshare -muinpfUrC --mount-proc true",
        "ip netns add x && ip netns exec x true && ip netns delete x",
        "script -qc true /dev/null",
        "su nobody -s /bin/sh -c 'script -qc true /dev/null'",
    ],
)
def test_what_lessons_need_works(stage: Stage, command: str) -> None:
    result = run(stage, command)
    assert result.status == 0, result.output


def test_a_new_pid_namespace_sees_itself_alone(stage: Stage) -> None:
    lines = run(stage, "unshare -mupf --mount-proc ps ax").output.split("\n")
    assert len(lines) == 2
    assert lines[1].split()[0] == "1"


def test_the_host_side_sees_every_process(stage: Stage) -> None:
    seen = {int(pid) for pid in run(stage, "ps -e -o pid=").output.split()}
    assert {os.getpid(), stage.pid, stage.warden} <= seen


def test_sysrq_goes_nowhere(stage: Stage) -> None:
    if not os.path.exists("/proc/sysrq-trigger"):
        pytest.skip("needs a kernel with CONFIG_MAGIC_SYSRQ")
    node = run(stage, "stat -c %t:%T /proc/sysrq-trigger").output
    assert node == "1:3"  # the null device; nothing is ever written to it here


def test_every_mechanism_is_reported_and_works_here(stage: Stage) -> None:
    names_ = [mechanism.name for mechanism in stage.report.mechanisms]
    assert len(names_) == len(set(names_)) == 18
    if not re.match(r"6\.(1[2-9]|[2-9])", platform.release()):
        pytest.skip("needs Linux 6.12 to have them all")
    missing = [mechanism for mechanism in stage.report.mechanisms if not mechanism.works]
    assert [mechanism for mechanism in missing if "controller" not in mechanism.why] == []
