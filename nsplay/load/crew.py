"""The processes that do the work, and the one that watches them, speaks, and ends them.

A hand ends by itself at its deadline and as soon as its boss is gone, whatever ended that: it asks for its parent now and
then, or waits at the leash, a pipe that closes with the boss. So nothing outlives `kill -9` by more than a moment.
"""

import mmap
import os
import select
import signal
import time
from collections.abc import Callable

STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LAST_WORDS = 2.0  # seconds until a hand that was killed is dead; more where the kernel holds it (D)
NUMBERS = 5  # that a hand can tell


class Hand:
    """A worker's own side: how far it is, and whether to go on."""

    def __init__(self, desk: memoryview, boss: int, leash: int, until: float) -> None:
        self._desk, self._boss, self._leash, self._until = desk, boss, leash, until

    def tell(self, number: int, slot: int = 0) -> None:
        """A number for the boss; the last one counts, also after a SIGKILL."""
        self._desk[slot] = number

    def goes_on(self) -> bool:
        """Is there a boss, and time?"""
        return os.getppid() == self._boss and time.monotonic() < self._until

    def hold(self, seconds: float) -> None:
        """Waits so long, or until the boss is gone."""
        poll = select.poll()
        poll.register(self._leash, select.POLLHUP)
        poll.poll(1000 * max(0.0, min(seconds, self._until - time.monotonic())))


class Crew:
    """Hands, and what they told. `with Crew(...)` ends them all, however it is left."""

    def __init__(self, most: int, seconds: float) -> None:
        """most: hands at most. seconds: after which they end by themselves."""
        self._room = mmap.mmap(-1, 8 * NUMBERS * most)  # shared with all children
        self._desk = memoryview(self._room).cast("q")
        self._boss, self.until = os.getpid(), time.monotonic() + seconds
        self._ears, self._leash = os.pipe()
        self.pids: dict[int, int] = {}  # living hands -> their desk
        self.statuses: list[int] = []  # of those that ended, as waitpid(2) codes it
        self.stopped = 0  # the signal that we were asked to end with
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, *STOP})
        self._count = 0

    def hire(self, work: Callable[[Hand], None]) -> int:
        """One more child; its desk. An OSError of `work` becomes its errno on the desk, in the last slot. Raises
        OSError of fork(2).
        """
        desk, self._count = self._count, self._count + 1
        try:
            pid = os.fork()
        except OSError:
            self._count = desk
            raise
        if pid == 0:
            self._work(work, desk)
        self.pids[pid] = desk
        return desk

    def _work(self, work: Callable[[Hand], None], desk: int) -> None:
        status = 1
        try:
            os.close(self._leash)
            for number in STOP:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            own = self._desk[desk * NUMBERS : (desk + 1) * NUMBERS]
            try:
                work(Hand(own, self._boss, self._ears, self.until))
                status = 0
            except OSError as error:
                own[NUMBERS - 1] = error.errno or 1
            except MemoryError:
                own[NUMBERS - 1] = 12  # ENOMEM
        finally:
            os._exit(status)

    def told(self, desk: int, slot: int = 0) -> int:
        """The last number that this hand told."""
        return int(self._desk[desk * NUMBERS + slot])

    def errno(self, desk: int) -> int:
        """What ended its work; 0: nothing."""
        return self.told(desk, NUMBERS - 1)

    def total(self, slot: int = 0) -> int:
        """The sum of what all told."""
        return sum(self.told(desk, slot) for desk in range(self._count))

    def wait(self, seconds: float, alone: bool = False) -> bool:
        """Until a hand has ended (look at `pids`), or somebody stops us (`stopped`), or for so long. Is there more to
        wait for? alone: even where there is no hand.
        """
        if self.pids or alone:
            heard = signal.sigtimedwait({signal.SIGCHLD, *STOP}, max(0.0, seconds))
            if heard and heard.si_signo in STOP:
                self.stopped = heard.si_signo
            self._reap(os.WNOHANG)
        return (bool(self.pids) or alone) and not self.stopped

    def _reap(self, how: int) -> None:
        for pid in list(self.pids):
            ended, status = os.waitpid(pid, how)
            if ended:
                del self.pids[pid]
                self.statuses.append(status)

    def dismiss(self) -> list[int]:
        """Ends every hand; the pids of those that the kernel still holds after a while."""
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + LAST_WORDS
        while self.pids and (rest := until - time.monotonic()) > 0:
            signal.sigtimedwait({signal.SIGCHLD}, rest)
            self._reap(os.WNOHANG)
        return list(self.pids)

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_: object) -> None:
        self.dismiss()
        os.close(self._leash)
        os.close(self._ears)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)


def behind() -> Callable[[int], None]:
    """Goes on in a child. The process that was started waits, and ends with the status that the child calls this with,
    or with 1 at the child's end. Raises OSError of fork(2).
    """
    ears, mouth = os.pipe()
    if os.fork():
        os.close(mouth)
        os._exit((os.read(ears, 1) or b"\1")[0])
    os.close(ears)

    def there(status: int) -> None:
        os.write(mouth, bytes([status]))
        os.close(mouth)

    return there
