"""The UTS lesson as somebody plays it: by the book, by other ways, and with a learner's mistakes."""

import json
import os
import re
from pathlib import Path

import pytest

from nsplay.repl.play import READING
from tests.play.learner import Learner, learner

READY = r"READY# "
NAME = os.uname().nodename

STRAIGHT = [
    ("uname -n", NAME),
    ("unshare -u /bin/sh", "step 1 of 10 done"),
    ("", "Give it a name"),
    ("b", "you guess b"),
    ("hostname my-new-hostname", "you guessed b, and b it is.*step 2 of 10 done"),
    ("", "The second name"),
    ("domainname lab.example", "step 3 of 10 done"),
    ("", "Leave"),
    ("exit", "step 4 of 10 done"),
    ("", "The wrong side"),
    ("hostname oops", f"host +name {NAME} -> oops.*step 5 of 10 done"),
    ("", "Put it back"),
    (f"hostname {NAME}", "step 6 of 10 done"),
    ("", "Join somebody else's"),
    ("unshare -u sleep 600 &", READY),
    ("nsenter -u -t $! /bin/sh", "step 7 of 10 done"),
    ("", "Keep one with nobody in it"),
    ("exit", READY),
    ("touch /run/kept", READY),
    ("unshare --uts=/run/kept hostname kept", "step 8 of 10 done"),
    ("", "Go in and look"),
    ("nsenter --uts=/run/kept /bin/sh", "step 9 of 10 done"),
    ("", "Let it go"),
    ("exit", READY),
    ("umount /run/kept", "step 10 of 10 done"),
]


def progress(state: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((state / "nsplay" / "progress.json").read_text())
    return found


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
def test_from_the_first_line_to_the_receipt(tmp_path: Path, size: tuple[int, int]) -> None:
    person = Learner(tmp_path, "uts", "--yes", size=size)
    try:
        person.until(r"Make a UTS namespace.*READY# ")
        for line, pattern in STRAIGHT:
            person.type(line, pattern) if line else person.key("\r").until(pattern)
            person.until(r"# $")
        person.key("\r")
        assert person.gone() == 0
        text = person.text()
    finally:
        person.close()
    assert re.search(r"receipt", text) and re.search(r"the host felt\s+nothing", text)
    assert re.search(r"left behind\s+0", text) and "card: uts" in text
    assert re.search(r"\+ uts \d+", text) and f"host name: {NAME} -> my-new-hostname" in text
    assert re.search(r"joined uts \d+", text) and re.search(r"left uts \d+", text)
    assert max(map(len, text.split("\n"))) < size[0]
    assert all(entry["how"] == "done" for entry in progress(tmp_path)["lessons"]["uts"].values())  # type: ignore[index]


@pytest.mark.parametrize(
    "command",
    [
        "busybox unshare -u sh",
        "unshare --uts sh",
        "unshare -mupf --mount-proc sh",
        "unshare -Uru sh",
        'python3 -c \'import ctypes, os; ctypes.CDLL(None).unshare(0x04000000); os.execvp("sh", ["sh"])\'',
        "printf 'exec unshare -u sh' > /tmp/s; . /tmp/s",
        "exec unshare -u bash --norc",
        "script -q -c 'unshare -u sh' /dev/null",
    ],
)
def test_another_way_is_as_good(tmp_path: Path, command: str) -> None:
    with learner(tmp_path, "uts") as person:
        person.until(r"Make a UTS namespace.*READY# ").key(command + "\r").until("step 1 of 10 done")


def test_sudo_su_is_followed(tmp_path: Path) -> None:
    with learner(tmp_path, "uts") as person:
        person.until(r"READY# ").key("sudo su\r").until(r"[#$] $")
        person.key("unshare -u sh\r").until("step 1 of 10 done")


def test_the_wrong_side_is_said_with_what_is_safe_and_what_to_do(tmp_path: Path) -> None:
    with learner(tmp_path, "uts") as person:
        person.until(r"READY# ").type("hostname x-name", "not yet: the host has another name now")
        text = person.text()
        assert "Nothing is broken" in text and "found" in text and "wanted" in text and ":reset" in text
        assert os.uname().nodename == NAME
        person.key(":reset\r").until(r"fresh stage.*Make a UTS.*READY# ").type("uname -n", NAME)
    assert os.uname().nodename == NAME


def test_hints_solution_skip_and_back(tmp_path: Path) -> None:
    with learner(tmp_path, "uts/name") as person:
        person.until(r"Give it a name.*# ")
        person.type(":hint", "hint 1 of 3").type(":hint", "hint 2 of 3").type(":hint", "hint 3 of 3")
        person.type(":hint 1", "hint 1 of 3").type(":solution", "solution +# hostname my-new-hostname")
        person.type(":next", "isn't done yet").type(":nonsense", "There is no :nonsense").type(
            ": hello", "# "
        )
        person.type("uname -n", f"{NAME}\n.*# $")  # the last one, and not the one before
        person.type(":skip", "Doing it for you.*step 2 of 10 done")
        person.key(":back\r").until(r"step 2 of 10 done.*Make a UTS namespace")
    uts = progress(tmp_path)["lessons"]["uts"]  # type: ignore[index]
    assert uts["name"]["how"] == "skipped" and "make" not in uts


def test_views_help_and_play(tmp_path: Path) -> None:
    with learner(tmp_path, "uts") as person:
        person.until(r"READY# ").type(":views", "host name.*uts +4026").type(
            ":ps", "systemd|init|process_api|1"
        )
        person.type(":mounts", "mounts").type(":help", ":solution").type(":play", "Free play")
        person.type("mount -t tmpfs x /mnt", r"\+ .*/mnt").type(":skip", "You are in free play")
        person.type(":play", "fresh stage.*Make a UTS")


@pytest.mark.parametrize(
    ("keys", "program", "way_out"),
    [
        ("echo 'open", "", "c"),
        ("cat <<E", "", "c"),
        ("less /etc/passwd", "less", "k"),
        ("sleep 1000", "sleep", "c"),
        ("cat", "cat", "c"),
    ],
)
def test_ctrl_bracket_always_comes_back(tmp_path: Path, keys: str, program: str, way_out: str) -> None:
    with learner(tmp_path, "uts") as person:
        person.until(r"READY# ").key(keys + "\r")
        person.runs(program) if program else person.until("> $")
        person.key("\x1d").until("end the program").key(way_out)
        person.until(r"READY# $").type("echo A$((1+1))B", "A2B")


def test_ctrl_bracket_counts_when_it_is_typed_ahead(tmp_path: Path) -> None:
    with learner(tmp_path, "uts") as person:
        person.until(r"READY# ").key("sleep 1000\r\x1d").until("end the program").key("\r")
        person.runs("sleep").key("\x03").until(r"READY# $")


def test_japanese_and_plain(tmp_path: Path) -> None:
    with learner(tmp_path, "uts", "--lang", "ja") as person:
        person.until("UTS 名前空間を作る").until("READY# ").type("unshare -u /bin/sh", "ステップ 1 / 10 済み")
    with learner(tmp_path, "uts", "--plain") as person:
        person.until("Step 2 of 10: Give it a name").until("# $").type("hostname abc", "Step 2 of 10 done")
        assert re.search(r"host.*unchanged", person.text(), re.DOTALL | re.IGNORECASE)


def test_it_goes_on_where_one_stopped_even_after_a_kill(tmp_path: Path) -> None:
    with learner(tmp_path, "uts") as person:
        person.until(r"READY# ").type("unshare -u sh", "step 1 of 10 done").key("\r").until("Give it a name")
        person.process.kill()
        person.process.wait()
    with learner(tmp_path, "--yes") as person:
        person.until("step 2 of 10").until("Give it a name").until("# $").type(
            "readlink /proc/$$/ns/uts", "uts:.*# $"
        )
        person.type("hostname abc", "step 2 of 10 done").key(":quit\r")
        assert person.gone() == 0
        assert "goes on at uts/domain" in person.text()


def test_the_menu(tmp_path: Path) -> None:
    with learner(tmp_path) as person:
        person.until("what a container is made of").until(" > $").key("nothing\r").until("no lesson nothing")
        person.key("uts\r").until("Make a UTS namespace").until("READY# ").key(":menu\r").until(" > $").key(
            "q\r"
        )
        assert person.gone() == 0


def test_one_exit_too_many_stays_on_the_stage_and_two_leave(tmp_path: Path) -> None:
    for keys in ("exit\r", "\x04"):
        with learner(tmp_path, "uts") as person:
            person.until(r"READY# ").key(keys).until("outermost shell.*READY# $").type("uname -n", NAME)
            person.key(keys).until("outermost shell.*outermost shell.*READY# $")
            person.key(keys).until("outermost(.*outermost){2}.*READY# $")  # nobody has read it so quickly
            person.still(READING).key(keys)
            assert person.gone() == 0
            assert "Nothing is left behind" in person.text()


def test_a_killed_shell_is_replaced(tmp_path: Path) -> None:
    with learner(tmp_path, "uts") as person:
        person.until(r"READY# ").key("kill -9 $$\r").until("Here is a new one.*READY# $").type(
            "echo A$((1+1))B", "A2B"
        )


def test_a_killed_stage_is_replaced(tmp_path: Path) -> None:
    with learner(tmp_path, "uts") as person:
        person.until(r"READY# ")
        os.kill(person.named("nsplay-stage"), 9)
        person.until("The stage is gone.*Make a UTS.*READY# $").type("echo A$((1+1))B", "A2B")


def test_both_sides_at_once(tmp_path: Path) -> None:
    with learner(tmp_path, "uts") as person:
        person.until(r"Make a UTS namespace.*READY# ")
        person.type("unshare -mupf --mount-proc sh", "step 1 of 10 done").until(r"# $")
        person.type(":both ps ax", r"on the host .*in here.*more, on this side alone.* = +1 pts/\d.*# $")
        person.type(":both", "A command is missing")
        person.key(":both sleep 100\r").until("Ctrl-C stops it").key("\x03").until(r"stopped, after .*# $")


def test_a_command_of_several_lines_is_taken_line_by_line(tmp_path: Path) -> None:
    with learner(tmp_path, "freezer/clock", "--yes") as person:
        person.until(READY + "$")
        for ends in ("ice", "cgroup.procs", r"done' &", "ice/cgroup.procs"):
            person.key("\t").until(rf"{ends}\s*$")
            person.key("\r").until(r"(> |READY# )$")
        person.until("step 1 of .* done.*READY# $")
