"""Arguments and exit codes. Imports everything else lazily."""


def main() -> int:
    """The program."""
    return 0
