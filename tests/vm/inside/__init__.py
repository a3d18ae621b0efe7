"""What runs in the machine of tests.vm, and nowhere else: the suite, and things that nobody may type on a machine."""

from pathlib import Path


def here() -> bool:
    """Is this that machine? Its kernel was told so at boot (tests/vm/qemu.py)."""
    return "nsplay-vm" in Path("/proc/cmdline").read_text().split()
