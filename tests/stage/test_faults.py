"""Whatever is killed, and whenever: nothing is left. The fixture of tests/conftest.py compares the
machine.
"""

import os
import random
import signal
import time
from pathlib import Path

import pytest

from nsplay.kernel import processes
from nsplay.stage import journal
from nsplay.stage.fence import has_root
from nsplay.stage.options import Options, fresh_ident
from tests.patience import patience

from .conftest import OpenStage
from .house import DEADLINE, Nsplay, Terminal, reap

VICTIMS = {
    "nsplay": ("nsplay",),
    "stage": ("stage",),
    "warden": ("warden",),
    "warden and nsplay": ("warden", "nsplay"),
    "all": ("nsplay", "warden", "stage"),
}

# Sheds every mark of its stage: without a control group, and after its warden's death, nothing tells whose
# it is.
UNMARKED = r"""
unshare -m sh -c 'umount -l /tmp /mnt /var/tmp /home /dev/shm /run 2>/dev/null; exec env -i /usr/bin/setsid /usr/bin/sleep 1012' &
"""

# One of each kind that is hard to end. "up" when all of them are there.
ZOO = r"""
trap '' TERM HUP INT
sleep 1001 &
setsid sleep 1002 &
(setsid sh -c 'sleep 1003 & exec sleep 1004' &)
env -i sleep 1005 &
sleep 1006 & kill -STOP $!
sh -c 'trap "" TERM INT HUP; while :; do sleep 1007; done' &
python=$PYTHON  # which may lie in a home that an ordinary user can't enter
"$python" -c '' 2>/dev/null || python=$(PATH=/usr/bin command -v python3) || echo none > /tmp/leader
"$python" -c '
import ctypes, sys, threading, time
threading.Thread(target=time.sleep, args=(1008,)).start()
sys.stdout.write("leader\n"); sys.stdout.flush()
ctypes.CDLL(None).syscall({"x86_64": 60}.get(__import__("platform").machine(), 93), 0)  # exit, of this thread alone
' > /tmp/leader &
unshare -pf --mount-proc sh -c 'trap "" TERM; sleep 1009 & setsid sleep 1010 & wait' &
unshare -Urpf --mount-proc unshare -pf sh -c 'sleep 1011 & wait' &
cold() {  # cold FOLDER FILE STATE PID
    [ -e "$1/$2" ] || return
    echo $4 > "$1/cgroup.procs" && echo $3 > "$1/$2"
}
top=/sys/fs/cgroup
if mkdir $top/freezer/cold 2>/dev/null; then sleep 1013 & cold $top/freezer/cold freezer.state FROZEN $!; fi
for v2 in $top $top/unified; do
    if mkdir $v2/cold 2>/dev/null; then sleep 1014 & cold $v2/cold cgroup.freeze 1 $!; fi
done
while [ ! -s /tmp/leader ]; do sleep 0.01; done
echo up
wait
sleep 1015
"""


def check_journal(state: Path, nsplay: Nsplay) -> None:
    """Mends what only the next start can, then nothing may be to do."""
    until = time.monotonic() + DEADLINE
    # (A warden that nsplay's end overtook may not have begun its journal yet.)
    while (list((state / journal.FOLDER).glob("*.json")) or nsplay.orphans()) and time.monotonic() < until:
        journal.clean(state)  # leaves a living warden alone, which is at work still
        time.sleep(0.005)
    reap()
    assert list((state / journal.FOLDER).glob("*.json")) == []
    assert journal.clean(state) == ()


@pytest.mark.parametrize("victims", list(VICTIMS))
@pytest.mark.parametrize("user", [False, True], ids=["root", "user"])
def test_a_full_stage(state: Path, victims: str, user: bool) -> None:
    if not has_root():
        pytest.skip("needs root, also to become an ordinary user")
    with Nsplay(Options(fresh_ident()), state, ZOO if user else UNMARKED + ZOO, user) as nsplay:
        nsplay.wait_up()
        nsplay.kill(*VICTIMS[victims])
        nsplay.end()
        check_journal(state, nsplay)


@pytest.mark.parametrize("victims", list(VICTIMS))
@pytest.mark.parametrize("seed", range(6))
def test_any_moment_of_the_start(state: Path, victims: str, seed: int) -> None:
    moment = random.Random(f"{victims}{seed}").uniform(0, patience(0.05))
    with Nsplay(
        Options(fresh_ident()), state, "echo up; sleep 1000", user=has_root() and seed % 3 == 0
    ) as nsplay:
        time.sleep(moment)
        if not nsplay.kill(*VICTIMS[victims]):  # not born yet
            nsplay.kill("nsplay")
        nsplay.end()
        check_journal(state, nsplay)


def test_nsplay_sweeps_for_a_warden_that_was_killed(open_stage: OpenStage, state: Path) -> None:
    before = processes.descendants(os.getpid())  # helpers of other tests
    stage = open_stage()
    with Terminal(stage, "setsid sleep 1000 & sleep 1001 & kill -STOP $!; echo up; wait") as terminal:
        terminal.read_until("up")
        os.kill(stage.warden, signal.SIGKILL)
        assert stage.close() == ()
    assert list((state / journal.FOLDER).iterdir()) == []
    assert processes.descendants(os.getpid()) <= before


@pytest.mark.parametrize("victims", ["nsplay", "warden"])
def test_without_a_fence(state: Path, victims: str) -> None:
    command = "setsid sleep 1000 & (setsid sh -c 'sleep 1001 & sleep 1002' &); sleep 1003 & kill -STOP $!; echo up; wait"
    with Nsplay(Options(fresh_ident(), fence=False), state, command) as nsplay:
        nsplay.wait_up()
        nsplay.kill(victims)
        nsplay.end()
        check_journal(state, nsplay)


def test_a_stopped_nsplay_keeps_its_stage(state: Path) -> None:
    """Ctrl-Z is no end."""
    with Nsplay(Options(fresh_ident()), state, "echo up; sleep 1000") as nsplay:
        nsplay.wait_up()
        os.kill(nsplay.pid, signal.SIGSTOP)
        time.sleep(0.05)
        assert os.path.exists(f"/proc/{nsplay.stage}")
        os.kill(nsplay.pid, signal.SIGCONT)
        nsplay.kill("nsplay")
        nsplay.end()
        check_journal(state, nsplay)
