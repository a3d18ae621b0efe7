"""Which namespaces a process is in, read from recorded machines."""

from pathlib import Path

import pytest

from nsplay.kernel import namespaces

DATA = Path(__file__).parents[1] / "data"
DEBIAN, CENTOS = str(DATA / "proc-debian12"), str(DATA / "proc-centos7")


def test_eight_numbers() -> None:
    found = namespaces.inodes(900, DEBIAN)
    assert tuple(found) == namespaces.KINDS
    assert found["uts"] == 4026532301
    assert found["net"] == namespaces.inodes(812, DEBIAN)["net"] == 4026531840


def test_a_kernel_with_five() -> None:
    assert set(namespaces.inodes(701, CENTOS)) == {"uts", "pid", "mnt", "net", "ipc"}
    assert namespaces.inodes_for_children(701, CENTOS) == {}


def test_a_zombie_is_in_two() -> None:
    assert namespaces.inodes(902, DEBIAN) == {"pid": 4026532303, "user": 4026532305}


def test_children_can_be_born_elsewhere() -> None:
    assert namespaces.inodes(899, DEBIAN)["pid"] == 4026531836
    assert namespaces.inodes_for_children(899, DEBIAN) == {"pid": 4026532303, "time": 4026531834}


def test_gone() -> None:
    with pytest.raises(ProcessLookupError):
        namespaces.inodes(4711, DEBIAN)


def test_no_ioctl_on_a_recording() -> None:
    assert namespaces.owner(900, "uts", DEBIAN) is None
    assert namespaces.parent(900, "pid", DEBIAN) is None
    assert namespaces.around(900, "pid", DEBIAN) == ()


def test_not_a_namespace_link() -> None:
    with pytest.raises(ValueError, match="not found"):
        namespaces.number("nothing")
