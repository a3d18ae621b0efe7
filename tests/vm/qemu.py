"""One boot: a job's output comes as it is made, its exit status last. Nothing is left on this machine, whatever ends it.

The disk, the console and the status are memory of this process (memfd_create(2)); QEMU dies with it
(PR_SET_PDEATHSIG).
"""

import os
import re
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final

from tests.vm.image import VmError

LATE: Final = 124  # exit status, as timeout(1) has it
# no_timer_check: where QEMU has to wait for a processor, the kernel takes its timer for broken and panics.
# mitigations: nobody spies in there, and emulated they cost time.
# The timer that is masked mounts something a quarter of an hour after the boot, in the middle of a test.
WORDS: Final = (
    "console=ttyS0 quiet panic=-1 no_timer_check systemd.show_status=0"
    " systemd.mask=systemd-tmpfiles-clean.timer mitigations=off nsplay-vm"
)
FLAGS: Final = re.compile(r"^flags\s*:(.*)$", re.MULTILINE)


def accelerator(cpuinfo: str, kvm: bool) -> list[str]:
    """QEMU's options. kvm: may /dev/kvm be written? It needs the processor's own virtualisation as well.

    Where there is a /dev/kvm without that (kvm_pvm), a stock kernel stalls before its first line.
    """
    flags = FLAGS.search(cpuinfo)
    if kvm and flags and {"vmx", "svm"} & set(flags[1].split()):
        return ["-accel", "kvm", "-cpu", "host"]
    # The plainest processor that today's distributions run on: what "max" adds, the emulator has to work for.
    return ["-accel", "tcg,thread=multi", "-cpu", "Nehalem"]


def emulated() -> bool:
    """Is this machine going to emulate, 5 to 20 times slower?"""
    return "kvm" not in _accelerator()


def _accelerator() -> list[str]:
    return accelerator(Path("/proc/cpuinfo").read_text(), os.access("/dev/kvm", os.R_OK | os.W_OK))


def run(
    image: Path,
    write_disk: Callable[[IO[bytes]], None],
    say: Callable[[bytes], object],
    seconds: float,
    memory: str = "2G",
    console: Path | None = None,
    more: Sequence[Path] = (),
) -> int:
    """Boots, does the job, and is gone. The job's exit status, or LATE.

    say: takes the job's output. seconds: for all of it. console: where to keep the machine's own words. more: disks to
    read. Raises VmError when the machine ends with no status.
    """
    with ExitStack() as stack:
        disk, status, words = (_memory(stack, name) for name in ("disk", "status", "console"))
        write_disk(disk)
        disk.flush()
        began = time.monotonic()
        fds = [file.fileno() for file in (disk, status, words)]
        vm = subprocess.Popen(
            # stdin: a pipe kept open; at its end QEMU would take the output's port for unplugged
            [
                "nice",
                "-n",
                "10",
                "setpriv",
                "--pdeathsig",
                "KILL",
                *_command(image, memory, *fds),
                *_disks(more),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=fds,
        )
        assert vm.stdout
        timer = threading.Timer(seconds, vm.kill)
        timer.start()
        try:
            while data := os.read(vm.stdout.fileno(), 65536):
                say(data)
            vm.wait()
        finally:
            timer.cancel()
            vm.kill()
            vm.communicate()
            if console:
                console.write_bytes(_text(words))
        said = _text(status).strip()
        if said.isdigit():
            return int(said)
        if time.monotonic() - began >= seconds:
            return LATE
        raise VmError(
            f"the machine ended with no status. Its last words:\n{_text(words).decode(errors='replace')[-2000:]}"
        )


def _memory(stack: ExitStack, name: str) -> IO[bytes]:
    return stack.enter_context(os.fdopen(os.memfd_create(name), "w+b"))


def _text(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _command(image: Path, memory: str, disk: int, status: int, console: int) -> list[str]:
    processors = min(2, len(os.sched_getaffinity(0)))
    return [
        *("qemu-system-x86_64", "-M", "q35", *_accelerator(), "-smp", str(processors), "-m", memory),
        *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
        *("-kernel", f"{image}/vmlinuz", "-initrd", f"{image}/initrd"),
        *("-append", WORDS),
        # snapshot: what is written goes to a nameless temporary file
        *("-drive", f"if=none,id=root,file={image}/root.ext4,format=raw,snapshot=on,cache=unsafe"),
        *("-device", "virtio-blk-pci,drive=root"),
        *("-drive", f"if=none,id=job,file=/proc/self/fd/{disk},format=raw,readonly=on"),
        *("-device", "virtio-blk-pci,drive=job", "-device", "virtio-rng-pci", "-device", "virtio-serial-pci"),
        *("-chardev", "stdio,id=out,signal=off", "-device", "virtserialport,chardev=out,nr=1"),
        *("-chardev", f"file,id=rc,path=/proc/self/fd/{status}", "-device", "virtserialport,chardev=rc,nr=2"),
        *("-serial", f"file:/proc/self/fd/{console}"),
    ]


def _disks(files: Sequence[Path]) -> list[str]:
    return [
        word
        for number, file in enumerate(files)
        for word in (
            *("-drive", f"if=none,id=more{number},file={file},format=raw,readonly=on"),
            *("-device", f"virtio-blk-pci,drive=more{number}"),
        )
    ]
