"""The same stage in the hands of an ordinary user."""

import os
import select
from pathlib import Path

import pytest

from nsplay.stage import scope
from nsplay.stage.options import Options, fresh_ident
from nsplay.stage.stage import Stage

from .house import DEADLINE, become_user, outsider, run

COMMANDS = {
    "id -u": "0",
    "cat /proc/self/uid_map | tr -s ' '": " 0 1000 1",
    "touch /etc/nsplay-probe 2>&1 | grep -c 'Read-only'": "1",
    "hostname nsplay-user && uname -n": "nsplay-user",
    "unshare -u sh -c 'hostname inner; uname -n'; uname -n": "inner\nnsplay-user",
    "unshare -mupf --mount-proc ps -e -o pid=": "1",
    "unshare -Urpf --mount-proc true && echo nested": "nested",
    "mount -t tmpfs none /mnt && echo mounted": "mounted",
    "ls /sys/class/net | tr '\\n' ' '": "eth0 lo",
    "ip -br address show eth0 | grep -c 192.0.2.2": "1",
    "touch /tmp/x /run/x /dev/shm/x $HOME/x && echo written": "written",
    "kill -0 $OUTSIDE 2>&1 | grep -c 'not permitted'": "1",
    "nsplay load pids 2 --hold 0 | tail -1": "2 of 2 forks worked",
    "mount -o remount,bind,rw /usr 2>/dev/null || echo refused": "refused",
}


@pytest.mark.parametrize("off", [(), ("landlock",)], ids=["landlock", "notify"])
def test_an_ordinary_user_has_a_stage_too(root: None, state: Path, off: tuple[str, ...]) -> None:
    home = state / "home"
    home.mkdir()
    os.chown(home, 1000, 1000)
    with outsider() as pid:
        news, tell = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                become_user()
                os.environ["HOME"] = "/home"
                with Stage.start(Options(fresh_ident(), off=frozenset(off)), state) as stage:
                    report = stage.wait()
                    lines = [f"root: {report.root}"]
                    env = {"OUTSIDE": str(pid), "HOME": "/home"}
                    lines += [
                        f"{command} => {run(stage, command, **env).output.strip()}" for command in COMMANDS
                    ]
                    lines.append(f"left: {stage.close()}")
                os.write(tell, "\0".join(lines).encode())
            except BaseException as error:  # noqa: BLE001 - to be seen in the test
                os.write(tell, repr(error).encode())
            finally:
                os._exit(0)
        os.close(tell)
        assert select.select([news], [], [], DEADLINE)[0]
        said = os.read(news, 65536).decode().split("\0")
        os.close(news)
        os.waitpid(child, 0)
    assert said == [
        "root: False",
        *(f"{command} => {answer.strip()}" for command, answer in COMMANDS.items()),
        "left: ()",
    ]


def test_where_nobody_gives_a_user_groups(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """(Where systemd does, tests/vm tries it.)"""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert scope.enter("1-1", root=False) == ""
