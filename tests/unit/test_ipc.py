"""/proc/sysvipc and the queues' answer, from recorded rows; /proc/PID/timens_offsets."""

from nsplay.kernel import clocks, ipc
from nsplay.kernel.clocks import Offsets
from nsplay.kernel.ipc import Entry

SHM = b"""       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime
 -889275714          3  1600                  4096   812   812      0  1000  1000  1000  1000          0
      48879          4   600                     1   812   812      0     0     0     0     0          0
"""
SEM = b"""       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime
          7          0   644          3     0     0     0     0          0          0
"""
MSG = b"       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime\n"


def test_tables() -> None:
    seen = ipc.parse([SHM, SEM, MSG, b"51\0one\0two"])
    assert seen.shm == (Entry("0xcafebabe", 3, 4096, 1000), Entry("0x0000beef", 4, 1, 0))
    assert seen.sem == (Entry("0x00000007", 0, 3, 0),)
    assert (seen.msg, seen.queues, seen.device) == ((), ("one", "two"), 51)
    assert ipc.parse([SHM, SEM, MSG, b"51"]).queues == ()
    assert ipc.parse([SHM, SEM, MSG, b""])[3:] == (None, None)


def test_cut_short_at_any_byte() -> None:
    for end in range(len(SHM)):
        assert len(ipc.parse([SHM[:end], b"", b"", b""]).shm) <= 2


def test_offsets() -> None:
    assert clocks.offsets(b"monotonic           5         0\nboottime        -1000         0\n") == Offsets(
        5, -1000
    )
    assert clocks.offsets(b"") == Offsets(0, 0)
