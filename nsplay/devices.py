"""`nsplay devices`: what devices.deny is on version 1, on version 2, where it takes a BPF program (cgroup-v2.rst, "Device
controller"). The program is shown: it is the rule.
"""

import errno
import os
import re
from collections.abc import Callable, Sequence
from typing import Final

from nsplay.errors import MachineError, UsageError
from nsplay.kernel import cgroups
from nsplay.kernel.bpf import ATTACH_CGROUP_DEVICE, attached
from nsplay.stage import bpf
from nsplay.stage.bpf import R0, R1, R2, R3, R4

KINDS: Final = {"b": 1, "c": 2}  # BPF_DEVCG_DEV_*
ACCESSES: Final = {"m": 1, "r": 2, "w": 4}  # BPF_DEVCG_ACC_*
HOW: Final = "nsplay devices deny notes c 1:5 rwm"
WHY: Final = {
    errno.EPERM: "it takes root with CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN, outside of a container",
    errno.ENOENT: "there is no such group; it may have been removed",
    errno.EBADF: "that is no group of version 2",
    errno.EINVAL: "that is no group of version 2, or this kernel has no BPF for groups",
    errno.E2BIG: "the group has as many programs as it can",
    errno.ENOSYS: "this kernel has no bpf(2)",
}

Row = tuple[bytes, str]  # an instruction, and what it does


def devices(words: Sequence[str]) -> int:
    """deny GROUP KIND MAJOR:MINOR [ACCESS], list GROUP, allow GROUP. Raises UsageError, MachineError."""
    match words:
        case ["deny", group, kind, number, *access] if len(access) <= 1:
            return _asked(group, lambda folder: _deny(folder, program(kind, number, *access)))
        case ["list", group]:
            return _asked(group, _list)
        case ["allow", group]:
            return _asked(group, _allow)
    raise UsageError("`nsplay devices` wants deny, list or allow, and a group", "", HOW)


def program(kind: str, number: str, access: str = "rwm") -> list[Row]:
    """A program that refuses one device and allows the rest. It is called with r1 at a struct bpf_cgroup_dev_ctx: access and
    type in one word, major, minor. Raises UsageError.
    """
    found = re.fullmatch(r"(\d{1,4}):(\d{1,7})", number, re.ASCII)
    if kind not in KINDS or not found or not access or set(access) - ACCESSES.keys():
        raise UsageError(
            f"no rule for a device: {kind} {number} {access}", "b or c, MAJOR:MINOR, some of rwm", HOW
        )
    major, minor = int(found[1]), int(found[2])
    bits = sum(ACCESSES[letter] for letter in set(access))
    rows: list[Row] = [
        (bpf.load_word(R2, R1, 0), "r2 = access << 16 | type"),
        (bpf.load_word(R3, R1, 4), "r3 = major"),
        (bpf.load_word(R4, R1, 8), "r4 = minor"),
        (bpf.copy(R0, R2), "r0 = r2"),
        (bpf.mask(R0, 0xFFFF), "r0 &= 0xffff"),
        (bpf.skip_unless(R0, KINDS[kind], 8), f"if r0 != {KINDS[kind]} goto allow    # {kind}"),
        (bpf.skip_unless(R3, major, 7), f"if r3 != {major} goto allow"),
        (bpf.skip_unless(R4, minor, 6), f"if r4 != {minor} goto allow"),
        (bpf.copy(R0, R2), "r0 = r2"),
        (bpf.shift_right(R0, 16), "r0 >>= 16"),
        (bpf.mask(R0, bits), f"r0 &= {bits}    # {access}"),
        (bpf.skip_if(R0, 0, 2), "if r0 == 0 goto allow"),
    ]
    refuse, allow = bpf.answer(bpf.REFUSE), bpf.answer(bpf.ALLOW)
    rows += zip(refuse, ("r0 = 0    # refused: EPERM", "exit"), strict=True)
    rows += zip(allow, ("allow: r0 = 1", "exit"), strict=True)
    return rows


def _deny(folder: str, rows: Sequence[Row]) -> None:
    for number, (_, words) in enumerate(rows):
        print(f"{number:3} {words}")
    code = [instruction for instruction, _ in rows]
    bpf.attach(folder, bpf.PROG_TYPE_CGROUP_DEVICE, ATTACH_CGROUP_DEVICE, code)
    print(f"BPF program {attached(folder)[-1]} judges every open in {folder} and below")


def _list(folder: str) -> None:
    for ident in attached(folder):
        print(f"BPF program {ident}")


def _allow(folder: str) -> None:
    for ident in attached(folder):
        bpf.detach(folder, ident)
        print(f"BPF program {ident} is untied")


def _asked(group: str, work: Callable[[str], None]) -> int:
    folder = _folder(group)
    try:
        work(folder)
    except OSError as error:
        number = error.errno or 0
        raise MachineError(
            f"{folder}: {errno.errorcode.get(number, number)} ({os.strerror(number)}).", WHY.get(number, "")
        ) from error
    return 0


def _folder(group: str) -> str:
    """Of a path, or of a name below the top of the tree of version 2. Raises MachineError."""
    if group.startswith("/sys/"):
        return group
    for tree in cgroups.hierarchies():
        if tree.version == 2:
            return os.path.join(tree.mountpoint, group.lstrip("/"))
    raise MachineError(
        "No tree of version 2 is mounted here.", "On version 1 the rule is a line for devices.deny."
    )
