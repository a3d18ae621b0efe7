"""`python -m nsplay` is the same program as `nsplay`."""

import sys

from nsplay.cli import main

if __name__ == "__main__":
    sys.exit(main())
