"""A small disk of the stage's own, where a lesson needs one: the fence hides the machine's. An ext4 file system of 64 MiB on
a loop device (loop(4)), which has a whole device's number: io.max and blkio.throttle want that, and no partition's.

Nothing has to be taken back. Its image has no name from the first moment on, and the kernel lets go of the device with its
last user (LO_FLAGS_AUTOCLEAR): that is a mount in the stage's own mount namespace, gone with the last process there.
"""

import errno
import fcntl
import os
import struct
import tempfile
from typing import Final

from nsplay.kernel import syscalls
from nsplay.needs import which

PLACE: Final = "/mnt/disk"
SIZE: Final = 64 << 20  # bytes: no more of the machine's disk can be filled
TRIES: Final = 16  # a device that is free may be taken a moment later

LOOP_CONFIGURE: Final = 0x4C0A  # linux/loop.h, Linux 5.8
LOOP_CTL_GET_FREE: Final = 0x4C82
LO_FLAGS_AUTOCLEAR: Final = 4
# struct loop_config: fd, block_size, loop_info64 (device, inode, rdevice, offset, sizelimit, number, encrypt_type,
# encrypt_key_size, flags, file_name, crypt_name, encrypt_key, init[2]), reserved[8]
CONFIG: Final = "=II5Q4I64s64s32s2Q8Q"

# No journal: else the kernel starts a thread for it, which `ps` lists.
MAKE: Final = (
    "mkfs.ext4",
    "-q",
    "-F",
    "-m0",
    "-O^has_journal",
    "-Elazy_itable_init=0,nodiscard,root_owner=0:0",
)


def image(folder: str) -> int:
    """A file of SIZE bytes without a name, all of its blocks its own: in that folder, or where there is more room. Raises the
    last OSError.
    """
    last = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), folder)
    for place in (folder, "/var/tmp", "/tmp"):
        try:
            with tempfile.TemporaryFile(dir=place, buffering=0) as file:  # O_TMPFILE, or unlinked at once
                os.posix_fallocate(file.fileno(), 0, SIZE)
                return os.dup(file.fileno())
        except OSError as error:
            last = error
    raise last


def lend(image: int, name: str) -> None:
    """Mounts it on PLACE, for everybody on the stage to write to; closes the image. In the stage's own mount namespace, and
    before block devices are forbidden. name: tells whose device it is. Raises OSError.
    """
    try:
        path, device = _attach(image, name)
    finally:
        os.close(image)
    try:  # ours is the first user: if anything goes wrong from here on, the device goes with this descriptor
        why = _make_file_system(path)
        os.makedirs(PLACE, exist_ok=True)
        try:
            syscalls.mount(path, PLACE, "ext4", syscalls.MS_NOSUID | syscalls.MS_NODEV)
        except OSError as error:
            raise OSError(error.errno, f"{error.strerror}. {why}" if why else error.strerror) from error
        os.chmod(PLACE, 0o1777)
    finally:
        os.close(device)


def _attach(image: int, name: str) -> tuple[str, int]:
    """A loop device with that file in it: its path, and a descriptor that keeps it."""
    flags = os.O_RDWR | os.O_CLOEXEC
    config = struct.pack(
        CONFIG, image, 0, *(0,) * 8, LO_FLAGS_AUTOCLEAR, name.encode()[:63], b"", b"", 0, 0, *(0,) * 8
    )
    control = os.open("/dev/loop-control", flags)
    try:
        for _ in range(TRIES):
            path = f"/dev/loop{fcntl.ioctl(control, LOOP_CTL_GET_FREE)}"
            device = os.open(path, flags)
            try:
                fcntl.ioctl(device, LOOP_CONFIGURE, config)
                return path, device
            except OSError as error:
                os.close(device)
                if error.errno != errno.EBUSY:  # somebody was quicker
                    raise OSError(error.errno, error.strerror, path) from error
    finally:
        os.close(control)
    raise OSError(errno.EBUSY, "every free loop device is taken by others at once")


def _make_file_system(path: str) -> str:
    """What went wrong, "" for nothing: the caller hears of a status only where SIGCHLD isn't ignored."""
    import subprocess  # not before it is needed: the stage has to start quickly

    program, *options = MAKE
    found = which(program)
    if not found:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), program)
    done = subprocess.run([found, *options, path], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.stderr.strip()
