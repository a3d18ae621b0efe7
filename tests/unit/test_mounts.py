"""Mount tables, ordinary and odd."""

from pathlib import Path

import pytest

from nsplay.kernel import mounts
from nsplay.kernel.mounts import Mount

DATA = Path(__file__).parents[1] / "data"
ODD = {mount.id: mount for mount in mounts.read(1, str(DATA / "proc-container"))}


def test_every_field() -> None:
    assert mounts.read(812, str(DATA / "proc-debian12"))[3] == Mount(
        id=28,
        parent=1,
        device="254:1",
        root="/",
        target="/",
        options="rw,relatime",
        propagation=("shared:1",),
        fstype="ext4",
        source="/dev/vda1",
        super_options="rw,discard,errors=remount-ro",
    )


def test_octal_escapes() -> None:
    assert ODD[822].root == r"/srv/my files/a\b"
    assert ODD[822].target == r"/data/two words\x09tab"
    assert ODD[823].target == r"/mnt/line\x0afeed"
    assert ODD[824].target == "/mnt/ä"
    assert ODD[826].target == "/mnt/hash#tag"
    assert ODD[826].source == "me@host:/a b"
    assert ODD[820].super_options == "rw,lowerdir=/l 1:/l2,upperdir=/u:p,workdir=/w"


def test_bytes_that_are_no_utf8() -> None:
    assert ODD[825].target == r"/mnt/\xff\xfe"


@pytest.mark.parametrize(
    ("number", "propagation", "shared"),
    [
        (820, ("master:220",), False),
        (821, (), False),
        (822, ("shared:5", "master:220", "propagate_from:3"), True),
        (823, ("unbindable",), False),
        (825, ("new-field:7",), False),
    ],
)
def test_optional_fields(number: int, propagation: tuple[str, ...], shared: bool) -> None:
    assert ODD[number].propagation == propagation
    assert ODD[number].shared is shared


def test_an_empty_source() -> None:
    assert (ODD[823].fstype, ODD[823].source, ODD[823].super_options) == ("tmpfs", "", "rw")


def test_a_line_cut_short_is_left_out() -> None:
    assert 828 not in ODD
    assert len(ODD) == 8


def test_a_table_cut_short_anywhere() -> None:
    whole = (DATA / "proc-debian12/812/mountinfo").read_bytes()
    table = mounts.parse(whole)
    for length in range(len(whole)):
        found = mounts.parse(whole[:length])
        assert found[:-1] == table[: len(found)][:-1]
        assert len(found) <= len(table)


def test_kept_namespaces() -> None:
    table = mounts.read(812, str(DATA / "proc-debian12"))
    assert [(mount.keeps, mount.root) for mount in table if mount.keeps] == [
        ("uts", "uts:[4026532301]"),
        ("net", "net:[4026532302]"),
    ]


def test_gone() -> None:
    with pytest.raises(ProcessLookupError):
        mounts.read(4711, str(DATA / "proc-debian12"))
