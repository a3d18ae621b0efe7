"""Two containers as somebody plays them: by other ways than the lesson's, and with a learner's mistakes."""

import os
from pathlib import Path

import pytest

from nsplay.needs import missing
from tests.play.learner import learner

TOOLS = ["busybox", "cgexec", "setpriv", "nsenter"]
pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, as most learners have it"),
    pytest.mark.skipif(bool(missing({"tools": TOOLS})[0]), reason="needs busybox-static and cgroup-tools"),
]

READY = r"READY# $"
ANN = r"ann # $"


def test_a_letter_too_few_and_a_container_that_is_joined_in_part(tmp_path: Path) -> None:
    with learner(tmp_path, "two/start") as person:
        person.until("cat > start").until(f"Start both.*{READY}")
        person.type("cgexec -g cpu,memory:ann unshare -muinpfrC sh start ann &", READY)
        person.type("cgexec -g cpu,memory:bob unshare -minpfrC sh start bob 2> told &", READY)
        person.type("until [ -s ann.pid ] && [ -s bob.pid ]; do sleep 0.1; done", READY)
        person.type(":check", r"in one of them the letter . is\s+missing").until(READY)
    with learner(tmp_path, "two/join") as person:
        person.until("busybox wget -qO answer").until(f"Into all of it.*{READY}")
        person.type("nsenter -t $(cat ann.pid) -U -u -n -p -C sh", r"# $")
        person.type(":check", r"ann.s files aren.t yours: -m").until(r"# $")
        person.type("exit", READY).type("nsenter -t $(cat ann.pid) -a sh", "step 7 of").until(r"# $")


def test_joined_without_dropping_and_the_deeds_on_the_wrong_side(tmp_path: Path) -> None:
    with learner(tmp_path, "two/exec") as person:
        person.until(f"Your own docker exec.*{READY}")
        person.type("cgexec -g cpu,memory:ann nsenter -t $(cat ann.pid) -a sh", r"# $")
        person.type(":check", r"you have net_raw\s+still").until(r"# $")
    with learner(tmp_path, "two/harm") as person:
        person.until(f"Four deeds.*{ANN}")
        person.type("hostname fallen", ANN).type("umount /proc", ANN)
        person.type(":check", r"ann hasn.t tried to\s+delete the link").until(ANN)
        person.type("ip link delete dev eth0", r"step 12 of").until(ANN)
