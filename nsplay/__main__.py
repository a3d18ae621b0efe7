"""Where nsplay begins, as `nsplay` and as `python -m nsplay`."""

import sys


def main() -> int:
    """The exit status. A Ctrl-C while the program is still being imported is one like any other."""
    try:
        from nsplay import cli

        return cli.main()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
