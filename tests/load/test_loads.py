"""Every load, where the kernel gives and where it refuses."""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from nsplay.kernel import processes
from nsplay.stage import groups as stage_groups
from nsplay.stage import tool
from tests.patience import patience

from .groups import group

TIME: Final = patience(20.0)
NOTES: Final = 10_000_000  # the limit of the notes: the interpreter and some of the load have to fit


@pytest.fixture(scope="module")
def nsplay(tmp_path_factory: pytest.TempPathFactory) -> str:
    """As it is called on the stage."""
    folder = str(tmp_path_factory.mktemp("bin"))
    tool.put(folder)
    return f"{folder}/nsplay"


def run(nsplay: str, words: str, *places: Path) -> tuple[int, list[str]]:
    """Exit status and lines of a load that runs in these groups."""
    with begun(nsplay, words, *places) as load:
        said, _ = load.communicate(timeout=TIME)
        return load.returncode, said.splitlines()


@contextlib.contextmanager
def begun(nsplay: str, words: str, *places: Path) -> Iterator["subprocess.Popen[str]"]:
    """A load that is running; it is ended."""
    joins = "".join(f"echo $$ > {place}/cgroup.procs; " for place in places)
    command = ["sh", "-c", f"{joins}exec {nsplay} load {words}"]
    load = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    with load:
        try:
            yield load
        finally:
            load.kill()


def read(file: Path, key: str) -> int:
    return next(int(line.split()[1]) for line in file.read_text().splitlines() if line.split()[0] == key)


def kills(place: Path) -> int:
    events = place / "memory.events"
    return read(events if events.exists() else place / "memory.oom_control", "oom_kill")


def test_the_notes_limit_holds_the_load_and_ends_its_hog_alone(nsplay: str) -> None:
    with group("memory", limit_in_bytes=NOTES, max=NOTES) as place:
        status, said = run(nsplay, "memory 1M --hold 0", place)
        assert (status, said[-1]) == (0, "had all 1.0 MiB")
        status, said = run(nsplay, "memory 50M", place)
        assert status == 137
        assert "by the OOM killer" in said[-1]
        assert f"of /{place.name} is 9998336" in said[-1]
        assert not said[-1].startswith("killed after 0.0 ")
        assert kills(place) == 1


@pytest.mark.parametrize("keep", [False, True])
def test_shared_memory_is_charged_and_stays_as_long_as_its_file(nsplay: str, keep: bool) -> None:
    file = Path(f"/dev/shm/nsplay-{os.getpid()}.load")
    with group("memory", limit_in_bytes=64 << 20, max=64 << 20) as place:
        words = f"memory 8M --file {file}{' --keep' if keep else ''}"
        status, said = run(nsplay, words, place)
        assert (status, said[-1]) == (0, "had all 8.0 MiB")
        v1 = (place / "memory.stat").read_text().startswith("cache")
        assert (read(place / "memory.stat", "shmem") >= 8 << 20) == keep, v1
        assert file.exists() == keep
        if keep:
            status, said = run(nsplay, words)
            assert status == 1
            assert "EEXIST" in said[-1]
            assert file.stat().st_size == 8 << 20
            file.unlink()


def test_forks_are_counted_and_so_are_refusals(nsplay: str) -> None:
    with group("pids", max=6) as place:
        status, said = run(nsplay, "pids 20 --hold 0", place)
    assert status == 1
    assert said[0] == f"forking 20 times; pids.max of /{place.name} is 6"
    assert said[1].startswith("5 of 20 forks worked; 15 refused: EAGAIN (Resource temporarily unavailable)")


def test_threads_are_counted_like_processes(nsplay: str) -> None:
    with group("pids", max=6) as place:
        status, said = run(nsplay, "pids 20 --threads --hold 0", place)
        assert read(place / "pids.events", "max") == 15
    assert status == 1
    assert said[0] == f"starting 20 threads; pids.max of /{place.name} is 6"
    assert said[1].startswith("5 of 20 threads began; 15 refused: EAGAIN")


def test_what_stays_is_there_when_the_command_comes_back(nsplay: str) -> None:
    with group("pids", max=6) as place, begun(nsplay, "pids 3 --threads --stay", place) as load:
        assert load.wait(TIME) == 0
        (stays,) = map(int, (place / "cgroup.procs").read_text().split())
        gone = os.pidfd_open(stays)
        try:
            assert (place / "pids.current").read_text() == "4\n"
        finally:
            os.kill(stays, signal.SIGTERM)
            assert select.select([gone], [], [], TIME)[0]
            os.close(gone)
        assert load.stdout
        assert load.stdout.read().splitlines()[1:] == ["3 of 3 threads began", "stopped by SIGTERM"]


def test_a_refused_worker_is_a_sentence(nsplay: str) -> None:
    with group("pids", max=3) as place:
        status, said = run(nsplay, "cpu --workers 8 --seconds 5", place)
    assert status == 1
    assert said[-1].startswith("nsplay load: EAGAIN"), said


def test_a_quota_is_told_in_processors(nsplay: str) -> None:
    with group("cpu", cfs_quota_us=20000, cfs_period_us=100000) as place:
        if (place / "cpu.max").exists():
            stage_groups.write(f"{place}/cpu.max", "20000 100000")
        status, said = run(nsplay, "cpu --workers 2 --seconds 1.5", place)
        assert read(place / "cpu.stat", "nr_throttled") > 0
    assert status == 0
    assert float(said[-1].split()[-2]) < 0.5, said


@pytest.mark.parametrize(
    "word",
    [
        "cpu --seconds 100",
        "memory 2M --hold 100",
        "pids 3 --hold 100",
        "pids 3 --threads --hold 100",
        "net --count 5000",
    ],
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_at_once_and_says_so(nsplay: str, word: str, number: signal.Signals) -> None:
    with begun(nsplay, word) as load:
        assert load.stdout
        first = load.stdout.readline()
        assert first
        load.send_signal(number)
        said = first + load.communicate(timeout=TIME)[0]
    assert load.returncode == 128 + number, said
    assert said.splitlines()[-1] == f"stopped by {number.name}"


@pytest.mark.parametrize(
    "word",
    [
        "cpu --workers 2 --seconds 100",
        "memory 2M --hold 100",
        "pids 3 --hold 100",
        "pids 3 --threads --hold 100",
    ],
)
def test_nothing_outlives_a_kill(nsplay: str, word: str) -> None:
    """The rest is for the fixture that looks at the machine: no process may be left."""
    with begun(nsplay, word) as load:
        assert load.stdout
        load.stdout.readline()
        load.kill()
        load.wait(TIME)


def test_a_hand_that_the_kernel_holds_is_ended_when_time_is_over(nsplay: str) -> None:
    """As above memory.high, where each page takes seconds."""
    with begun(nsplay, "memory 8M --every 0.5 --seconds 1") as load:
        assert load.stdout
        first = load.stdout.readline()
        for hand in Path(f"/proc/{load.pid}/task/{load.pid}/children").read_text().split():
            os.kill(int(hand), signal.SIGSTOP)
        said = first + load.communicate(timeout=TIME)[0]
    assert load.returncode == 1 and "time is over" in said, said


def test_frozen_it_can_be_killed(nsplay: str) -> None:
    with group("freezer") as place:
        with begun(nsplay, "cpu --seconds 100", place) as load:
            assert load.stdout
            load.stdout.readline()
            stage_groups.write(f"{place}/freezer.state", "FROZEN")
            load.kill()
            stage_groups.write(f"{place}/freezer.state", "THAWED")
            load.wait(TIME)
        while (place / "cgroup.procs").read_text():
            for pid in map(int, (place / "cgroup.procs").read_text().split()):
                with contextlib.suppress(ChildProcessError):  # the worker came to us
                    os.waitpid(pid, 0)


def test_a_full_file_system(nsplay: str) -> None:
    script = f"mount -t tmpfs -o size=1m none /mnt; {nsplay} load io --write /mnt/x --buffered --size 4M"
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, timeout=TIME)
    assert done.returncode == 1
    assert "ENOSPC (No space left on device): the file system is full" in done.stdout
    assert "1.0 MiB" in done.stdout


@pytest.mark.parametrize("how", ["", "--direct", "--buffered", "--buffered --sync"])
def test_what_is_written_can_be_read(nsplay: str, tmp_path: Path, how: str) -> None:
    file = tmp_path / "file"
    status, said = run(nsplay, f"io --write {file} --size 2M {how} --keep")
    assert status == 0, said
    assert file.stat().st_size == 2 << 20
    assert ("the device had all of it" in said[-1]) == ("--sync" in how)
    status, said = run(nsplay, f"io --read {file} {how.replace('--sync', '')}")
    assert status == 0, said
    assert said[-1].startswith("read 2.0 MiB")
    file.unlink()
    assert run(nsplay, f"io --write {file} --size 1M {how}")[0] == 0
    assert not file.exists()


@pytest.mark.parametrize("how", ["", "--tcp"])
def test_packets_on_loopback_arrive(nsplay: str, how: str) -> None:
    status, said = run(nsplay, f"net --count 3 --every 0 {how}")
    assert status == 0, said
    assert said[-1].endswith("3 arrived, 0 lost, 0 refused")


def test_packets_that_a_rule_drops_are_refused_or_lost(nsplay: str) -> None:
    if not shutil.which("nft"):
        pytest.skip("needs nft")
    rules = "add table ip t; add chain ip t {name} {{ type filter hook {name} priority 0; }}; "
    rules += "add rule ip t {name} udp dport != 0 drop"
    for name, end in (
        ("output", "0 arrived, 0 lost, 3 refused: EPERM"),
        ("input", "0 arrived, 3 lost, 0 refused"),
    ):
        script = f"ip link set lo up; nft '{rules.format(name=name)}'; {nsplay} load net --count 3 --every 0"
        done = subprocess.run(
            ["unshare", "-n", "sh", "-c", script], capture_output=True, text=True, timeout=TIME
        )
        assert done.returncode == 1, done
        assert end in done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("memory", "SIZE is wanted here"),
        ("memory 513M", "to 512.0 MiB, not 513M"),
        ("memory 5x", "a size such as 50M"),
        ("memory 0", "from 1 byte"),
        ("cpu --workers 17", "from 1 to 16"),
        ("cpu --seconds 601", "from 0 to 600"),
        ("cpu --seconds nan", "from 0 to 600"),
        ("cpu --on 4000", "isn't one that this group may use"),
        ("cpu --size 3", "there is no --size here"),
        ("pids 401", "from 1 to 400"),
        ("pids ２", "from 1 to 400"),
        ("io", "one of --write FILE and --read FILE"),
        ("net 8.8.8.8", "no private address"),
        ("net 2001:4860::8888", "no private address"),
        ("net example.com", "wants an IP address"),
        ("spin", "there is no load spin"),
    ],
)
def test_wrong_words(nsplay: str, words: str, says: str) -> None:
    status, said = run(nsplay, words)
    assert status == 2
    assert says in said[0]
    assert said[-1] == "Try: nsplay load --help"


def test_help_is_for_eighty_columns_and_every_load(nsplay: str) -> None:
    status, said = run(nsplay, "--help")
    assert status == 0
    assert max(map(len, said)) <= 80
    for load in ("cpu", "memory", "io", "pids", "net"):
        status, said = run(nsplay, f"{load} --help")
        assert status == 0
        assert said[0].startswith(f"nsplay load {load}")


def test_it_stays_small() -> None:
    """What costs a megabyte and more isn't imported: the group of 10 MB is for the load."""
    program = "import sys; sys.path.insert(0, '.'); from nsplay.load import command, memory, pids, cpu, io; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-IS", "-c", program], capture_output=True, text=True, timeout=TIME
    )
    assert not {"typing", "re", "argparse", "dataclasses", "inspect"} & set(done.stdout.split()), done.stdout


def test_a_worker_is_ended_with_its_boss(nsplay: str) -> None:
    with begun(nsplay, "cpu --seconds 100") as load:
        assert load.stdout
        load.stdout.readline()
        workers = processes.children(load.pid)
        assert workers
        fds = [os.pidfd_open(pid) for pid in workers]
        load.kill()
        for fd in fds:
            assert select.select([fd], [], [], TIME)[0]
            os.close(fd)
