"""What a stage can't hold on this machine, in the one line that a learner reads before the lesson, and as facts for
`nsplay doctor`. Pure: judged from the stage's report and from what stands around nsplay.
"""

from typing import Final, NamedTuple

from nsplay.kernel.switches import Around
from nsplay.stage import refusals
from nsplay.stage.options import Mechanism, Report

DELEGATE: Final = "systemd-run --user --scope -p Delegate=yes nsplay"


class Lack(NamedTuple):
    """mechanism: its name in a report. en, ja: what doesn't hold without it. anybody: does it matter to an ordinary user,
    who couldn't do it to the machine anyway?
    """

    mechanism: str
    en: str
    ja: str
    anybody: bool = True


LACKS: Final = (
    Lack("mounts", "files of this machine can be written to", "このマシンのファイルに書き込める"),
    Lack("signals", "kill reaches this machine's processes", "このマシンのプロセスに kill が届く"),
    Lack("pids", "processes aren't bounded", "プロセス数に上限がない"),
    Lack("memory", "memory isn't bounded", "メモリに上限がない"),
    Lack("cpu", "processor time isn't shared fairly", "CPU 時間の配分が効かない"),
    Lack("uts", "the host name is this machine's", "ホスト名はこのマシンのもの"),
    Lack("ipc", "System V IPC is this machine's", "System V IPC はこのマシンのもの"),
    Lack("net", "the network is this machine's", "ネットワークはこのマシンのもの"),
    Lack("homes", "nothing can be written in a home", "ホームに書き込めない"),
    Lack("dev", "/dev is this machine's", "/dev はこのマシンのもの"),
    Lack(
        "system calls", "reboot, clocks and swap aren't refused", "reboot、時計、swap を止められない", False
    ),
    Lack("sysctls", "sysctl -w changes this machine", "sysctl -w がこのマシンを変える", False),
    Lack("devices", "a disk can be opened", "ディスクを開ける", False),
)


def lacking(report: Report, around: Around) -> tuple[Lack, ...]:
    """What doesn't hold and could be felt. A stage without a fence was asked for: nothing."""
    if not report.mechanisms:
        return ()
    powerful = report.root and around.machines_own
    return tuple(lack for lack in LACKS if not report.works(lack.mechanism) and (lack.anybody or powerful))


def sentence(report: Report, around: Around, lang: str) -> str:
    """For the learner, before the lesson; empty when nothing is lacking."""
    found = lacking(report, around)
    if not found:
        return ""
    if lang == "ja":
        return f"このマシンのステージでは: {'、'.join(lack.ja for lack in found)} (`nsplay doctor` に理由)。"
    return f"On this machine's stage: {'; '.join(lack.en for lack in found)} (`nsplay doctor` says why)."


def cure(row: Mechanism, around: Around, delegating: bool) -> str:
    """What mends a mechanism that doesn't hold; empty where nothing is known. delegating: does systemd give groups of
    version 2 away?
    """
    if row.works or row.name != "cgroup":
        return ""
    if around.container:
        return refusals.RUN.get(around.container, "")
    if around.root:
        return ""
    return DELEGATE if delegating else "sudo nsplay" if around.sudo else ""


class Kernel(NamedTuple):
    """What of this kernel a gap depends on. sysrq: is there a /proc/sysrq-trigger? devtmpfs: can one be mounted?"""

    sysrq: bool
    devtmpfs: bool


class Gap(NamedTuple):
    """typed: what somebody might type. happens: what that does to the machine."""

    typed: str
    happens: str


def gaps(report: Report, around: Around, kernel: Kernel) -> tuple[Gap, ...]:
    """What the fence can't stop on this machine, whatever its mechanisms say."""
    powerful = report.root and around.machines_own
    whose = "any process of the machine" if report.root else "your own processes outside"
    found = [
        Gap("renice, prlimit, oom_score_adj", f"done to {whose}: it takes an own pid namespace to hide them")
    ]
    if powerful and kernel.sysrq:
        found.append(
            Gap("mount -t proc, then sysrq-trigger in it", "the machine resets, crashes or unmounts")
        )
    if powerful and kernel.devtmpfs:
        found.append(
            Gap(
                "mount -t devtmpfs, then rm in it", "deletes the machine's device node: there is one devtmpfs"
            )
        )
    if powerful and not report.works("sysctls"):
        found.append(Gap("sysctl -w", "done to the machine: no BPF program on a version 2 group watches"))
    if powerful and not report.works("devices"):
        found.append(
            Gap(
                "mknod, then open it",
                "a disk can be read and written: no BPF program on a version 2 group watches",
            )
        )
    unbounded = [name for name in ("pids", "memory", "cpu") if not report.works(name)]
    if unbounded:
        found.append(
            Gap(
                "a fork bomb, a hog",
                f"no cap on {', '.join(unbounded)}: no control group here may be used for it",
            )
        )
    if not report.works("signals"):
        found.append(Gap("kill, pkill, strace -p", f"reach {whose}"))
    return tuple(found)


def oddities(report: Report) -> tuple[Gap, ...]:
    """What is harmless, and not as it is off the stage."""
    if not report.works("system calls"):
        return ()
    return (
        Gap("32-bit programs", "don't run: the filter of system calls tells them that there are none"),
        Gap("mount_setattr, fspick", "answer ENOSYS, so that no remount goes around the filter"),
    )
