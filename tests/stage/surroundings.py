"""Containers by hand: what Docker, Podman, LXC or a locked-down machine put around a process, one thing at a time, each
around a throw-away process.
"""

import contextlib
import json
import os
import select
import signal
import struct
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from nsplay.errors import NsplayError
from nsplay.kernel import seccomp, syscalls
from nsplay.kernel.syscalls import MS_BIND, MS_PRIVATE, MS_RDONLY, MS_REC
from nsplay.stage import fence
from nsplay.stage.options import Options, fresh_ident
from nsplay.stage.stage import Stage

from .house import DEADLINE, PR_SET_DUMPABLE, become_user, run

Surround = Callable[[], None]

# chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service, net_raw, sys_chroot, mknod,
# audit_write, setfcap: what Docker leaves to root
DOCKERS: Final = frozenset({0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31})
CALLS: Final = {
    "unshare": (272, 97),
    "sethostname": (170, 161),
    "mknod": (133, -1),
    "mknodat": (259, 33),
    "memfd_create": (319, 279),
}
PROJECT: Final = str(Path(__file__).parents[2])


def private() -> None:
    """A mount namespace of its own, in which the rest is done."""
    syscalls.unshare(syscalls.CLONE_NEWNS)
    syscalls.mount(None, "/", None, MS_REC | MS_PRIVATE)


def read_only_groups() -> None:
    """Control groups can be looked at only."""
    private()
    syscalls.mount_setattr("/sys/fs/cgroup", on=syscalls.MOUNT_ATTR_RDONLY, recursive=True)


def masked() -> None:
    """Parts of /proc and /sys covered or read-only, as Docker and Podman do."""
    private()
    for name in filter(os.path.exists, ("/proc/kcore", "/proc/keys", "/proc/timer_list")):
        syscalls.mount("/dev/null", name, None, MS_BIND)
    for name in filter(os.path.isdir, ("/proc/acpi", "/proc/scsi", "/sys/firmware")):
        syscalls.mount("tmpfs", name, "tmpfs", MS_RDONLY)
    for name in filter(os.path.isdir, ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys")):
        syscalls.mount(name, name, None, MS_BIND | MS_REC)
        syscalls.mount_setattr(name, on=syscalls.MOUNT_ATTR_RDONLY, recursive=True)


def covered_sys() -> None:
    """/sys is read-only, as in any container without privileges."""
    private()
    syscalls.mount_setattr("/sys", on=syscalls.MOUNT_ATTR_RDONLY)


def capabilities(kept: frozenset[int]) -> Surround:
    """Root with these capabilities alone, for ever."""

    def drop() -> None:
        for number in range(64):
            if number not in kept:
                with contextlib.suppress(OSError):
                    syscalls.prctl(syscalls.PR_CAPBSET_DROP, number)
        mask = sum(1 << number for number in kept)
        words = struct.pack("=6I", mask, mask, 0, 0, 0, 0)
        header = struct.pack("=Ii", 0x20080522, 0)
        syscalls.check(syscalls.syscall(syscalls.numbers()["capset"], header, words), "capset")

    return drop


def refuses(*names: str, number: int = 1) -> Surround:
    """A seccomp filter: these calls answer with this errno (EPERM)."""

    def filtered() -> None:
        code = seccomp.prologue()
        for name in names:
            call = syscalls.numbers().get(name) or CALLS[name][syscalls.MACHINE != "x86_64"]
            code += [seccomp.skip_unless(call, 1), seccomp.stop(seccomp.error(number))]
        seccomp.install([*code, seccomp.stop(seccomp.ALLOW)], 0)

    return filtered


def rootless() -> None:
    """Root of a user namespace with a range of ids, as in Podman and LXC without privileges."""
    done, tell = os.pipe()
    parent = os.getpid()
    unshared, go = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.read(unshared, 1)
        for kind in ("uid", "gid"):
            Path(f"/proc/{parent}/{kind}_map").write_text("0 100000 65536")
        os.write(tell, b".")
        os._exit(0)
    syscalls.unshare(syscalls.CLONE_NEWUSER)
    os.write(go, b".")
    os.read(done, 1)
    os.waitpid(pid, 0)
    for fd in (done, tell, unshared, go):
        os.close(fd)
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    syscalls.prctl(PR_SET_DUMPABLE, 1)
    private()


def lone_root() -> None:
    """Root of a user namespace that knows one id, as after `unshare -Ur`."""
    fence.own_user_namespace()
    private()


def together(*surrounds: Surround) -> Surround:
    """One after another."""

    def all_of_them() -> None:
        for surround in surrounds:
            surround()

    return all_of_them


SURROUNDINGS: Final[dict[str, Surround]] = {
    "read-only groups": read_only_groups,
    "masked": masked,
    "masked, a user": together(masked, become_user),
    "docker's capabilities": capabilities(DOCKERS),
    "no capabilities": capabilities(frozenset()),
    "docker without seccomp": together(masked, read_only_groups, capabilities(DOCKERS)),
    "docker": together(masked, read_only_groups, refuses("bpf", "mount", "unshare"), capabilities(DOCKERS)),
    "rootless": rootless,
    "rootless, masked": together(rootless, masked),
    "lone root": lone_root,
    "no bpf": refuses("bpf"),
    "no mount": refuses("mount"),
    "no unshare": refuses("unshare"),
    "no unshare, a user": together(refuses("unshare"), become_user),
    "no mknod": refuses("mknod", "mknodat"),
    "no mount_setattr": refuses("mount_setattr"),
    "an old kernel's mount_setattr": refuses("mount_setattr", number=38),
    "no seccomp": refuses("seccomp"),
    "no pidfd": refuses("pidfd_open"),
    "no memfd": refuses("memfd_create"),
}


def stand(surround: Surround, commands: tuple[str, ...], state: Path) -> dict[str, Any]:
    """Makes a stage in these surroundings and types the commands. What came of it: "lacks" (names of the mechanisms),
    "root", "answers" and "left", or "refused" (what, why, do), or "trace" for what no user may ever see.
    """

    def played() -> dict[str, Any]:
        surround()
        os.environ["HOME"] = "/home" if os.getuid() else "/root"
        try:
            with Stage.start(Options(fresh_ident(), keep=(PROJECT,)), state) as stage:
                report = stage.wait()
                return {
                    "lacks": [row.name for row in report.mechanisms if not row.works],
                    "root": report.root,
                    "answers": [run(stage, line, HOME=os.environ["HOME"]).output for line in commands],
                    "left": stage.close(),
                }
        except NsplayError as error:
            return {"refused": [error.what, error.why, error.do]}

    return in_child(played)


def in_child(action: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Runs the action in a fork; its answer, or {"trace": ...}."""
    news, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            answer = action()
        except BaseException:  # noqa: BLE001 - to be seen in the test
            answer = {"trace": traceback.format_exc()}
        os.write(tell, json.dumps(answer).encode())
        os._exit(0)
    os.close(tell)
    try:
        assert select.select([news], [], [], DEADLINE)[0], "no answer"
        with open(news, closefd=False) as pipe:
            answer = json.loads(pipe.read())
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(news)
    assert isinstance(answer, dict)
    return answer
