"""Readers of the kernel: they take a /proc (or a pid), return frozen data, and know nothing of lessons or screens."""
