"""The container by hand as somebody plays it: by other ways than the lesson's, and with a learner's mistakes."""

import os
from pathlib import Path

import pytest

from nsplay.needs import missing
from tests.play.learner import learner

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, as most learners have it"),
    pytest.mark.skipif(
        bool(missing({"tools": ["busybox", "cgexec", "capsh"]})[0]),
        reason="needs busybox-static, cgroup-tools and libcap2-bin",
    ),
]

READY = r"READY# $"
BOX = r"/ # $"


def test_a_root_by_busyboxs_own_links_and_a_program_without_its_libraries(tmp_path: Path) -> None:
    with learner(tmp_path, "container", "--yes") as person:
        person.until(f"A root from one program.*{READY}")
        person.type("mkdir -p /tmp/box/bin /tmp/box/proc /tmp/box/dev/pts", READY)
        person.type("touch /tmp/box/bin/sh /tmp/box/bin/busybox", r"\+? +/tmp/box/bin/sh .*READY# $")
        person.type(":check", r"/tmp/box/bin/sh\s+isn.t busybox").until(READY)
        person.type("cp -f $(command -v busybox) /tmp/box/bin/busybox", READY)
        person.type("ln -f /tmp/box/bin/busybox /tmp/box/bin/sh", "step 1 of")
        person.until(READY).key("\r").until(f"A program with libraries.*{READY}")
        person.type("cp $(command -v bash) $(command -v ipcmk) /tmp/box/bin", READY)
        person.type("chroot /tmp/box /bin/bash", "No such file").until(READY)
        person.type("cp --parents $(ldd /bin/bash | grep -o '/[^ ]*') /tmp/box", READY)
        person.type("chroot /tmp/box /bin/bash -c 'echo hello > /hello'", "step 2 of")


def test_a_letter_too_few_is_named_and_the_container_refuses_chroot(tmp_path: Path) -> None:
    with learner(tmp_path, "container/run") as person:
        person.until("unshare -mui sh").until("unshare -muinpfr sh").until("cat > /tmp/run")
        person.until(f"Start it.*{READY}")
        person.type("sh /tmp/run -minpfrC", "you must be root").until(READY)
        person.type("sh /tmp/run -muipfrC", BOX)
        person.type(":check", r"the letter n is\s+missing").until(BOX)
        person.type("exit", READY).type("sh /tmp/run -muinpfrC", r"step 18 of").until(BOX)
        person.type("chroot / true", "Operation not permitted").until(BOX)
        person.type("mknod /dev/zero c 1 5", "Operation not permitted").until(BOX)


def test_a_program_without_its_loader_isnt_there_and_a_mount_that_leaks_is_named(tmp_path: Path) -> None:
    with learner(tmp_path, "chroot", "--yes") as person:
        person.until(f"Three links.*{READY}")
        person.type("mkdir -p /tmp/jail/bin", "step 1 of").until(READY).key("\r").until(f"isn't.*{READY}")
        person.type("cp /bin/bash /tmp/jail/bin", "step 2 of").until(READY)
        person.type("chroot /tmp/jail /bin/bash", "No such file").until(READY)
    with learner(tmp_path, "chroot/right") as person:
        person.until("umount /tmp/jail/proc").until(f"Right.*{READY}")
        person.type("unshare -pf chroot /tmp/jail bash", r"bash-[^\n]*# ").until(r"# $")
        person.type("mount -t proc proc /proc", r"# $")
        person.type(":check", r"mounted on\s+the host.s side").until(r"# $")
