"""Runs a command where another process is, and tells which system calls the kernel refused it:
`python -m nsplay.stage.trace PID COMMAND`. Started on the stage. ptrace(2).

Behind the command's own output comes MARK and one line of JSON: a list of what `Refusal` holds, in the order in which
it happened.
"""

import contextlib
import ctypes
import errno
import json
import os
import signal
import struct
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from nsplay.kernel import identity, namespaces, syscalls
from nsplay.stage.enter import enter

MARK: Final = "\x1enspl "

_TRACEME, _CONT, _SYSCALL, _SETOPTIONS, _GET_SYSCALL_INFO = 0, 7, 24, 0x4200, 0x420E
_SYSGOOD, _FORK, _VFORK, _CLONE, _EXITKILL = 1, 2, 4, 8, 1 << 20
_WALL: Final = 0x40000000
_ENTRY, _EXIT = 1, 2  # of struct ptrace_syscall_info
_INFO: Final = struct.Struct("<B3xIQQ")  # op, arch, instruction and stack pointer
_PATHS: Final = {  # which arguments are paths
    "mount": (0, 1), "umount2": (0,), "pivot_root": (0, 1), "chroot": (0,), "mknod": (0,), "mknodat": (1,), "open": (0,),
    "openat": (1,), "mkdir": (0,), "mkdirat": (1,), "rmdir": (0,), "unlink": (0,), "unlinkat": (1,), "chown": (0,),
    "lchown": (0,), "fchownat": (1,), "rename": (0, 1), "renameat2": (1, 3), "execve": (0,), "link": (0, 1), "linkat": (1, 3),
    "sethostname": (0,), "setdomainname": (0,), "chmod": (0,), "fchmodat": (1,),
}  # fmt: skip
_TOLD: Final = frozenset({  # the calls that a rule may be about
    "write", "open", "ioctl", "socket", "connect", "sendto", "recvmsg", "bind", "clone", "fork", "vfork",
    "execve", "kill", "shmget", "semget", "msgget", "chdir", "rename", "mkdir", "rmdir", "link", "unlink",
    "chmod", "chown", "fchown", "lchown", "setuid", "setgid", "setgroups", "setresuid", "setresgid", "capset",
    "mknod", "pivot_root", "chroot", "settimeofday", "mount", "umount2", "swapon", "reboot", "sethostname",
    "setdomainname", "init_module", "clock_settime", "tgkill", "mq_open", "openat", "mkdirat", "mknodat",
    "fchownat", "unlinkat", "linkat", "fchmodat", "setpriority", "unshare", "setns", "finit_module",
    "renameat2", "bpf", "copy_file_range", "sched_setaffinity", "prlimit64", "open_tree", "move_mount",
    "fsopen", "fsconfig", "fsmount", "pidfd_send_signal", "clone3", "openat2", "mount_setattr",
})  # fmt: skip
_FILES: Final = frozenset({"open", "openat", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat"})
_AT_FDCWD: Final = 0xFFFFFF9C
_NAMES: Final = {number: name for name, number in syscalls.numbers().items() if name in _TOLD}
# Answers that say nothing of what the learner wanted: a terminal that is none, and a file that is looked for in several
# places or made in case it isn't there.
_NOISE: Final = frozenset({errno.ENOTTY, errno.ENOSYS, errno.EINTR, errno.EINPROGRESS, errno.EBADF})
_SEEKERS: Final = frozenset({"open", "openat", "openat2", "execve", "connect", "unlink", "unlinkat", "chdir"})
_SIOC: Final = 0x89  # requests about links and sockets (netdevice(7), linux/sockios.h)
# The /proc that knows processes by the numbers that we have for them: a container's own has others. main() goes there.
_PROC: Final = "."
_RESTARTS: Final = 512  # ERESTARTSYS and what follows: never seen by a program

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.restype = ctypes.c_long
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


@dataclass
class Refusal:
    """A system call that failed. paths: its arguments that are paths or names. complained: the same process wrote to its
    standard error right after it. place: where that process was then; empty when it couldn't be read.
    """

    pid: int
    call: str
    error: int
    args: list[int]
    paths: list[str]
    complained: bool = False
    place: dict[str, Any] = field(default_factory=dict)


def _ptrace(request: int, pid: int, addr: int | None = None, data: object = None) -> int:
    if (answer := libc.ptrace(request, pid, addr, data)) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")
    return int(answer)


class Tracer:
    """Follows a stopped child and all that it starts."""

    def __init__(self, child: int) -> None:
        self.refusals: list[Refusal] = []
        self._child = child
        self._entered: dict[int, tuple[str, list[int], list[str]]] = {}
        self._last: dict[int, Refusal] = {}  # pid -> what failed last
        os.waitpid(child, 0)
        _ptrace(_SETOPTIONS, child, None, _SYSGOOD | _FORK | _VFORK | _CLONE | _EXITKILL)
        _ptrace(_SYSCALL, child)

    def follow(self) -> int:
        """Till the child has ended, its children too or not; its status as waitpid(2) codes it."""
        while True:
            pid, status = os.waitpid(-1, _WALL)
            if os.WIFEXITED(status) or os.WIFSIGNALED(status):
                if pid == self._child:
                    return status
                continue
            number, passed = os.WSTOPSIG(status), 0
            if number == signal.SIGTRAP | 0x80:
                self._called(pid)
            elif number not in (signal.SIGTRAP, signal.SIGSTOP):
                passed = number
            with contextlib.suppress(OSError):  # it is gone already
                _ptrace(_SYSCALL, pid, None, passed)

    def _called(self, pid: int) -> None:
        info = ctypes.create_string_buffer(88)
        with contextlib.suppress(OSError):
            _ptrace(_GET_SYSCALL_INFO, pid, len(info), ctypes.addressof(info))
            op, *_ = _INFO.unpack_from(info)
            if op == _ENTRY:
                number, *args = struct.unpack_from("<7Q", info, _INFO.size)
                if name := _NAMES.get(number):
                    self._entered[pid] = name, args, _paths(pid, name, args)
            elif op == _EXIT and pid in self._entered:
                (value,) = struct.unpack_from("<q", info, _INFO.size)
                self._left(pid, *self._entered.pop(pid), -value if -4096 < value < 0 else 0)

    def _left(self, pid: int, name: str, args: list[int], paths: list[str], error: int) -> None:
        if name == "write" and args[0] == 2 and not error:
            if pid in self._last:
                self._last[pid].complained = True
            return
        if name == "recvmsg" and not error:
            error = _netlink(pid, args[1])
            name = "netlink" if error else name
        if name == "ioctl" and args[1] >> 8 == _SIOC:
            name = "netdevice"
        if name == "execve" and not error:  # what was tried first in other folders of PATH
            self.refusals = [one for one in self.refusals if (one.pid, one.call) != (pid, "execve")]
            self._last.pop(pid, None)
        sought = error == errno.ENOENT and name in _SEEKERS and not _writes_to_group(name, args, paths)
        noise = error in _NOISE or sought
        if error and not noise and error < _RESTARTS and not (error == errno.EEXIST and name == "mkdir"):
            self._last[pid] = Refusal(pid, name, error, args, paths, place=place(pid))
            self.refusals.append(self._last[pid])


def _writes_to_group(name: str, args: list[int], paths: list[str]) -> bool:
    """Was a file of a control group to be opened for writing? Nobody looks for that in several places."""
    flags = {"open": 1, "openat": 2}.get(name)
    return flags is not None and bool(args[flags] & os.O_ACCMODE) and paths[0].startswith("/sys/fs/cgroup/")


def place(pid: int) -> dict[str, Any]:
    """Where a process is and who, as JSON can carry it: "ns", "owners" and the fields of Identity that rules ask for."""
    try:
        who, ns = identity.read(pid, _PROC), namespaces.inodes(pid, _PROC)
    except OSError:
        return {}
    return {
        "ns": ns,
        "owners": {kind: namespaces.owner(pid, kind, _PROC) for kind in ns},
        "uid": who.uid,
        "uid_outside": who.uids.effective,
        "effective": sorted(who.capabilities.effective),
        "bounding": sorted(who.capabilities.bounding),
        "uid_map": who.uid_map,
        "gid_map": who.gid_map,
        "setgroups": who.setgroups,
    }


def _paths(pid: int, name: str, args: list[int]) -> list[str]:
    """The arguments that are paths or names; for a write the file's."""
    if name == "write":
        with contextlib.suppress(OSError):
            return [os.readlink(f"{_PROC}/{pid}/fd/{args[0]}")]
    paths = [_text(pid, args[at]) for at in _PATHS.get(name, ())]
    return [_whole(pid, name, args, paths[0])] if name in _FILES and paths else paths


def _whole(pid: int, name: str, args: list[int], path: str) -> str:
    """A path from the root on, where that can be told: `rmdir notes` says nothing of where notes is."""
    relative = name.endswith("at") and args[0] & 0xFFFFFFFF != _AT_FDCWD
    with contextlib.suppress(OSError):
        if path and not path.startswith("/"):
            folder = os.readlink(f"{_PROC}/{pid}/fd/{args[0]}" if relative else f"{_PROC}/{pid}/cwd")
            return os.path.normpath(os.path.join(folder, path))
    return path


def _memory(pid: int, address: int, length: int) -> bytes:
    try:
        with open(f"{_PROC}/{pid}/mem", "rb", buffering=0) as memory:
            memory.seek(address)
            return memory.read(length)
    except (OSError, OverflowError, ValueError):
        return b""


def _text(pid: int, address: int) -> str:
    page = 4096 - address % 4096  # what lies behind it may not be mapped
    data = _memory(pid, address, page) if address else b""
    if b"\0" not in data:
        data += _memory(pid, address + page, 4096) if data else b""
    return data.split(b"\0", 1)[0].decode(errors="replace")


def _netlink(pid: int, header: int) -> int:
    """The errno in an NLMSG_ERROR that recvmsg(2) brought; 0 for anything else. netlink(7)."""
    message = _memory(pid, header, 32)
    if len(message) < 32:
        return 0
    name, size, vector, count = struct.unpack("<QI4xQQ", message)
    if not name or size != 12 or not count or _memory(pid, name, 2) != b"\x10\0":  # AF_NETLINK
        return 0
    (base,) = struct.unpack("<Q", _memory(pid, vector, 8) or bytes(8))
    answer = _memory(pid, base, 20)
    if len(answer) < 20 or answer[4:6] != b"\x02\0":
        return 0
    (error,) = struct.unpack_from("<i", answer, 16)
    return -error if -4096 < error < 0 else 0


def _start(command: str) -> int:
    child = os.fork()
    if child == 0:
        try:
            _ptrace(_TRACEME, 0)
            os.kill(os.getpid(), signal.SIGSTOP)
            os.execvp("sh", ["sh", "-c", command])
        except OSError as error:
            sys.stderr.write(f"{error}\n")
        finally:
            os._exit(127)
    return child


def main(argv: list[str]) -> int:
    """The command's status."""
    pid, command = int(argv[0]), argv[1]
    try:
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        proc = os.open("/proc", os.O_PATH | os.O_DIRECTORY)
        enter(pid)
        try:
            child = _start(command)
        except OSError as error:  # of fork(2): nobody is born in that place
            sys.stderr.write(f"{error.strerror}\n")
            os.fchdir(proc)
            own = os.getpid()
            _tell([Refusal(own, "fork", error.errno or errno.EAGAIN, [], [], True, place(own))])
            return 127
        os.fchdir(proc)
        tracer = Tracer(child)
        status = tracer.follow()
    except OSError as error:
        sys.stderr.write(f"{error.strerror or error}\n")
        return 127
    _tell(tracer.refusals)
    return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def _tell(refusals: list[Refusal]) -> None:
    sys.stdout.write(f"\n{MARK}{json.dumps([asdict(refusal) for refusal in refusals])}\n")
    sys.stdout.flush()


def told(lines: list[str]) -> Iterator[Refusal]:
    """The refusals in an output of this program."""
    for line in lines:
        if line.startswith(MARK):
            yield from (Refusal(**one) for one in json.loads(line.removeprefix(MARK)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
