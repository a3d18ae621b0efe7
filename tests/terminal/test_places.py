"""Where the learner is: in new namespaces, as somebody else, in a terminal in the terminal."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import OpenPerson
from .person import PROMPT, Person

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for namespaces and su")

Need = Callable[..., None]
ANY = r"[$#] ?$"


def differing(one: dict[str, Any], other: dict[str, Any]) -> set[str]:
    return {kind for kind, inode in one["ns"].items() if other["ns"][kind] != inode}


@pytest.mark.parametrize(
    ("command", "kinds", "comm"),
    [
        ("unshare -u sh", {"uts"}, "sh"),
        ("unshare --mount-proc -pf bash", {"pid", "mnt"}, "bash"),
        ("unshare -muinpfr bash", {"mnt", "uts", "ipc", "net", "pid", "user"}, "bash"),
        ("unshare -uf busybox sh", {"uts"}, "busybox"),
    ],
)
def test_namespaces(person: Person, command: str, kinds: set[str], comm: str) -> None:
    outside = person.settled("true")
    inside = person.settled(command)
    assert (differing(outside, inside), inside["comm"]) == (kinds, comm)
    person.works().run(":help", "commands:(.*\n)+.*# $").settled("exit")
    assert differing(outside, person.settled("true")) == set()


def test_a_prompt_takes_no_child_from_a_shell_that_has_but_one(person: Person) -> None:
    """The first child after `unshare -p` is number 1, and when it has ended no fork works: bash, which forks for its
    prompt then, asks for ever."""
    person.key("unshare -p $0\r").until(r"unshare -p \$0\n(.*\n)*.*# ?$").run(
        "sh -c 'echo born as $$'", "born as 1\n(.*\n)*.*# ?$"
    )
    person.run("date", r"(Cannot|can't|could not) .*\n(.*\n)*.*# ?$").run(
        "echo A$((1+1))B", r"A2B\n(.*\n)*.*# ?$"
    )
    person.run("exit").works("C")


def test_hooks_of_the_rc_file_stay_in_its_shell(open_person: OpenPerson) -> None:
    person = open_person("bash").run(
        'hook() { echo hook $((++n)); }; PROMPT_COMMAND="hook;$PROMPT_COMMAND; echo tail"', "tail\n.*# $"
    )
    person.run("true", "true\nhook 2\ntail\n.*# $").run("true", "true\nhook 3\ntail\n.*# $")
    person.run("bash --norc", "# $").run("true", r"true\n.*# $")
    assert "not found" not in person.text()
    person.run("exit", "hook 4\ntail\n.*# $")


def test_su_to_somebody(person: Person) -> None:
    person.run("su -s /bin/sh -c 'exec sh -i' nobody", ANY).works().run("exit").works("C")


def test_completion_sees_the_root_of_the_place(open_person: OpenPerson, need: Need) -> None:
    """An absolute link leads where the place's root says, not ours."""
    need("chroot", "busybox")
    person = open_person("bash")
    root = person.home / "root"
    for folder in ("bin", "real"):
        (root / folder).mkdir(parents=True)
    (root / "real" / "only-here").touch()
    (root / "link").symlink_to("/real")
    (root / "bin" / "busybox").write_bytes(Path("/bin/busybox").read_bytes())
    (root / "bin" / "busybox").chmod(0o755)
    chroot = shutil.which("chroot")
    person.run(f"PATH=/bin {chroot} root /bin/busybox sh", PROMPT).key("echo /link/onl\t").until(
        "# echo /link/only-here ?$"
    )
    person.key("\x03").until(PROMPT).key("busyb\t").until("# busybox ?$")


# --- a terminal in the terminal ---


def inner(person: Person, command: str, kind: str = "uts") -> None:
    """Goes in, into a namespace there, works, comes back; our editor all the way."""
    outside = person.told(lambda moment: True)
    person.key(command + "\r")
    there = person.told(lambda moment: moment["nested"] and moment["editing"])
    assert there["pid"] != outside["pid"]
    person.until(ANY).run(":help", r"commands:(.*\n)+.*[$#] ?$").works()
    inside = person.settled("unshare -u sh")
    assert inside["nested"] and inside["editing"] and differing(outside, inside) == {kind}
    person.works("C").run("exit", ANY).run("exit", ANY)
    back = person.settled("true")
    assert (back["pid"], back["nested"]) == (outside["pid"], False)
    person.works("D")


def test_script(person: Person, need: Need) -> None:
    need("script")
    inner(person, "script -q -c sh /dev/null")


def test_su_with_a_pty(person: Person) -> None:
    inner(person, "/bin/su --pty root -s /bin/sh")


def sudoers(person: Person, line: str) -> None:
    """A sudoers file of our own, in a mount namespace."""
    (person.home / "sudoers").write_text(f"Defaults {line}\nroot ALL=(ALL:ALL) NOPASSWD: ALL\n")
    (person.home / "sudoers").chmod(0o440)
    person.run("unshare -m bash").run("mount --bind sudoers /etc/sudoers").works("M")


def test_sudo_with_a_pty(open_person: OpenPerson, need: Need) -> None:
    """The default since 1.9.14."""
    need("sudo")
    person = open_person("bash")
    sudoers(person, "use_pty")
    inner(person, "sudo su")


def test_sudo_without_a_pty(open_person: OpenPerson, need: Need) -> None:
    need("sudo")
    person = open_person("bash")
    sudoers(person, "!use_pty")
    assert not person.settled("sudo su")["nested"]
    person.works().run("exit", PROMPT).works("C")


def test_two_terminals_deep(open_person: OpenPerson, need: Need) -> None:
    need("script")
    person = open_person("bash").run("script -q -c 'bash --norc' /dev/null", ANY)
    person.key("/bin/su --pty root -s /bin/sh\r")
    person.told(lambda moment: moment["nested"] and moment["comm"] == "sh")
    person.works().run(":help", r"commands:(.*\n)+.*[$#] ?$").run("exit", ANY).run("exit", PROMPT).works("C")


def test_an_inner_terminal_with_the_number_of_the_outer(open_person: OpenPerson) -> None:
    """In a container, whose devpts counts from 0 again."""
    person = (
        open_person("bash")
        .run("unshare -m bash")
        .run("x=$(tty)")
        .run("mount -t devpts -o newinstance,ptmxmode=666 x /dev/pts")
    )
    person.run("mount --bind /dev/pts/ptmx /dev/ptmx").works("M")
    code = "import os,pty,sys;[os.openpty() for _ in range(int(sys.argv[1]))];pty.spawn('sh')"
    person.key(f'python3 -c "{code}" ${{x##*/}}\r')
    assert person.told(lambda moment: moment["nested"] and moment["editing"])["comm"] == "sh"
    person.until(ANY).run('[ "$(tty)" = "$x" ]; echo same$?')
    person.works()


def test_keys_for_a_terminal_in_the_terminal(person: Person, need: Need) -> None:
    """Ctrl-C, a password-like reader, a burst, Ctrl-], a resize: as anywhere."""
    need("script")
    person.key("script -q -c 'bash --norc' /dev/null\r")
    person.told(lambda moment: moment["nested"] and moment["editing"])
    person.until(ANY).key("sleep 1000\r").runs("sleep").key("\x03").until(ANY).run("echo st$?", "st130")
    person.key("cat\rhello\r").until("hello\n(.*\n)*.*hello\n").key("\x04").until(ANY)
    person.key("sleep 1000\r").runs("sleep").menu().key("k").until(ANY).resize(70, 20)
    person.run("stty size", "20 70\n.*[$#] ?$").run("stty -echo", ANY).run("stty echo", ANY).run(
        "exit", ANY
    ).works()


def raw_inside(person: Person, hostname: str) -> None:
    """In a program that draws itself: raw, but what changes is told once it is quiet."""
    outside = person.events()[0]
    person.told(lambda moment: moment["nested"] and not moment["editing"])
    person.key("unshare -u sh\r")
    inside = person.told(
        lambda moment: moment["nested"] and moment["comm"] == "sh" and differing(outside, moment) != set()
    )
    assert differing(outside, inside) == {"uts"}
    count = len(person.events())
    person.key(f"hostname {hostname}\r")
    person.meet(lambda: len(person.events()) > count, "told of a command that changes no namespace")
    person.key("exit\r")
    person.told(lambda moment: differing(outside, moment) == set())
    person.key("exit\r")
    person.told(lambda moment: not moment["nested"]).items()
    person.until(PROMPT).works("C")


def test_tmux(person: Person, need: Need) -> None:
    """Its server is no descendant: found by the terminal it has open."""
    need("tmux")
    socket = f"nsplay{os.path.basename(person.home)}"
    person.key(f"tmux -L {socket} -f /dev/null new sh\r")
    raw_inside(person, "tmux-host")


def test_screen(person: Person, need: Need) -> None:
    need("screen")
    person.key(f"SCREENDIR={person.home}/s screen -c /dev/null sh\r")
    raw_inside(person, "screen-host")


def test_text_waits_for_the_end_of_a_full_screen_program(open_person: OpenPerson, need: Need) -> None:
    need("tmux")
    person = open_person("bash", say="SAID", ready="SAID\n.*# $")
    person.key(f"tmux -L nsplay{os.path.basename(person.home)} -f /dev/null new sh\r")
    person.told(lambda moment: bool(moment["nested"]))
    assert "SAID" not in person.text()
    person.key("exit\r").until(r"\[exited\]\n(SAID\n)+SAID\n.*# $")


def test_a_change_in_python_is_told(open_person: OpenPerson) -> None:
    """Whoever reaches the state by another way has reached it."""
    person = open_person("bash", say="SAID", ready="SAID\n.*# $").run("python3 -q", ">>> $")
    outside = person.events()[0]
    person.key("import ctypes; ctypes.CDLL(None).unshare(0x04000000)\r").until("\n0\n(.*\n)*>>> $")
    inside = person.told(
        lambda moment: moment["comm"].startswith("python") and bool(differing(outside, moment))
    )
    assert not inside["editing"] and differing(outside, inside) == {"uts"}
    person.until("SAID\n>>> $").key("\x04").until(PROMPT).works()


# --- shells of other kinds ---


def test_zsh(open_person: OpenPerson, need: Need) -> None:
    """Its editor's prompt is told by the terminal's flags; it has no marks."""
    need("zsh")
    person = open_person("bash")
    person.key("PS1='z%# ' zsh -f\r").until("z# $")
    person.works().run(":help", r"commands:(.*\n)+.*z# $").key("sleep 1000\r").runs("sleep").key(
        "\x03"
    ).until("z# $")
    assert person.events()[-1]["comm"] == "zsh" and person.events()[-1]["editing"]
    person.run("read x", "read x\n$").still().run(":help", "z# $").run("echo got $x", "got :help\n")
    person.run("echo 'a", "quote> $").run(":help", "quote> $").run("b'", "\n:help\nb\n(.*\n)*.*z# $")
    person.run("exit", PROMPT).works("C")


def test_fish_stays_raw(open_person: OpenPerson, need: Need) -> None:
    need("fish")
    person = open_person("bash").key("fish --no-config\r").until("> ?$|# ?$")
    person.told(lambda moment: moment["comm"] == "fish" and not moment["editing"])
    count = len(person.events())
    person.key("echo A(math 1+1)B\r").until("A2B")
    person.meet(lambda: len(person.events()) > count, "told when quiet")
    person.key("exit\r").until(PROMPT).works()


def test_no_hostname_of_the_machine_has_changed() -> None:
    assert not re.search("tmux-host|screen-host", os.uname().nodename)
