"""A machine with pure version 2 control groups under systemd: Debian's own packages in QEMU. README.md says more."""
