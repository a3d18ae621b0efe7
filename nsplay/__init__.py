"""nsplay: a learning shell for Linux namespaces and cgroups."""

__version__ = "0.1.0"
