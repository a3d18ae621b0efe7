"""A lesson out of what was typed: which steps, which checks, and a text that lints."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nsplay import facts
from nsplay.facts import Value
from nsplay.lesson.checks import parse
from nsplay.lesson.draft import Made, chosen, controllers, escaped, ids, paths, places, written
from nsplay.lesson.lint import lint
from nsplay.lesson.loader import load
from nsplay.lesson.model import Move
from nsplay.view.registry import VIEWS

OUTSIDE: dict[str, Value] = {
    "inside.pid": 10,
    "inside.hostname": "box",
    "inside.ns.uts": 1,
    "inside.own": (),
    "inside.mounts.private": 35,
    "host.pid": 9,
    "host.hostname": "box",
    "host.ns.uts": 1,
    "host.mounts.private": 35,
    "host.processes": 100,
    "host.date": 5,
}
INSIDE: dict[str, Value] = {**OUTSIDE, "inside.ns.uts": 2, "inside.own": ("uts",), "inside.pid": 11}
NAMED: dict[str, Value] = {**INSIDE, "inside.hostname": "web"}


def made(line: str, before: dict[str, Value], after: dict[str, Value], *looks: str) -> Made:
    """A step of one command, and of looks behind it."""
    return Made((Move(line), *map(Move, looks)), 0, before, after, ("hostname",))


ENTER = made("unshare -u sh", OUTSIDE, INSIDE, "uname -n")
NAME = made("hostname web", INSIDE, NAMED)


def comparisons(step: Made) -> list[str]:
    return [line.comparison for line in step.found.checks]


def test_what_passes_by_itself_and_what_nobody_typed_is_no_check() -> None:
    assert "inside.ns.uts != host.ns.uts" in comparisons(ENTER)
    assert 'inside.hostname == "web"' in comparisons(NAME)
    assert not any("web" in text for text in comparisons(made("hostname $NEW", INSIDE, NAMED)))
    later = {**INSIDE, "host.date": 6, "host.processes": 140, "inside.hostname": "x", "host.hostname": "x"}
    assert comparisons(made("true", INSIDE, later)) == [
        "inside.hostname != before.inside.hostname",
        "host.hostname != before.host.hostname",
    ]


def test_a_text_that_lints_and_loads(tmp_path: Path) -> None:
    text = written([ENTER, NAME, made("exit", NAMED, OUTSIDE)], 2)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "lesson.md").write_text(text)
    assert lint(str(tmp_path / "one"), known=facts.known, views=VIEWS) == ()
    lesson = load(tmp_path / "one", known=facts.known, views=VIEWS)
    assert [step.id for step in lesson.steps] == ["unshare", "hostname", "exit"]
    assert lesson.steps[0].consoles[0].commands == ("unshare -u sh", "uname -n")
    assert lesson.needs.tools == ("unshare", "uname", "hostname") and lesson.needs.namespaces == ("uts",)
    assert places(text) > 5


@pytest.mark.parametrize(
    "line",
    [
        "cat > /tmp/x <<E\na\n# b\n> c\nE",
        "docker inspect -f '{{.Id}}' x",
        "echo '```' `date` | tr a b",
        "hostname " + "x" * 60,
        "ip link add name v0 type veth peer name v1",
    ],
)
def test_any_command_comes_back_as_it_was_typed(tmp_path: Path, line: str) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "lesson.md").write_text(written([made(line, INSIDE, NAMED)], 2))
    (console,) = load(tmp_path / "one").steps[0].consoles
    assert console.commands == (escaped(line),)
    assert lint(str(tmp_path / "one"), known=facts.known, views=VIEWS) == ()


def test_terminals_change_in_the_order_in_which_they_were_typed_in(tmp_path: Path) -> None:
    moves = (Move("unshare -u sh"), Move("ps", 2), Move("ls", 2), Move("id"))
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "lesson.md").write_text(written([Made(moves, 0, OUTSIDE, INSIDE)], 2))
    step = load(tmp_path / "one").steps[0]
    assert [(c.where, c.commands) for c in step.consoles] == [
        ("here", ("unshare -u sh",)),
        ("host", ("ps", "ls")),
        ("here", ("id",)),
    ]


def test_every_step_has_an_id_of_its_own() -> None:
    lines = ("hostname a", "/bin/hostname b", "card x", "'", "é", "FOO=1 exec unshare")
    steps = [made(line, INSIDE, NAMED) for line in lines]
    assert ids(steps) == ("hostname", "hostname-2", "card-2", "step", "step-2", "unshare")
    named = Made((Move("true"),), 0, INSIDE, NAMED, title="A host name, at last!")
    assert ids([named]) == ("a-host-name-at-last",)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("mkdir /sys/fs/cgroup/memory/web", ("memory",)),
        ("echo 10M > /sys/fs/cgroup/web/memory.max", ("memory",)),
        ("echo 1 > /sys/fs/cgroup/cpu,cpuacct/web/cpu.shares", ("cpu",)),
        ("echo 8:0 > /sys/fs/cgroup/blkio/web/blkio.weight", ("io",)),
        ("ls /sys/fs/cgroup", ()),
    ],
)
def test_controllers_that_commands_name(line: str, found: tuple[str, ...]) -> None:
    assert controllers([made(line, INSIDE, NAMED)]) == found


def test_the_fewest_checks_that_refuse_every_wrong_way() -> None:
    one, two, three = (parse(f"inside.{name} == 1 | no", 1) for name in ("uid", "gid", "shm"))
    assert chosen([(one, two), (two, three), (two,)], (one, two, three)) == (two,)
    assert chosen([(one, two), (three,)], (one, two, three)) == (one, three)
    assert chosen([()], (one,)) == ()
    plain = parse("inside.at./srv.mounted == true | no", 1)
    assert chosen([(plain, one), (one,)], (one, two, plain)) == (one, plain)


def test_two_steps_become_one() -> None:
    both = ENTER.joined(NAME)
    assert [move.line for move in both.moves] == ["unshare -u sh", "uname -n", "hostname web"]
    assert both.deed == "unshare -u sh" and 'inside.hostname == "web"' in comparisons(both)


def test_what_was_proved_is_what_is_written() -> None:
    few: Callable[[str], bool] = lambda text: "\ninside.ns.uts != host.ns.uts | " in text  # noqa: E731
    text = written([ENTER.proved(["inside.ns.uts != host.ns.uts"])], 2)
    assert few(text) and "inside.own" not in text


def test_what_a_command_names_comes_first() -> None:
    before: dict[str, Value] = {
        **OUTSIDE,
        "inside.mounts": 3,
        "host.mounts": 3,
        "inside.ns.mnt": 2,
        "host.ns.mnt": 1,
    }
    before |= {"inside.at./srv.mounted": False, "inside.file./srv.mode": "0755", "inside.file./srv.inode": 4}
    after = before | {"inside.mounts": 4, "inside.at./srv.mounted": True}
    after |= {"inside.file./srv.mode": "1777", "inside.file./srv.inode": 1}
    found = made("mount -t tmpfs none /srv", before, after).found.checks
    assert [line.comparison for line in found] == [
        "inside.at./srv.mounted == true",
        "inside.file./srv.mode != before.inside.file./srv.mode",
        "inside.mounts > before.inside.mounts",
        "inside.mounts > host.mounts",
    ][: len(found)]
    assert found[0].words.endswith("not yet")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("mount -t tmpfs none /srv", ("/srv",)),
        ("echo a >/tmp/a.b; cat </srv/x/ ../y z/w", ("/tmp/a.b", "/srv/x")),
        ("ls /", ()),
        ("mkdir /sys/fs/cgroup/pids/web", ()),
        ("cp '/a b' /a//b/../c", ("/a", "/a/c")),
    ],
)
def test_paths_that_a_command_names(line: str, found: tuple[str, ...]) -> None:
    assert paths(line) == found
