"""Runs a command where another process is: `python -m nsplay.stage.enter PID COMMAND`. Started on the stage.

What nsenter(1) does with all its letters, and what it leaves out: the root folder, the working folder, the cgroups and
the bounding set of that process, too. setns(2), pid_namespaces(7), user_namespaces(7).
"""

import contextlib
import os
import sys
from typing import Final

from nsplay.kernel import cgroups, identity, namespaces, syscalls

FLAGS: Final = {
    "uts": syscalls.CLONE_NEWUTS,
    "pid": syscalls.CLONE_NEWPID,
    "mnt": syscalls.CLONE_NEWNS,
    "net": syscalls.CLONE_NEWNET,
    "ipc": syscalls.CLONE_NEWIPC,
    "user": syscalls.CLONE_NEWUSER,
    "cgroup": syscalls.CLONE_NEWCGROUP,
    "time": syscalls.CLONE_NEWTIME,
}


def enter(pid: int) -> None:
    """Moves this process, and its children into pid and time namespaces, to where pid is. Raises OSError."""
    who = identity.read(pid)
    ours, theirs = namespaces.inodes("self"), namespaces.inodes(pid)
    kinds = [kind for kind in theirs if theirs[kind] != ours.get(kind)]
    root, cwd = (os.open(f"/proc/{pid}/{name}", os.O_PATH | os.O_DIRECTORY) for name in ("root", "cwd"))
    _join_cgroups(pid)
    pidfd = os.pidfd_open(pid)
    if kinds:
        syscalls.setns(pidfd, sum(FLAGS[kind] for kind in kinds))
    os.fchdir(root)
    with contextlib.suppress(PermissionError):  # an ordinary user: the root is the same then
        os.chroot(".")
    os.fchdir(cwd)
    for capability in identity.CAPABILITIES:
        if capability not in who.capabilities.bounding:
            with contextlib.suppress(OSError):  # none that this kernel knows, or no right to drop one
                syscalls.prctl(syscalls.PR_CAPBSET_DROP, identity.CAPABILITIES.index(capability))
    with contextlib.suppress(OSError):  # an id without a place in the map, or already ours
        os.setresgid(who.gid, who.gid, who.gid)
        os.setresuid(who.uid, who.uid, who.uid)
    with contextlib.suppress(OSError):  # gone with the change of user, where there was one
        syscalls.keep_over_exec(
            sum(
                1 << bit for bit, name in enumerate(identity.CAPABILITIES) if name in who.capabilities.ambient
            )
        )


def _join_cgroups(pid: int) -> None:
    """Before its namespaces are entered: the trees are mounted here, and may not be there."""
    memberships = cgroups.paths(pid)
    for tree in cgroups.hierarchies():
        for membership in memberships:
            same = (
                set(membership.controllers) == set(tree.controllers)
                if tree.version == 1
                else not membership.hierarchy_id
            )
            if same and not membership.path.startswith("/.."):
                with contextlib.suppress(
                    OSError
                ):  # a frozen group, a read-only tree: not what is asked about
                    path = os.path.join(tree.mountpoint, membership.path.lstrip("/"), "cgroup.procs")
                    with open(path, "wb", buffering=0) as procs:
                        procs.write(b"0")


def main(argv: list[str]) -> int:
    """The command's status; 127 with a sentence when the place can't be entered."""
    pid, command = int(argv[0]), argv[1]
    try:
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)  # nobody types
        enter(pid)
        child = os.fork()  # into the pid namespace
        if child == 0:
            os.execvp("sh", ["sh", "-c", command])
    except OSError as error:
        why = (error.strerror or str(error)) if os.path.exists(f"/proc/{pid}") else "it has ended"
        sys.stderr.write(f"the place of process {pid} can't be entered: {why}\n")
        return 127
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
