"""A command in a fresh machine with pure version 2 control groups, in a copy of this project.

Output comes as it is made; the exit status is the command's (124: time is up, 125: the machine broke). Nothing that is
written in there is kept. Without a command: the suite, as ./check runs it.
"""

import argparse
import signal
import sys
from pathlib import Path
from typing import Final

from tests.vm import disk, image, qemu, suite

BROKEN: Final = 125
SUITE: Final = ("python3", "-m", "tests.vm.inside")


def main(argv: list[str]) -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="tests/vm/run", description=__doc__)
    parser.add_argument("--suite", choices=image.SUITES, default=image.SUITES[0], help="Debian 12 or 13")
    parser.add_argument(
        "--kernel",
        default="",
        metavar="SUITE",
        help="with the kernel of another suite of Debian's: bullseye (5.10), trixie-backports (the newest)",
    )
    parser.add_argument("--user", choices=["root", "learner"], default="root")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="for all of it")
    parser.add_argument("--console", type=Path, metavar="FILE", help="keep the kernel's and systemd's words")
    parser.add_argument("--image", action="store_true", help="only make the image")
    parser.add_argument(
        "--lacking", action="store_true", help="only print the packages that it takes and that aren't here"
    )
    parser.add_argument(
        "--part",
        action="append",
        default=[],
        metavar="NAME",
        help="only this part of the suite, or these",
    )
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    args = parser.parse_args(argv)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(143))
    user, command = (args.user, args.command) if args.command else ("", (*SUITE, *args.part))
    seconds = args.timeout or (
        1800.0
        if args.command
        else suite.BOOT + sum(max(part.seconds for part in parts) for parts in suite.chosen(args.part))
    )
    if args.lacking:
        print(*image.lacking())
        return 0
    if args.kernel and not image.SUITE.fullmatch(args.kernel):
        parser.error(f"{args.kernel} is no suite of Debian's")
    try:
        folder = image.ready(image.Image(args.suite, kernel=args.kernel))
        if args.image:
            return 0
        status = qemu.run(
            folder,
            lambda file: disk.write(
                file, user, ["env", f"NSPLAY_SLOW={10 if qemu.emulated() else 1}", *command]
            ),
            _say,
            seconds,
            console=args.console,
        )
    except image.VmError as error:
        print(f"vm: {error}", file=sys.stderr)
        return BROKEN
    except KeyboardInterrupt:
        return 130
    if status == qemu.LATE:
        print(f"vm: stopped after {seconds:g} s", file=sys.stderr)
    return status


def _say(output: bytes) -> None:
    sys.stdout.buffer.write(output)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
