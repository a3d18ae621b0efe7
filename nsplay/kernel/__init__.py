"""Readers of the kernel. They take a /proc (or a pid) as parameter, return frozen dataclasses, and know nothing of lessons or screens."""
